//! The hall's side of the loop: the hall's own routes, transactions and chunk files, on the crash disk. Three mutants:
//! the receipt goes out before its COMMIT, a repeat makes a second case, chunks are not synced.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hall::{
    Files,
    desk::{Answered, Desk},
    inspect::Opened,
};
use hyper::Method;
use kiosk::store::{Envelope, Held, Receipt, Reconciled, Store};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use wire::{
    api::{
        ReconcileAnswer, ReconcileEntry, ReconcileRequest, SubmissionManifest, SubmissionState,
        path::{self, RECONCILE},
    },
    ids::{Sha256, SubmissionId},
    seal::{Header, body_sha256, sign_envelope},
    signed::{self, Signed},
};

use crate::{crash_vfs::Disk, enrolled::ENROLLED, files::LoggedFiles};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HallKind {
    Sound,
    AcknowledgesBeforeCommit,
    DoesNotDeduplicate,
    DoesNotSyncChunks,
}

pub struct Hall {
    desk: Desk,
    kind: HallKind,
    folder: PathBuf,
    /// None on the machine's own disk.
    disk: Option<Disk>,
}

/// A failure of the hall, or an answer that is none.
pub type HallFailure = Box<dyn std::error::Error>;

impl Hall {
    pub async fn open(folder: &Path, disk: Option<&Disk>, kind: HallKind) -> Result<Self, HallFailure> {
        let files = disk.map(|disk| {
            let files = LoggedFiles { disk: disk.clone(), synced: kind != HallKind::DoesNotSyncChunks };
            Arc::new(files) as Arc<dyn Files>
        });
        let desk = Desk::open(ENROLLED.hall(folder, disk.map(Disk::name), files)).await?;
        Ok(Self { desk, kind, folder: folder.to_owned(), disk: disk.cloned() })
    }

    /// Takes a submission and its chunks by protocol v1; the same one again gets the same receipt.
    pub async fn receive(&mut self, envelope: &Envelope, store: &Store) -> Result<Receipt, HallFailure> {
        let (id, manifest) = self.manifest(envelope).await?;
        let mut state: SubmissionState = self.json(Method::PUT, &path::submission(&id), &manifest).await?;
        // The hall may find a chunk damaged at the end and ask for it once more.
        for _ in 0..3 {
            match state {
                SubmissionState::Receipt(signed) => return stored(&signed, envelope, self.kind),
                SubmissionState::Missing(missing) => {
                    for chunk in missing {
                        let bytes = store.chunk(&envelope.submission_id, chunk.part, chunk.index).await?;
                        self.ask(Method::PUT, &path::chunk(&id, chunk.part, chunk.index), bytes).await?;
                    }
                }
            }
            if let (HallKind::AcknowledgesBeforeCommit, Some(disk)) = (self.kind, &self.disk) {
                disk.hold(&self.folder.to_string_lossy());
            }
            state = read(&self.ask(Method::POST, &path::finish(&id), Vec::new()).await?)?;
        }
        Err("the hall asks for chunks again and again".into())
    }

    /// After the terminal has the receipt: where the mutant's commit reaches the disk.
    pub fn receipt_arrived(&self) {
        if let Some(disk) = &self.disk {
            disk.release();
        }
    }

    /// What terminals may let go.
    pub async fn safe_through(&self) -> Result<(String, u64), HallFailure> {
        Ok((self.desk.epoch(), self.desk.safe_through().await?))
    }

    /// Starts again in a new epoch, as after a restore.
    pub async fn restored(self, epoch: &str) -> Result<Self, HallFailure> {
        self.desk.close().await;
        let mut options =
            SqliteConnectOptions::new().filename(self.folder.join("hall.sqlite")).disable_statement_logging();
        if let Some(disk) = &self.disk {
            options = options.vfs(disk.name().to_owned());
        }
        let mut conn = options.connect().await?;
        sqlx::query(
            "update hall set hall_epoch = ?, safe_through = 0, list_seq = list_seq + 1,
                next_server_seq = next_server_seq + 10000",
        )
        .bind(epoch)
        .execute(&mut conn)
        .await?;
        conn.close().await?;
        Self::open(&self.folder, self.disk.as_ref(), self.kind).await
    }

