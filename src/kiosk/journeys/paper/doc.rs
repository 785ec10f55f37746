//! A document as far as the screen knows it: its name, how it stands, its small pages. Words about it are in no
//! language until they are shown; its bytes stay in the rim.

use super::intake::shortened;
use crate::session::{CameFrom, DocNo, PaperKind, Surroundings};
use crate::view::{FileName, FileState, Picture};
use std::collections::BTreeMap;
use wire::catalogue::Text;

/// Documents by number.
pub(super) type Docs = BTreeMap<DocNo, Doc>;

/// One document.
#[derive(Debug)]
pub(super) struct Doc {
    pub(super) name: DocName,
    pub(super) kind: PaperKind,
    pub(super) from: CameFrom,
    pub(super) state: DocState,
    pub(super) all_a4: bool,
    pub(super) thumbs: Vec<Option<Picture>>,
}

/// What it is called.
#[derive(Debug)]
pub(super) enum DocName {
    /// As its file is.
    File(FileName),
    /// What was copied here.
    Copy(Text),
}

/// How it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DocState {
    /// It is looked at.
    Opening,
    /// It has so many pages.
    Ready { pages: u32 },
    /// It cannot be printed: why.
    Refused(Text),
}

impl Doc {
    /// Its name as a row or a heading shows it.
    pub(super) fn title(&self, around: &Surroundings) -> FileName {
        match &self.name {
            DocName::File(name) => shortened(name),
            DocName::Copy(what) => shortened(&around.pick(what)),
        }
    }

    /// How it stands, as a row shows it.
    pub(super) fn shown(&self, around: &Surroundings) -> FileState {
        match &self.state {
            DocState::Opening => FileState::Opening,
            DocState::Ready { pages } => FileState::Ready { pages: *pages },
            DocState::Refused(why) => FileState::Refused(around.pick(why)),
        }
    }
}
