//! Check your answers: everything once more in the form's order, each row with 修改; then the notice, the
//! item's declaration and the consent, and on to the signature or the submission.

use super::capture::in_one_line;
use super::{Apply, Stage};
use crate::journeys::Turn;
use crate::session::{Effect, Surroundings};
use crate::view::{self, Action, Follows, ReviewRow};
use wire::catalogue::Text;
use wire::form::{validate, visible, without_hidden};
use zeroize::Zeroizing;

impl Apply {
    /// Opens the review; the sealing's slow half is done meanwhile.
    pub(super) fn open_review(&mut self) -> Turn {
        self.to_review = false;
        self.stage = Stage::Review { revealed: false, error: None };
        if self.asks_record() {
            return Turn::stay();
        }
        let id_no = self.acting_card().map(|card| Zeroizing::new(card.number.clone()));
        let fresh = !std::mem::replace(&mut self.sealing_begun, true);
        Turn::doing(vec![Effect::PrepareSealing { id_no, fresh }])
    }

    pub(super) fn needs_signature(&self) -> bool {
        // A look-up is not a submission: its second factor stands for the signature.
        if self.asks_record() {
            return false;
        }
        self.item().form.signature_required || self.item().kiosk.assurance == wire::catalogue::Assurance::L3
    }

    pub(super) fn page_review(&self, revealed: bool, error: Option<&Text>, around: &Surroundings) -> view::Review {
        let form = &self.item().form;
        let shown = visible(form, &self.answers, &self.context(around));
        let mut rows: Vec<ReviewRow> = form
            .fields()
            .filter(|field| shown.contains(&field.key) && self.answers.get(&field.key).is_some())
            .map(|field| ReviewRow {
                id: field.key.clone(),
                label: field.label(around.english()).to_owned(),
                origin: self.origin_words(&field.key, around),
                value: self.shown_value(field, revealed, around),
                changeable: field.source != wire::catalogue::Source::ForWhom,
            })
            .collect();
        if self.has_materials_page(around) {
            let pages = self.pages_along(around);
            rows.push(ReviewRow {
                id: "materials".to_owned(),
                label: around.say("材料", "Documents"),
                origin: String::new(),
                value: around.say(&format!("{pages} 页"), &format!("{pages} page(s)")),
                changeable: true,
            });
        }
        view::Review {
            rows,
            revealed,
            notice: self.notice(around),
            declaration: around.pick(&self.item().form.declaration()),
            consent: if self.asks_record() { String::new() } else { around.pick(&self.content.consent()) },
            agreed: self.agreed,
            error: around.pick_any(error),
            follows: if self.asks_record() {
                Follows::LookUp
            } else if self.needs_signature() {
                Follows::Signature
            } else {
                Follows::Submission
            },
        }
    }

    fn notice(&self, around: &Surroundings) -> String {
        if self.asks_record() {
            Self::record_notice(around)
        } else {
            around.pick(&self.content.notice_before_submitting())
        }
    }

    pub(super) fn act_review(&mut self, action: &Action, around: &Surroundings) -> Turn {
        match action {
            Action::Reveal(on) => {
                if let Stage::Review { revealed, .. } = &mut self.stage {
                    *revealed = *on;
                }
                Turn::stay()
            }
            Action::Agree(on) => {
                self.agreed = *on;
                self.stage = Stage::Review { revealed: false, error: None };
                Turn::stay()
            }
            Action::Change(id) if id == "materials" => {
                self.to_review = true;
                self.stage = Stage::Materials { error: None, waiting_for: None };
                Turn::stay()
            }
            Action::Change(id) => self.change_row(id),
            Action::Next => self.leave_review(around),
            _ => Turn::stay(),
        }
    }

    fn change_row(&mut self, id: &str) -> Turn {
        if let Some(super::Origin::Card(role)) = self.origins.get(id).cloned()
            && self.is_fact(id)
            && self.item().form.field(id).is_some_and(|field| field.readonly)
        {
            return self.change_card(&role);
        }
        if self.is_fact(id) {
            self.opened.insert(id.to_owned());
        }
        self.open_question_of(id);
        Turn::stay()
    }

    fn leave_review(&mut self, around: &Surroundings) -> Turn {
        let error = self.what_stops(around);
        if error.is_some() {
            self.stage = Stage::Review { revealed: false, error };
            return Turn::stay();
        }
        if self.needs_signature() {
            self.stage = Stage::Sign { error: None };
            return Turn::stay();
        }
        self.submit(around)
    }

    /// Why it cannot be submitted as it stands; `None` when it can.
    fn what_stops(&self, around: &Surroundings) -> Option<Text> {
        let context = self.context(around);
        let form = &self.item().form;
        let answers = without_hidden(form, &self.answers, &context);
        if let Some(issue) = validate(form, &answers, &context).into_iter().next() {
            return Some(issue.message);
        }
        let missing = self.missing_materials(around);
        if !missing.is_empty() {
            let Text { zh, en } = in_one_line(&missing);
            return Some(Text { zh: format!("还差材料：{zh}"), en: format!("Still missing: {en}") });
        }
        if !self.agreed {
            return Some(Text::new(
                "请先看过并勾选上面的说明和声明",
                "Please read and tick the notice and declaration first",
            ));
        }
        None
    }
}
