//! What a look-up comes to instead of a submission (the catalogue's `print` items): the hall is asked for the record
//! of the person whose card was read and whom the staff looked at (rules 7.4, L2); it is shown and printed like any
//! other paper. Never kept: each look-up asks anew, and without the hall there is none.

use super::{Apply, Stage};
use crate::journeys::paper::{NotFetched, Paper};
use crate::journeys::{Turn, want};
use crate::session::{Effect, Event, PaperWant, RecordWish, Surroundings};
use crate::view::Action;
use wire::form::{Value, without_hidden};
use zeroize::Zeroizing;

/// The form's question for how many copies are printed, where it asks.
const COPIES_FIELD: &str = "copies";

impl Apply {
    /// Whether a record is looked up; else something is applied for.
    pub(super) fn asks_record(&self) -> bool {
        self.item().is_record()
    }

    /// What is told before a look-up.
    pub(super) fn record_notice(around: &Surroundings) -> String {
        around.say(
            "记录由主管部门此刻提供，只在本机显示和打印，本机不留存；打印件上有验证码，任何人都可以核对真伪。",
            "The record comes from the department at this moment. It is shown and printed here and not kept; a code on \
             the paper lets anybody verify it.",
        )
    }

    /// Asks the hall. What was answered stays until the record is there.
    pub(super) fn ask_record(&mut self, around: &Surroundings) -> Turn {
        let (Some(card), Some(staff_no)) = (self.acting_card(), self.second_factor.clone()) else {
            return self.back_from_card(around);
        };
        let id_no = Zeroizing::new(card.number.clone());
        let wish = RecordWish {
            item_id: self.item().item_id.clone(),
            id_no: id_no.clone(),
            name: Zeroizing::new(card.name.clone()),
            staff_no,
            answers: without_hidden(&self.item().form, &self.answers, &self.context(around)),
        };
        let copies = match self.answers.get(COPIES_FIELD) {
            Some(Value::Text(copies)) => copies.parse().unwrap_or(1),
            _ => 1,
        };
        self.stage = Stage::Record(Box::new(Paper::of_record(copies)));
        Turn::doing(vec![
            Effect::StopReading,
            want(PaperWant::CountFor(id_no)),
            want(PaperWant::FetchRecord(Box::new(wish))),
        ])
    }

    pub(super) fn act_record(&mut self, action: Action, around: &Surroundings) -> Turn {
        let Stage::Record(paper) = &mut self.stage else { return Turn::stay() };
        if action == Action::Back {
            if !paper.can_go_back() {
                return Turn::stay();
            }
            let effects = paper.drop_documents();
            self.stage = Stage::Review { revealed: false, error: None };
            return Turn::doing(effects);
        }
        paper.act(action, around)
    }

    pub(super) fn record_event(&mut self, event: Event, around: &Surroundings) -> Turn {
        let Stage::Record(paper) = &mut self.stage else { return Turn::stay() };
        let mut turn = paper.event(event, around);
        if let Some(why) = paper.not_fetched() {
            turn.effects.extend(paper.drop_documents());
            self.stage = match why {
                NotFetched::Because(why) => Stage::Review { revealed: false, error: Some(why) },
                NotFetched::StaffCard => {
                    self.second_factor = None;
                    Stage::SecondFactor { refused: true }
                }
            };
        }
        turn
    }

    /// A staff card was used: on to the questions; or, where an earlier one was refused, the hall is asked again.
    pub(super) fn staff_looked(&mut self, staff_no: String, refused: bool, around: &Surroundings) -> Turn {
        self.second_factor = Some(staff_no);
        if refused { self.ask_record(around) } else { self.go_on(around) }
    }
}
