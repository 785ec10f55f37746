//! Upload of a sealed submission: manifest, chunks, finish (protocol v1, sections 2 and 6). Every step may be repeated.
//! An authentic, complete envelope is always received; only the same id with another body is refused.
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use wire::api::{ChunkRef, SubmissionManifest, SubmissionState};
use wire::ids::{Sha256, SubmissionId};
use wire::seal::{Header, body_sha256, verify_envelope};
use wire::signed::{KeyUse, Receipt, Signed};

use super::access::{Wish, admit};
use super::refusal::Refusal;
use crate::alarm::{self, Alarm, Kind};
use crate::audit;
use crate::cases::{self, ExamineError};
use crate::server::{Core, Peer};
use crate::submissions::{self as stored, Envelope, Place, ReceiptRow, Standing};
use crate::tls::{facts, is_of};

/// `PUT /v1/submissions/{id}`
pub(super) async fn announce(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<SubmissionId>,
    manifest: Result<Json<SubmissionManifest>, JsonRejection>,
) -> Result<(StatusCode, Json<SubmissionState>), Refusal> {
    admit(&core, &peer, Wish::Anything).await?;
    let Json(manifest) = manifest?;
    let (header, envelope) = authentic(&core, id, &manifest)?;
    let mut reader = core.db.read().acquire().await?;
    let standing = stored::standing(&mut reader, &envelope.submission_id, Some(&envelope.body_sha256)).await?;
    drop(reader);
    if standing == Standing::Unknown {
        core.slots.take(core.clock.now_ms() / 1000).map_err(Refusal::busy)?;
        know_key(&core, &envelope).await?;
    }
    let mut tx = core.db.begin().await?;
    let standing = stored::standing(&mut tx, &envelope.submission_id, Some(&envelope.body_sha256)).await?;
    if standing == Standing::Conflict {
        let detail = audit::terminal(&envelope.terminal_no);
        let at_ms = core.clock.now_ms();
        let alarm = Alarm { kind: Kind::IdConflict, subject: &envelope.submission_id, detail: &detail, at_ms };
        alarm::raise(&mut tx, alarm).await?;
        tx.commit().await?;
        return Err(Refusal::ID_CONFLICT);
    }
    let known = standing != Standing::Unknown;
    if !matches!(standing, Standing::Received(_)) {
        stored::begin(&mut tx, &envelope, core.clock.now_ms()).await?;
    }
    let state = state_in(&core, &mut tx, &header, None).await?;
    tx.commit().await?;
    Ok((if known { StatusCode::OK } else { StatusCode::CREATED }, Json(state)))
}

