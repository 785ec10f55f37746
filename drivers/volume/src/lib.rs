//! Reads the files on a stick from its bytes: MBR and GPT, then FAT12, FAT16, FAT32 or exFAT. Nothing is mounted, so
//! no kernel driver parses what a stranger brings, and nothing is ever written. Pure: it is given something that reads
//! and seeks, opens nothing itself, and is meant for a process under limits. Every walk is bounded by an allowance of
//! work, so loops in a chain or a million entries end in words.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]
#![warn(missing_docs)]

mod disk;
mod exfat;
mod fat;
mod fault;
mod name;
mod partition;
mod tree;

pub mod simulator;

pub use disk::Source;
pub use fault::{Fault, Foreign};
pub use tree::{Entries, Entry, File, Folder, Volume, What};
