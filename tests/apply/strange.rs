//! People that no demo shows: every relation of an agent.

use super::journey::{Golden, Hand, Stage};
use super::submitted;
use serde_json::json;

#[test]
fn every_relation_of_an_agent_gets_through() {
    let stage = Stage::new();
    let mut hand = Hand::at(&stage);
    let golden = Golden::load("variants/agent_for_a_parent");
    // Spouse, child, parent, other relative, village worker, other.
    let relations = ["01", "02", "03", "04", "05", "99"];
    for relation in relations {
        let mut golden = golden.clone();
        golden.answers["agent_relation"] = json!(relation);
        hand.apply(&golden);
        submitted(&stage, &mut hand, &golden);
    }
}
