//! Enrolment by a one-time code (protocol v1, section 5): the only route that works without a certificate.
//! The same CSR gets the same answer until the code expires; five wrong proofs use up a terminal number's codes.
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use sqlx::{Sqlite, Transaction};
use wire::api::{EnrolAnswer, EnrolRequest, EnrolResponse, HallInfo, Limits};
use wire::enrol::{self, EnrolmentKey};
use wire::ids::Sha256;
use zeroize::Zeroizing;

use super::access::remember;
use super::refusal::Refusal;
use crate::audit;
use crate::clock::latest_stamp;
use crate::server::Core;
use crate::tls::facts;

/// What a lost disk may have used of the serials without anybody knowing.
const SERIALS_SKIPPED: i64 = 1000;

/// `GET /v1/hall`
pub(super) async fn hall(State(core): State<Arc<Core>>) -> Json<HallInfo> {
    Json(HallInfo { hall_id: core.hall_id })
}

/// `POST /v1/enrol`
pub(super) async fn enrol(
    State(core): State<Arc<Core>>,
    request: Result<Json<EnrolRequest>, JsonRejection>,
) -> Result<Json<EnrolResponse>, Refusal> {
    let Json(request) = request?;
    let csr = BASE64.decode(&request.csr).map_err(|_| Refusal::malformed("the CSR is not base64"))?;
    let mac = BASE64.decode(&request.mac).map_err(|_| Refusal::malformed("the proof is not base64"))?;
    let leaf = Sha256(core.leaf.spki_sha256());
    let proof = Proof { csr: &csr, mac: &mac, leaf: &leaf };
    let mut tx = core.db.begin().await?;
    let Some(code) = matching_code(&mut tx, &request, &proof, core.clock.now_ms()).await? else {
        tx.commit().await?;
        return Err(Refusal::CODE_REFUSED);
    };
    let answer = match code.answer {
        Some(answer) => answer,
        None => {
            let answer = answer(&core, &mut tx, &request, &csr).await?;
            use_up(&core, &mut tx, (code.code_id, &request), (&csr, &answer)).await?;
            answer
        }
    };
    tx.commit().await?;
    core.backup_wanted.notify_one();
    let mac = enrol::hall_mac(&code.key, core.authority.der(), &leaf, &answer);
    Ok(Json(EnrolResponse { answer: BASE64.encode(&answer), mac: BASE64.encode(mac) }))
}

struct Proof<'a> {
    csr: &'a [u8],
    mac: &'a [u8],
    leaf: &'a Sha256,
}

struct Code {
    code_id: i64,
    key: EnrolmentKey,
    /// What the same CSR was answered before.
    answer: Option<Vec<u8>>,
}

/// The code that the proof was made with; none counts as a try on all codes of that terminal number.
async fn matching_code(
    tx: &mut Transaction<'_, Sqlite>,
    request: &EnrolRequest,
    proof: &Proof<'_>,
    now_ms: i64,
) -> Result<Option<Code>, sqlx::Error> {
    let (terminal_no, latest) = (request.terminal_no.as_str(), latest_stamp(now_ms));
    let rows = sqlx::query!(
        "select code_id as \"code_id!\", mac_key as \"mac_key!: Vec<u8>\", csr_sha256, answer from enrolment_code
         where terminal_no = ? and expires_ms > ? and created_ms <= ? and tries_left > 0 and mac_key is not null
         order by code_id desc",
        terminal_no,
        now_ms,
        latest
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in rows {
        let Ok(key) = <[u8; 32]>::try_from(row.mac_key).map(Zeroizing::new) else { continue };
        if enrol::check(&enrol::terminal_mac(&key, proof.csr, proof.leaf), proof.mac).is_err() {
            continue;
        }
        let same_csr = row.csr_sha256.as_deref() == Some(&Sha256::of(proof.csr).0);
        return Ok(match (row.answer, same_csr) {
            (None, _) => Some(Code { code_id: row.code_id, key, answer: None }),
            (Some(answer), true) => Some(Code { code_id: row.code_id, key, answer: Some(answer) }),
            // Used for another key: single use.
            (Some(_), false) => None,
        });
    }
    sqlx::query!(
        "update enrolment_code set tries_left = tries_left - 1 where terminal_no = ? and tries_left > 0",
        terminal_no
    )
    .execute(&mut **tx)
    .await?;
    Ok(None)
}

async fn answer(
    core: &Core,
    tx: &mut Transaction<'_, Sqlite>,
    request: &EnrolRequest,
    csr: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let (terminal_no, installation_id) = (request.terminal_no.as_str(), request.installation_id.to_string());
    let now = core.clock.now();
    let issued = core
        .authority
        .issue_terminal(csr, (terminal_no, &installation_id), now)
        .map_err(|_| Refusal::malformed("the CSR is not a signed CSR"))?;
    let next_serial = next_serial(tx, terminal_no).await?;
    remember(tx, (terminal_no, &installation_id), now.as_millisecond()).await?;
    super::access::store_certificate(tx, &issued, (terminal_no, &installation_id), now.as_millisecond()).await?;
    let keys = core.keys();
    let answer = EnrolAnswer {
        hall_id: core.hall_id,
        hall_epoch: core.epoch,
        ca: BASE64.encode(core.authority.der()),
        root_key: Sha256(keys.root().verifying_key().to_bytes()),
        certificate: BASE64.encode(&issued.der),
        key_list: super::heartbeat::key_list(core, tx).await?,
        next_serial,
        limits: Limits::default(),
    };
    serde_json::to_vec(&answer).map_err(|_| Refusal::INTERNAL)
}

async fn use_up(
    core: &Core,
    tx: &mut Transaction<'_, Sqlite>,
    (code_id, request): (i64, &EnrolRequest),
    (csr, answer): (&[u8], &[u8]),
) -> Result<(), sqlx::Error> {
    let (now, csr_sha256) = (core.clock.now_ms(), Sha256::of(csr).0.to_vec());
    sqlx::query!(
        "update enrolment_code set csr_sha256 = ?, answer = ?, used_ms = ? where code_id = ?",
        csr_sha256,
        answer,
        now,
        code_id
    )
    .execute(&mut **tx)
    .await?;
    let actor = audit::terminal(&request.terminal_no);
    let fields = json!({
        "installation": request.installation_id,
        "fingerprint": enrol::fingerprint(core.authority.der(), csr),
    });
    audit::write(tx, audit::Entry { actor: &actor, event: "terminal.enrolled", fields, at_ms: now }).await
}

/// Goes on where the place's last installation was seen, past what it may have used since.
async fn next_serial(tx: &mut Transaction<'_, Sqlite>, terminal_no: &str) -> Result<u64, sqlx::Error> {
    let row = sqlx::query!(
        "select
            (select coalesce(max(cast(substr(number, 21, 5) as integer)), 0) from submission where terminal_no = ?1)
                as \"serial!: i64\",
            (select count(*) from installation where terminal_no = ?1) as \"installations!: i64\"",
        terminal_no
    )
    .fetch_one(&mut **tx)
    .await?;
    let skipped = if row.installations > 0 { SERIALS_SKIPPED } else { 0 };
    Ok((row.serial + 1 + skipped).unsigned_abs())
}

/// Hash of a certificate's public key.
pub(super) fn spki_of(certificate_der: &[u8]) -> Option<Vec<u8>> {
    facts(certificate_der).map(|facts| facts.spki_sha256)
}
