//! Draws and checks every screen without building the rest of the terminal:
//! `cargo test -p ui --example sheet`. The same sources as `tests/screens.rs`, for those who work on screens.
#![allow(dead_code)]

extern crate self as kiosk;

#[path = "../../src/kiosk/screen/mod.rs"]
pub mod screen;
#[cfg(test)]
#[path = "../../tests/screens.rs"]
mod screens;
#[path = "../../src/kiosk/view/mod.rs"]
pub mod view;

fn main() {
    println!("cargo test -p ui --example sheet");
}
