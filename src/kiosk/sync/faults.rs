//! What is wrong with this machine and not with the way to its hall: said once, and with each heartbeat until it is
//! over. Holds stable codes, no text.

use super::SyncEvent;
use super::engine::Engine;
use std::collections::BTreeMap;

/// Where a fault arose, from the least to the gravest: of several in one part the gravest is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// The published content.
    Content,
    /// The hall's time.
    Clock,
    /// This terminal's certificate.
    Certificate,
    /// The log that still holds what was erased.
    Log,
    /// How many envelopes there are.
    Count,
    /// What is stored of this submission.
    Submission(String),
    /// Anything else that ended a round.
    Round,
}

/// Faults that are not over.
#[derive(Debug, Default)]
pub(super) struct Faults(BTreeMap<Source, &'static str>);

impl Source {
    /// What is at fault, as the hall is told.
    fn part(&self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Clock => "clock",
            Self::Certificate => "certificate",
            Self::Log | Self::Count | Self::Submission(_) | Self::Round => "store",
        }
    }
}

impl Faults {
    /// Whether that is news.
    fn begin(&mut self, source: Source, code: &'static str) -> bool {
        self.0.insert(source, code) != Some(code)
    }

    fn end(&mut self, source: &Source) -> Option<&'static str> {
        self.0.remove(source)
    }

    /// What was wrong with submissions; what still is will be said again.
    pub(super) fn forget_submissions(&mut self) {
        self.0.retain(|source, _| !matches!(source, Source::Submission(_)));
    }

    /// Part and code, for the heartbeat.
    pub(super) fn troubles(&self) -> BTreeMap<String, String> {
        self.0.iter().map(|(source, code)| (source.part().to_owned(), (*code).to_owned())).collect()
    }
}

impl Engine {
    /// Says a fault, once until it is over.
    pub(super) async fn fault(&mut self, source: Source, code: &'static str) {
        if self.faults.begin(source, code) {
            tracing::error!(code, "sync.fault");
            self.tell(SyncEvent::Fault { code: code.to_owned() }).await;
        }
    }

    /// It is over, if it was there.
    pub(super) fn fault_over(&mut self, source: &Source) {
        if let Some(code) = self.faults.end(source) {
            tracing::info!(code, "sync.fault_over");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_news_once_until_it_is_over_and_told_as_long_as_it_lasts() {
        let mut faults = Faults::default();
        assert!(faults.begin(Source::Log, "log_not_emptied"));
        assert!(!faults.begin(Source::Log, "log_not_emptied"));
        assert_eq!(faults.troubles(), [("store".to_owned(), "log_not_emptied".to_owned())].into());
        assert_eq!(faults.end(&Source::Log), Some("log_not_emptied"));
        assert!(faults.troubles().is_empty());
        assert!(faults.begin(Source::Log, "log_not_emptied"));
    }

    #[test]
    fn of_several_faults_in_one_part_the_gravest_is_told() {
        let mut faults = Faults::default();
        faults.begin(Source::Submission("a".to_owned()), "database_corrupt");
        faults.begin(Source::Log, "log_not_emptied");
        faults.begin(Source::Certificate, "not_renewed");
        let told = faults.troubles();
        assert_eq!(told.get("store").map(String::as_str), Some("database_corrupt"));
        assert_eq!(told.get("certificate").map(String::as_str), Some("not_renewed"));
    }
}
