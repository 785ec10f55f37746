//! The catalogue: the hall, its departments and the items with guides, materials and forms, as one
//! JSON text. Loading parses every expression and validator; an item that cannot be understood is left
//! out with a message for the hall manager, and only that item. No I/O: the text is handed in.

mod codes;
mod consistency;
mod define;
mod demo;
mod field;
mod field_type;
mod form;
mod guide;
mod hall;
mod item;
mod material;
mod source;
mod themes;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use codes::{City, Codes, CodesError, County, Province, Regions};
pub use consistency::Violation;
pub use define::Unusable;
pub use demo::{Demo, DemoOrg, DemoPerson, DemoRecords, InsuranceMonth, Property, ProvidentFund, TaxYear};
pub use field::{Choice, Field};
pub use field_type::FieldType;
pub use form::{CrossRule, Form, Section};
pub use guide::{Consult, Guide, Law, Question, Remedy, Step, Supervise};
pub use hall::{Department, Hall, HelpEntry, MenuEntry, Notice, Zone};
pub use item::{
    AgentPolicy, Assurance, Identity, Item, Kiosk, Mode, Need, OfflinePolicy, Output, ResultInfo, TimeLimit, TimeUnit,
};
pub use material::{Capture, CaptureWay, Material, MaterialNeed, TrustLevel};
pub use source::{CardItem, LicenceItem, Source};

use crate::calendar::Calendar;

/// Words in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English; empty where there is none.
    #[serde(default)]
    pub en: String,
}

impl Text {
    /// Both languages at once.
    #[must_use]
    pub fn new(zh: &str, en: &str) -> Self {
        Self { zh: zh.to_owned(), en: en.to_owned() }
    }

    /// The words in one language; Chinese where there are no English ones.
    #[must_use]
    pub fn pick(&self, english: bool) -> &str {
        if english && !self.en.is_empty() { &self.en } else { &self.zh }
    }
}

/// All that a hall publishes.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// Version of the JSON's shape.
    pub schema_version: String,
    /// Rises with every publication.
    pub content_version: String,
    /// What the content is and is not.
    pub disclaimer: String,
    /// The hall.
    pub hall: Hall,
    /// Its departments.
    pub departments: Vec<Department>,
    /// Code tables, and the regions once [`Codes::set_regions`] was called.
    pub codes: Codes,
    /// Themes by which items are listed.
    pub themes: Vec<Text>,
    /// The usable items.
    pub items: Vec<Item>,
    /// Notices.
    pub notices: Vec<Notice>,
    /// Questions and answers about the terminal.
    pub help: Vec<HelpEntry>,
    /// Days off and make-up days.
    pub calendar: Calendar,
    /// The menu's entries.
    pub menu: Vec<MenuEntry>,
    /// Whose card: words for each `card_role`.
    pub card_roles: BTreeMap<String, Text>,
    /// Words for each agent policy (`none`, `family`, `any`, `operator`).
    pub agent_policies: BTreeMap<String, Text>,
    /// English of the published Chinese texts (guides, notices, help); see [`Catalogue::phrase`].
    pub phrases: BTreeMap<String, String>,
    /// Figures of queue, evaluation, session and the like, as they stand.
    pub rules: serde_json::Value,
    /// Demo people, where the catalogue is the demo one.
    pub demo: Option<Demo>,
}

/// A catalogue and what the manager has to know about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What can be used.
    pub catalogue: Catalogue,
    /// Items that were left out, and why.
    pub unusable: Vec<Unusable>,
    /// Items that break the consistency rules of published items; they are still in the catalogue, a
    /// publication with any is to be refused whole.
    pub violations: Vec<Violation>,
}

/// The text is no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not JSON, or a part of the frame is missing.
    #[error("the catalogue cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// The catalogue's frame; items are read one by one, so that a bad one stands alone.
