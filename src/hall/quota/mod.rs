//! Free pages of a person and day (rules 8.7), in memory only: counted under a keyed hash of the id number whose key is
//! drawn for the day and dies at closing with all that it counted. Reserved before a job, settled after it; a repeat
//! with the same job changes nothing. A hall that restarts begins a new count: in favour of the citizen.
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::ToSpan as _;
use jiff::civil::{DateTime, Time};
use sha2::Sha256;
use uuid::Uuid;
use wire::api::QuotaAnswer;
use zeroize::Zeroizing;

use crate::cases::id_number_spelling;

/// More jobs than any hall prints in a day; above it nothing new is reserved.
const JOBS_MAX: usize = 100_000;

/// The count of one day.
#[derive(Default)]
pub(crate) struct Quota {
    day: Mutex<Option<Day>>,
}

/// What holds today.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) limit: u32,
    /// The office's clock.
    pub(crate) now: DateTime,
    /// Close of business.
    pub(crate) closing: Time,
}

struct Day {
    key: Zeroizing<[u8; 32]>,
    ends: DateTime,
    people: HashMap<Person, u32>,
    jobs: HashMap<Uuid, Job>,
}

type Person = [u8; 32];

struct Job {
    person: Person,
    reserved: u32,
    settled: bool,
}

impl Quota {
    /// Reserves all of a job's pages or none; with 0 pages it only says what is left. `None` when no random key can be
    /// had or the day's table is full.
    pub(crate) fn reserve(&self, rules: Rules, (job_id, id_no): (Uuid, &str), pages: u32) -> Option<QuotaAnswer> {
        let mut guard = self.lock();
        let day = Day::current(&mut guard, rules)?;
        let person = day.person(id_no)?;
        let used = day.people.get(&person).copied().unwrap_or(0);
        let mut granted = 0;
        match day.jobs.get(&job_id) {
            // Another person's job under this id is no job of this person's.
            Some(job) if job.person == person && !job.settled => granted = job.reserved,
            Some(_) => {}
            None if pages > 0 && pages <= rules.limit.saturating_sub(used) && day.jobs.len() < JOBS_MAX => {
                granted = pages;
                day.people.insert(person, used + pages);
                day.jobs.insert(job_id, Job { person, reserved: pages, settled: false });
            }
            None => {}
        }
        let used = day.people.get(&person).copied().unwrap_or(0);
        Some(QuotaAnswer { granted, left: rules.limit.saturating_sub(used), limit: rules.limit })
    }

