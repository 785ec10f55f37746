//! The screens of a terminal, compiled from the `.slint` files of this folder. No behaviour lives here.
slint::include_modules!();
