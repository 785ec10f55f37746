//! Pages outside any errand: idle, the first page, the greeting, notices, one message, out of service.

use super::ServiceRow;

/// Idle page.
#[derive(Clone, Debug, PartialEq)]
pub struct Idle {
    /// "今天 9:00—12:00、13:00—17:00", or when the hall opens next.
    pub hours: String,
    /// Whether the hall is open now.
    pub open: bool,
    /// What works now although the hall is closed; empty while open.
    pub works_now: String,
    /// Titles of notices that can be opened: id and title.
    pub notices: Vec<(String, String)>,
    /// Whether a card may be put down at once.
    pub card_reader: bool,
    /// After an unclean end: what was kept safe.
    pub recovered: Option<Recovered>,
}

/// A submission that was stored before an unclean end (protocol, custody 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// "10:42".
    pub time: String,
    /// The number's large group (terminal, serial, check).
    pub number: String,
}

/// First page.
#[derive(Clone, Debug, PartialEq)]
pub struct Home {
    /// Today's hours, or when the hall opens.
    pub hours: String,
    /// Tiles in the catalogue's order; what does not work now is not here, or greyed with its reason.
    pub tiles: Vec<Tile>,
    /// Whether a card may be put down here.
    pub card_reader: bool,
    /// Masked name of whoever put a card down first; empty where nobody did.
    pub guest: String,
}

/// The greeting of whoever put a card down before choosing anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Welcome {
    /// Masked name.
    pub name: String,
    /// What this person is likely to want.
    pub rows: Vec<ServiceRow>,
    /// What must be said about the card; may be empty.
    pub remark: String,
    /// Somebody of 65 or more: large type and staff are offered, once.
    pub large_type: bool,
}

/// One tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Id in the catalogue's menu; chooses the icon too.
    pub id: String,
    /// A verb, from the catalogue.
    pub title: String,
    /// One line of what you get.
    pub line: String,
    /// Why it cannot be used now; empty when it can.
    pub reason: String,
}

/// 通知公告.
#[derive(Clone, Debug, PartialEq)]
pub struct Notices {
    /// Id, title, category.
    pub rows: Vec<(String, String, String)>,
    /// The one that is open: title and body.
    pub open: Option<(String, String)>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Weight of the message.
    pub tone: Tone,
    /// What happened.
    pub title: String,
    /// What it means and what can be done, one sentence a line.
    pub lines: Vec<String>,
    /// Words of the way on; empty when only leaving is possible.
    pub next: String,
}

/// Weight of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// For information.
    Calm,
    /// Something has to be done.
    Warning,
    /// Something did not work.
    Danger,
}

/// Nothing works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfService {
    /// Why, for a citizen.
    pub reason: String,
    /// Since when ("10:42").
    pub since: String,
    /// Where the next terminal or desk is.
    pub elsewhere: String,
    /// For the technician, small: what to do.
    pub technician: String,
}
