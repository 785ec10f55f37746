//! What the hall published and this terminal shows: the catalogue with its code tables, the texts that a
//! citizen agrees to, and the questions that the session asks of them (is the hall open, which notices are
//! up). Only verified bytes come in here; fetching and verifying them is sync's.

use crate::session::Moment;
use jiff::civil::{Date, Time};
use wire::calendar::{Calendar, Opening};
use wire::catalogue::{Catalogue, CatalogueError, Codes, CodesError, Item, MenuEntry, Notice, Regions, Text, Unusable};

/// The texts that a citizen reads before submitting, with their version.
const TEXTS: &str = include_str!("../../../assets/catalogue/texts.json");
/// Their counties.
const COUNTIES: &str = include_str!("../../../assets/catalogue/counties.txt");
/// Regions down to cities (GB/T 2260).
const REGIONS: &str = include_str!("../../../assets/catalogue/regions.json");

/// One version of the hall's content.
#[derive(Debug)]
pub struct Content {
    catalogue: Catalogue,
    texts: Texts,
    /// Items that were left out, with a message for the hall's manager.
    pub unusable: Vec<Unusable>,
    /// Sequence of the publication; a submission records it.
    pub sequence: u64,
}

/// Why content cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The catalogue cannot be read.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The region table cannot be read.
    #[error(transparent)]
    Regions(#[from] CodesError),
    /// The texts cannot be read.
    #[error("the texts cannot be read: {0}")]
    Texts(#[from] serde_json::Error),
}

#[derive(Debug, serde::Deserialize)]
struct Texts {
    version: String,
    consent: Text,
    notice_before_submitting: Text,
}

impl Content {
    /// Content from a catalogue's verified bytes.
    ///
    /// # Errors
    /// When the catalogue as a whole cannot be read; a single bad item is in `unusable` instead.
    pub fn load(catalogue_json: &str, sequence: u64) -> Result<Self, ContentError> {
        let loaded = Catalogue::load(catalogue_json)?;
        let mut catalogue = loaded.catalogue;
        let mut regions = Regions::load(REGIONS)?;
        regions.add_counties(COUNTIES)?;
        catalogue.codes.set_regions(regions);
        Ok(Self { catalogue, texts: serde_json::from_str(TEXTS)?, unusable: loaded.unusable, sequence })
    }

    /// Nothing: what a terminal has before its hall gave it anything.
    ///
    /// # Errors
    /// Never with the shipped file; a test holds it to that.
    pub fn none() -> Result<Self, ContentError> {
        Self::load(include_str!("../../../assets/catalogue/nothing.json"), 0)
    }

    /// Whether the hall has given it anything.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.sequence == 0
    }

    /// The whole catalogue.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Items.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.catalogue.items
    }

    /// Code tables.
    #[must_use]
    pub fn codes(&self) -> &Codes {
        &self.catalogue.codes
    }

    /// Working days.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.catalogue.calendar
    }

    /// Menu in its order.
    #[must_use]
    pub fn menu(&self) -> Vec<&MenuEntry> {
        let mut entries: Vec<&MenuEntry> = self.catalogue.menu.iter().collect();
        entries.sort_by_key(|entry| entry.order);
        entries
    }

    /// Name of the hall.
    #[must_use]
    pub fn hall_name(&self) -> Text {
        self.catalogue.hall.name()
    }

    /// First six digits of every submission number.
    #[must_use]
    pub fn division_code(&self) -> &str {
        &self.catalogue.hall.division_code
    }

    /// The place whose addresses are local, without its rank (项城 of 项城市…).
    #[must_use]
    pub fn place_name(&self) -> String {
        self.catalogue.hall.name_zh.split('市').next().unwrap_or_default().to_owned()
    }

    /// 申请人, 代办人 …
    #[must_use]
    pub fn role_name(&self, role: &str, english: bool) -> String {
        self.catalogue.card_role(role).pick(english).to_owned()
    }

    /// Whether the hall is open.
    #[must_use]
    pub fn is_open(&self, now: Moment) -> bool {
        matches!(self.opening(now), Opening::Open { .. })
    }

    fn opening(&self, now: Moment) -> Opening {
        self.catalogue.hall.hours.at(now.date.to_datetime(now.time), self.calendar())
    }

    /// Today's hours while the hall is open, else when it opens next.
    #[must_use]
    pub fn hours_line(&self, now: Moment, english: bool) -> String {
        let clock = |time: Time| format!("{}:{:02}", time.hour(), time.minute());
        let next = match self.opening(now) {
            Opening::Open { .. } => {
                let sessions = &self.catalogue.hall.hours.sessions;
                let today: Vec<String> =
                    sessions.iter().map(|(from, to)| format!("{}—{}", clock(*from), clock(*to))).collect();
                return if english {
                    format!("Open today {}", today.join(", "))
                } else {
                    format!("今天 {}", today.join("、"))
                };
            }
            Opening::Closed { opens: Some(next) } => next,
            Opening::Closed { opens: None } => {
                return if english { "Closed now".to_owned() } else { "现在闭厅".to_owned() };
            }
        };
        let at = clock(next.time());
        if next.date() == now.date {
            return if english { format!("Opens at {at} today") } else { format!("现在闭厅，今天 {at} 开门") };
        }
        let weekday = usize::try_from(next.weekday().to_monday_zero_offset()).unwrap_or(0).min(6);
        if english {
            format!("Closed now, opens {} at {at}", next.date())
        } else {
            let weekday = ["一", "二", "三", "四", "五", "六", "日"][weekday];
            format!("现在闭厅，{}月{}日(周{weekday}) {at} 开门", next.month(), next.day())
        }
    }

    /// Notices that are up on a day, pinned first, then by priority.
    pub fn notices_on(&self, day: Date) -> impl Iterator<Item = &Notice> {
        let mut up: Vec<&Notice> =
            self.catalogue.notices.iter().filter(|notice| notice.valid_from <= day && day <= notice.valid_to).collect();
        up.sort_by_key(|notice| (!notice.pinned, notice.priority));
        up.into_iter()
    }

    /// Whether any record can be looked up and printed on a day.
    #[must_use]
    pub fn prints_records(&self, day: Date) -> bool {
        self.items().iter().any(|item| item.is_record() && item.offered_on(day))
    }

    /// Version of the consent text.
    #[must_use]
    pub fn consent_version(&self) -> &str {
        &self.texts.version
    }

    /// What is read from the card and why, agreed to before submitting.
    #[must_use]
    pub fn consent(&self) -> Text {
        self.texts.consent.clone()
    }

    /// The notice before submitting (a notice, not a waiver; rules 7.1).
    #[must_use]
    pub fn notice_before_submitting(&self) -> Text {
        self.texts.notice_before_submitting.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_without_content_has_an_empty_catalogue() {
        let none = Content::none().unwrap();
        assert!(none.is_none() && none.items().is_empty());
    }

    #[test]
    fn all_twenty_items_of_the_demo_hall_can_be_used() {
        let content = Content::load(include_str!("../../../assets/catalogue/catalogue.json"), 1).unwrap();
        assert_eq!((content.items().len(), content.unusable.len()), (20, 0));
    }
}
