//! Promised and statutory days and the light of a case (domain rules 8.4), worked out each time and
//! never stored as truth.

use jiff::civil::{Date, DateTime, Time, time};

use super::working_days::next_day;
use super::{Calendar, Due};
use crate::catalogue::TimeUnit;

/// A case as the supervision clock sees it.
#[derive(Clone, Debug)]
pub struct Supervised<'a> {
    /// Day of acceptance.
    pub accepted: Date,
    /// Promise.
    pub promise: (u32, TimeUnit),
    /// Statutory limit.
    pub legal: Option<(u32, TimeUnit)>,
    /// Stops: from this day up to the day before that one.
    pub pauses: &'a [(Date, Date)],
    /// Day it was done.
    pub done: Option<Date>,
    /// Close of business.
    pub closing: Time,
}

/// Light of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// On its way.
    Green,
    /// Due soon.
    Yellow,
    /// Later than promised.
    Orange,
    /// Later than the law allows.
    Red,
    /// The clock stands.
    Paused,
    /// Done.
    Done(Progress),
}

/// How a finished case compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Before the promised day.
    Early,
    /// On it.
    OnTime,
    /// After it.
    OverPromise,
    /// After the statutory day.
    OverLegal,
}

/// With no statutory limit, so many working days over the promise are red.
const GRACE_DAYS: u32 = 5;
/// From here an 即办 case of the day is yellow.
const AT_ONCE_WARNING: Time = time(16, 0, 0, 0);

impl Supervised<'_> {
    fn paused(&self, day: Date) -> bool {
        self.pauses.iter().any(|(from, until)| *from <= day && day < *until)
    }

    /// The promised day.
    #[must_use]
    pub fn promise_due(&self, calendar: &Calendar) -> Due {
        calendar.due_paused(self.accepted, self.promise, &|day| self.paused(day))
    }

    /// The statutory day.
    #[must_use]
    pub fn legal_due(&self, calendar: &Calendar) -> Option<Due> {
        self.legal.map(|limit| calendar.due_paused(self.accepted, limit, &|day| self.paused(day)))
    }

    /// The light at a time of the hall's clock.
    #[must_use]
    pub fn light(&self, calendar: &Calendar, now: DateTime) -> Light {
        let promise = self.promise_due(calendar).day;
        let legal = self.legal_due(calendar).map(|due| due.day);
        if let Some(done) = self.done {
            return Light::Done(progress(done, promise, legal));
        }
        let today = now.date();
        if self.paused(today) {
            return Light::Paused;
        }
        let red = match legal {
            Some(legal) => today > legal,
            None => today > promise && calendar.working_days_between(promise, today) >= GRACE_DAYS,
        };
        if red {
            return Light::Red;
        }
        let at_once = self.promise.1 == TimeUnit::AtOnce;
        if today > promise || (at_once && today == promise && now.time() >= self.closing) {
            return Light::Orange;
        }
        if at_once {
            let late = today == promise && now.time() >= AT_ONCE_WARNING;
            return if late { Light::Yellow } else { Light::Green };
        }
        if self.is_close(calendar, today, promise) { Light::Yellow } else { Light::Green }
    }

    /// The due day itself; or a promise of three days and more with one counted day left or four fifths
    /// used.
    fn is_close(&self, calendar: &Calendar, today: Date, promise: Date) -> bool {
        if today == promise {
            return true;
        }
        let total = self.promise.0;
        let left = self.counted(calendar, today, promise);
        let used = total.saturating_sub(left);
        total >= 3 && (left <= 1 || used * 5 >= total * 4)
    }

    /// Days of the promise's own kind after one day up to another, stops left out.
    fn counted(&self, calendar: &Calendar, from: Date, to: Date) -> u32 {
        let natural = self.promise.1 == TimeUnit::NaturalDays;
        let (mut day, mut count) = (from, 0);
        while day < to {
            let Some(next) = next_day(day) else { break };
            day = next;
            let counts = (natural || calendar.is_working_day(day)) && !self.paused(day);
            count += u32::from(counts);
        }
        count
    }
}

fn progress(done: Date, promise: Date, legal: Option<Date>) -> Progress {
    match done.cmp(&promise) {
        _ if legal.is_some_and(|legal| done > legal) => Progress::OverLegal,
        std::cmp::Ordering::Less => Progress::Early,
        std::cmp::Ordering::Equal => Progress::OnTime,
        std::cmp::Ordering::Greater => Progress::OverPromise,
    }
}
