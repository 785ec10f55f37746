//! The symbol itself, without any picture: layout, format, blocks, Reed–Solomon, segments. From a soft grid to a text.

mod blocks;
mod charset;
mod content;
mod layout;
mod reed_solomon;
mod segments;

pub use blocks::Level;
pub use content::{Content, content};
pub use layout::{Known, Layout, Version, version_bits};
pub use segments::Part;
