//! What the tests of the ID-card reader have in common: a card and times that are short.

use drivers::id_card_reader::{SdtTimings, simulator::SimulatedCard};

/// Number of [`card`].
#[allow(dead_code, reason = "not every test binary reads it")]
pub const NUMBER: &str = "110100199003070015";

/// Times in which a simulator in memory answers easily.
pub const HASTY: SdtTimings = SdtTimings {
    find_interval_ms: 5,
    answer_ms: 60,
    read_ms: 60,
    read_fingerprints_ms: 60,
    probe_ms: 60,
    quiet_ms: 2,
    quiet_max_ms: 50,
};

/// A resident's card.
pub fn card() -> SimulatedCard {
    SimulatedCard::from_text(*include_bytes!("../sdt/text_A.bin"))
}
