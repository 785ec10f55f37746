//! Settings files as both programs take them: read as text, held against the program's defaults and ranges, and
//! what is wrong said by its key or its place. Knows no key of any program and none of Yimen's other crates.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod causes;
mod printing;
mod reading;
mod rules;

pub use causes::said;
pub use printing::{PrintError, print_defaults};
pub use reading::{ReadError, parse, read};
pub use rules::Rules;
