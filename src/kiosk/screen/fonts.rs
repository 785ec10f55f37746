//! Registers the fonts of `assets/fonts`, so that a machine without any font shows Chinese.
//! Does not look for system fonts; what neither weight holds falls to what the machine has.

use crate::fonts::{BOLD, REGULAR};
use slint::fontique_011::{fontique, shared_collection};
use std::sync::Arc;

/// The regular weight once more under its own name: bold text takes a rare character from it.
const REST: &str = "Yimen Rest";

/// Registers both weights with Slint. A platform must be chosen before.
pub fn register() {
    let mut collection = shared_collection();
    let regular = collection.register_fonts(blob(REGULAR), None);
    let _ = collection.register_fonts(blob(BOLD), None);
    let named = fontique::FontInfoOverride { family_name: Some(REST), ..Default::default() };
    let rest = collection.register_fonts(blob(REGULAR), Some(named));
    let families: Vec<_> = regular.iter().chain(rest.iter()).map(|(id, _)| *id).collect();
    for generic in [fontique::GenericFamily::SansSerif, fontique::GenericFamily::SystemUi] {
        collection.set_generic_families(generic, families.iter().copied());
    }
    for script in [*b"Hani", *b"Latn", *b"Zyyy", *b"Bopo"] {
        let key = fontique::FallbackKey::new(fontique::Script::from_bytes(script), None);
        let _ = collection.set_fallbacks(key, families.iter().copied());
    }
}

fn blob(bytes: &'static [u8]) -> fontique::Blob<u8> {
    fontique::Blob::new(Arc::new(bytes))
}
