//! From a finished form to what is sealed: hidden answers left out, sources named, attachments listed.

use super::{Apply, Stage};
use crate::journeys::message::Refusal;
use crate::journeys::{Submission, Turn};
use crate::session::{Attachment, Effect, Filled, StoreEvent, StoreProblem, Surroundings};
use wire::form::without_hidden;

impl Apply {
    /// Hands the application to the store. The session keeps everything until the store has answered.
    pub(super) fn submit(&mut self, around: &Surroundings) -> Turn {
        if self.lacks_second_factor() {
            // Another card was put down since staff looked, and the way back led past them.
            self.to_review = true;
            self.stage = Stage::SecondFactor { refused: false };
            return Turn::stay();
        }
        if self.asks_record() {
            return self.ask_record(around);
        }
        let filled = self.filled(around);
        self.stage = Stage::Storing;
        Turn::doing(vec![Effect::StopReading, Effect::Submit(Box::new(filled))])
    }

    fn filled(&mut self, around: &Surroundings) -> Filled {
        let answers = without_hidden(&self.item().form, &self.answers, &self.context(around));
        let sources = self
            .origins
            .iter()
            .filter(|(key, _)| answers.get(key).is_some())
            .map(|(key, origin)| (key.clone(), origin.name().to_owned()))
            .collect();
        let (mut attachments, deferred) = self.materials_along(around);
        if let Some(picture) = self.signature.picture() {
            attachments.push(Attachment { field: "signature".to_owned(), media: "image/png", bytes: picture });
        }
        let item = self.item();
        Filled {
            item_id: item.item_id.clone(),
            task_version: item.task_version,
            form_id: item.form.form_id.clone(),
            form_version: item.form.version,
            answers,
            sources,
            cards: self.cards.iter().map(|(role, card)| (role.clone(), card.clone())).collect(),
            consent_version: self.content.consent_version().to_owned(),
            declaration_version: format!("{}@{}", item.form.form_id, item.form.version),
            sign: self.signature.signed(),
            second_factor: self.second_factor.clone(),
            attachments,
            deferred,
        }
    }

    pub(super) fn store_answered(&mut self, answer: StoreEvent, around: &Surroundings) -> Turn {
        match answer {
            StoreEvent::Stored(stored) => {
                self.submission = Submission::Stored;
                self.open_delivery(stored, around)
            }
            StoreEvent::NotStored(problem) => {
                let in_doubt = problem == StoreProblem::NotCertain;
                self.submission = if in_doubt { Submission::NotCertain } else { Submission::None };
                self.stage = Stage::NotStored(Refusal::NotStored(problem));
                Turn::stay()
            }
            _ => Turn::stay(),
        }
    }
}
