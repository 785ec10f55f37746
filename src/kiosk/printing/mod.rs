//! Slips: what stands on them (`slip`), how lines break and dots are drawn (`text`, `fonts`, `page`).
//! A slip is laid out once and drawn as a bitmap with the shipped fonts, so that every printer prints every
//! character the same way. Documents that citizens bring are read and drawn in a process of their own (`worker`).
//! Knows no printer, no session and no store.

pub mod by_hand;
mod code;
pub mod copy;
mod fonts;
mod page;
pub mod record;
pub mod sheet;
pub mod slip;
mod text;
pub mod worker;

pub use documents::{Colour, Kind, Note, Office, PageInfo, Raster, Refusal};
pub use fonts::{FontError, Fonts, Style};
pub use page::{Block, Page};
pub use worker::{
    Cancel, OpenDocument, OpenStick, PassThrough, StickEntry, StickEntryKind, StickFolder, StickRefusal, Workers,
};
