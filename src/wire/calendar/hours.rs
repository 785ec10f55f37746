//! Opening hours of the hall on working days: open now, or from when. The catalogue's key `hall.hours`
//! holds `{"sessions": [["09:00","12:00"],["13:00","17:00"]], "last_ticket": "16:59",
//! "late_ticket": "16:45"}`; without it the demo hall's hours hold.

use jiff::civil::{DateTime, Time, time};
use serde::Deserialize;

use super::Calendar;
use super::working_days::next_day;

/// Hours of a working day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningHours {
    /// From and until, in order.
    pub sessions: Vec<(Time, Time)>,
    /// Last ticket of the day.
    pub last_ticket: Time,
    /// From here a ticket says that it may be after closing.
    pub late_ticket: Time,
}

impl Default for OpeningHours {
    fn default() -> Self {
        Self {
            sessions: vec![(time(9, 0, 0, 0), time(12, 0, 0, 0)), (time(13, 0, 0, 0), time(17, 0, 0, 0))],
            last_ticket: time(16, 59, 0, 0),
            late_ticket: time(16, 45, 0, 0),
        }
    }
}

/// Whether the hall is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Open until.
    Open {
        /// End of this session of the day.
        until: DateTime,
    },
    /// Closed, and when it opens; `None` when no opening was found within two months.
    Closed {
        /// Next opening.
        opens: Option<DateTime>,
    },
}

/// Longer than any run of days off.
const LOOK_AHEAD_DAYS: u32 = 60;

impl OpeningHours {
    /// Whether the hall is open at a time of the hall's own clock.
    #[must_use]
    pub fn at(&self, now: DateTime, calendar: &Calendar) -> Opening {
        let today = now.date();
        if calendar.is_working_day(today) {
            for (from, until) in &self.sessions {
                if now.time() < *from {
                    return Opening::Closed { opens: Some(today.to_datetime(*from)) };
                }
                if now.time() < *until {
                    return Opening::Open { until: today.to_datetime(*until) };
                }
            }
        }
        let mut day = today;
        for _ in 0..LOOK_AHEAD_DAYS {
            let (Some(next), Some((from, _))) = (next_day(day), self.sessions.first()) else { break };
            day = next;
            if calendar.is_working_day(day) {
                return Opening::Closed { opens: Some(day.to_datetime(*from)) };
            }
        }
        Opening::Closed { opens: None }
    }

    /// Close of business.
    #[must_use]
    pub fn closing(&self) -> Time {
        self.sessions.last().map_or(time(17, 0, 0, 0), |(_, until)| *until)
    }
}
