//! From bytes of unknown kind to pages and rasters: what a document is, how many pages it has, how each looks
//! on white paper. Pure: no file, no network, no process, no clock, none of Yimen's other crates. It parses what
//! strangers bring, so it is meant to run in a process of its own under limits.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod canvas;
mod document;
mod kind;
mod limits;
mod ofd;
mod pdf;
mod picture;
mod raster;
mod refusal;
mod text;

pub use document::{Document, Fonts, Note, PageInfo, Renderer};
pub use kind::{ENDS_BYTES, Kind, Office, kind_of, may_be_printed};
pub use limits::{BYTES_MAX, DPI_MAX, DPI_MIN, PAGE_SIDE_MAX_MM, PAGES_MAX, PIXELS_MAX};
pub use raster::{Colour, Raster};
pub use refusal::Refusal;
