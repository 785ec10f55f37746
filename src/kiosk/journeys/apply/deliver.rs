//! After the submission is stored: wait a moment for the hall's signed receipt, print the slip, say truly what
//! happened. "送达" is said only after the receipt; "printed" only after the printer's own answer.
//!
//! ```text
//! Waiting(8 s) ── receipt ──▶ Shown{delivered} ── slip printed, 完成 ──▶ farewell
//!      └── offline, or 8 s ──▶ Shown{not yet} ── receipt ──▶ Shown{delivered}
//! ```

use super::{Apply, Stage};
use crate::journeys::{Then, Turn, slip};
use crate::session::{
    Effect, Event, HallEvent, PrintOrder, PrintResult, SlipOrder, Sound, Stored, Surroundings, delays,
};
use crate::view::{self, Action, Page, Slip, Tool};
use wire::catalogue::Output;
use wire::form::{ContactKind, Value};

/// A stored submission on its way.
#[derive(Debug)]
pub(super) struct Delivery {
    stored: Stored,
    at: String,
    delivered: bool,
    /// Seconds left of waiting for the receipt before the outcome is shown; `None` once shown.
    waiting_s: Option<u32>,
    order: u32,
    slip: Slip,
}

impl Delivery {
    pub(super) fn submission_id(&self) -> &str {
        &self.stored.submission_id
    }

    /// Paper prints, or the receipt is awaited.
    pub(super) fn busy(&self) -> bool {
        self.waiting_s.is_some() || self.slip == Slip::Printing
    }
}

impl Apply {
    pub(super) fn open_delivery(&mut self, stored: Stored, around: &Surroundings) -> Turn {
        let at = format!("{} {:02}:{:02}", around.now.date, around.now.time.hour(), around.now.time.minute());
        let waiting_s = around.online.then_some(delays::RECEIPT_S);
        self.stage = Stage::Done(Delivery { stored, at, delivered: false, waiting_s, order: 0, slip: Slip::Printing });
        if waiting_s.is_none() { self.show_outcome(around) } else { Turn::stay() }
    }

    pub(super) fn page_done(&self, delivery: &Delivery, around: &Surroundings) -> Page {
        if delivery.waiting_s.is_some() {
            return Page::Waiting(view::Waiting::Sending);
        }
        let mut outcome = slip::outcome(&delivery.stored, delivery.delivered, delivery.slip.clone(), around);
        if let Some(from) = self.ask_from(around) {
            outcome.next.push(around.say(
                &format!("您没有留联系方式，请从 {from} 起带证件来查结果。"),
                &format!("You left no contact: come and ask with your card from {from}."),
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
            Action::Next => Turn::to(Then::Finish),
            Action::Use(Tool::PrintAgain) if delivery.slip != Slip::Printing => self.print_slip(around),
            _ => Turn::stay(),
        }
    }

    pub(super) fn delivery_event(&mut self, event: &Event, around: &Surroundings) -> Turn {
        let Stage::Done(delivery) = &mut self.stage else { return Turn::stay() };
        match event {
            Event::Hall(HallEvent::Receipt { submission_id }) if *submission_id == delivery.stored.submission_id => {
                delivery.delivered = true;
                self.submitted = Some(true);
                if delivery.waiting_s.is_some() { self.show_outcome(around) } else { Turn::stay() }
            }
            Event::Hall(HallEvent::Offline) if delivery.waiting_s.is_some() => self.show_outcome(around),
            Event::Printed { order, result } if *order == delivery.order => {
                delivery.slip = slip::state(result, &|zh, en| around.say(zh, en));
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

    fn print_slip(&mut self, around: &Surroundings) -> Turn {
        let order = self.slip_order(around);
        let Stage::Done(delivery) = &mut self.stage else { return Turn::stay() };
        if !around.can.receipt_printer {
            delivery.slip = Slip::NoPrinter;
            return Turn::stay();
        }
        delivery.order += 1;
        delivery.slip = Slip::Printing;
        let number = delivery.order;
        match order {
            Some(order) => Turn::doing(vec![Effect::Print { order: number, what: PrintOrder::Slip(Box::new(order)) }]),
            None => Turn::stay(),
        }
    }

    fn slip_order(&self, around: &Surroundings) -> Option<SlipOrder> {
        let Stage::Done(delivery) = &self.stage else { return None };
        let principal = self.cards.get("applicant").or_else(|| self.cards.values().next());
        Some(SlipOrder {
            stored: delivery.stored.clone(),
            task_name: self.item().task_name.clone(),
            name: principal.map(|card| wire::mask::name(&card.name)).unwrap_or_default(),
            delivered: delivery.delivered,
            at: delivery.at.clone(),
            deemed: self.item().task_type == "01",
            ask_from: self.ask_from(around),
            place: self.place(),
            not_here: self.not_here(around),
            english: around.english(),
        })
    }

    /// Nobody can be reached: the first working day from which the acceptance is certain to be decided.
    fn ask_from(&self, around: &Surroundings) -> Option<String> {
        let none = self
            .answers
            .iter()
            .any(|(_, value)| matches!(value, Value::Contact(contact) if contact.kind == ContactKind::None));
        none.then(|| self.content.calendar().after(around.now.date, 5).day.to_string())
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
