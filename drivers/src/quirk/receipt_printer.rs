//! Receipt printers: what single makes do otherwise than ESC/POS says.

use super::{Evidence, Match, Quirk};

/// What the driver does otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrinterQuirk {
    /// Waits so long for an answer that should come at once, and throws away what comes even later before it asks
    /// the next question.
    AnswersLate {
        /// Milliseconds.
        status_ms: u64,
    },
    /// Tells the printer first that it shall not push its status.
    PushesStatus,
    /// Changes one dot where a picture holds the bytes of a real-time command.
    LooksIntoPictures,
}

/// Longest wait for a real-time status.
pub const STATUS_MS: u64 = 500;

/// All of them.
pub const PRINTERS: &[Quirk<PrinterQuirk>] = &[
    Quirk {
        device: Match::Every,
        change: PrinterQuirk::AnswersLate { status_ms: STATUS_MS },
        story: "DLE EOT should be answered at once; small printers take 80 ms and more while they are at work, and \
                programs that do not wait then take each answer for that to their next question.",
        source: "BoboTiG/thermalprinter pull request 17 (DP-EH400: 80 ms); fabienbellanger/escpos-rs issue 18 (the \
                 answer to the previous question)",
        evidence: Evidence::Documented,
    },
    Quirk {
        device: Match::Every,
        change: PrinterQuirk::PushesStatus,
        story: "Some leave the factory with automatic status switched on; three of its four bytes look like the \
                answer to GS r, which would be taken for the fence behind a slip.",
        source: "Epson command reference, GS a; no such printer was at hand",
        evidence: Evidence::Unverified,
    },
    Quirk {
        device: Match::Every,
        change: PrinterQuirk::LooksIntoPictures,
        story: "Old firmware takes DLE EOT, DLE ENQ and DLE DC4 out of the stream even inside the data of a picture, \
                which then is short of bytes and swallows the command behind it.",
        source: "Epson command reference, notes to DLE EOT",
        evidence: Evidence::Documented,
    },
];
