//! What people and disks get wrong: each case ends in a clear message that says what to do, and nothing
//! that was stored is lost.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "bad_input/clock.rs"]
mod clock;
mod crash_vfs;
mod rim;
#[path = "bad_input/settings.rs"]
mod settings;
#[path = "bad_input/storage.rs"]
mod storage;
