//! Where a case stands, by the word that the database has for it. What follows what is in `steps`, what the console
//! says of it in `words`.
use sqlx::Sqlite;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteValueRef;

/// States of a case. Columns that hold one are read as it (`sqlx.toml`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Received,
    /// Received, and something in it only a clerk can judge.
    NeedsClerk,
    /// Corrections were asked for, once and completely.
    Correction,
    /// By a clerk or by law.
    Accepted,
    NotAccepted,
    Done,
}

impl State {
    pub(crate) const ALL: [Self; 6] =
        [Self::Received, Self::NeedsClerk, Self::Correction, Self::Accepted, Self::NotAccepted, Self::Done];

    /// The word that the database uses.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::NeedsClerk => "needs_clerk",
            Self::Correction => "correction",
            Self::Accepted => "accepted",
            Self::NotAccepted => "not_accepted",
            Self::Done => "done",
        }
    }

    /// The state that such a word names.
    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether nobody has answered yet: the time for asking for corrections runs.
    pub(crate) fn waits(self) -> bool {
        match self {
            Self::Received | Self::NeedsClerk => true,
            Self::Correction | Self::Accepted | Self::NotAccepted | Self::Done => false,
        }
    }

    /// Whether it is neither accepted nor refused.
    pub(crate) fn is_undecided(self) -> bool {
        match self {
            Self::Received | Self::NeedsClerk | Self::Correction => true,
            Self::Accepted | Self::NotAccepted | Self::Done => false,
        }
    }
}

impl<'r> sqlx::Decode<'r, Sqlite> for State {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        let key = <&str as sqlx::Decode<'r, Sqlite>>::decode(value)?;
        Self::from_key(key).ok_or_else(|| format!("no case is in a state {key:?}").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_allows_these_states_and_no_others() {
        let listed = State::ALL.map(|state| format!("'{}'", state.key())).join(", ");
        let schema = include_str!("../migrations/0002_case_steps.sql");
        assert!(schema.contains(&format!("check (state in ({listed}))")), "{listed}");
        for state in State::ALL {
            assert_eq!(State::from_key(state.key()), Some(state));
        }
        assert_eq!(State::from_key("Received"), None);
    }
}
