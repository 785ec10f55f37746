//! What the hall lost since it received it and asks for again: sent after all that no hall has yet, one a round, each
//! in its own time. Nothing of it fails a heartbeat. After a restart the hall asks anew.

use super::engine::Engine;
use super::faults::Source;
use super::outbox::{envelope, pause, upload};
use super::trouble::Trouble;
use std::time::Duration;
use tokio::time::Instant;

/// What was sent is not sent again before, should the hall go on asking for it.
const SENT_PAUSE: Duration = Duration::from_secs(5 * 60);

/// Submissions that the hall's last answer asked for.
#[derive(Debug, Default)]
pub(super) struct Wanted(Vec<One>);

#[derive(Debug)]
struct One {
    submission_id: String,
    failures: u32,
    at: Instant,
}

impl Wanted {
    /// Takes what an answer names: what it named before keeps its turn. Returns what is not wanted any more.
    fn replace(&mut self, named: Vec<String>, now: Instant) -> Vec<String> {
        let mut before = std::mem::take(&mut self.0);
        for submission_id in named {
            let known = before.iter().position(|one| one.submission_id == submission_id);
            let known = known.map(|at| before.swap_remove(at));
            self.0.push(known.unwrap_or(One { submission_id, failures: 0, at: now }));
        }
        before.into_iter().map(|one| one.submission_id).collect()
    }

    /// The one whose turn is next, and when.
    fn next(&self) -> Option<(&str, Instant)> {
        self.0.iter().min_by_key(|one| one.at).map(|one| (one.submission_id.as_str(), one.at))
    }

    /// When the next one's turn is.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.next().map(|(_, at)| at)
    }

    fn sent(&mut self, submission_id: &str, now: Instant) {
        if let Some(one) = self.find(submission_id) {
            (one.failures, one.at) = (0, now + SENT_PAUSE);
        }
    }

    fn failed(&mut self, submission_id: &str, (trouble, now): (&Trouble, Instant)) {
        if let Some(one) = self.find(submission_id) {
            one.failures = one.failures.saturating_add(1);
            one.at = now + pause(trouble, one.failures);
        }
    }

    fn find(&mut self, submission_id: &str) -> Option<&mut One> {
        self.0.iter_mut().find(|one| one.submission_id == submission_id)
    }
}

impl Engine {
    /// Takes what the hall asks for again.
    pub(super) fn asked_again(&mut self, named: Vec<String>) {
        for over in self.wanted.replace(named, Instant::now()) {
            self.fault_over(&Source::Submission(over));
        }
    }

    /// Sends the one again whose turn it is. It stays receipted: the watermark has not let it go, or there is nothing
    /// left to send.
    pub(super) async fn send_again(&mut self) {
        let due = self.wanted.next().filter(|(_, at)| *at <= Instant::now());
        let Some((submission_id, _)) = due else { return };
        let submission_id = submission_id.to_owned();
        match self.bring_back(&submission_id).await {
            Ok(()) => {
                self.wanted.sent(&submission_id, Instant::now());
                self.fault_over(&Source::Submission(submission_id));
            }
            Err(trouble) => self.not_sent_again(submission_id, trouble).await,
        }
    }

    async fn bring_back(&mut self, submission_id: &str) -> Result<(), Trouble> {
        let store = self.store.clone();
        let Some(envelope) = envelope(&store, submission_id).await? else { return Ok(()) };
        upload(&store, self.session()?, &envelope).await?;
        tracing::warn!(submission_id, "sync.sent_again");
        Ok(())
    }

    async fn not_sent_again(&mut self, submission_id: String, trouble: Trouble) {
        let (code, now) = (trouble.code(), Instant::now());
        tracing::warn!(submission_id, code, "sync.not_sent_again");
        self.wanted.failed(&submission_id, (&trouble, now));
        if matches!(trouble, Trouble::Unreadable(_)) {
            self.fault(Source::Submission(submission_id), code).await;
        } else if !trouble.is_permanent() && !trouble.is_of_one_request() {
            // Whether the hall is away for everything, its next heartbeat shows.
            self.heartbeat_at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(of: &[&str]) -> Vec<String> {
        of.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn what_is_named_again_keeps_its_turn_and_what_is_not_is_over() {
        let (mut wanted, now) = (Wanted::default(), Instant::now());
        assert!(wanted.replace(ids(&["a", "b"]), now).is_empty());
        wanted.failed("a", (&Trouble::Incomplete, now));
        assert_eq!(wanted.next(), Some(("b", now)), "a failure puts only that one off");
        wanted.sent("b", now);
        let waits = wanted.next_at().unwrap();
        assert!(waits > now && waits < now + SENT_PAUSE);
        assert_eq!(wanted.replace(ids(&["a", "c"]), now), ids(&["b"]));
        assert_eq!(wanted.next(), Some(("c", now)));
        assert_eq!(wanted.replace(ids(&["a"]), now), ids(&["c"]));
        assert_eq!(wanted.next(), Some(("a", waits)));
    }
}
