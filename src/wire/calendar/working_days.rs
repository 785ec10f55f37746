//! Working-day arithmetic (domain rules 8.3): the day of acceptance is 0, counting starts the next day;
//! natural-day limits count all days and move off a day off.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use crate::catalogue::{Text, TimeUnit};

/// Days off and make-up days by year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
    #[serde(skip)]
    version: String,
}

/// One year's notice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Year {
    /// The notice.
    pub source: String,
    /// No notice yet: statutory days only.
    pub provisional: bool,
    /// Days off.
    pub off: BTreeSet<Date>,
    /// Weekend days that are worked.
    pub work: BTreeSet<Date>,
}

/// How far a reckoned day can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Every year on the way has its published notice.
    Published,
    /// A year on the way has none, or a placeholder: "按基本工作日估算".
    Estimated,
}

/// A day that was reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The day.
    pub day: Date,
    /// How far it can be trusted.
    pub certainty: Certainty,
}

impl Due {
    /// Words that must stand beside an estimated day.
    #[must_use]
    pub fn remark(&self) -> Option<Text> {
        (self.certainty == Certainty::Estimated)
            .then(|| Text::new("按基本工作日估算", "estimated from ordinary working days"))
    }
}

/// No limit is longer; keeps hostile data from counting for ever.
const MAX_DAYS: u32 = 36_600;

impl Calendar {
    /// Version that a submission records: the content version it was published with.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn set_version(&mut self, version: &str) {
        version.clone_into(&mut self.version);
    }

    /// A year's notice.
    #[must_use]
    pub fn year(&self, year: i16) -> Option<&Year> {
        self.years.get(&year)
    }

    /// Whether people work on a day.
    #[must_use]
    pub fn is_working_day(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        match self.years.get(&day.year()) {
            Some(year) if year.work.contains(&day) => true,
            Some(year) if year.off.contains(&day) => false,
            _ => !weekend,
        }
    }

    /// How far a day of this year can be trusted.
    #[must_use]
    pub fn certainty(&self, day: Date) -> Certainty {
        match self.years.get(&day.year()) {
            Some(year) if !year.provisional => Certainty::Published,
            _ => Certainty::Estimated,
        }
    }

    /// The working day that is `n` working days after a day; 0 is the day itself if it is worked, else
    /// the next one that is.
    #[must_use]
    pub fn after(&self, start: Date, n: u32) -> Due {
        self.walk(start, n, &|_| false)
    }

    /// As [`Self::after`], not counting the days that `paused` names.
    pub(super) fn walk(&self, start: Date, n: u32, paused: &dyn Fn(Date) -> bool) -> Due {
        if n == 0 {
            return self.at_or_after(start);
        }
        let (mut day, mut left) = (start, n.min(MAX_DAYS));
        let mut certainty = self.certainty(start);
        while left > 0 {
            let Some(next) = next_day(day) else { break };
            day = next;
            certainty = certainty.max(self.certainty(day));
            if self.is_working_day(day) && !paused(day) {
                left -= 1;
            }
        }
        Due { day, certainty }
    }

    /// The day itself if it is worked, else the next one that is.
    #[must_use]
    pub fn at_or_after(&self, start: Date) -> Due {
        let (mut day, mut certainty) = (start, self.certainty(start));
        while !self.is_working_day(day) {
            let Some(next) = next_day(day) else { break };
            day = next;
            certainty = certainty.max(self.certainty(day));
        }
        Due { day, certainty }
    }

    /// End of a limit that starts on a day.
    #[must_use]
    pub fn due(&self, start: Date, value: u32, unit: TimeUnit) -> Due {
        self.due_paused(start, (value, unit), &|_| false)
    }

    pub(super) fn due_paused(&self, start: Date, limit: (u32, TimeUnit), paused: &dyn Fn(Date) -> bool) -> Due {
        match limit {
            (_, TimeUnit::AtOnce) => self.at_or_after(start),
            (n, TimeUnit::WorkingDays) => self.walk(start, n, paused),
            (n, TimeUnit::NaturalDays) => {
                let (mut day, mut left) = (start, n.min(MAX_DAYS));
                while left > 0 {
                    let Some(next) = next_day(day) else { break };
                    day = next;
                    left -= u32::from(!paused(day));
                }
                self.at_or_after(day)
            }
        }
    }

    /// Working days after `from` up to and including `to`.
    #[must_use]
    pub fn working_days_between(&self, from: Date, to: Date) -> u32 {
        let (mut day, mut count) = (from, 0);
        while day < to {
            let Some(next) = next_day(day) else { break };
            day = next;
            count += u32::from(self.is_working_day(day));
        }
        count
    }
}

pub(super) fn next_day(day: Date) -> Option<Date> {
    day.checked_add(1.day()).ok()
}
