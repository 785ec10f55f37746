//! What a journey may look at but not change: content, language, time of day, what works.

use super::event::{Capabilities, Moment};
use crate::content::Content;
use crate::view::Language;
use std::sync::Arc;
use wire::catalogue::Text;

/// Around a journey.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The hall's verified content.
    pub content: Arc<Content>,
    /// Language of the screen.
    pub language: Language,
    /// Large type.
    pub elder: bool,
    /// Local date and time.
    pub now: Moment,
    /// What works.
    pub can: Capabilities,
    /// Why the data folder cannot be used, for a technician.
    pub store_trouble: Option<Text>,
    /// The hall answers.
    pub online: bool,
    /// Somebody listens for staff calls.
    pub staff_listens: bool,
    /// Where citizens' phones reach the hall, as it last said; a slip made offline names it, too.
    pub public_url: Option<String>,
    /// Number of this terminal.
    pub terminal_no: String,
    /// Large type was offered to somebody of 65 or more; once a session is enough.
    pub large_type_offered: bool,
    /// Pages printed in this session (rules 8.7).
    pub pages_spent: u32,
    /// Pages left today for the person whose card was read, as the hall counts.
    pub pages_left_today: Option<u32>,
}

impl Surroundings {
    /// What stands around a terminal whose hall has not been heard of yet.
    #[must_use]
    pub fn at(content: Arc<Content>, terminal_no: &str, now: Moment) -> Self {
        Self {
            content,
            language: Language::Zh,
            elder: false,
            now,
            can: Capabilities::default(),
            store_trouble: None,
            online: false,
            staff_listens: false,
            public_url: None,
            terminal_no: terminal_no.to_owned(),
            large_type_offered: false,
            pages_spent: 0,
            pages_left_today: None,
        }
    }

    /// The words in the language of the screen, to be shown now. Whoever keeps words keeps a [`Text`] and picks when
    /// the page is drawn: the language may change in between.
    #[must_use]
    pub fn say(&self, zh: &str, en: &str) -> String {
        match self.language {
            Language::Zh => zh.to_owned(),
            Language::En => en.to_owned(),
        }
    }

    /// Text of the catalogue in the language of the screen; Chinese where no English is.
    #[must_use]
    pub fn pick(&self, text: &Text) -> String {
        text.pick(self.english()).to_owned()
    }

    /// The same of a text that is kept only while there is something to say; empty without it.
    #[must_use]
    pub fn pick_any(&self, text: Option<&Text>) -> String {
        text.map(|text| self.pick(text)).unwrap_or_default()
    }

    /// A published Chinese text in the language of the screen.
    #[must_use]
    pub fn phrase(&self, zh: &str) -> String {
        self.pick(&self.content.catalogue().phrase(zh))
    }

    /// Whether the screen is in English.
    #[must_use]
    pub fn english(&self) -> bool {
        self.language == Language::En
    }

    /// Where staff is found when nobody answers.
    #[must_use]
    pub fn desk(&self) -> String {
        if self.content.is_open(self.now) {
            self.say(
                "工作人员在 1 层大厅 1 号咨询台，也可拨打 12345",
                "Staff are at desk 1 on the ground floor, or call 12345",
            )
        } else {
            self.say("现在闭厅，可拨打 12345", "The hall is closed now; call 12345")
        }
    }
}
