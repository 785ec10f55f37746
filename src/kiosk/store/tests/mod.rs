//! The store through its public face: custody, counters, recovery, enrolment, what lies on the disk.

mod custody;
mod enrolment;
mod outbox;
mod print_job;
mod recovery;
mod remanence;

use super::*;

/// A store in its own folder, which goes with the test.
pub(super) struct Place {
    pub store: Store,
    pub folder: tempfile::TempDir,
}

pub(super) async fn fresh() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(Options::new(folder.path())).await.unwrap();
    Place { store, folder }
}

impl Place {
    /// Ends without saying so and starts again. (What a power cut does to the bytes is `tests/durability`.)
    pub async fn crash(self) -> Self {
        let Self { store, folder } = self;
        let Ok(inner) = Arc::try_unwrap(store.inner).map_err(|_| "shared") else { panic!("the store is shared") };
        drop(inner);
        let store = Store::open(Options::new(folder.path())).await.unwrap();
        Self { store, folder }
    }
}

pub(super) fn sealed(numbers: NextNumbers, bytes: &[u8]) -> SealedSubmission {
    SealedSubmission {
        number: format!("411681-20261123-007-{:05}-6", numbers.serial),
        item_id: "item-1".into(),
        key_id: "key-1".into(),
        submitted_at_ms: 1_700_000_000_000,
        header: b"header".to_vec(),
        signing: Signing::Done(vec![7; 64]),
        chunks: vec![wire::seal::UnhashedChunk { part: 0, index: 0, bytes: bytes.to_vec() }],
        recovery: None,
    }
}

pub(super) async fn submit(store: &Store, id: &str) -> Stored {
    store.submit::<()>(id, |numbers| Ok(sealed(numbers, b"sealed bytes"))).await.unwrap()
}

pub(super) fn receipt(epoch: &str, server_seq: u64) -> Receipt {
    Receipt { hall_epoch: epoch.into(), server_seq, body: b"receipt".to_vec(), signature: vec![9; 64] }
}

pub(super) fn enrolment(hall_id: &str, epoch: &str) -> Enrolment {
    Enrolment {
        terminal_no: "007".into(),
        hall_id: hall_id.into(),
        address: "127.0.0.1:1".into(),
        ca: vec![1],
        root_key: vec![2; 32],
        hall_epoch: epoch.into(),
        certificate: vec![5],
        key_list: SignedKeyList { list_seq: 1, body: vec![1], signature: vec![1] },
        next_serial: 12,
        limits: "{}".into(),
    }
}

pub(super) async fn enrol(store: &Store, hall_id: &str, epoch: &str) {
    store.set_pending_key(&[1, 2, 3], &[4]).await.unwrap();
    store.enrolled(enrolment(hall_id, epoch)).await.unwrap();
}
