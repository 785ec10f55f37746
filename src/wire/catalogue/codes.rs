//! Code tables with their words, and the regions of GB/T 2260 down to counties. Data only; the region
//! table is handed in as JSON text.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Choice, Field, Text};

/// Code tables and regions.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    tables: BTreeMap<String, Vec<Choice>>,
    regions: Regions,
    /// Name of the hall's own division ("项城市"), which a business may carry before its trade name.
    home: String,
    /// Six digits of it.
    home_code: String,
}

/// The region table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CodesError {
    /// It is no such JSON.
    #[error("the region table cannot be read: {0}")]
    Regions(#[from] serde_json::Error),
    /// A line of the county level is none.
    #[error("the county table cannot be read: {0:?} is no line of it")]
    County(String),
}

/// Provinces with their cities.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Regions {
    /// In the order of their codes.
    pub provinces: Vec<Province>,
}

/// A province.
#[derive(Clone, Debug, Deserialize)]
pub struct Province {
    /// Six digits.
    pub code: String,
    /// Name.
    #[serde(flatten)]
    pub name: Text,
    /// Its cities; empty where none are listed.
    #[serde(default)]
    pub cities: Vec<City>,
}

/// A city, prefecture, league or county directly under a province.
#[derive(Clone, Debug, Deserialize)]
pub struct City {
    /// Six digits.
    pub code: String,
    /// Name.
    #[serde(flatten)]
    pub name: Text,
    /// Its counties, districts and county-level cities; none until [`Regions::add_counties`].
    #[serde(skip)]
    pub counties: Vec<County>,
}

/// A county, district or county-level city. Official names only: they have no English of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct County {
    /// Six digits.
    pub code: String,
    /// Name.
    pub name: String,
}

impl County {
    /// Whether a name begins with its own, written in full: the short forms are ordinary words (和平, 永安).
    fn begins(&self, name: &str) -> bool {
        let Some(rest) = name.strip_prefix(self.name.as_str()) else { return false };
        // 老城区 and 东区 are districts somewhere and a part of town everywhere.
        let is_part_of_town = self.name.strip_suffix('区').is_some_and(|part| part.chars().all(tells_where));
        // 永安市场 is a market and 古县城 an old town.
        let is_within_word = (self.name.ends_with('市') && rest.starts_with(['场', '集', '井']))
            || (["古县", "新县"].contains(&self.name.as_str()) && rest.starts_with('城'));
        !is_part_of_town && !is_within_word
    }
}

fn tells_where(c: char) -> bool {
    "东西南北中老新城市郊矿".contains(c)
}

impl Regions {
    /// Reads the table.
    ///
    /// # Errors
    /// When the text is not such a table.
    pub fn load(json: &str) -> Result<Self, CodesError> {
        Ok(serde_json::from_str(json)?)
    }

    /// Adds the county level: one line a city, `4116 81项城市,…`. Cities that the table lacks are passed over.
    ///
    /// # Errors
    /// With the line that is none.
    pub fn add_counties(&mut self, lines: &str) -> Result<(), CodesError> {
        for line in lines.lines() {
            let bad = || CodesError::County(line.chars().take(20).collect());
            let (prefix, counties) = line.split_once(' ').ok_or_else(bad)?;
            let mut cities = self.provinces.iter_mut().flat_map(|province| &mut province.cities);
            let Some(city) = cities.find(|city| city.code.strip_suffix("00") == Some(prefix)) else { continue };
            for county in counties.split(',') {
                let (last, name) = county
                    .split_at_checked(2)
                    .filter(|(last, _)| last.bytes().all(|b| b.is_ascii_digit()))
                    .ok_or_else(bad)?;
                city.counties.push(County { code: format!("{prefix}{last}"), name: name.to_owned() });
            }
        }
        Ok(())
    }

    /// Whether there is a table at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.provinces.is_empty()
    }

    /// "河南省周口市" of a six-digit code.
    #[must_use]
    pub fn name(&self, code: &str) -> Option<Text> {
        for province in &self.provinces {
            if province.code == code {
                return Some(province.name.clone());
            }
            if let Some(city) = province.cities.iter().find(|city| city.code == code) {
                let zh = format!("{}{}", province.name.zh, city.name.zh);
                let en = format!("{}, {}", city.name.en, province.name.en);
                return Some(Text { zh, en });
            }
            for city in &province.cities {
                if let Some(county) = city.counties.iter().find(|county| county.code == code) {
                    let zh = format!("{}{}{}", province.name.zh, city.name.zh, county.name);
                    let en = format!("{}, {}, {}", county.name, city.name.en, province.name.en);
                    return Some(Text { zh, en });
                }
            }
        }
        None
    }

    /// Whether a code may be chosen at a level (1 province, 2 city, 3 county, or a city that has none).
    #[must_use]
    pub fn holds(&self, code: &str, level: u8) -> bool {
        self.provinces.iter().any(|province| match level {
            1 => province.code == code,
            2 => province.cities.iter().any(|city| city.code == code),
            _ => province.cities.iter().any(|city| {
                city.counties.iter().any(|county| county.code == code)
                    || (city.counties.is_empty() && city.code == code)
            }),
        })
    }
}

