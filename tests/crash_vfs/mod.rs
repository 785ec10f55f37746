//! A SQLite VFS for crash tests: files live in memory, every write, truncation, sync and directory entry
//! goes into one log. A power cut is a place in that log: what was synced is there, every other write is
//! kept, dropped or torn per 512-byte sector by seed. The image is opened again with the stock VFS.
//!
//! Model: changes of the directory reach the disk in their order, at the latest with the next fsync of any
//! file (the journals of ext4 and XFS do so); a failed fsync leaves the writes clean in the cache and
//! possibly not on the disk. Not modelled: bit rot, misdirected writes.
#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "shared by several test targets"
)]

mod disk;
mod file;
mod locks;
mod replay;
mod vfs;

pub use disk::{Disk, Entry};
pub use replay::{Cut, Replay, Seed};
