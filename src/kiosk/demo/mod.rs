//! The demo: an embedded hall on loopback, simulated devices on ptys and the dev dock's knobs, so that
//! `cargo run` is a whole hall in one process. The only place of the kiosk that knows the crate `hall`.

mod dock;
mod knobs;
mod page;
mod paper;
mod slots;
mod things;
mod world;

pub use dock::{Dock, DockCommand, DockState};
pub use knobs::{DemoCard, Knobs};
pub use page::DockCapture;
pub use slots::SlotKnobs;
pub use world::{World, WorldError};

/// A device's address that stands for the demo's own simulator.
const SIMULATOR: &str = "simulator:";
