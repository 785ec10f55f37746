//! Staff calls (rules 8.9) on a connection of their own: a long poll must not hold up anything else. A call names a
//! step of the session, never a person. That nobody answers is the session's to say, after its own time.

use super::SyncEvent;
use super::control::{CallOrder, Gate};
use super::link::{Link, REQUEST_TIMEOUT, Send};
use super::link_error::LinkError;
use super::membership::connect;
use super::trouble::Trouble;
use crate::store::{Store, random_uuid};
use hyper::Method;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::mpsc;
use wire::api::{CallRequest, CallState, CallStatus, path};
use wire::ids::CallId;

/// How long the hall may hold an answer back.
const POLL_S: u64 = 20;
/// Tries before a call counts as not through, and the pause between them.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// Serves orders until the program ends.
pub(super) async fn run(
    store: Store,
    gate: Gate,
    mut orders: mpsc::Receiver<CallOrder>,
    events: mpsc::Sender<SyncEvent>,
) {
    let serving = async {
        let mut open: Option<CallId> = None;
        let mut next = orders.recv().await;
        while let Some(order) = next.take() {
            match order {
                CallOrder::Close => {
                    if let Some(call_id) = open.take() {
                        close(&store, &gate, call_id).await;
                    }
                    next = orders.recv().await;
                }
                CallOrder::Call(step) => {
                    let call_id = random_uuid().map(CallId);
                    open = call_id;
                    next = tokio::select! {
                        event = call(&store, &gate, (call_id, step)) => {
                            if let Some(event) = event {
                                let _ = events.send(event).await;
                            }
                            orders.recv().await
                        }
                        // Another order ends the wait for this one.
                        order = orders.recv() => order,
                    };
                }
            }
        }
    };
    gate.until_stopped(serving).await;
}

/// Calls and waits; what became of it, if the screen has to know.
async fn call(store: &Store, gate: &Gate, (call_id, step): (Option<CallId>, String)) -> Option<SyncEvent> {
    let Some(call_id) = call_id else { return Some(SyncEvent::CallFailed) };
    let mut failures = 0;
    let mut link = None;
    let mut status = None;
    loop {
        if gate.is_hall_ended() {
            return Some(SyncEvent::CallFailed);
        }
        let asked = match &mut link {
            None => match connect(store, gate).await {
                Ok(new) => {
                    link = Some(new);
                    continue;
                }
                Err(trouble) => Err(trouble),
            },
            Some(link) => ask(link, status.is_some(), (call_id, &step)).await.map_err(Trouble::from),
        };
        match asked.map(|answer| answer.state) {
            Ok(CallState::Answered { who, minutes }) => return Some(SyncEvent::CallAnswered { who, minutes }),
            Ok(CallState::Closed) => return None,
            Ok(CallState::Open) => {
                failures = 0;
                status = Some(());
            }
            Err(trouble) => {
                failures += 1;
                tracing::warn!(code = trouble.code(), failures, "sync.call_failed");
                if failures >= TRIES {
                    return Some(SyncEvent::CallFailed);
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn ask(link: &mut Link, is_open: bool, (call_id, step): (CallId, &str)) -> Result<CallStatus, LinkError> {
    if !is_open {
        let request = CallRequest { call_id, step: step.to_owned() };
        return link.post(path::CALLS, &request).await;
    }
    let wait = REQUEST_TIMEOUT + Duration::from_secs(POLL_S);
    let asked = format!("{}?wait={POLL_S}", path::call(&call_id));
    link.ask(Method::GET, &asked, Send::<()>::Nothing, wait).await
}

async fn close(store: &Store, gate: &Gate, call_id: CallId) {
    let closing = async {
        let mut link = connect(store, gate).await?;
        let path = path::close_call(&call_id);
        link.ask::<(), Value>(Method::POST, &path, Send::Nothing, REQUEST_TIMEOUT).await.map_err(Trouble::from)
    };
    // The page of the hall stops sounding by itself; this only makes it sooner.
    if let Err(trouble) = closing.await {
        tracing::info!(code = trouble.code(), "sync.call_not_closed");
    }
}