impl Codes {
    pub(super) fn new(
        tables: &serde_json::Map<String, serde_json::Value>,
        en: &BTreeMap<String, BTreeMap<String, String>>,
    ) -> Self {
        let mut codes = Self::default();
        for (name, value) in tables {
            let mut choices = table(value);
            for choice in &mut choices {
                if let Some(words) = en.get(name).and_then(|words| words.get(&choice.value)) {
                    choice.label.en.clone_from(words);
                }
            }
            if !choices.is_empty() {
                codes.tables.insert(name.clone(), choices);
            }
        }
        codes
    }

    /// Gives the region table.
    pub fn set_regions(&mut self, regions: Regions) {
        self.regions = regions;
    }

    /// The region table.
    #[must_use]
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    pub(super) fn set_home(&mut self, name: &str, code: &str) {
        name.clone_into(&mut self.home);
        code.clone_into(&mut self.home_code);
    }

    /// Whether the trade name is that of a division: own ones may stand before it, others may not.
    pub(crate) fn names_a_region(&self, name: &str) -> bool {
        let mut rest = name;
        for own in self.own_divisions() {
            rest = rest.strip_prefix(own.as_str()).unwrap_or(rest);
        }
        let own_county = self.own_counties().find_map(|county| rest.strip_prefix(county.name.as_str()));
        rest = own_county.unwrap_or(rest);
        let home = self.home.trim_end_matches(['市', '县', '区']);
        let names = |region: &str| !region.is_empty() && rest.starts_with(region);
        rest.is_empty()
            || names(home)
            || self.regions.provinces.iter().any(|province| {
                names(&province.name.zh)
                    || names(short(&province.name.zh))
                    || province
                        .cities
                        .iter()
                        .any(|city| names(&city.name.zh) || city.counties.iter().any(|county| county.begins(rest)))
            })
    }

    /// The counties below the hall's own division, where that is a city or province: the code of a county ends in none
    /// of the zeros that stand for all below.
    fn own_counties(&self) -> impl Iterator<Item = &County> {
        let above = self.home_code.strip_suffix("00").map(|code| code.trim_end_matches("00"));
        let counties = self.regions.provinces.iter().flat_map(|p| &p.cities).flat_map(|city| &city.counties);
        above.into_iter().flat_map(move |above| counties.clone().filter(move |county| county.code.starts_with(above)))
    }

    /// Own province, own city and own county, in the order in which a name carries them.
    fn own_divisions(&self) -> Vec<String> {
        let mut own = Vec::new();
        for digits in [2, 4] {
            let code = self.home_code.get(..digits).map(|head| format!("{head:0<6}"));
            let provinces = self.regions.provinces.iter();
            let places = provinces.flat_map(|p| {
                std::iter::once((&p.code, &p.name.zh)).chain(p.cities.iter().map(|c| (&c.code, &c.name.zh)))
            });
            own.extend(places.filter(|(at, _)| code.as_ref() == Some(*at)).map(|(_, name)| name.clone()));
        }
        own.push(self.home.clone());
        own
    }

    /// A code table in its order.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&[Choice]> {
        self.tables.get(name).map(Vec::as_slice)
    }

    /// Words of a code.
    #[must_use]
    pub fn label(&self, table: &str, value: &str) -> Option<&Text> {
        self.table(table)?.iter().find(|choice| choice.value == value).map(|choice| &choice.label)
    }

    /// The choices of a field: written in the form, or of its code table. Regions are not among them.
    #[must_use]
    pub fn choices<'a>(&'a self, field: &'a Field) -> &'a [Choice] {
        match &field.options_ref {
            Some(name) => self.table(name).unwrap_or_default(),
            None => &field.options,
        }
    }
}

/// 河南 of 河南省, 广西 of 广西壮族自治区.
fn short(province: &str) -> &str {
    let name = province.strip_suffix(['省', '市']).unwrap_or(province);
    let end = |n: usize| name.char_indices().nth(n).map_or(name.len(), |(at, _)| at);
    match name {
        name if name.starts_with("内蒙古") || name.starts_with("黑龙江") => &name[..end(3)],
        name => &name[..end(2)],
    }
}

/// A table is a map, a plain list, or a list of `{code, zh, en}`; anything else is no table.
fn table(value: &serde_json::Value) -> Vec<Choice> {
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    match value {
        serde_json::Value::Object(map) => map
            .iter()
            .filter_map(|(code, words)| {
                Some(Choice { value: code.clone(), label: Text { zh: text(words)?, en: String::new() } })
            })
            .collect(),
        serde_json::Value::Array(list) => list
            .iter()
            .filter_map(|entry| match entry {
                serde_json::Value::String(zh) => Some(Choice { value: zh.clone(), label: Text::new(zh, "") }),
                entry => Some(Choice {
                    value: text(entry.get("code")?)?,
                    label: Text { zh: text(entry.get("zh")?)?, en: entry.get("en").and_then(text).unwrap_or_default() },
                }),
            })
            .collect(),
        _ => Vec::new(),
    }
}
