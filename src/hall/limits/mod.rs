//! How much one source may ask: connections at once, requests in a while, wrong tries. A source is an IPv4 address,
//! an IPv6 network of 64 bits, or a name the caller gives. All in memory and bounded; nothing of it is a person's.
mod tries;

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use tries::{Tries, Wait};

/// Above this the oldest are forgotten: memory is worth more than a perfect count.
const SOURCES_MAX: usize = 10_000;

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Source(IpAddr);

impl Source {
    /// A phone's own address; of IPv6 the network, because one phone has many addresses in it.
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

/// The name under which its wrong tries are counted.
impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, out)
    }
}

impl Default for Source {
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

/// Connections at once from one source.
#[derive(Clone)]
pub(crate) struct ConnectionLimit {
    most: usize,
    open: Arc<Mutex<HashMap<Source, usize>>>,
}

/// One counted connection.
pub(crate) struct Counted {
    source: Source,
    open: Arc<Mutex<HashMap<Source, usize>>>,
}

/// The source has as many as it may.
pub(crate) struct TooMany;

impl ConnectionLimit {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// Counts a connection for as long as the answer lives.
    pub(crate) fn enter(&self, source: Source) -> Result<Counted, TooMany> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(source).or_default();
        if *count >= self.most {
            return Err(TooMany);
        }
        *count += 1;
        Ok(Counted { source, open: Arc::clone(&self.open) })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.source);
            }
        }
    }
}

/// Requests of a source in a while: a bucket that fills again.
pub(crate) struct Rate {
    burst: f64,
    per_second: f64,
    buckets: Mutex<HashMap<Source, (f64, Instant)>>,
}

impl Rate {
    pub(crate) fn new(burst: u32, per_second: u32) -> Self {
        Self { burst: f64::from(burst), per_second: f64::from(per_second), buckets: Mutex::default() }
    }

    /// Takes one, or says how long until there is one again.
    pub(crate) fn take(&self, source: Source, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= SOURCES_MAX {
            let full_again = Duration::from_secs_f64(self.burst / self.per_second);
            buckets.retain(|_, (_, at)| now.duration_since(*at) < full_again);
            if buckets.len() >= SOURCES_MAX {
                buckets.clear();
            }
        }
        let (left, at) = buckets.entry(source).or_insert((self.burst, now));
        *left = (*left + now.duration_since(*at).as_secs_f64() * self.per_second).min(self.burst);
        *at = now;
        if *left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - *left) / self.per_second));
        }
        *left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::of(text.parse().unwrap())
    }

    #[test]
    fn phones_of_one_ipv6_network_are_one_source() {
        assert_eq!(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
        assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
        assert_eq!(source("::ffff:192.0.2.7"), source("192.0.2.7"));
    }

    #[test]
    fn a_source_that_asks_too_fast_waits_and_others_do_not() {
        let (rate, start) = (Rate::new(3, 1), Instant::now());
        let (one, other) = (source("192.0.2.1"), source("192.0.2.2"));
        assert!((0..3).all(|_| rate.take(one, start).is_ok()));
        let wait = rate.take(one, start).unwrap_err();
        assert!(rate.take(other, start).is_ok());
        assert!(rate.take(one, start + wait + Duration::from_millis(1)).is_ok());
    }

    #[test]
    fn a_source_has_only_so_many_connections_until_it_closes_one() {
        let limit = ConnectionLimit::new(2);
        let held: Vec<_> = (0..2).filter_map(|_| limit.enter(source("192.0.2.1")).ok()).collect();
        assert!(held.len() == 2 && limit.enter(source("192.0.2.1")).is_err());
        assert!(limit.enter(source("192.0.2.2")).is_ok());
        drop(held);
        assert!(limit.enter(source("192.0.2.1")).is_ok());
    }
}
