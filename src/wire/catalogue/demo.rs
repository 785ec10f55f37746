//! People and organisations of the demo catalogue, all fictional.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::form::{CardFacts, CardKind, Sex};

/// The demo part.
#[derive(Clone, Debug, Deserialize)]
pub struct Demo {
    /// The day that the demo data fits.
    pub as_of: jiff::civil::Date,
    /// People with cards.
    pub people: Vec<DemoPerson>,
    /// Organisations.
    #[serde(default)]
    pub orgs: Vec<DemoOrg>,
    /// Records by person.
    #[serde(default)]
    pub records: BTreeMap<String, DemoRecords>,
}

impl Demo {
    /// A person by id ("P01").
    #[must_use]
    pub fn person(&self, demo_id: &str) -> Option<&DemoPerson> {
        self.people.iter().find(|person| person.demo_id == demo_id)
    }
}

/// A fictional person and their card.
#[derive(Clone, Debug, Deserialize)]
pub struct DemoPerson {
    /// Id.
    pub demo_id: String,
    /// Name as the card holds it.
    pub name: String,
    /// Chinese name of a foreigner's card.
    #[serde(default)]
    pub name_zh: Option<String>,
    /// 男 or 女.
    pub sex: String,
    /// 民族 with 族; none on foreigners' and J cards.
    #[serde(default)]
    pub ethnic: Option<String>,
    /// `19850312`.
    pub birth: String,
    /// Address; none on foreigners' cards.
    #[serde(default)]
    pub address: Option<String>,
    /// Number.
    pub id_no: String,
    /// Issuer.
    pub issued_by: String,
    /// `20220312`.
    pub valid_from: String,
    /// `20420312` or 长期.
    pub valid_to: String,
    /// `resident`, `J`, `Y`, `I`.
    pub card: CardKind,
    /// Nationality of a foreigner.
    #[serde(default)]
    pub nation: Option<String>,
    /// Number of the travel permit (J).
    #[serde(default)]
    pub pass_no: Option<String>,
    /// How often issued (J).
    #[serde(default)]
    pub issue_count: Option<String>,
    /// What is special.
    #[serde(default)]
    pub note: String,
}

impl DemoPerson {
    /// What validation is told of this person's card.
    #[must_use]
    pub fn facts(&self) -> CardFacts {
        let part = |range: std::ops::Range<usize>| self.birth.get(range)?.parse::<i16>().ok();
        let month = || part(4..6).and_then(|month| i8::try_from(month).ok());
        let day = || part(6..8).and_then(|day| i8::try_from(day).ok());
        CardFacts {
            kind: self.card,
            number: self.id_no.clone(),
            name: self.name.clone(),
            birth: part(0..4).and_then(|year| jiff::civil::Date::new(year, month()?, day()?).ok()),
            sex: Some(if self.sex == "女" { Sex::Female } else { Sex::Male }),
        }
    }
}

/// A fictional organisation.
#[derive(Clone, Debug, Deserialize)]
pub struct DemoOrg {
    /// Id.
    pub demo_id: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: String,
    /// 统一社会信用代码.
    pub uscc: String,
    /// Legal representative.
    pub legal_name: String,
}

/// What the demo's departments have on record of a person.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct DemoRecords {
    /// 社会保险缴费.
    #[serde(default)]
    pub social_insurance: Vec<InsuranceMonth>,
    /// 住房公积金.
    #[serde(default)]
    pub provident_fund: Option<ProvidentFund>,
    /// 不动产.
    #[serde(default)]
    pub property: Vec<Property>,
    /// 个人所得税.
    #[serde(default)]
    pub tax: Vec<TaxYear>,
}

/// A month of social insurance.
#[derive(Clone, Debug, Deserialize)]
pub struct InsuranceMonth {
    /// `2026-01`.
    pub month: String,
    /// Kind, a code of the item's form.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who paid.
    pub employer: String,
    /// Base, yuan.
    pub base: f64,
    /// Whether it was paid.
    pub paid: bool,
}

/// An account of the provident fund.
#[derive(Clone, Debug, Deserialize)]
pub struct ProvidentFund {
    /// 正常, 封存.
    pub status: String,
    /// Yuan.
    pub balance: f64,
    /// Yuan a month.
    pub monthly: f64,
}

/// A property.
#[derive(Clone, Debug, Deserialize)]
pub struct Property {
    /// Certificate.
    pub cert_no: String,
    /// Where.
    pub located: String,
    /// Square metres.
    pub area_m2: f64,
    /// Whether it is mortgaged.
    pub mortgaged: bool,
}

/// A year of income tax.
#[derive(Clone, Debug, Deserialize)]
pub struct TaxYear {
    /// Year.
    pub year: u32,
    /// Yuan.
    pub income: f64,
    /// Yuan.
    pub tax: f64,
}
