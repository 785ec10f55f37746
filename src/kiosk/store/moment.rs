//! When something happened, as three values: the terminal's time, which boot of the machine, and how long
//! that boot had run. The last two let the hall correct a wrong clock later.

use std::{
    fs,
    sync::LazyLock,
    time::{Instant, SystemTime, UNIX_EPOCH},
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

/// Running time of this boot in ms. It never steps back.
pub fn mono_ms() -> i64 {
    static START: LazyLock<(Instant, i64)> = LazyLock::new(|| {
        let uptime = fs::read_to_string("/proc/uptime").ok();
        let seconds = uptime.as_deref().and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        (Instant::now(), (seconds.unwrap_or(0.0) * 1000.0) as i64)
    });
    START.1 + i64::try_from(START.0.elapsed().as_millis()).unwrap_or(i64::MAX / 2)
}

/// A random (version 4) UUID.
pub(crate) fn random_uuid() -> Option<Uuid> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
