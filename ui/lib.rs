//! The screens of a terminal, compiled from the `.slint` files of this folder. No behaviour lives here.
// All code here is generated; Slint answers for it.
#![allow(clippy::all, clippy::unwrap_used, clippy::expect_used, clippy::todo)]
slint::include_modules!();
