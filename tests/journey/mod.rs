//! A whole terminal in a test: real session, store, sync, drivers over ptys, an embedded hall; and a hand that
//! reads the screen's accessible labels and touches what they name. No sleep: every step waits on a condition.
// Each test uses its part.
#![allow(dead_code)]

mod errand;
mod golden;
mod hand;

pub use golden::Golden;
pub use hand::Hand;

use kiosk::config::Config;
use kiosk::demo::World;
use kiosk::printing::Workers;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// Tuesday, 24 November 2026, 10:00 in Beijing: a working day on which the golden answers pass.
pub const TUESDAY_MS: i64 = 1_795_485_600_000;

/// A world in a folder of its own.
pub struct Stage {
    pub world: Arc<World>,
    folder: TempDir,
}

impl Stage {
    /// Hall, simulators and clock; no terminal yet.
    pub fn new() -> Self {
        Self::with(Config::load(None).unwrap())
    }

    /// With another hall, or other devices.
    pub fn with(config: Config) -> Self {
        Self::with_hall(config, |_, _| {})
    }

    /// With other devices and another hall; the folder is for what the hall needs beside its data.
    pub fn with_hall(config: Config, adjust: impl FnOnce(&mut hall::HallConfig, &Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let adjust = |hall: &mut hall::HallConfig| adjust(hall, path);
        let mut world = World::start_with(path, config, Some(TUESDAY_MS), adjust).unwrap();
        // A test is no kiosk: its workers are the real program.
        world.set_workers(Workers::of(Path::new(env!("CARGO_BIN_EXE_kiosk"))));
        Self { world: Arc::new(world), folder }
    }

    /// The terminal's data folder.
    pub fn kiosk_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("kiosk")
    }

    /// The hall's data folder.
    pub fn hall_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("hall")
    }
}
