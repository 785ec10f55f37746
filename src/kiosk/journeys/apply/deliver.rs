//! After the submission is stored: wait a moment for the hall's signed receipt, print the slip, say truly what
//! happened. "送达" is said only after the receipt; "printed" only after the printer's own answer.
//!
//! ```text
//! Waiting(8 s) ── receipt ──▶ Shown{delivered} ── slip printed, 完成 ──▶ farewell
//!      └── offline, or 8 s ──▶ Shown{not yet} ── receipt ──▶ Shown{delivered}
//! ```

use super::prefill::card_item;
use super::{Apply, Stage};
use crate::journeys::{Submission, Then, Turn, slip};
use crate::session::{
    Effect, Event, HallEvent, Moment, PrintOrder, PrintResult, SlipOrder, Sound, Stored, Surroundings, delays,
};
use crate::view::{self, Action, Page, Tool};
use wire::catalogue::{CardItem, Output, Text};
use wire::form::{ContactKind, Value};

/// A stored submission on its way.
#[derive(Debug)]
pub(super) struct Delivery {
    stored: Stored,
    at: Moment,
    delivered: bool,
    /// Seconds left of waiting for the receipt before the outcome is shown; `None` once shown.
    waiting_s: Option<u32>,
    order: u32,
    /// What became of the slip; `None` while it is on its way.
    printed: Option<PrintResult>,
}

impl Delivery {
    pub(super) fn submission_id(&self) -> &str {
        &self.stored.submission_id
    }

    /// Paper prints, or the receipt is awaited.
    pub(super) fn busy(&self) -> bool {
        self.waiting_s.is_some() || self.printed.is_none()
    }
}

impl Apply {
    pub(super) fn open_delivery(&mut self, stored: Stored, around: &Surroundings) -> Turn {
        let waiting_s = around.online.then_some(delays::RECEIPT_S);
        self.stage =
            Stage::Done(Delivery { stored, at: around.now, delivered: false, waiting_s, order: 0, printed: None });
        if waiting_s.is_none() { self.show_outcome(around) } else { Turn::stay() }
    }

    pub(super) fn page_done(&self, delivery: &Delivery, around: &Surroundings) -> Page {
        if delivery.waiting_s.is_some() {
            return Page::Waiting(view::Waiting::Sending);
        }
        let mut outcome = slip::outcome(&delivery.stored, delivery.delivered, delivery.printed.as_ref(), around);
        if let Some(from) = self.ask_from(around) {
            outcome.next.push(around.say(
                &format!("您没有留联系方式，请从{}起带证件来查结果。", from.zh),
                &format!("You left no contact: come and ask with your card from {}.", from.en),
            ));
        }
        outcome.not_here = self.not_here(around);
        Page::Outcome(outcome)
    }

    pub(super) fn act_done(&mut self, action: &Action, around: &Surroundings) -> Turn {
        let Stage::Done(delivery) = &self.stage else { return Turn::stay() };
        if delivery.waiting_s.is_some() {
            return Turn::stay();
        }
        match action {
            // Without slip and number nobody may go: whether it comes out is known in a moment.
            Action::Next if delivery.printed.is_some() => Turn::to(Then::Finish),
            Action::Use(Tool::PrintAgain) if delivery.printed.is_some() => self.print_slip(around),
            _ => Turn::stay(),
        }
    }

    pub(super) fn delivery_event(&mut self, event: &Event, around: &Surroundings) -> Turn {
        let Stage::Done(delivery) = &mut self.stage else { return Turn::stay() };
        match event {
            Event::Hall(HallEvent::Receipt { submission_id }) if *submission_id == delivery.stored.submission_id => {
                delivery.delivered = true;
                self.submission = Submission::Received;
                if delivery.waiting_s.is_some() { self.show_outcome(around) } else { Turn::stay() }
            }
            Event::Hall(HallEvent::Offline) if delivery.waiting_s.is_some() => self.show_outcome(around),
            Event::Printed { order, result } if *order == delivery.order => {
                delivery.printed = Some(result.clone());
                let submission_id = delivery.stored.submission_id.clone();
                match result {
                    PrintResult::Printed => {
                        self.slip_printed = true;
                        Turn::doing(vec![Effect::SettleRecovery { submission_id }, Effect::Sound(Sound::TakeIt)])
                    }
                    _ => Turn::doing(vec![Effect::Sound(Sound::Error)]),
                }
            }
            _ => Turn::stay(),
        }
    }

    pub(super) fn delivery_second(&mut self, around: &Surroundings) -> Turn {
        let Stage::Done(delivery) = &mut self.stage else { return Turn::stay() };
        match delivery.waiting_s {
            Some(left) if left > 1 => {
                delivery.waiting_s = Some(left - 1);
                Turn::stay()
            }
            Some(_) => self.show_outcome(around),
            None => Turn::stay(),
        }
    }

    fn show_outcome(&mut self, around: &Surroundings) -> Turn {
        if let Stage::Done(delivery) = &mut self.stage {
            delivery.waiting_s = None;
        }
        self.print_slip(around)
    }

