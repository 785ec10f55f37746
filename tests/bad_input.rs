//! What people and disks get wrong: each case ends in a clear message that says what to do, and nothing
//! that was stored is lost.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "bad_input/clock.rs"]
mod clock;
mod crash_vfs;
#[path = "bad_input/devices.rs"]
mod devices;
#[path = "bad_input/full_disk.rs"]
mod full_disk;
mod journey;
#[path = "bad_input/jump.rs"]
mod jump;
#[path = "bad_input/out_of_service.rs"]
mod out_of_service;
mod rim;
#[path = "bad_input/settings.rs"]
mod settings;
#[path = "bad_input/start.rs"]
mod start;
#[path = "bad_input/storage.rs"]
mod storage;
