//! Plain text on A4: what coding it has (UTF-8, UTF-16 with a mark, GB 18030), how lines break and pages fill,
//! drawn with the shipped fonts. No markup is read.

mod decode;
mod layout;

pub(crate) use decode::decode;
pub(crate) use layout::TextPages;
