//! All demo people of the shipped catalogue lay their cards on the reader, and the driver reads back what the
//! catalogue says of them.
#![allow(clippy::unwrap_used)]

use drivers::id_card_reader::{
    IdCard, IdCardReader, ValidUntil,
    simulator::{PlainCard, SimulatedCard, in_memory},
};
use serde_json::Value;
use std::time::Duration;

fn people() -> Vec<Value> {
    let catalogue: Value = serde_json::from_str(include_str!("../../assets/catalogue/catalogue.json")).unwrap();
    catalogue["demo"]["people"].as_array().unwrap().clone()
}

fn plain(person: &Value) -> PlainCard {
    let text = |key: &str| person[key].as_str().unwrap_or_default().to_owned();
    PlainCard {
        kind: text("card"),
        name: text("name"),
        chinese_name: text("name_zh"),
        sex: text("sex"),
        nation: text("ethnic"),
        birth: text("birth"),
        address: text("address"),
        number: text("id_no"),
        authority: text("issued_by"),
        valid_from: text("valid_from"),
        valid_until: text("valid_to"),
        pass_number: text("pass_no"),
        issue_count: text("issue_count"),
        country: text("nation"),
    }
}

fn read(plain: &PlainCard) -> IdCard {
    let (mut reader, knobs) = in_memory();
    knobs.insert_card(SimulatedCard::from_plain(plain).unwrap());
    reader.read_card(Duration::ZERO).unwrap().unwrap()
}

fn day(text: &str) -> String {
    format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])
}

#[test]
fn every_demo_person_is_read_as_the_catalogue_says() {
    let people = people();
    assert!(people.len() >= 12);
    for person in &people {
        let (plain, who) = (plain(person), person["demo_id"].as_str().unwrap());
        let card = read(&plain);
        assert_eq!(card.name.text.as_str(), plain.name, "{who}");
        assert_eq!(card.number.as_str(), plain.number, "{who}");
        assert_eq!(card.sex.word(), plain.sex, "{who}");
        assert_eq!(card.birth.unwrap().to_string(), day(&plain.birth), "{who}");
        assert_eq!(card.valid_from.unwrap().to_string(), day(&plain.valid_from), "{who}");
        match card.valid_until {
            ValidUntil::LongTerm => assert_eq!(plain.valid_until, "长期", "{who}"),
            ValidUntil::Day(until) => assert_eq!(until.to_string(), day(&plain.valid_until), "{who}"),
            ValidUntil::Unknown => panic!("{who}: no end of validity"),
        }
        assert_eq!(card.nation().map(|n| n.full_name()).unwrap_or_default(), plain.nation, "{who}");
        assert_eq!(card.address().map_or("", |a| &a.text), plain.address, "{who}");
        assert_eq!(card.country().unwrap_or_default(), plain.country, "{who}");
        assert_eq!(card.chinese_name().map_or("", |n| &n.text), plain.chinese_name, "{who}");
        assert!(!card.name.has_unmapped && !card.name.may_be_cut, "{who}");
    }
}

#[test]
fn all_four_kinds_of_cards_are_among_them() {
    let mut kinds: Vec<String> = people().iter().map(|p| format!("{:?}", read(&plain(p)).kind())).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["I", "J", "Resident", "Y"]);
}
