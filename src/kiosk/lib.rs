//! The program that runs on a Yimen terminal: session and journeys in the pure middle; devices, store,
//! sync and screen on the rim; the app loop between them carries and decides nothing.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod app;
pub mod browser;
pub mod clock;
pub mod config;
pub mod content;
#[cfg(feature = "demo")]
pub mod demo;
pub mod devices;
pub mod fonts;
pub mod journeys;
pub mod pinyin;
pub mod platform;
pub mod printing;
pub mod qr;
pub mod screen;
pub mod session;
pub mod sound;
pub mod store;
pub mod sync;
pub mod view;
