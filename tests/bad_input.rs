//! What people and disks get wrong: each case ends in a clear message that says what to do, and nothing
//! that was stored is lost.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod crash_vfs;
#[path = "bad_input/storage.rs"]
mod storage;