    /// Charges what came out and gives the rest back; `None` of a job that this day does not know.
    pub(crate) fn settle(&self, rules: Rules, job_id: Uuid, printed: u32) -> Option<QuotaAnswer> {
        let mut guard = self.lock();
        let day = Day::current(&mut guard, rules)?;
        let job = day.jobs.get_mut(&job_id)?;
        let used = day.people.entry(job.person).or_default();
        if !job.settled {
            // A terminal never charges more than it reserved.
            let charged = printed.min(job.reserved);
            *used = used.saturating_sub(job.reserved - charged);
            (job.reserved, job.settled) = (charged, true);
        }
        Some(QuotaAnswer { granted: job.reserved, left: rules.limit.saturating_sub(*used), limit: rules.limit })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Day>> {
        self.day.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Day {
    /// The running count; after closing a new one under a new key. One that ends later than a day which begins now was
    /// begun by a clock that was ahead: it is dropped, too, or it would run for as long.
    fn current(slot: &mut Option<Self>, rules: Rules) -> Option<&mut Self> {
        let today = rules.now.date();
        let last = if rules.now.time() < rules.closing { today } else { today.checked_add(1.day()).ok()? };
        let ends = last.to_datetime(rules.closing);
        if slot.as_ref().is_some_and(|day| day.ends != ends) {
            *slot = None;
        }
        if slot.is_none() {
            let mut key = Zeroizing::new([0; 32]);
            getrandom::fill(key.as_mut_slice()).ok()?;
            *slot = Some(Self { key, ends, people: HashMap::new(), jobs: HashMap::new() });
        }
        slot.as_mut()
    }

    fn person(&self, id_no: &str) -> Option<Person> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_slice()).ok()?;
        mac.update(id_number_spelling(id_no).as_bytes());
        Some(mac.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "419999198503120111";

    fn rules(now: &str) -> Rules {
        Rules { limit: 30, now: now.parse().unwrap(), closing: jiff::civil::time(17, 0, 0, 0) }
    }

    fn job(n: u8) -> Uuid {
        Uuid::from_bytes([n; 16])
    }

    #[test]
    fn pages_are_reserved_whole_or_not_at_all_and_each_job_once() {
        let (quota, now) = (Quota::default(), rules("2026-11-24T10:00:00"));
        let ask = |n, pages| quota.reserve(now, (job(n), ID), pages).map(|it| (it.granted, it.left)).unwrap();
        assert_eq!(ask(1, 20), (20, 10));
        assert_eq!(ask(1, 20), (20, 10), "a repeat reserves nothing more");
        assert_eq!(ask(2, 11), (0, 10));
        assert_eq!(ask(3, 10), (10, 0));
        assert_eq!(ask(4, 0), (0, 0));
        let other = quota.reserve(now, (job(5), "41999919920825028x"), 30).unwrap();
        assert_eq!((other.granted, other.left), (30, 0));
        let stolen = quota.reserve(now, (job(1), "41999919920825028X"), 1).unwrap();
        assert_eq!(stolen.granted, 0, "another person's job");
    }

    #[test]
    fn only_printed_pages_are_charged_and_a_repeat_changes_nothing() {
        let (quota, now) = (Quota::default(), rules("2026-11-24T10:00:00"));
        quota.reserve(now, (job(1), ID), 10).unwrap();
        for _ in 0..2 {
            assert_eq!(quota.settle(now, job(1), 3).unwrap().left, 27);
        }
        assert_eq!(quota.reserve(now, (job(1), ID), 10).unwrap().granted, 0, "a settled job is over");
        quota.reserve(now, (job(2), ID), 5).unwrap();
        assert_eq!(quota.settle(now, job(2), 500).unwrap().left, 22, "never more than was reserved");
        assert_eq!(quota.settle(now, job(3), 1), None);
    }

    #[test]
    fn the_count_and_its_key_die_at_closing() {
        let quota = Quota::default();
        let left = |at| quota.reserve(rules(at), (job(9), ID), 0).unwrap().left;
        quota.reserve(rules("2026-11-24T16:59:00"), (job(1), ID), 30).unwrap();
        let key = |quota: &Quota| *quota.lock().as_ref().unwrap().key;
        let before = key(&quota);
        assert_eq!(left("2026-11-24T16:59:59"), 0);
        assert_eq!(left("2026-11-24T17:00:00"), 30);
        assert_ne!(before, key(&quota));
        quota.reserve(rules("2026-11-24T20:00:00"), (job(2), ID), 30).unwrap();
        assert_eq!(left("2026-11-25T16:00:00"), 0, "the evening counts with the next day");
        assert_eq!(left("2026-11-25T17:00:00"), 30);
    }

    #[test]
    fn a_day_that_a_clock_began_which_was_ahead_ends_when_the_clock_is_right() {
        let quota = Quota::default();
        let left = |at| quota.reserve(rules(at), (job(9), ID), 0).unwrap().left;
        quota.reserve(rules("2099-01-01T10:00:00"), (job(1), ID), 30).unwrap();
        assert_eq!(left("2099-01-01T16:00:00"), 0);
        assert_eq!(left("2026-11-24T10:00:00"), 30);
        quota.reserve(rules("2026-11-24T10:00:00"), (job(2), ID), 30).unwrap();
        assert_eq!(left("2026-11-24T16:00:00"), 0);
        assert_eq!(left("2026-11-24T17:00:00"), 30, "and the next one ends at closing");
    }
}
