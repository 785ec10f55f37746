//! Simulated barcode readers that speak bytes: a GM65 module (in memory or on a pty of 9,600 baud) and a keyboard
//! wedge (the kernel's key events) and a HID-POS scanner (input reports) in memory, with the knobs to show codes and to break them.

mod hid_pos;
mod keyboard;
mod module;

pub use hid_pos::{
    COUNTED_DESCRIPTOR, KEYBOARD_DESCRIPTOR, PosConnector, PosKnobs, PosScanner, ReportFault, ZERO_FILLED_DESCRIPTOR,
    hid_pos_bench, hid_pos_in_memory,
};
pub use keyboard::{Keyboard, KeyboardKnobs, keyboard_bench, keyboard_in_memory};
pub use module::{CodeFault, Module, ModuleKnobs, module_bench, module_in_memory, module_of_family, module_on_pty};

/// Rate of the simulated serial line.
pub const BAUD: u32 = 9_600;
