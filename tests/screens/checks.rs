//! What a program can see on a screen.

use super::fixtures::Scene;
use super::glass::Glass;
use kiosk::view::Language;

/// Everything that is wrong with what is shown.
pub fn all(_glass: &Glass, _scene: &Scene, _language: Language) -> Vec<String> {
    Vec::new()
}
