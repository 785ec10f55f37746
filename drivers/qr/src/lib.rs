//! Reads QR codes (ISO/IEC 18004:2015, versions 1 to 40) from grey pictures: rotated, tilted, curled, mirrored, light on
//! dark, blurred, unevenly lit, several in one picture. Time and memory are bounded by the picture and the effort.
//!
//! ```text
//! grey -> threshold -> scan -> finders -> triples -> map -> soft grid -> format, words, segments -> text
//!         find/                           grid/                          symbol/
//! ```
//!
//! Knows no camera and no file; Micro QR is not read. Detection is its own; the hard grid goes to rqrr's decoder.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]
#![warn(missing_docs)]

mod clock;
mod find;
mod grey;
mod grid;
mod linear;
mod reader;
mod symbol;

pub use grey::Point;
pub use reader::{Code, Effort, Picture, read};
pub use symbol::{Level, Part};