#[derive(Deserialize)]
struct Frame {
    schema_version: String,
    content_version: String,
    #[serde(default)]
    disclaimer: String,
    hall: Hall,
    departments: Vec<Department>,
    codes: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    codes_en: BTreeMap<String, BTreeMap<String, String>>,
    themes: Vec<String>,
    #[serde(default)]
    themes_en: BTreeMap<String, String>,
    items: Vec<serde_json::Value>,
    #[serde(default)]
    phrases_en: BTreeMap<String, String>,
    #[serde(default)]
    notices: Vec<Notice>,
    #[serde(default)]
    help: Vec<HelpEntry>,
    calendar: Calendar,
    #[serde(default)]
    menu: Vec<MenuEntry>,
    card_roles: BTreeMap<String, String>,
    #[serde(default)]
    card_roles_en: BTreeMap<String, String>,
    #[serde(default)]
    agent_policies: BTreeMap<String, String>,
    #[serde(default)]
    agent_policies_en: BTreeMap<String, String>,
    #[serde(default)]
    rules: serde_json::Value,
    #[serde(default)]
    demo: Option<Demo>,
}

impl Catalogue {
    /// Reads a catalogue.
    ///
    /// # Errors
    /// When the text as a whole cannot be read; a bad item is no error but [`Loaded::unusable`].
    pub fn load(json: &str) -> Result<Loaded, CatalogueError> {
        let frame: Frame = serde_json::from_str(json)?;
        let mut calendar = frame.calendar;
        calendar.set_version(&frame.content_version);
        let mut catalogue = Self {
            schema_version: frame.schema_version,
            content_version: frame.content_version,
            disclaimer: frame.disclaimer,
            hall: frame.hall,
            departments: frame.departments,
            codes: Codes::new(&frame.codes, &frame.codes_en),
            themes: themes::themes(frame.themes, &frame.themes_en),
            items: Vec::new(),
            notices: frame.notices,
            help: frame.help,
            calendar,
            menu: frame.menu,
            card_roles: paired(frame.card_roles, &frame.card_roles_en),
            agent_policies: paired(frame.agent_policies, &frame.agent_policies_en),
            phrases: frame.phrases_en,
            rules: frame.rules,
            demo: frame.demo,
        };
        catalogue.codes.set_home(&catalogue.hall.division_zh, &catalogue.hall.division_code);
        let mut unusable = Vec::new();
        let mut violations = Vec::new();
        for value in frame.items {
            match define::item(value, &catalogue) {
                Ok(item) => {
                    violations.extend(consistency::violations(&item, &catalogue));
                    catalogue.items.push(item);
                }
                Err(mut reasons) => unusable.append(&mut reasons),
            }
        }
        Ok(Loaded { catalogue, unusable, violations })
    }

    /// An item by its id.
    #[must_use]
    pub fn item(&self, item_id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.item_id == item_id)
    }

    /// A department by its id.
    #[must_use]
    pub fn department(&self, dept_id: &str) -> Option<&Department> {
        self.departments.iter().find(|dept| dept.dept_id == dept_id)
    }

    /// A published Chinese text with its English, where the catalogue has one: guides, results, questions
    /// and answers, notices and help are published in Chinese and translated here phrase by phrase.
    #[must_use]
    pub fn phrase(&self, zh: &str) -> Text {
        Text::new(zh, self.phrases.get(zh).map_or("", String::as_str))
    }

    /// Whose card a role means ("申请人"); the role itself where the catalogue has no word.
    #[must_use]
    pub fn card_role(&self, role: &str) -> Text {
        self.card_roles.get(role).cloned().unwrap_or_else(|| Text::new(role, role))
    }
}

fn paired(zh: BTreeMap<String, String>, en: &BTreeMap<String, String>) -> BTreeMap<String, Text> {
    zh.into_iter()
        .map(|(key, zh)| {
            let en = en.get(&key).cloned().unwrap_or_default();
            (key, Text { zh, en })
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests;