    /// Ordered of an ill printer, too: it may be well again by now, and else says itself what is wrong.
    fn print_slip(&mut self, around: &Surroundings) -> Turn {
        let Some(order) = self.slip_order(around) else { return Turn::stay() };
        let Stage::Done(delivery) = &mut self.stage else { return Turn::stay() };
        delivery.order += 1;
        delivery.printed = None;
        let what = PrintOrder::Slip(Box::new(order));
        Turn::doing(vec![Effect::Print { order: delivery.order, what }])
    }

    fn slip_order(&self, around: &Surroundings) -> Option<SlipOrder> {
        let Stage::Done(delivery) = &self.stage else { return None };
        Some(SlipOrder {
            stored: delivery.stored.clone(),
            task_name: self.item().task_name.clone(),
            name: self.principal_name().map(wire::mask::name).unwrap_or_default(),
            delivered: delivery.delivered,
            at: around.pick(&slip::minute(delivery.at)),
            deemed: self.item().is_licence(),
            ask_from: self.ask_from(around),
            place: self.place(),
            not_here: self.not_here(around),
            english: around.english(),
        })
    }

    /// Name of the one it is for. As answered: the chip may have cut it, and the card may not have been here.
    fn principal_name(&self) -> Option<&str> {
        let role = self.principal()?;
        let named = self
            .item()
            .form
            .fields()
            .filter(|field| field.card_role.as_deref() == Some(role) && card_item(field) == Some(CardItem::Name));
        let mut answered = named.filter_map(|field| self.answers.text(&field.key));
        answered.find(|name| !name.trim().is_empty()).or_else(|| self.cards.get(role).map(|card| card.name.as_str()))
    }

    /// Role of the one it is for: the applicant, else the first of the form (spouse, legal representative …).
    pub(super) fn principal(&self) -> Option<&str> {
        let fields = self.item().form.fields().filter(|field| card_item(field).is_some());
        let roles: Vec<&str> = fields.filter_map(|field| field.card_role.as_deref()).collect();
        roles.iter().find(|role| **role == "applicant").or(roles.first()).copied()
    }

    /// Nobody can be reached: the first working day from which the acceptance is certain to be decided.
    fn ask_from(&self, around: &Surroundings) -> Option<Text> {
        let none = self
            .answers
            .iter()
            .any(|(_, value)| matches!(value, Value::Contact(contact) if contact.kind == ContactKind::None));
        none.then(|| slip::day(self.content.calendar().after(around.now.date, 5).day))
    }

    /// Where to go with questions.
    fn place(&self) -> String {
        let consult = &self.item().guide.consult;
        format!("{}{} {}", consult.zone, consult.window, consult.phone)
    }

