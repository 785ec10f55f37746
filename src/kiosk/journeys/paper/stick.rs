//! Files from a stick: its folders as lists of what can be printed, one file taken at a time. What was taken stays to
//! be printed when the stick is pulled out.

use super::intake::shortened;
use super::{Docs, Turn, want};
use crate::session::{DocNo, PaperWant, StickNews, StickRow, StickRowKind, Surroundings};
use crate::view::{FileName, FileRow, FileState, Files};
use wire::catalogue::Text;

/// Files of a stick that stay open at once; the oldest goes.
const OPENED_MAX: usize = 4;
/// Folders within folders that are gone into: far deeper is no place for a document.
const DEPTH_MAX: usize = 16;

/// Files on a stick.
#[derive(Debug, Default)]
pub(super) struct Stick {
    seen: Seen,
    /// From the first folder to the one that is shown.
    path: Vec<(u32, FileName)>,
    coming: Coming,
    /// What was taken, by its row.
    opened: Vec<(u32, DocNo)>,
    /// Why the last file was not taken.
    refused: Option<Text>,
}

/// What is known of the stick.
#[derive(Debug, Default)]
enum Seen {
    #[default]
    Looking,
    Empty,
    PulledOut,
    Folder {
        rows: Vec<StickRow>,
        cut: bool,
    },
    Unreadable(Text),
}

/// The file that was touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Coming {
    #[default]
    None,
    /// It is read.
    Read(u32),
    /// It is looked at.
    Opening(DocNo),
}

impl Stick {
    /// Looks, or looks again, at the folder that is shown.
    pub(super) fn list(&mut self) -> Turn {
        self.seen = Seen::Looking;
        self.refused = None;
        Turn::doing(vec![want(PaperWant::ListStick { folder: self.folder() })])
    }

    /// The list is on the screen again: what was asked meanwhile was asked of nobody.
    pub(super) fn shown_again(&mut self) -> Turn {
        if matches!(self.seen, Seen::Looking) { self.list() } else { Turn::stay() }
    }

    fn folder(&self) -> u32 {
        self.path.last().map_or(0, |(folder, _)| *folder)
    }

    /// One folder up; false where there is none above.
    pub(super) fn up(&mut self) -> bool {
        self.path.pop().is_some()
    }

    /// A row was touched: a folder is gone into, a file is read.
    pub(super) fn touch(&mut self, row: &str) -> Turn {
        let entry = row.strip_prefix("entry:").and_then(|entry| entry.parse().ok());
        let (Seen::Folder { rows, .. }, Some(entry), Coming::None) = (&self.seen, entry, self.coming) else {
            return Turn::stay();
        };
        match rows.iter().find(|row| row.id == entry) {
            Some(StickRow { kind: StickRowKind::Folder, name, .. }) if self.path.len() < DEPTH_MAX => {
                let into = (entry, name.clone());
                self.path.push(into);
                self.list()
            }
            Some(StickRow { kind: StickRowKind::File, .. }) if self.doc_of(entry).is_none() => {
                self.coming = Coming::Read(entry);
                self.refused = None;
                Turn::doing(vec![want(PaperWant::TakeFromStick { entry })])
            }
            _ => Turn::stay(),
        }
    }

    /// What a row was opened as.
    pub(super) fn opened_as(&self, row: &str) -> Option<DocNo> {
        self.doc_of(row.strip_prefix("entry:")?.parse().ok()?)
    }

    fn doc_of(&self, entry: u32) -> Option<DocNo> {
        self.opened.iter().find(|(of, _)| *of == entry).map(|(_, doc)| *doc)
    }

    pub(super) fn news(&mut self, news: StickNews) -> Turn {
        match news {
            StickNews::PluggedIn => {
                self.path.clear();
                self.opened.iter_mut().for_each(|(entry, _)| *entry = 0);
                return self.list();
            }
            StickNews::Empty | StickNews::PulledOut => {
                let was_there = matches!(news, StickNews::PulledOut);
                self.seen = if was_there { Seen::PulledOut } else { Seen::Empty };
                self.path.clear();
                if matches!(self.coming, Coming::Read(_)) {
                    self.coming = Coming::None;
                }
            }
            StickNews::Folder { folder, rows, cut } if folder == self.folder() => {
                self.seen = Seen::Folder { rows, cut };
            }
            StickNews::Folder { .. } => {}
            StickNews::Unreadable(why) => {
                self.coming = Coming::None;
                self.seen = Seen::Unreadable(why);
            }
            StickNews::NotTaken(why) => {
                self.coming = Coming::None;
                self.refused = Some(why);
            }
        }
        Turn::stay()
    }

