//! When something happened, as three values: the terminal's time, which boot of the machine, and how long
//! that boot had run. The last two let the hall correct a wrong clock later.

use std::{
    fs,
    sync::LazyLock,
    time::{SystemTime, UNIX_EPOCH},
};

use uuid::Uuid;

/// One point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The terminal's time in ms since 1970.
    pub at_ms: i64,
    /// Which boot of the machine.
    pub boot_id: Uuid,
    /// Running time of that boot in ms.
    pub mono_ms: i64,
}

impl Moment {
    /// The machine's own clock, uncorrected.
    pub fn of_this_machine() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { at_ms: i64::try_from(since.as_millis()).unwrap_or(i64::MAX), boot_id: boot_id(), mono_ms: mono_ms() }
    }
}

/// This boot of the machine; a random id where the kernel names none.
pub fn boot_id() -> Uuid {
    static BOOT: LazyLock<Uuid> = LazyLock::new(|| {
        fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .ok()
            .and_then(|text| Uuid::try_parse(text.trim()).ok())
            .unwrap_or_else(|| random_uuid().unwrap_or(Uuid::nil()))
    });
    *BOOT
}

/// Running time of this boot in ms. It never steps back, and counts while the machine is suspended: the terminal's
/// time goes on by it.
#[allow(clippy::useless_conversion, reason = "the widths differ by platform")]
pub fn mono_ms() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a timespec that outlives the call; Linux has had this clock since 2.6.39.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut time) };
    i64::from(time.tv_sec) * 1000 + i64::from(time.tv_nsec) / 1_000_000
}

/// A random (version 4) UUID.
pub(crate) fn random_uuid() -> Option<Uuid> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_time_is_that_of_the_boot() {
        let text = fs::read_to_string("/proc/uptime").unwrap();
        let seconds: f64 = text.split(' ').next().unwrap().parse().unwrap();
        let uptime_ms = (seconds * 1000.0) as i64;
        let now = mono_ms();
        assert!((0..60_000).contains(&(now - uptime_ms)), "{now} ms, the kernel says {uptime_ms} ms");
        assert!(mono_ms() >= now);
    }
}
