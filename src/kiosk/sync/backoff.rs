//! How long to wait before the next try: full jitter, so that terminals that failed together do not come back
//! together. Randomness comes in; only [`random`] draws it.

use std::time::Duration;

const FIRST_MS: u64 = 1_000;
const LONGEST_MS: u64 = 5 * 60 * 1_000;

/// A wait after `failures` failures in a row (1 is the first): anywhere up to 1 s, 2 s, 4 s … 5 min.
pub(super) fn wait(failures: u32, random: u32) -> Duration {
    let longest = FIRST_MS.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_MS);
    Duration::from_millis(share(longest, random))
}

/// Around `middle`, up to a fifth less or more.
pub(super) fn around(middle: Duration, random: u32) -> Duration {
    let fifth = middle / 5;
    let spread = u64::try_from(fifth.as_millis()).unwrap_or(u64::MAX).saturating_mul(2);
    middle - fifth + Duration::from_millis(share(spread, random))
}

/// Fresh randomness; the middle where the machine has none.
pub(super) fn random() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

fn share(of: u64, random: u32) -> u64 {
    (u128::from(of) * u128::from(random) / u128::from(u32::MAX)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_minutes_and_are_spread_over_their_whole_length() {
        let longest: Vec<u64> = [1, 2, 3, 9, 10, 4_000].map(|n| wait(n, u32::MAX).as_secs()).to_vec();
        assert_eq!(longest, [1, 2, 4, 256, 300, 300]);
        assert_eq!(wait(9, 0), Duration::ZERO);
        assert_eq!(wait(2, u32::MAX / 2).as_millis(), 999);
    }

    #[test]
    fn a_heartbeat_is_a_fifth_early_or_late() {
        let half_a_minute = Duration::from_secs(30);
        assert_eq!(around(half_a_minute, 0), Duration::from_secs(24));
        assert_eq!(around(half_a_minute, u32::MAX), Duration::from_secs(36));
    }
}
