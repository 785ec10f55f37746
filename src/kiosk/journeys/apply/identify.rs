//! Cards: which roles are asked, in which order, and what a card that was put down comes to.
//! Expired cards and persons whom the item's own rules exclude are turned away here, before any question.

use super::prefill::card_item;
use super::{Apply, Stage};
use crate::journeys::Turn;
use crate::journeys::card_asked::{Asked, CardAsked, Heard, not_read};
use crate::journeys::message::Refusal;
use crate::journeys::welcome::SENIOR_AGE;
use crate::session::{CardEvent, Effect, HeldCard, Sound, Surroundings};
use crate::view::{self, Action, CardState, Tool};
use wire::catalogue::Text;
use wire::form::{CardFacts, Sex, validate, validate_fields};

/// One card being asked for.
#[derive(Debug)]
pub(super) struct CardStage {
    pub(super) role: String,
    asked: CardAsked,
    /// Large type is offered to whoever acts.
    pub(super) large_type: bool,
}

impl Apply {
    /// Roles whose cards are asked: the acting person first, then the others in the form's order.
    pub(super) fn roles(&self) -> Vec<String> {
        let mut roles: Vec<String> = Vec::new();
        for field in self.item().form.fields().filter(|field| card_item(field).is_some()) {
            let Some(role) = &field.card_role else { continue };
            if role == "agent" && !self.act_for_family() {
                continue;
            }
            if !roles.contains(role) {
                roles.push(role.clone());
            }
        }
        if self.act_for_family() {
            roles.retain(|role| role != "agent");
            roles.insert(0, "agent".to_owned());
        }
        roles
    }

    /// Asks for the next card that is missing, or goes on to what comes after the cards.
    pub(super) fn next_card(&mut self, around: &Surroundings) -> Turn {
        let missing =
            self.roles().into_iter().find(|role| !self.cards.contains_key(role) && !self.typed_roles.contains(role));
        match missing {
            Some(role) => self.ask_card(role),
            None => self.after_cards(around),
        }
    }

    /// Asks for the card of a role.
    pub(super) fn ask_card(&mut self, role: String) -> Turn {
        self.stage = Stage::Card(CardStage { role, asked: CardAsked::new(), large_type: false });
        let look = if self.cards.is_empty() { Effect::ReadCard } else { Effect::ReadAnotherCard };
        Turn::doing(vec![look])
    }

    fn after_cards(&mut self, around: &Surroundings) -> Turn {
        let mut turn = if self.lacks_second_factor() {
            self.stage = Stage::SecondFactor { refused: false };
            Turn::stay()
        } else {
            self.go_on(around)
        };
        turn.effects.insert(0, Effect::StopReading);
        turn
    }

    /// The staff has not compared this person with the card yet (rules 7.4, L2).
    pub(super) fn lacks_second_factor(&self) -> bool {
        self.item().kiosk.assurance == wire::catalogue::Assurance::L2 && self.second_factor.is_none()
    }

    /// All cards are there: back to where one was asked for, or on to the questions.
    pub(super) fn go_on(&mut self, around: &Surroundings) -> Turn {
        if self.to_review {
            // Another kind of card may lack what the first one held.
            self.regroup(around);
            return self.open_review_or_gap(around);
        }
        match self.asked_from.take() {
            Some(page) => self.back_to_page(page, around),
            None => self.open_questions(around),
        }
    }

    pub(super) fn page_card(&self, stage: &CardStage, around: &Surroundings) -> view::Card {
        let other_way = if self.may_do_without(&stage.role) {
            around.say("他（她）没有来，或没有带证", "The person is not here, or has no card")
        } else {
            String::new()
        };
        view::Card {
            role: around.pick(&self.role_name(&stage.role)),
            title: self.plain_name(around),
            state: stage.asked.shown(around),
            other_way,
            large_type: stage.large_type && !around.elder,
        }
    }

    pub(super) fn page_second_factor(&self, refused: bool, around: &Surroundings) -> view::Card {
        let again = around.say(
            "大厅没有认出这张工作卡。您填写的内容还在，请工作人员换一张工作卡再刷",
            "The hall does not know this staff card. Your answers are still here; another staff card is needed",
        );
        view::Card {
            role: around.say("工作人员", "Staff member"),
            title: around.say(
                "查看或办理本人的事，要由工作人员当面核对您和证件上是同一个人",
                "For your own records and this service a member of staff compares you with the card",
            ),
            state: CardState::Staff(if refused { again } else { String::new() }),
            other_way: String::new(),
            large_type: false,
        }
    }

    fn role_name(&self, role: &str) -> Text {
        let principal = role == "applicant" && self.act_for_family();
        if principal {
            return Text::new("委托人(给谁办)", "Person you act for");
        }
        Text { zh: self.content.role_name(role, false), en: self.content.role_name(role, true) }
    }

