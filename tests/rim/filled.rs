//! Golden answers as a filled form: part 0 with the demo people's cards, and one page of a material.

use jiff::civil::{Date, date};
use serde_json::Value;
use std::path::Path;
use std::sync::LazyLock;
use wire::catalogue::{Catalogue, Item, Regions};
use wire::form::{Answers, Cards, Context, Issue, validate};
use wire::ids::{Sha256, SubmissionId};
use wire::seal::{Card, Consent, Part0, PartEntry, Sign};
use zeroize::Zeroizing;

/// The day that golden answers are right on.
pub const AS_OF: Date = date(2026, 11, 24);
/// A page of more than one chunk.
static PICTURE: LazyLock<Vec<u8>> = LazyLock::new(|| (0..1_200_000u32).map(|i| (i % 251) as u8).collect());

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut catalogue = Catalogue::load(include_str!("../../assets/catalogue/catalogue.json")).unwrap().catalogue;
    let regions = Regions::load(include_str!("../../assets/catalogue/regions.json")).unwrap();
    catalogue.codes.set_regions(regions);
    catalogue
});

/// That day at ten in Beijing.
pub fn as_of_morning() -> jiff::Timestamp {
    "2026-11-24T02:00:00Z".parse().unwrap()
}

pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

/// A form filled in.
#[derive(Clone)]
pub struct Filled {
    pub item_id: String,
    pub part0: Part0,
    pub attachments: Vec<Vec<u8>>,
    /// Of an earlier try; else a new one.
    pub submission_id: Option<SubmissionId>,
    /// Else now.
    pub submitted_at_ms: Option<i64>,
    cards: Cards,
}

impl Filled {
    /// The golden answers of an item, with one page.
    pub fn golden(item_id: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/golden/{item_id}.json"));
        let golden: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let demo = catalogue().demo.as_ref().unwrap();
        let people: Vec<_> = golden["cards"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(role, person)| (role.clone(), demo.person(person.as_str().unwrap()).unwrap()))
            .collect();
        let card = |role: &String, person: &wire::catalogue::DemoPerson| Card {
            role: role.clone(),
            kind: person.card,
            id_no: person.id_no.clone(),
            name_raw: String::new(),
            name: person.name.clone(),
            birth: person.birth.clone(),
            valid_to: person.valid_to.clone(),
        };
        let part0 = Part0 {
            answers: serde_json::from_value::<Answers>(golden["answers"].clone()).unwrap(),
            sources: Default::default(),
            cards: people.iter().map(|(role, person)| card(role, person)).collect(),
            query_code: "482913".into(),
            lookup_token: "00112233445566778899aabbccddeeff".into(),
            consent: Consent { version: "1".into(), at_ms: 0 },
            declaration_version: "1".into(),
            sign: Sign::Pen,
            second_factor: None,
            deferred: Vec::new(),
            parts: vec![PartEntry {
                part: 1,
                field: "2".into(),
                media: "image/jpeg".into(),
                sha256: Sha256::of(&PICTURE),
            }],
        };
        Self {
            item_id: item_id.to_owned(),
            part0,
            attachments: vec![PICTURE.clone()],
            submission_id: None,
            submitted_at_ms: None,
            cards: people.into_iter().map(|(role, person)| (role, person.facts())).collect(),
        }
    }

    /// With an id of its own choosing.
    pub fn with_id(mut self, id: SubmissionId) -> Self {
        self.submission_id = Some(id);
        self
    }

    /// As if submitted then.
    pub fn submitted_at(mut self, at_ms: i64) -> Self {
        self.submitted_at_ms = Some(at_ms);
        self
    }

    /// What the hall would say on a day.
    pub fn issues_on(&self, today: Date) -> Vec<Issue> {
        let catalogue = catalogue();
        let context = Context { today, calendar: &catalogue.calendar, codes: &catalogue.codes, cards: &self.cards };
        validate(&self.item().form, &self.part0.answers, &context)
    }

    pub fn item(&self) -> &'static Item {
        catalogue().items.iter().find(|item| item.item_id == self.item_id).unwrap()
    }

    pub fn parts(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let part0 = Zeroizing::new(serde_json::to_vec(&self.part0).unwrap());
        std::iter::once(part0).chain(self.attachments.iter().cloned().map(Zeroizing::new)).collect()
    }

    /// Whether the hall opens exactly this.
    pub fn is(&self, opened: &hall::inspect::Opened) -> bool {
        opened.part0 == self.part0
            && opened.attachments.len() == self.attachments.len()
            && opened.attachments.iter().zip(&self.attachments).all(|(there, here)| there.as_slice() == here)
    }
}
