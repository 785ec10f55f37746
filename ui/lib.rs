//! The screens of a terminal, compiled from the `.slint` files of this folder. No behaviour lives here.
// All code here is generated; Slint answers for its unwraps.
#![allow(clippy::unwrap_used, clippy::expect_used)]
slint::include_modules!();