/// `PUT /v1/submissions/{id}/parts/{part}/chunks/{index}`
pub(super) async fn chunk(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path((id, part, index)): Path<(SubmissionId, u32, u32)>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Refusal> {
    admit(&core, &peer, Wish::Anything).await?;
    let body = body?;
    let (id, place) = (id.to_string(), Place { part: i64::from(part), n: i64::from(index) });
    let mut reader = core.db.read().acquire().await?;
    let expected = stored::expected_hash(&mut reader, &id, place).await?.ok_or(Refusal::NO_MANIFEST)?;
    drop(reader);
    let bodies = core.bodies.clone();
    tokio::task::spawn_blocking(move || {
        if Sha256::of(&body).0.as_slice() != expected {
            return Err(Refusal::CHUNK_HASH);
        }
        Ok(bodies.put(&expected, &body)?)
    })
    .await
    .map_err(|_| Refusal::UNAVAILABLE)??;
    let mut tx = core.db.begin().await?;
    stored::arrived(&mut tx, &id, place).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /v1/submissions/{id}`
pub(super) async fn state(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<SubmissionId>,
) -> Result<Json<SubmissionState>, Refusal> {
    admit(&core, &peer, Wish::Anything).await?;
    let mut tx = core.db.begin().await?;
    let envelope = stored::load(&mut tx, &id.to_string()).await?.ok_or(Refusal::NOT_FOUND)?;
    let state = state_in(&core, &mut tx, &parsed(&envelope)?, None).await?;
    tx.commit().await?;
    Ok(Json(state))
}

/// `POST /v1/submissions/{id}/finish`
pub(super) async fn finish(
    State(core): State<Arc<Core>>,
    Extension(peer): Extension<Peer>,
    Path(id): Path<SubmissionId>,
) -> Result<(StatusCode, Json<SubmissionState>), Refusal> {
    admit(&core, &peer, Wish::Anything).await?;
    let mut reader = core.db.read().acquire().await?;
    let envelope = stored::load(&mut reader, &id.to_string()).await?.ok_or(Refusal::NO_MANIFEST)?;
    let standing = stored::standing(&mut reader, &envelope.submission_id, None).await?;
    drop(reader);
    let header = parsed(&envelope)?;
    let received_ms = envelope.proved_ms.unwrap_or_else(|| core.clock.now_ms());
    let mut draft = None;
    if standing == Standing::Complete {
        match cases::examine(&core, &envelope, &header, received_ms).await {
            Ok(examined) => draft = Some(examined),
            Err(error) => unexamined(&core, error).await?,
        }
    }
    let mut tx = core.db.begin().await?;
    // Asked again under the write lock: another request may have finished it meanwhile.
    let standing = stored::standing(&mut tx, &envelope.submission_id, None).await?;
    let mut status = StatusCode::OK;
    if let (Standing::Complete, Some(draft)) = (standing, draft) {
        cases::store(&mut tx, &envelope, draft, received_ms).await?;
        status = StatusCode::CREATED;
    }
    let state = state_in(&core, &mut tx, &header, Some(&envelope)).await?;
    tx.commit().await?;
    core.backup_wanted.notify_one();
    Ok((status, Json(state)))
}

/// How a submission stands, as the terminal is told it. One that was received gets its receipt of this epoch.
pub(super) async fn state_in(
    core: &Core,
    tx: &mut sqlx::Transaction<'_, sqlx::Sqlite>,
    header: &Header,
    envelope: Option<&Envelope>,
) -> Result<SubmissionState, Refusal> {
    let id = header.submission_id.to_string();
    match stored::standing(tx, &id, None).await? {
        Standing::Received(received_ms) => {
            let body = match envelope {
                Some(envelope) => envelope.body_sha256.clone(),
                None => stored::load(tx, &id).await?.ok_or(Refusal::NOT_FOUND)?.body_sha256,
            };
            let body = Sha256(body.try_into().map_err(|_| Refusal::INTERNAL)?);
            Ok(SubmissionState::Receipt(receipt(core, tx, header, (body, received_ms)).await?))
        }
        Standing::Missing(places) => Ok(SubmissionState::Missing(places.into_iter().filter_map(chunk_ref).collect())),
        Standing::Complete => Ok(SubmissionState::Missing(Vec::new())),
        Standing::Unknown | Standing::Conflict => Err(Refusal::NOT_FOUND),
    }
}

/// The receipt of this epoch: the stored bytes, or new ones with the next server_seq.
pub(super) async fn receipt(
    core: &Core,
    tx: &mut sqlx::Transaction<'_, sqlx::Sqlite>,
    header: &Header,
    (body_sha256, received_at_ms): (Sha256, i64),
) -> Result<Signed<Receipt>, Refusal> {
    let (id, epoch) = (header.submission_id.to_string(), core.epoch.to_string());
    if let Some(row) = stored::existing(tx, &id, &epoch).await? {
        return Ok(Signed::from_parts(&row.body, &row.sig));
    }
    let keys = core.keys();
    let key = keys.newest(KeyUse::Receipt)?;
    let key_id = key.id()?;
    let row = stored::issue(tx, &id, &epoch, |server_seq| {
        let receipt = Receipt {
            suite: wire::signed::SUITE,
            hall_id: core.hall_id,
            hall_epoch: core.epoch,
            terminal_no: header.terminal_no.clone(),
            installation_id: header.installation_id,
            kiosk_seq: header.kiosk_seq,
            submission_id: header.submission_id,
            number: header.number.clone(),
            body_sha256,
            server_seq,
            received_at_ms,
            key_id,
        };
        let (body, sig) = Signed::sign(&receipt, &key.signing())?.parts()?;
        Ok::<_, Refusal>(ReceiptRow { body, sig })
    })
    .await?;
    Ok(Signed::from_parts(&row.body, &row.sig))
}

/// The header of a stored envelope.
pub(super) fn parsed(envelope: &Envelope) -> Result<Header, Refusal> {
    Header::parse(&envelope.header).map_err(|_| Refusal::INTERNAL)
}

/// Checks the whole envelope: header, hash, and a signature by any certificate of this hall's CA.
fn authentic(core: &Core, id: SubmissionId, manifest: &SubmissionManifest) -> Result<(Header, Envelope), Refusal> {
    let decode = |text: &str| BASE64.decode(text).map_err(|_| Refusal::malformed("the manifest is not base64"));
    let (bytes, signature) = (decode(&manifest.header)?, decode(&manifest.signature)?);
    let header = Header::parse(&bytes).map_err(|_| Refusal::malformed("the header is not understood"))?;
    if header.submission_id != id || header.chunk_count() != manifest.chunks.len() as u64 {
        return Err(Refusal::malformed("the manifest contradicts itself"));
    }
    if header.hall_id != core.hall_id {
        return Err(Refusal::WRONG_HALL);
    }
    let body = body_sha256(&bytes, manifest.chunks.iter());
    let certificate = header.certificate_der().map_err(|_| Refusal::malformed("the certificate is not base64"))?;
    let key = facts(&certificate).and_then(|facts| <[u8; 32]>::try_from(facts.public_key).ok());
    let key = key.ok_or(Refusal::NOT_AUTHENTIC)?;
    let ours = is_of(core.authority.der(), &certificate, core.clock.now_ms()).unwrap_or(false);
    if !ours || verify_envelope(&body, &signature, &key).is_err() {
        return Err(Refusal::NOT_AUTHENTIC);
    }
    let envelope = Envelope {
        submission_id: id.to_string(),
        terminal_no: header.terminal_no.to_string(),
        installation_id: header.installation_id.to_string(),
        kiosk_seq: i64::try_from(header.kiosk_seq).map_err(|_| Refusal::malformed("kiosk_seq is too large"))?,
        number: header.number.to_string(),
        key_id: header.key_id.to_string(),
        body_sha256: body.0.to_vec(),
        header: bytes,
        signature,
        parts: by_part(&header, &manifest.chunks),
        proved_ms: manifest.old_receipt.as_ref().and_then(|receipt| proved(core, receipt, &header, body)),
    };
    Ok((header, envelope))
}

fn by_part(header: &Header, chunks: &[Sha256]) -> Vec<Vec<[u8; 32]>> {
    let mut rest = chunks.iter();
    header.parts.iter().map(|part| rest.by_ref().take(part.chunks as usize).map(|hash| hash.0).collect()).collect()
}

/// When an older receipt of this hall says that it first had the submission.
fn proved(core: &Core, receipt: &Signed<Receipt>, header: &Header, body: Sha256) -> Option<i64> {
    Some(proven(core, receipt, header.submission_id, body)?.received_at_ms)
}

/// A receipt that this hall gave, in whatever epoch, for this submission with this body. A restored hall has all its
/// keys again; another hall's receipt proves nothing here.
pub(super) fn proven(
    core: &Core,
    receipt: &Signed<Receipt>,
    submission_id: SubmissionId,
    body: Sha256,
) -> Option<Receipt> {
    let said = receipt.unverified().ok()?;
    let key = core.keys().find(KeyUse::Receipt, said.key_id.as_str())?.signing().verifying_key();
    let receipt = receipt.verify(&key).ok()?;
    (receipt.hall_id == core.hall_id && receipt.submission_id == submission_id && receipt.body_sha256 == body)
        .then_some(receipt)
}

/// An unknown sealing key holds up this submission only, and an administrator hears of it.
async fn know_key(core: &Core, envelope: &Envelope) -> Result<(), Refusal> {
    if core.keys().find(KeyUse::Sealing, &envelope.key_id).is_some() {
        return Ok(());
    }
    let detail = audit::terminal(&envelope.terminal_no);
    let at_ms = core.clock.now_ms();
    let mut tx = core.db.begin().await?;
    alarm::raise(&mut tx, Alarm { kind: Kind::KeyUnknown, subject: &envelope.key_id, detail: &detail, at_ms }).await?;
    tx.commit().await?;
    Err(Refusal::KEY_UNKNOWN)
}

/// A chunk that cannot be read any more is wanted again; anything else is the hall's own trouble.
async fn unexamined(core: &Core, error: ExamineError) -> Result<(), Refusal> {
    match error {
        ExamineError::Chunk(sha256) => {
            core.bodies.forget(&sha256)?;
            let mut tx = core.db.begin().await?;
            sqlx::query!("update chunk set present = 0 where sha256 = ?", sha256).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(())
        }
        ExamineError::Database(error) => Err(error.into()),
        ExamineError::Stopped => Err(Refusal::UNAVAILABLE),
    }
}

fn chunk_ref(place: Place) -> Option<ChunkRef> {
    Some(ChunkRef { part: u32::try_from(place.part).ok()?, index: u32::try_from(place.n).ok()? })
}
