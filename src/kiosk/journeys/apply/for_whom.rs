//! 给谁办: the first question of every application, before any card.

use super::{Apply, Stage};
use crate::journeys::Turn;
use crate::session::Surroundings;
use crate::view::{self, Action};
use wire::catalogue::{AgentPolicy, Source};
use wire::form::Value;

/// For whom an application is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForWhom {
    /// The person at the screen.
    Myself,
    /// Somebody else: both cards, or the agent's card and the absent person's number.
    Family,
    /// An organisation, by its operator.
    Organisation,
}

impl ForWhom {
    fn of_id(id: &str) -> Option<Self> {
        match id {
            "self" => Some(Self::Myself),
            "family" => Some(Self::Family),
            "organisation" => Some(Self::Organisation),
            _ => None,
        }
    }
}

impl Apply {
    pub(super) fn page_for_whom(&self, around: &Surroundings) -> view::ForWhom {
        let choice = |id: &str, label: String, hint: String| (id.to_owned(), label, hint);
        let myself =
            || choice("self", around.say("给自己办", "For myself"), around.say("放自己的身份证", "With my own card"));
        let other = |zh: &str, en: &str| {
            choice(
                "family",
                around.say(zh, en),
                around.say(
                    "先放代办人的身份证，再放委托人的",
                    "Your card first, then the card of the person you act for",
                ),
            )
        };
        let (choices, note) = match self.item().kiosk.agent {
            AgentPolicy::None => (
                vec![myself()],
                around.say(
                    "这件事只能本人办；替人办请到窗口",
                    "Only in person; to act for someone, please go to the window",
                ),
            ),
            AgentPolicy::Family => (
                vec![myself(), other("替家人办", "For a family member")],
                around.say("配偶、父母、子女可以代办", "Spouse, parents and children may act"),
            ),
            AgentPolicy::Any => (
                vec![myself(), other("替别人办", "For someone else")],
                around.say("替别人办另需委托书", "Acting for someone needs a letter of authority"),
            ),
            AgentPolicy::Operator => (
                vec![choice(
                    "organisation",
                    around.say("替单位办", "For an organisation"),
                    around.say("放经办人的身份证，再填单位信息", "Your card first, then the organisation's data"),
                )],
                String::new(),
            ),
        };
        view::ForWhom { title: self.plain_name(around), choices, note }
    }

    pub(super) fn act_for_whom(&mut self, action: &Action, around: &Surroundings) -> Turn {
        let Action::ForWhom(id) = action else { return Turn::stay() };
        let Some(whom) = ForWhom::of_id(id) else { return Turn::stay() };
        self.begin_for(whom, around)
    }

    /// For whom is known: the cards come next.
    pub(super) fn begin_for(&mut self, whom: ForWhom, around: &Surroundings) -> Turn {
        self.for_whom = Some(whom);
        let agent = if whom == ForWhom::Family { "1" } else { "0" };
        let keys: Vec<String> = self
            .item()
            .form
            .fields()
            .filter(|field| field.source == Source::ForWhom)
            .map(|field| field.key.clone())
            .collect();
        for key in keys {
            self.answers.set(&key, Value::Text(agent.to_owned()));
            self.origins.insert(key, super::Origin::Derived);
        }
        self.first_card(around)
    }

    pub(super) fn act_for_family(&self) -> bool {
        self.for_whom == Some(ForWhom::Family)
    }

    pub(super) fn back_from_card(&mut self, around: &Surroundings) -> Turn {
        if self.to_review {
            let mut turn = self.open_review();
            turn.effects.insert(0, crate::session::Effect::StopReading);
            return turn;
        }
        if let Some(page) = self.asked_from.take() {
            return self.back_to_page(page, around);
        }
        self.forget_cards();
        let mut turn = if self.asks_record() {
            self.open_list()
        } else {
            self.stage = Stage::ForWhom;
            Turn::stay()
        };
        turn.effects.push(crate::session::Effect::StopReading);
        turn
    }
}
