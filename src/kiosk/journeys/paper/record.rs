//! A record of the hall as the paper to print: it is awaited, opened and then chosen from like any other document.
//! Who may ask for it is the asking journey's matter.

use super::preview::Preview;
use super::want;
use crate::session::{DocNo, Effect, PaperWant};
use wire::catalogue::Text;

/// A record that is on its way.
#[derive(Debug)]
pub(super) struct Record {
    copies: u32,
    doc: Option<DocNo>,
    failed: Option<NotFetched>,
}

/// Why a record does not come.
#[derive(Clone, Debug)]
pub(in crate::journeys) enum NotFetched {
    /// The hall does not know the staff card.
    StaffCard,
    /// In words.
    Because(Text),
}

impl Record {
    pub(super) fn awaited(copies: u32) -> Self {
        Self { copies, doc: None, failed: None }
    }

    pub(super) fn came(&mut self, doc: DocNo) {
        self.doc = Some(doc);
    }

    pub(super) fn is(&self, doc: DocNo) -> bool {
        self.doc == Some(doc)
    }

    pub(super) fn failed(&mut self, why: NotFetched) {
        self.failed = Some(why);
    }

    pub(super) fn copies(&self) -> u32 {
        self.copies
    }
}

impl super::Paper {
    /// Only this: a record that was asked for, with so many copies wanted.
    pub(in crate::journeys) fn of_record(copies: u32) -> Self {
        Self { step: super::Step::Record(Record::awaited(copies)), ..Self::new() }
    }

    /// Why the record did not come; `None` while it may, and once it has.
    pub(in crate::journeys) fn not_fetched(&self) -> Option<NotFetched> {
        match &self.step {
            super::Step::Record(record) => record.failed.clone(),
            _ => None,
        }
    }

    /// Lets go of what was fetched, to ask anew.
    pub(in crate::journeys) fn drop_documents(&mut self) -> Vec<Effect> {
        let docs = std::mem::take(&mut self.docs);
        docs.into_keys().map(|doc| want(PaperWant::Drop { doc })).collect()
    }
}

/// The choices for a record that was opened.
pub(super) fn preview(doc: DocNo, held: &super::Doc, copies: u32) -> Preview {
    Preview::new(doc, held).with_copies(copies)
}