    pub(super) fn act_card(&mut self, action: &Action, around: &Surroundings) -> Turn {
        let Stage::Card(stage) = &mut self.stage else { return Turn::stay() };
        match action {
            Action::Next if stage.asked.is_read() => self.next_card(around),
            Action::Use(Tool::TryAgain) => {
                stage.asked.again();
                Turn::doing(vec![Effect::ReadCard])
            }
            Action::Use(Tool::WithoutCard) => {
                let role = stage.role.clone();
                if !self.may_do_without(&role) {
                    return Turn::stay();
                }
                self.type_role(&role);
                self.next_card(around)
            }
            _ => Turn::stay(),
        }
    }

    /// The acting person must put a card down; everybody else may be typed in.
    fn may_do_without(&self, role: &str) -> bool {
        self.acting_role().is_some_and(|acting| acting != role)
    }

    /// Who acts: whoever put the first card down; before that, whose card is asked for first.
    fn acting_role(&self) -> Option<String> {
        self.acting.clone().or_else(|| self.roles().into_iter().next())
    }

    /// The acting person's card.
    pub(super) fn acting_card(&self) -> Option<&HeldCard> {
        self.cards.get(&self.acting_role()?)
    }

    pub(super) fn card(&mut self, event: CardEvent, around: &Surroundings) -> Turn {
        let Stage::Card(stage) = &mut self.stage else { return Turn::stay() };
        if stage.asked.is_read() {
            return Turn::stay();
        }
        match stage.asked.hear(event) {
            Heard::Read(card) => self.card_read(*card, around),
            Heard::Failed { helpless } => Turn::doing(not_read(helpless, self.task_name(), around)),
            Heard::GoesOn => Turn::stay(),
        }
    }

    fn card_read(&mut self, card: HeldCard, around: &Surroundings) -> Turn {
        let Stage::Card(stage) = &mut self.stage else { return Turn::stay() };
        let role = stage.role.clone();
        let twice = self.cards.iter().find(|(other, held)| **other != role && held.number == card.number);
        if let Some((other, _)) = twice {
            let other = other.clone();
            return self.another_card(already_read(&self.role_name(&other), &self.role_name(&role)));
        }
        self.card_seen = true;
        if card.expired_on(around.now.date) {
            if self.has_something_to_lose(&role) {
                return self.another_card(Text::new(
                    "这张证件已经过期，请放另一张有效的证件。您填写的内容还在",
                    "This card has expired; please put down a valid one. Your answers are still here",
                ));
            }
            return self.turn_away(Refusal::CardExpired { look_up: self.asks_record() });
        }
        let keep = self.has_something_to_lose(&role);
        let seated = if keep { self.change_seat(role, card, around) } else { self.seat_first(role, &card, around) };
        let role = match seated {
            Ok(role) => role,
            Err(reason) if keep => return self.another_card(reason),
            Err(reason) => return self.turn_away(Refusal::Excluded(reason)),
        };
        let Some(held) = self.cards.get(&role) else { return Turn::stay() };
        let state = Asked::Read {
            name: wire::mask::name(&held.name),
            number: wire::mask::id_number(&held.number),
            remark: remark_on_name(held.name_cut, held.name_unmapped),
        };
        let senior = held.age_on(around.now.date).is_some_and(|age| age >= SENIOR_AGE);
        // Once a session, and to whoever stands here: the first card is the acting person's.
        let large_type = senior && self.cards.len() == 1 && !around.elder && !around.large_type_offered;
        if let Stage::Card(stage) = &mut self.stage {
            stage.role = role;
            stage.asked.state = state;
            stage.large_type = large_type;
        }
        Turn::doing(vec![Effect::StopReading, Effect::Sound(Sound::CardRead)])
    }

    /// The first card of all. A husband who comes first is not turned away as the wife.
    fn seat_first(&mut self, role: String, card: &HeldCard, around: &Surroundings) -> Result<String, Text> {
        let own = self.for_whom == Some(super::ForWhom::Myself);
        let roles = if own { self.roles() } else { vec![role] };
        self.seat(card, roles, around)
    }

    /// A card beside others, or in place of one. What it may not do leaves everything as it was.
    fn change_seat(&mut self, role: String, card: HeldCard, around: &Surroundings) -> Result<String, Text> {
        let another = self.cards.get(&role).is_some_and(|held| held.number != card.number);
        let kept = (self.cards.clone(), self.facts.clone(), self.answers.clone(), self.origins.clone());
        let (opened, typed_roles) = (self.opened.clone(), self.typed_roles.clone());
        self.take_card(&role, card);
        if let Some(reason) = self.excluded(&role, around) {
            (self.cards, self.facts, self.answers, self.origins) = kept;
            (self.opened, self.typed_roles) = (opened, typed_roles);
            return Err(reason);
        }
        if another {
            self.another_person(&role);
        }
        Ok(role)
    }