    /// Outputs of the item that this terminal does not make yet.
    fn not_here(&self, around: &Surroundings) -> String {
        let others: Vec<String> = self
            .item()
            .kiosk
            .output
            .iter()
            .filter_map(|output| match output {
                Output::Receipt => None,
                Output::RegistrationSheet => Some(around.say("登记表", "registration sheet")),
                Output::FormPdf => Some(around.say("申请表", "application form")),
                Output::CertificatePdf => Some(around.say("证明", "certificate")),
                Output::LicencePrint => Some(around.say("营业执照", "licence")),
                Output::FilingSheet => Some(around.say("备案表", "filing sheet")),
                Output::MaterialList => Some(around.say("材料清单", "list of materials")),
                Output::EvaluationSlip => Some(around.say("评定通知单", "evaluation notice")),
                Output::AppointmentSlip => Some(around.say("预约凭条", "appointment slip")),
            })
            .collect();
        if others.is_empty() {
            return String::new();
        }
        let names = others.join("、");
        around.say(
            &format!("本机暂不打印：{names}。需要的话请到窗口领取。"),
            &format!("Not printed here yet: {names}. Please get it at the window."),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;
    use crate::journeys::apply::ForWhom;
    use crate::session::{HeldCard, PrintProblem};
    use crate::view::{Language, Slip};
    use jiff::civil::{date, time};
    use std::sync::Arc;
    use wire::form::{CardKind, Contact};

    fn around() -> Surroundings {
        let json = include_str!("../../../../assets/catalogue/catalogue.json");
        let content = Arc::new(Content::load(json, 1).unwrap());
        Surroundings::at(content, "007", Moment { date: date(2026, 11, 24), time: time(10, 5, 0, 0) })
    }

    fn begun(item_id: &str, whom: ForWhom, around: &Surroundings) -> Apply {
        let index = around.content.items().iter().position(|item| item.item_id == item_id).unwrap();
        let mut apply = Apply::new(around.content.clone(), index);
        apply.begin_for(whom, around);
        apply
    }

    fn card(name: &str, number: &str) -> HeldCard {
        HeldCard {
            kind: CardKind::Resident,
            number: number.to_owned(),
            name: name.to_owned(),
            name_raw: name.encode_utf16().collect(),
            name_cut: false,
            name_unmapped: false,
            sex: "男".to_owned(),
            birth: None,
            address: String::new(),
            ethnic: String::new(),
            valid_to: None,
            valid_to_text: "长期".to_owned(),
            photo: Vec::new(),
        }
    }

    fn agents_card() -> HeldCard {
        card("张示范", "419999198503120111")
    }

    fn ordered(turn: Turn) -> SlipOrder {
        match turn.effects.into_iter().next() {
            Some(Effect::Print { what: PrintOrder::Slip(order), .. }) => *order,
            other => panic!("no slip was ordered: {other:?}"),
        }
    }

    /// The slip of an application that was stored while the hall is out of reach: it is ordered at once.
    fn slip_of(apply: &mut Apply, around: &Surroundings) -> SlipOrder {
        let stored = Stored {
            submission_id: "0193".to_owned(),
            number: "411681-20261124-007-00012-6".to_owned(),
            query_code: "123456".to_owned(),
            lookup_token: "00".repeat(16),
        };
        ordered(apply.open_delivery(stored, around))
    }

    fn shown(apply: &Apply, around: &Surroundings) -> view::Outcome {
        match apply.page(around) {
            Page::Outcome(outcome) => outcome,
            other => panic!("another page: {other:?}"),
        }
    }

    #[test]
    fn the_slip_names_whom_it_is_for_also_where_only_the_agent_put_a_card_down() {
        let around = around();
        let mut apply = begun("XC-MZJ-02", ForWhom::Family, &around);
        apply.take_card("agent", agents_card());
        apply.type_role("applicant");
        assert_eq!(slip_of(&mut apply, &around).name, "", "nobody else's name stands in for one that is missing");
        apply.answers.set_text("applicant_name", "王演示");
        assert_eq!(slip_of(&mut apply, &around).name, "王*示");
    }

    #[test]
    fn a_name_that_the_chip_cut_is_masked_as_the_citizen_completed_it() {
        let around = around();
        let mut apply = begun("XC-RSJ-02", ForWhom::Myself, &around);
        let mut cut = card("买买提·阿卜杜热合曼·阿卜杜", "419999199107070735");
        cut.name_cut = true;
        apply.take_card("applicant", cut);
        assert!(slip_of(&mut apply, &around).name.ends_with('杜'));
        apply.answers.set_text("applicant_name", "买买提·阿卜杜热合曼·阿卜杜拉");
        assert!(slip_of(&mut apply, &around).name.ends_with('拉'));
    }

    #[test]
    fn a_form_without_an_applicant_is_for_its_first_role() {
        let around = around();
        let mut apply = begun("XC-WJW-01", ForWhom::Myself, &around);
        apply.take_card("h", agents_card());
        apply.take_card("w", card("李样例", "419999199208250284"));
        assert_eq!(slip_of(&mut apply, &around).name, "李*例");
    }

    #[test]
    fn dates_are_words_in_the_language_of_the_screen() {
        let mut around = around();
        let mut apply = begun("XC-RSJ-02", ForWhom::Myself, &around);
        let none = Contact { kind: ContactKind::None, value: String::new(), name: String::new() };
        apply.answers.set("applicant_mobile", Value::Contact(none));
        let order = slip_of(&mut apply, &around);
        assert_eq!(order.at, "2026年11月24日(周二) 10:05");
        assert_eq!(order.ask_from, Some(Text::new("2026年12月1日(周二)", "1 December 2026")));
        let next = shown(&apply, &around).next;
        assert!(next.iter().any(|line| line.contains("请从2026年12月1日(周二)起带证件来查结果")), "{next:?}");
        around.language = Language::En;
        assert_eq!(slip_of(&mut apply, &around).at, "24 November 2026, 10:05");
        let next = shown(&apply, &around).next;
        assert!(next.iter().any(|line| line.contains("from 1 December 2026")), "{next:?}");
    }

    #[test]
    fn without_paper_the_page_says_so_and_prints_again_once_paper_was_put_in() {
        let mut around = around();
        around.can.receipt_printer = false;
        let mut apply = begun("XC-RSJ-02", ForWhom::Myself, &around);
        slip_of(&mut apply, &around);
        let out = PrintResult::NotPrinted(PrintProblem::PaperOut);
        apply.event(Event::Printed { order: 1, result: out }, &around);
        let slip = shown(&apply, &around).slip;
        assert!(matches!(&slip, Slip::NotPrinted(why) if why.contains("凭条纸用完了") && why.contains("再打一张")));
        let again = apply.act(Action::Use(Tool::PrintAgain), &around);
        assert!(matches!(again.effects[..], [Effect::Print { order: 2, .. }]), "{again:?}");
        assert_eq!(shown(&apply, &around).slip, Slip::Printing);
        apply.event(Event::Printed { order: 2, result: PrintResult::Printed }, &around);
        assert_eq!(shown(&apply, &around).slip, Slip::Printed);
    }
}
