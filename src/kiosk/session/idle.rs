//! The idle clock (rules 8.8): 120 s without a touch (240 s in large type), then a warning of 30 s, then the
//! session ends. It stands still while the citizen is busy elsewhere (a page is captured, paper prints), at
//! most five minutes; open help extends to ten. Counts seconds that it is told; knows no clock.
//!
//! ```text
//! Counting(n) ── limit ──▶ Warning(30 … 1) ── 0 ──▶ over
//!     ▲  touch                  │ touch
//!     └─────────────────────────┘
//! ```

/// Every delay of a session, in seconds.
pub mod delays {
    /// Without a touch, until the warning.
    pub const IDLE_S: u32 = 120;
    /// The same in large type.
    pub const IDLE_ELDER_S: u32 = 240;
    /// Length of the warning.
    pub const WARNING_S: u32 = 30;
    /// Longest stand-still without progress.
    pub const BUSY_S_MAX: u32 = 300;
    /// Longest stand-still while help is open.
    pub const HELP_S_MAX: u32 = 600;
    /// Help has been open for so long: personal values are masked.
    pub const MASK_AFTER_S: u32 = 90;
    /// Farewell page.
    pub const FAREWELL_S: u32 = 15;
    /// Farewell page in large type.
    pub const FAREWELL_ELDER_S: u32 = 30;
    /// A staff call without an answer.
    pub const CALL_S: u32 = 60;
    /// Waiting for the hall's receipt before the slip says "not yet at the hall".
    pub const RECEIPT_S: u32 = 8;
    /// A recovered submission is offered on the idle page for 15 minutes of running time.
    pub const RECOVERED_S: u32 = 900;
}

/// Where the clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Seconds since the last touch, and seconds it stood still.
    Counting {
        /// Since the last touch.
        quiet_s: u32,
        /// Stood still for.
        held_s: u32,
    },
    /// Seconds left of the warning.
    Warning(u32),
    /// The session ends.
    Over,
}

/// Why the clock may stand still this second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It runs.
    None,
    /// Capture, printing, upload.
    Busy,
    /// Help is open.
    Help,
}

impl Idle {
    /// Just touched.
    #[must_use]
    pub const fn fresh() -> Self {
        Self::Counting { quiet_s: 0, held_s: 0 }
    }

    /// The clock a second later.
    #[must_use]
    pub fn second(self, limit_s: u32, hold: Hold) -> Self {
        match self {
            Self::Counting { quiet_s, held_s } => {
                let may_hold = match hold {
                    Hold::None => false,
                    Hold::Busy => held_s < delays::BUSY_S_MAX,
                    Hold::Help => held_s < delays::HELP_S_MAX,
                };
                if may_hold {
                    Self::Counting { quiet_s, held_s: held_s + 1 }
                } else if quiet_s + 1 >= limit_s {
                    Self::Warning(delays::WARNING_S)
                } else {
                    Self::Counting { quiet_s: quiet_s + 1, held_s }
                }
            }
            Self::Warning(left) if left > 1 => Self::Warning(left - 1),
            Self::Warning(_) | Self::Over => Self::Over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: u32, limit_s: u32, hold: Hold) -> Idle {
        (0..seconds).fold(Idle::fresh(), |idle, _| idle.second(limit_s, hold))
    }

    #[test]
    fn two_quiet_minutes_bring_the_warning_and_thirty_more_seconds_end_the_session() {
        assert_eq!(after(119, delays::IDLE_S, Hold::None), Idle::Counting { quiet_s: 119, held_s: 0 });
        assert_eq!(after(120, delays::IDLE_S, Hold::None), Idle::Warning(30));
        assert_eq!(after(149, delays::IDLE_S, Hold::None), Idle::Warning(1));
        assert_eq!(after(150, delays::IDLE_S, Hold::None), Idle::Over);
    }

    #[test]
    fn it_stands_still_while_paper_prints_but_at_most_five_minutes() {
        assert_eq!(after(300, delays::IDLE_S, Hold::Busy), Idle::Counting { quiet_s: 0, held_s: 300 });
        assert_eq!(after(420, delays::IDLE_S, Hold::Busy), Idle::Warning(30));
    }

    #[test]
    fn open_help_holds_it_for_ten_minutes() {
        assert_eq!(after(600, delays::IDLE_S, Hold::Help), Idle::Counting { quiet_s: 0, held_s: 600 });
        assert_eq!(after(720, delays::IDLE_S, Hold::Help), Idle::Warning(30));
    }
}
