//! What the screen shows and what a finger can do, as plain values: the contract between the session
//! (which makes a [`View`] and takes an [`Action`]) and the screen (which draws and reports).
//! No Slint type, no clock and no I/O here. Fixed wording lives in the `.slint` files; a `String` here is
//! data already in the page's language (an item's name, an answer, an error sentence).

use jiff::civil::Date;

mod action;
mod field;
mod lights;
mod page;
mod paper;

pub use action::{Action, Tool};
pub use field::{Choice, Control, Field, Keyboard, Origin};
pub use lights::Lights;
pub use page::*;
pub use paper::*;

/// Language of the screen. Chinese is the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English, written for a visitor.
    En,
}

/// All that is on the screen at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Header, strip, progress and footer: the same on every page.
    pub frame: Frame,
    /// The page between header and footer.
    pub page: Page,
    /// A full-screen cover above the page, if any.
    pub cover: Option<Cover>,
}

/// The frame around every page (`screens` brief, section 3).
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Language now.
    pub language: Language,
    /// Large type (大字).
    pub elder: bool,
    /// Name of the hall in the language of the page.
    pub hall: String,
    /// Terminal number, three digits.
    pub terminal_no: String,
    /// True while the hall cannot be reached: the calm strip under the header.
    pub offline: bool,
    /// Steps of the journey, if one runs.
    pub progress: Option<Progress>,
    /// Whether 上一步 is there.
    pub back: bool,
    /// Whether 退出 is there.
    pub leave: bool,
    /// Today at the hall: where the wheels of a date begin.
    pub today: Date,
    /// Help is open for long: personal values were taken out of the page.
    pub masked: bool,
    /// 找工作人员: a button only where somebody can answer.
    pub staff: Staff,
}

/// Where a journey stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// From 1.
    pub step: u8,
    /// Number of steps.
    pub of: u8,
    /// Plain name of the service.
    pub title: String,
}

/// The staff button's place in the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Staff {
    /// A hall page listens: the button is there.
    Button,
    /// Nobody listens: one line says where the desk is.
    Desk(String),
}

/// A full-screen cover.
#[derive(Clone, Debug, PartialEq)]
pub enum Cover {
    /// Nobody touched the screen: seconds left, and whether something filled in will be lost.
    Warning {
        /// Seconds left.
        seconds: u32,
        /// True while a form is open.
        filling: bool,
    },
    /// The call for staff.
    StaffCall(StaffCall),
    /// The citizen asked to leave with a form open: leave and erase, or stay.
    LeaveAsked,
}

/// How the call for staff stands (rules 8.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaffCall {
    /// Sent; waiting for an answer.
    Calling,
    /// Somebody comes.
    Answered {
        /// Who, as the hall says it ("导办员 小李").
        who: String,
        /// In about how many minutes.
        minutes: u32,
    },
    /// Nobody answered in 60 seconds, or the hall cannot be reached.
    Unanswered {
        /// Which desk, where, or the hotline.
        desk: String,
    },
}
