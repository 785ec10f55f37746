//! The golden answers of all items pass, every refusal refuses and names its field, and the refusals
//! cover every required field, conditional field, cross rule and use of a validator.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::civil::date;
use serde::Deserialize;
use wire::catalogue::{Catalogue, Field, Form, Item, Regions, Section};
use wire::form::{
    Answers, CardFacts, Cards, Context, Issue, Value, material_applies, validate, validate_fields, without_hidden,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    item_id: String,
    for_whom: String,
    cards: BTreeMap<String, Card>,
    answers: Answers,
    materials: Vec<Captured>,
    #[serde(default)]
    #[allow(dead_code)]
    sign: Option<String>,
}

#[derive(Deserialize)]
struct Captured {
    order_num: u32,
    pages: u32,
}

/// A demo person's, or one written out.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Card {
    Demo(String),
    Facts(CardFacts),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    name: String,
    change: BTreeMap<String, Option<Value>>,
    #[serde(default)]
    cards: BTreeMap<String, Card>,
    expect: Vec<Expected>,
}

#[derive(Deserialize, Debug, PartialEq)]
struct Expected {
    rule: String,
    fields: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read<T: serde::de::DeserializeOwned>(path: &str) -> T {
    let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn catalogue() -> Catalogue {
    let text = |name: &str| std::fs::read_to_string(root().join("assets/catalogue").join(name)).unwrap();
    let mut catalogue = Catalogue::load(&text("catalogue.json")).unwrap().catalogue;
    catalogue.codes.set_regions(Regions::load(&text("regions.json")).unwrap());
    catalogue
}

fn cards(catalogue: &Catalogue, roles: &BTreeMap<String, Card>) -> Cards {
    let demo = catalogue.demo.as_ref().unwrap();
    let facts = |card: &Card| match card {
        Card::Demo(id) => demo.person(id).unwrap_or_else(|| panic!("no demo person {id}")).facts(),
        Card::Facts(facts) => facts.clone(),
    };
    roles.iter().map(|(role, card)| (role.clone(), facts(card))).collect()
}

fn context<'a>(catalogue: &'a Catalogue, cards: &'a Cards) -> Context<'a> {
    Context { today: date(2026, 11, 24), calendar: &catalogue.calendar, codes: &catalogue.codes, cards }
}

fn golden(item: &Item) -> Golden {
    read(&format!("tests/data/golden/{}.json", item.item_id))
}

fn expected(issues: &[Issue]) -> Vec<Expected> {
    issues.iter().map(|issue| Expected { rule: issue.rule.clone(), fields: issue.fields.clone() }).collect()
}

fn passes(catalogue: &Catalogue, set: &Golden) {
    let item = catalogue.item(&set.item_id).unwrap();
    let cards = cards(catalogue, &set.cards);
    let ctx = context(catalogue, &cards);
    let issues = validate(&item.form, &set.answers, &ctx);
    assert!(issues.is_empty(), "{}: {issues:#?}", set.item_id);
    assert!(without_hidden(&item.form, &set.answers, &ctx) == set.answers, "{}: a hidden or empty answer", set.item_id);
    assert!(["self", "family", "organisation"].contains(&set.for_whom.as_str()));
    for card_role in set.cards.keys() {
        assert!(item.card_roles().contains(&card_role.as_str()), "{}: {card_role}", set.item_id);
    }
    for captured in &set.materials {
        let material = item.materials.iter().find(|material| material.order_num == captured.order_num).unwrap();
        assert!(material_applies(&item.form, material, &set.answers, &ctx), "{}", material.material_name);
        assert!((1..=material.capture.max_pages).contains(&captured.pages));
    }
}

#[test]
fn the_golden_answers_of_all_items_pass() {
    let catalogue = catalogue();
    for item in &catalogue.items {
        passes(&catalogue, &golden(item));
    }
}

#[test]
fn the_variants_pass() {
    let catalogue = catalogue();
    let folder = root().join("tests/data/golden/variants");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        passes(&catalogue, &read(&format!("tests/data/golden/variants/{name}")));
    }
}

#[test]
fn answers_come_back_the_same_from_json() {
    let catalogue = catalogue();
    for item in &catalogue.items {
        let set = golden(item);
        let text = serde_json::to_string(&set.answers).unwrap();
        assert!(serde_json::from_str::<Answers>(&text).unwrap() == set.answers, "{}", item.item_id);
    }
}

#[test]
fn every_refusal_refuses_and_names_its_fields() {
    let catalogue = catalogue();
    let mut wrong = Vec::new();
    let mut count = 0;
    for item in &catalogue.items {
        for refusal in read::<Vec<Refusal>>(&format!("tests/data/refusals/{}.json", item.item_id)) {
            let Golden { mut answers, cards: mut roles, .. } = golden(item);
            roles.extend(refusal.cards.clone());
            // Whole groups first, then their cells.
            for (key, value) in &refusal.change {
                match value {
                    Some(value) => answers.set(key, value.clone()),
                    None => answers.remove(key),
                }
            }
            let cards = cards(&catalogue, &roles);
            let ctx = context(&catalogue, &cards);
            let issues = validate(&item.form, &answers, &ctx);
            if expected(&issues) != refusal.expect {
                wrong.push(format!("{} {}: {issues:?}", item.item_id, refusal.name));
            }
            page_agrees(&item.form, &answers, &ctx, &issues);
            for issue in &issues {
                assert!(!issue.message.zh.is_empty() && !issue.message.en.is_empty(), "{}", refusal.name);
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {count}: {wrong:#?}", wrong.len());
    println!("{count} refusals");
}

/// The page with the field says the same as the whole form; a cross rule is told by the last page.
fn page_agrees(form: &Form, answers: &Answers, ctx: &Context<'_>, issues: &[Issue]) {
    for issue in issues.iter().filter(|issue| issue.rule != "unknown_key") {
        let key = issue.fields[0].split('.').next().unwrap();
        let told = |section: &Section| {
            let keys: Vec<&str> = section.fields.iter().map(|field| field.key.as_str()).collect();
            validate_fields(form, answers, ctx, &keys).contains(issue)
        };
        match issue.rule.as_str() {
            "cross" => assert!(form.sections.iter().any(told), "{issue:?}"),
            _ => assert!(validate_fields(form, answers, ctx, &[key]).contains(issue), "{issue:?}"),
        }
    }
}

#[test]
fn the_refusals_cover_every_rule_of_every_form() {
    let catalogue = catalogue();
    let mut missing = Vec::new();
    let mut validators = BTreeSet::new();
    for item in &catalogue.items {
        let refusals: Vec<Refusal> = read(&format!("tests/data/refusals/{}.json", item.item_id));
        let has = |rule: &str, field: &str| {
            refusals.iter().any(|refusal| refusal.expect.iter().any(|e| e.rule == rule && e.fields == [field]))
        };
        let mut cover = |key: &str, field: &Field| {
            let rule = if field.must_be_true { "must_be_true" } else { "required" };
            if (field.required || field.required_if.is_some()) && !has(rule, key) {
                missing.push(format!("{} {rule} {key}", item.item_id));
            }
            for validator in &field.validators {
                validators.insert(validator.name());
                if !has(validator.name(), key) {
                    missing.push(format!("{} {validator} {key}", item.item_id));
                }
            }
        };
        for field in item.form.fields() {
            cover(&field.key, field);
            for column in &field.columns {
                cover(&format!("{}.0.{}", field.key, column.key), column);
            }
        }
        for rule in &item.form.cross_rules {
            let named = |e: &Expected| e.rule == "cross" && e.fields == rule.fields;
            let want = item.form.cross_rules.iter().filter(|other| other.fields == rule.fields).count();
            let have = refusals.iter().filter(|refusal| refusal.expect.iter().any(named)).count();
            if have < want {
                missing.push(format!("{} cross {:?}", item.item_id, rule.fields));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert_eq!(validators.len(), 25, "{validators:?}");
}
