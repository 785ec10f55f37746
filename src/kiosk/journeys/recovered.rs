//! After an unclean end: the citizen put the same card down again and gets the slip of the stored submission.

use super::{Left, Turn, slip};
use crate::session::{Effect, Event, PrintOrder, PrintResult, SlipOrder, Stored, Surroundings};
use crate::view::{Action, Outcome, Slip, Tool};

/// Printing a recovered submission's slip.
#[derive(Debug)]
pub struct Recovered {
    stored: Stored,
    order: u32,
    slip: Slip,
    printed_once: bool,
}

impl Recovered {
    pub(super) fn new(stored: Stored) -> Self {
        Self { stored, order: 0, slip: Slip::Printing, printed_once: false }
    }

    pub(super) fn begin(&mut self, around: &Surroundings) -> Turn {
        if !around.can.receipt_printer {
            self.slip = Slip::NoPrinter;
            return Turn::stay();
        }
        self.order += 1;
        self.slip = Slip::Printing;
        let what = PrintOrder::Slip(Box::new(SlipOrder {
            stored: self.stored.clone(),
            task_name: around.say("(打印中断的申请)", "(application whose slip was not printed)"),
            name: String::new(),
            delivered: false,
            at: String::new(),
            deemed: false,
            ask_from: None,
            place: around.desk(),
            not_here: String::new(),
            english: around.english(),
        }));
        Turn::doing(vec![Effect::Print { order: self.order, what }])
    }

    pub(super) fn act(&mut self, action: &Action, around: &Surroundings) -> Turn {
        match action {
            Action::Use(Tool::PrintAgain) => self.begin(around),
            Action::Next => Turn::to(super::Then::Finish),
            _ => Turn::stay(),
        }
    }

    pub(super) fn event(&mut self, event: &Event) -> Turn {
        if let Event::Printed { order, result } = event
            && *order == self.order
        {
            self.slip = slip::state(result, &|zh, _| zh.to_owned());
            if *result == PrintResult::Printed {
                self.printed_once = true;
                return Turn::doing(vec![Effect::SettleRecovery { submission_id: self.stored.submission_id.clone() }]);
            }
        }
        Turn::stay()
    }

    pub(super) fn page(&self, around: &Surroundings) -> Outcome {
        slip::outcome(&self.stored, false, self.slip.clone(), around)
    }

    pub(super) fn finish(self) -> (Left, Vec<Effect>) {
        let left = Left { card: true, slip: self.printed_once, cards: 1, ..Left::default() };
        (left, vec![Effect::SettleRecovery { submission_id: self.stored.submission_id.clone() }])
    }
}
