//! Slips: what stands on them (`slip`), how lines break and dots are drawn (`text`, `fonts`, `page`).
//! A slip is laid out once and drawn as a bitmap with the shipped fonts, so that every printer prints every
//! character the same way. Knows no printer, no session and no store.

mod code;
mod fonts;
mod page;
pub mod slip;
mod text;

pub use fonts::{FontError, Fonts, Style};
pub use page::{Block, Page};