    /// A file of the stick has come as this document; the one that must go for it.
    pub(super) fn came(&mut self, doc: DocNo) -> Option<DocNo> {
        let Coming::Read(entry) = self.coming else { return Some(doc) };
        self.coming = Coming::Opening(doc);
        self.opened.push((entry, doc));
        (self.opened.len() > OPENED_MAX).then(|| self.opened.remove(0).1)
    }

    /// Whether this is the document that was touched last; it is looked at no longer.
    pub(super) fn awaited(&mut self, doc: DocNo) -> bool {
        let awaited = self.coming == Coming::Opening(doc);
        if awaited {
            self.coming = Coming::None;
        }
        awaited
    }

    pub(super) fn busy(&self) -> bool {
        self.coming != Coming::None || matches!(self.seen, Seen::Looking)
    }

    pub(super) fn page(&self, docs: &Docs, around: &Surroundings) -> Files {
        let title = match self.path.last() {
            Some((_, name)) => shortened(name),
            None => around.say("U 盘里的文件", "Files on the stick").into(),
        };
        let files = match &self.seen {
            Seen::Folder { rows, .. } => rows.iter().map(|row| self.row(row, docs, around)).collect(),
            _ => self.kept(docs, around),
        };
        let nothing = matches!(&self.seen, Seen::Folder { rows, .. } if rows.is_empty());
        let again = nothing || matches!(self.seen, Seen::Empty | Seen::PulledOut | Seen::Unreadable(_));
        Files { title, files, note: self.note(around), again }
    }

    fn row(&self, row: &StickRow, docs: &Docs, around: &Surroundings) -> FileRow {
        let opened = self.doc_of(row.id).and_then(|doc| docs.get(&doc));
        let state = match (row.kind, opened) {
            (StickRowKind::Folder, _) => FileState::Folder,
            (StickRowKind::TooLarge, _) => {
                FileState::Refused(around.say("超过 64 MB，本机打不开", "Larger than 64 MB; it cannot be opened here"))
            }
            (StickRowKind::File, Some(doc)) => doc.shown(around),
            (StickRowKind::File, None) if self.coming == Coming::Read(row.id) => FileState::Opening,
            (StickRowKind::File, None) => FileState::There,
        };
        FileRow { id: format!("entry:{}", row.id), name: shortened(&row.name), state }
    }

    /// What was taken, where the stick itself shows nothing.
    fn kept(&self, docs: &Docs, around: &Surroundings) -> Vec<FileRow> {
        let kept = self.opened.iter().filter_map(|(_, no)| Some((no, docs.get(no)?)));
        kept.map(|(no, doc)| FileRow { id: format!("doc:{no}"), name: doc.title(around), state: doc.shown(around) })
            .collect()
    }

    fn note(&self, around: &Surroundings) -> String {
        if let Some(why) = &self.refused {
            return or_by_phone(why, around);
        }
        if self.coming != Coming::None {
            return around.say("正在读取，请不要拔出 U 盘", "Reading; please leave the stick in");
        }
        match &self.seen {
            Seen::Looking => around.say("正在查看 U 盘，请稍候", "Looking at the stick"),
            Seen::Empty => around.say("请把 U 盘插入本机的 USB 口", "Put your stick into this terminal's USB port"),
            Seen::PulledOut if self.opened.is_empty() => {
                around.say("U 盘已拔出；插好后可以接着选", "The stick was pulled out; put it in to go on")
            }
            Seen::PulledOut => around.say(
                "U 盘已拔出；下面这些已经打开，还可以打印",
                "The stick was pulled out; these files are open and can still be printed",
            ),
            Seen::Unreadable(why) => or_by_phone(why, around),
            Seen::Folder { rows, .. } if rows.is_empty() => around.say(
                "这里没有能打印的文件：PDF、OFD、图片、文本和 Office 文件",
                "Nothing here can be printed: PDF, OFD, pictures, text and Office files",
            ),
            Seen::Folder { cut: true, .. } => around.say(
                "文件太多，只列出最新的一部分；点一个打开",
                "There are too many files; only the newest are listed. Touch one to open it",
            ),
            Seen::Folder { .. } => around.say(
                "点一个文件打开；只读取，不改动 U 盘",
                "Touch a file to open it; the stick is only read, nothing is changed",
            ),
        }
    }
}

/// What a stick cannot, a phone may.
fn or_by_phone(why: &Text, around: &Surroundings) -> String {
    if around.can.paper.upload && around.online {
        around.say(
            &format!("{}；也可以用手机传文件", why.zh),
            &format!("{}. You can also send it from your phone", why.en),
        )
    } else {
        around.pick(why)
    }
}
