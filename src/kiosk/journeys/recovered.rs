//! After an unclean end: the citizen put the same card down again and gets the slip of the stored submission.

use super::{Left, Then, Turn, slip};
use crate::session::{Effect, Event, HallEvent, Moment, PrintOrder, PrintResult, SlipOrder, Stored, Surroundings};
use crate::view::{Action, Outcome, Tool};

/// A submission whose slip an unclean end kept back, as far as the terminal still knows it: no name and no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveredSlip {
    /// Numbers.
    pub stored: Stored,
    /// Id of the service.
    pub item_id: String,
    /// When it was submitted, local.
    pub at: Moment,
    /// Whether the hall's receipt is there.
    pub delivered: bool,
}

/// Printing a recovered submission's slip.
#[derive(Debug)]
pub struct Recovered {
    found: RecoveredSlip,
    order: u32,
    /// What became of the slip; `None` while it is on its way.
    printed: Option<PrintResult>,
    printed_once: bool,
}

impl Recovered {
    pub(super) fn new(found: RecoveredSlip) -> Self {
        Self { found, order: 0, printed: None, printed_once: false }
    }

    /// Ordered of an ill printer, too: it may be well again by now, and else says itself what is wrong.
    pub(super) fn begin(&mut self, around: &Surroundings) -> Turn {
        self.order += 1;
        self.printed = None;
        let what = PrintOrder::Slip(Box::new(self.slip_order(around)));
        Turn::doing(vec![Effect::Print { order: self.order, what }])
    }

    fn slip_order(&self, around: &Surroundings) -> SlipOrder {
        // A publication since then may have withdrawn it.
        let item = around.content.items().iter().find(|item| item.item_id == self.found.item_id);
        let unknown = || around.say("(打印中断的申请)", "(application whose slip was not printed)");
        SlipOrder {
            stored: self.found.stored.clone(),
            task_name: item.map_or_else(unknown, |item| item.task_name.clone()),
            name: String::new(),
            delivered: self.found.delivered,
            at: around.pick(&slip::minute(self.found.at)),
            deemed: item.is_some_and(wire::catalogue::Item::is_licence),
            ask_from: None,
            place: around.desk(),
            not_here: String::new(),
            english: around.english(),
        }
    }

    pub(super) fn act(&mut self, action: &Action, around: &Surroundings) -> Turn {
        match action {
            Action::Use(Tool::PrintAgain) if self.printed.is_some() => self.begin(around),
            Action::Next if !self.prints() => Turn::to(Then::Finish),
            _ => Turn::stay(),
        }
    }

    pub(super) fn event(&mut self, event: &Event) -> Turn {
        match event {
            Event::Hall(HallEvent::Receipt { submission_id }) if *submission_id == self.found.stored.submission_id => {
                self.found.delivered = true;
                Turn::stay()
            }
            Event::Printed { order, result } if *order == self.order => {
                self.printed = Some(result.clone());
                if *result != PrintResult::Printed {
                    return Turn::stay();
                }
                self.printed_once = true;
                Turn::doing(vec![self.settle()])
            }
            _ => Turn::stay(),
        }
    }

    /// The slip is on its way.
    pub(super) fn prints(&self) -> bool {
        self.order > 0 && self.printed.is_none()
    }

    pub(super) fn page(&self, around: &Surroundings) -> Outcome {
        slip::outcome(&self.found.stored, self.found.delivered, self.printed.as_ref(), around)
    }

    pub(super) fn finish(self) -> (Left, Vec<Effect>) {
        let left = Left { card: true, slip: self.printed_once, cards: 1, ..Left::default() };
        (left, vec![self.settle()])
    }

