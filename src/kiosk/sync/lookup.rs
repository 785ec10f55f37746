//! Looking a case up, on a connection of its own: a file that is being fetched must not hold an answer up. Asked
//! once; nothing of the answer is stored or logged.

use super::control::{Gate, LookUp};
use super::membership::connect;
use super::paper::not_fetched;
use super::{NotFetched, SyncEvent};
use crate::store::Store;
use tokio::sync::mpsc;
use wire::api::{ProgressAnswer, path};

/// Serves orders until the program ends.
pub(super) async fn run(store: Store, gate: Gate, mut orders: mpsc::Receiver<LookUp>, events: mpsc::Sender<SyncEvent>) {
    let serving = async {
        while let Some(order) = orders.recv().await {
            let answer = look_up(&store, &gate, &order).await;
            // Nobody listens any more only when the program ends.
            let _ = events.send(SyncEvent::LookedUp { number: order.number, answer }).await;
        }
    };
    gate.until_stopped(serving).await;
}

async fn look_up(store: &Store, gate: &Gate, order: &LookUp) -> Result<ProgressAnswer, NotFetched> {
    let mut link = connect(store, gate).await.map_err(|trouble| {
        tracing::info!(code = trouble.code(), "sync.not_looked_up");
        NotFetched::NoAnswer
    })?;
    link.post(path::PROGRESS, &order.request).await.map_err(|error| not_fetched(&error))
}
