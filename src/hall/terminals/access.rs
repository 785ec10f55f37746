//! Who may do what, decided at each request by the hash of the certificate's public key.
//! The allow-list and the deny-list are one table; a CA-valid certificate that it does not know (the hall was restored
//! from before a renewal) may only renew and ask the time until an administrator confirms it.
use serde_json::json;
use sqlx::{Sqlite, Transaction};

use super::enrol::spki_of;
use super::refusal::Refusal;
use crate::alarm::{self, Alarm, Kind};
use crate::audit;
use crate::keys::hex;
use crate::server::{Core, Peer, PeerCertificate};
use crate::tls::TerminalCertificate;

/// What a request wants to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// `renew` and `time`: also with an expired or unknown certificate.
    RenewOrTime,
    Anything,
}

/// The terminal behind a request.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    pub(crate) terminal_no: String,
    pub(crate) installation_id: String,
    pub(crate) spki_sha256: Vec<u8>,
    /// Not confirmed by an administrator: what it renews is not either.
    pub(crate) unconfirmed: bool,
}

/// Admits a request or says why not.
pub(crate) async fn admit(core: &Core, peer: &Peer, wish: Wish) -> Result<Terminal, Refusal> {
    let certificate = peer.certificate.as_deref().ok_or(Refusal::NO_CERTIFICATE)?;
    let (terminal_no, installation_id) =
        core.authority.terminal_of(&certificate.facts.uri).ok_or(Refusal::NO_CERTIFICATE)?;
    let spki = &certificate.facts.spki_sha256;
    let row = sqlx::query!("select state from certificate where spki_sha256 = ?", spki)
        .fetch_optional(core.db.read())
        .await?;
    let state = row.map(|row| row.state);
    match state.as_deref() {
        Some("active") => {}
        Some("issued") => first_use(core, spki).await?,
        Some("unconfirmed") => {}
        Some("replaced") => return Err(Refusal::REPLACED),
        Some(_) => return Err(Refusal::DENIED),
        None => remember_unknown(core, certificate, (terminal_no, installation_id)).await?,
    }
    let unconfirmed = matches!(state.as_deref(), None | Some("unconfirmed"));
    if wish == Wish::Anything && unconfirmed {
        return Err(Refusal::UNCONFIRMED);
    }
    if wish == Wish::Anything && certificate.facts.not_after_s < core.clock.now_ms() / 1000 {
        return Err(Refusal::EXPIRED);
    }
    Ok(Terminal {
        terminal_no: terminal_no.to_owned(),
        installation_id: installation_id.to_owned(),
        spki_sha256: spki.clone(),
        unconfirmed,
    })
}

/// Notes an installation of a terminal, so that heartbeats find their row.
pub(crate) async fn remember(
    tx: &mut Transaction<'_, Sqlite>,
    terminal: (&str, &str),
    now_ms: i64,
) -> Result<(), sqlx::Error> {
    let (terminal_no, installation_id) = terminal;
    sqlx::query!(
        "insert into terminal (terminal_no, place, created_ms) values (?, '', ?) on conflict do nothing",
        terminal_no,
        now_ms
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into installation (installation_id, terminal_no, enrolled_ms) values (?, ?, ?) on conflict do nothing",
        installation_id,
        terminal_no,
        now_ms
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts a certificate that was just issued at enrolment on the allow-list.
pub(super) async fn store_certificate(
    tx: &mut Transaction<'_, Sqlite>,
    issued: &TerminalCertificate,
    terminal: (&str, &str),
    now_ms: i64,
) -> Result<(), Refusal> {
    let spki = spki_of(&issued.der).ok_or(Refusal::INTERNAL)?;
    let (terminal_no, installation_id) = terminal;
    sqlx::query!(
        "insert into certificate (spki_sha256, terminal_no, installation_id, der, not_after_ms, state, issued_ms)
         values (?, ?, ?, ?, ?, 'issued', ?) on conflict do nothing",
        spki,
        terminal_no,
        installation_id,
        issued.der,
        issued.not_after_ms,
        now_ms
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The new certificate works: the one that it renews is not needed any more.
async fn first_use(core: &Core, spki: &[u8]) -> Result<(), Refusal> {
    let mut tx = core.db.begin().await?;
    sqlx::query!("update certificate set state = 'active' where spki_sha256 = ? and state = 'issued'", spki)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "update certificate set state = 'replaced'
         where state = 'active' and spki_sha256 = (select renews from certificate where spki_sha256 = ?)",
        spki
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

async fn remember_unknown(core: &Core, certificate: &PeerCertificate, terminal: (&str, &str)) -> Result<(), Refusal> {
    let (now, facts) = (core.clock.now_ms(), &certificate.facts);
    let (terminal_no, installation_id) = terminal;
    let not_after_ms = facts.not_after_s.saturating_mul(1000);
    let mut tx = core.db.begin().await?;
    sqlx::query!(
        "insert into certificate (spki_sha256, terminal_no, installation_id, der, not_after_ms, state, issued_ms)
         values (?, ?, ?, ?, ?, 'unconfirmed', ?) on conflict do nothing",
        facts.spki_sha256,
        terminal_no,
        installation_id,
        certificate.der,
        not_after_ms,
        now
    )
    .execute(&mut *tx)
    .await?;
    let subject = hex(&facts.spki_sha256);
    let alarm = Alarm { kind: Kind::CertificateUnconfirmed, subject: &subject, detail: terminal_no, at_ms: now };
    alarm::raise(&mut tx, alarm).await?;
    let fields = json!({ "terminal": terminal_no, "spki": subject });
    let entry = audit::Entry { actor: "hall", event: "certificate.unknown", fields, at_ms: now };
    audit::write(&mut tx, entry).await?;
    tx.commit().await?;
    Ok(())
}