    /// New receipts for what is held, a list of what is not.
    pub async fn reconcile(&self, list: &[Held]) -> Result<Reconciled, HallFailure> {
        let entry = |held: &Held| {
            Ok::<_, HallFailure>(ReconcileEntry {
                installation_id: ENROLLED.installation,
                kiosk_seq: held.kiosk_seq,
                submission_id: held.submission_id.parse()?,
                body_sha256: hash(&held.body_sha256)?,
                has_payload: held.has_payload,
                receipt: held.receipt.as_ref().map(|receipt| Signed::from_parts(&receipt.body, &receipt.signature)),
            })
        };
        let request = ReconcileRequest { entries: list.iter().map(entry).collect::<Result<_, _>>()? };
        let answer: ReconcileAnswer = self.json(Method::POST, RECONCILE, &request).await?;
        let mut reconciled = Reconciled { hall_epoch: answer.hall_epoch.to_string(), ..Reconciled::default() };
        for signed in &answer.held {
            let receipt = signed.unverified()?;
            reconciled.held.push((receipt.submission_id.to_string(), believed(signed)?));
        }
        reconciled.send = answer.send.iter().map(SubmissionId::to_string).collect();
        Ok(reconciled)
    }

    /// The bodies of all cases of a submission; none where one is not whole.
    pub async fn cases(&self, number: &str) -> Result<Vec<Option<Opened>>, HallFailure> {
        Ok(self.desk.opened(number).await?.into_iter().map(Result::ok).collect())
    }

    pub async fn close(self) {
        self.desk.close().await;
    }

    /// Under which id it is received: the mutant takes every upload of a received submission for a new one.
    async fn manifest(&self, envelope: &Envelope) -> Result<(SubmissionId, SubmissionManifest), HallFailure> {
        let chunks: Vec<Sha256> =
            envelope.chunks.iter().map(|chunk| hash(&chunk.sha256)).collect::<Result<_, HallFailure>>()?;
        let (mut header, mut signature) = (envelope.header.clone(), envelope.signature.clone());
        let mut parsed = Header::parse(&header).map_err(|_| "header")?;
        if self.kind == HallKind::DoesNotDeduplicate {
            let received = self.desk.opened(&envelope.number).await?.len();
            if received > 0 {
                let other = parsed.submission_id.to_string();
                parsed.submission_id = format!("{}{received:04x}", &other[..other.len() - 4]).parse()?;
                header = serde_json::to_vec(&parsed)?;
                signature = sign_envelope(&body_sha256(&header, chunks.iter()), &ENROLLED.signing).to_vec();
            }
        }
        let old = envelope.old_receipt.as_ref().filter(|receipt| receipt.hall_epoch != self.desk.epoch());
        let manifest = SubmissionManifest {
            header: STANDARD.encode(header),
            signature: STANDARD.encode(signature),
            chunks,
            old_receipt: old.map(|receipt| Signed::from_parts(&receipt.body, &receipt.signature)),
        };
        Ok((parsed.submission_id, manifest))
    }

    async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, HallFailure> {
        read(&self.ask(method, path, serde_json::to_vec(body)?).await?)
    }

    async fn ask(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Answered, HallFailure> {
        let answered = self.desk.ask(method, path, Some(&ENROLLED.certificate), body).await?;
        if (200..300).contains(&answered.status) {
            return Ok(answered);
        }
        Err(format!("{path}: {} {}", answered.status, String::from_utf8_lossy(&answered.body)).into())
    }
}

fn read<T: DeserializeOwned>(answered: &Answered) -> Result<T, HallFailure> {
    Ok(serde_json::from_slice(&answered.body)?)
}

/// The receipt, if it is of our hall and about what was sent.
fn stored(signed: &Signed<signed::Receipt>, sent: &Envelope, kind: HallKind) -> Result<Receipt, HallFailure> {
    let receipt = signed.unverified()?;
    let fits = receipt.submission_id.to_string() == sent.submission_id && receipt.body_sha256.0 == *sent.body_sha256;
    if !fits && kind != HallKind::DoesNotDeduplicate {
        return Err("a receipt for something else".into());
    }
    believed(signed)
}

fn believed(signed: &Signed<signed::Receipt>) -> Result<Receipt, HallFailure> {
    let key = ENROLLED.receipt_key(&signed.unverified()?.key_id).ok_or("an unknown receipt key")?;
    let receipt = signed.verify(&key)?;
    let (body, signature) = signed.parts()?;
    Ok(Receipt { hall_epoch: receipt.hall_epoch.to_string(), server_seq: receipt.server_seq, body, signature })
}

fn hash(bytes: &[u8]) -> Result<Sha256, HallFailure> {
    Ok(Sha256(bytes.try_into()?))
}