    fn settle(&self) -> Effect {
        Effect::SettleRecovery { submission_id: self.found.stored.submission_id.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;
    use crate::session::PrintProblem;
    use crate::view::{Language, Slip};
    use jiff::civil::{date, time};
    use std::sync::Arc;

    /// A licence of task type 01, and an allowance of another type.
    const LICENCE: &str = "XC-SCJ-03";
    const ALLOWANCE: &str = "XC-MZJ-02";

    fn around(language: Language) -> Surroundings {
        let json = include_str!("../../../assets/catalogue/catalogue.json");
        let content = Arc::new(Content::load(json, 1).unwrap());
        let now = Moment { date: date(2026, 11, 24), time: time(10, 0, 0, 0) };
        Surroundings { language, ..Surroundings::at(content, "007", now) }
    }

    fn recovered(item_id: &str, delivered: bool) -> Recovered {
        Recovered::new(RecoveredSlip {
            stored: Stored {
                submission_id: "0193".to_owned(),
                number: "411681-20261123-007-00012-6".to_owned(),
                query_code: "123456".to_owned(),
                lookup_token: "00".repeat(16),
            },
            item_id: item_id.to_owned(),
            at: Moment { date: date(2026, 11, 23), time: time(16, 42, 0, 0) },
            delivered,
        })
    }

    fn ordered(turn: Turn) -> SlipOrder {
        match turn.effects.into_iter().next() {
            Some(Effect::Print { what: PrintOrder::Slip(order), .. }) => *order,
            other => panic!("no slip was ordered: {other:?}"),
        }
    }

    fn receipt(submission_id: &str) -> Event {
        Event::Hall(HallEvent::Receipt { submission_id: submission_id.to_owned() })
    }

    #[test]
    fn the_slip_says_which_service_when_and_what_the_law_says_of_a_licence() {
        let around = around(Language::Zh);
        let order = ordered(recovered(LICENCE, false).begin(&around));
        let item = around.content.items().iter().find(|item| item.item_id == LICENCE).unwrap();
        assert_eq!((order.task_name.as_str(), order.deemed), (item.task_name.as_str(), true));
        assert_eq!(order.at, "2026年11月23日(周一) 16:42");
        assert!(!ordered(recovered(ALLOWANCE, false).begin(&around)).deemed);
        let withdrawn = ordered(recovered("XC-GONE", false).begin(&around));
        assert_eq!((withdrawn.task_name.as_str(), withdrawn.deemed), ("(打印中断的申请)", false));
    }

    #[test]
    fn what_the_hall_has_is_never_said_to_be_on_its_way() {
        let around = around(Language::Zh);
        assert!(ordered(recovered(ALLOWANCE, true).begin(&around)).delivered);
        let mut late = recovered(ALLOWANCE, false);
        assert!(!ordered(late.begin(&around)).delivered && !late.page(&around).delivered);
        late.event(&receipt("another"));
        assert!(!late.page(&around).delivered);
        late.event(&receipt("0193"));
        assert!(late.page(&around).delivered);
        late.event(&Event::Printed { order: 1, result: PrintResult::NotCertain });
        assert!(ordered(late.act(&Action::Use(Tool::PrintAgain), &around)).delivered);
    }

    #[test]
    fn an_ill_printer_is_asked_all_the_same_and_its_words_are_in_the_language_of_the_screen() {
        let mut around = around(Language::En);
        around.can.receipt_printer = false;
        let mut recovered = recovered(ALLOWANCE, false);
        let order = ordered(recovered.begin(&around));
        assert_eq!((order.english, order.at.as_str()), (true, "23 November 2026, 16:42"));
        assert!(recovered.act(&Action::Use(Tool::PrintAgain), &around).effects.is_empty(), "one at a time");
        let out = PrintResult::NotPrinted(PrintProblem::PaperOut);
        recovered.event(&Event::Printed { order: 1, result: out });
        assert!(matches!(recovered.page(&around).slip, Slip::NotPrinted(why) if why.starts_with("Out of slip paper")));
        recovered.act(&Action::Use(Tool::PrintAgain), &around);
        let done = recovered.event(&Event::Printed { order: 2, result: PrintResult::Printed });
        assert!(matches!(&done.effects[..], [Effect::SettleRecovery { submission_id }] if submission_id == "0193"));
        assert!(recovered.finish().0.slip);
    }
}
