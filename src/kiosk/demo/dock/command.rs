//! What can be asked of the dock, and what it shows, as plain values.

use std::path::PathBuf;
use ui::DockAct;

/// One turn of a knob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DockCommand {
    /// Lay a demo person's card on the reader.
    Insert(String),
    /// Take it away.
    Lift,
    /// The next read is broken off by lifting the card.
    LiftEarly,
    /// A member of the staff holds a card to the reader.
    StaffCard,
    /// The printer jams, or is freed.
    Jam,
    /// Its paper runs out, or is filled.
    PaperOut,
    /// The network goes, or comes back.
    CutNetwork,
    /// The camera goes, or comes back.
    Camera,
    /// The terminal's clock jumps.
    Jump {
        /// So far, back if negative.
        seconds: i64,
    },
    /// End the terminal and start it anew.
    Restart,
    /// What the camera sees: a file, or a sample page.
    PageFrom(Option<PathBuf>),
    /// Take the slips out of the printer's mouth.
    TakeSlips,
}

/// What the dock shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DockState {
    /// Demo person whose card lies on the reader, or empty.
    pub inserted: String,
    /// The printer is jammed.
    pub jammed: bool,
    /// Its paper is out.
    pub paper_out: bool,
    /// The network is cut.
    pub cut: bool,
    /// There is no camera.
    pub without_camera: bool,
    /// The terminal's clock.
    pub clock: String,
    /// Slips in the printer's mouth.
    pub slips: usize,
}

impl DockCommand {
    pub(super) fn of(act: DockAct, what: &str) -> Option<Self> {
        Some(match act {
            DockAct::Insert => Self::Insert(what.to_owned()),
            DockAct::Lift => Self::Lift,
            DockAct::LiftEarly => Self::LiftEarly,
            DockAct::StaffCard => Self::StaffCard,
            DockAct::Jam => Self::Jam,
            DockAct::PaperOut => Self::PaperOut,
            DockAct::Cut => Self::CutNetwork,
            DockAct::Camera => Self::Camera,
            DockAct::Jump => Self::Jump { seconds: what.parse().ok()? },
            DockAct::Restart => Self::Restart,
            DockAct::File => Self::PageFrom(Some(what.trim()).filter(|path| !path.is_empty()).map(PathBuf::from)),
            DockAct::TakeSlips => Self::TakeSlips,
        })
    }
}