    /// Another person stands in a role: what staff vouched for, what was signed and agreed to, and what the former
    /// one typed beside the card are not this one's.
    fn another_person(&mut self, role: &str) {
        self.vouch_anew();
        let stale: Vec<String> = self
            .item()
            .form
            .fields()
            .filter(|field| card_item(field).is_some() && field.card_role.as_deref() == Some(role))
            .filter(|field| self.origins.get(&field.key) == Some(&super::Origin::User))
            .map(|field| field.key.clone())
            .collect();
        for key in stale {
            self.answers.remove(&key);
            self.origins.remove(&key);
        }
    }

    /// What was proved of the persons of before.
    pub(super) fn vouch_anew(&mut self) {
        self.second_factor = None;
        self.signature = super::sign::Signature::default();
        self.agreed = false;
        // The row by which a slip is recovered is sealed to the acting person's number.
        self.sealing_begun = false;
    }

    /// Cards of others were read, or the form is filled in: a wrong card must not cost that.
    fn has_something_to_lose(&self, role: &str) -> bool {
        self.to_review || self.cards.contains_key(role) || self.cards.keys().any(|other| other != role)
    }

    /// This is not the card: says why, and looks for another.
    fn another_card(&mut self, reason: Text) -> Turn {
        if let Stage::Card(stage) = &mut self.stage {
            stage.asked.state = Asked::WrongCard(reason);
        }
        Turn::doing(vec![Effect::Sound(Sound::Error), Effect::ReadAnotherCard])
    }

    pub(super) fn turn_away(&mut self, why: Refusal) -> Turn {
        self.forget_cards();
        self.stage = Stage::TurnedAway(why);
        Turn::doing(vec![Effect::StopReading, Effect::Sound(Sound::Error)])
    }

    pub(super) fn take_card(&mut self, role: &str, card: HeldCard) {
        self.facts.insert(
            role.to_owned(),
            CardFacts {
                kind: card.kind,
                number: card.number.clone(),
                name: card.name.clone(),
                birth: card.birth,
                sex: match card.sex.as_str() {
                    "男" => Some(Sex::Male),
                    "女" => Some(Sex::Female),
                    _ => None,
                },
            },
        );
        if self.cards.is_empty() {
            self.acting = Some(role.to_owned());
        }
        self.cards.insert(role.to_owned(), card);
        self.prefill(role);
    }

    /// The sentence of the first rule that the card's own values break, whatever is answered later.
    pub(super) fn excluded(&self, role: &str, around: &Surroundings) -> Option<Text> {
        let form = &self.item().form;
        let context = self.context(around);
        let keys: Vec<&str> = form
            .fields()
            .filter(|field| field.card_role.as_deref() == Some(role) && self.is_from_card(&field.key))
            .map(|field| field.key.as_str())
            .collect();
        let own = validate_fields(form, &self.answers, &context, &keys);
        let cross = validate(form, &self.answers, &context).into_iter().filter(|issue| {
            issue.rule == "cross"
                && !issue.fields.is_empty()
                && issue.fields.iter().all(|key| keys.contains(&key.as_str()))
        });
        own.into_iter().chain(cross).next().map(|issue| issue.message)
    }

    /// Drops the card of one role and what came from it.
    pub(super) fn drop_card(&mut self, role: &str) {
        self.cards.remove(role);
        if self.cards.is_empty() {
            self.acting = None;
        }
        self.facts.remove(role);
        self.unfill(role);
    }

    /// Drops every card and what came from it.
    pub(super) fn forget_cards(&mut self) {
        for role in std::mem::take(&mut self.cards).into_keys() {
            self.unfill(&role);
        }
        self.facts.clear();
        self.acting = None;
        self.typed_roles.clear();
        self.asked_from = None;
        self.vouch_anew();
    }

    /// 换一张证, from the review page.
    pub(super) fn change_card(&mut self, role: &str) -> Turn {
        self.to_review = true;
        self.ask_card(role.to_owned())
    }
}

fn already_read(held_by: &Text, wanted: &Text) -> Text {
    Text {
        zh: format!("这张是{}的证，已经读过了。请放{}的证。", held_by.zh, wanted.zh),
        en: format!(
            "This card was already read ({}). Please put down the card of: {}.",
            held_by.pick(true),
            wanted.pick(true)
        ),
    }
}

/// What must be said about a name that the chip cut, or that holds a character which cannot be shown.
pub fn remark_on_name(cut: bool, unmapped: bool) -> Text {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if cut {
        zh.push("证件芯片里的姓名不完整，请在下一页补全");
        en.push("The name on the chip is cut; please complete it on the next page");
    }
    if unmapped {
        zh.push("姓名里有一个字屏幕上显示不出来，已按芯片原样保存，工作人员会核对");
        en.push("One character of the name cannot be shown; it is kept as on the chip and staff will check it");
    }
    Text { zh: zh.join("；"), en: en.join("；") }
}
