//! What terminal and hall agree on: the catalogue and its forms, one `validate()`, ids and numbers,
//! sealing, signed things and the messages of protocol v1. Pure: serde and cryptography, no I/O, no clock.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod api;
pub mod calendar;
pub mod catalogue;
pub mod crockford;
pub mod enrol;
pub mod expr;
pub mod form;
pub mod ids;
pub mod mask;
pub mod number;
pub mod seal;
pub mod signed;
