//! Enrolment with a one-time code (protocol, section 5). The key is stored before it is used, so that after a lost
//! answer the same request is made again and gets the same answer. Nothing is stored of a hall whose proof over
//! this very connection does not fit.

use super::certificate::{self, NewKey};
use super::link::Link;
use super::link_error::LinkError;
use super::member::root_key;
use super::network::Network;
use super::tls::{HallSeen, Trust, client_config};
use crate::store::{Enrolment, KeyState, SignedKeyList, Store, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wire::api::{EnrolAnswer, EnrolRequest, EnrolResponse, HallInfo, ProblemCode, path};
use wire::enrol::{EnrolError, EnrolmentKey};
use wire::ids::{HallId, InstallationId, Sha256, TerminalNo};
use zeroize::Zeroizing;

/// What is typed, scanned or handed over.
pub struct EnrolmentWish {
    /// `HOST:PORT`.
    pub address: String,
    /// Place of this terminal.
    pub terminal_no: TerminalNo,
    /// Twelve characters, dashes or not.
    pub code: Zeroizing<String>,
    /// Hash of the hall's authority, where the QR form gave it.
    pub authority: Option<Sha256>,
}

/// Enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The hall.
    pub hall_id: HallId,
    /// The same on both screens: `4F2A 91C3`.
    pub fingerprint: String,
}

/// Why it did not come to it.
#[derive(Debug, thiserror::Error)]
pub enum EnrolFailure {
    /// The hall was not reached, or refused.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Code or proof.
    #[error(transparent)]
    Code(#[from] EnrolError),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The hall proved that it knows the code, but what it gives cannot be used.
    #[error("the hall's answer cannot be used: hall and terminal are of different versions")]
    Answer,
    /// No key could be made.
    #[error("no key could be made: the machine gives no randomness")]
    Key,
}

impl EnrolFailure {
    /// Whether the same code does not help before somebody looks.
    pub(super) fn needs_person(&self) -> bool {
        let refused = |code| matches!(code, ProblemCode::EnrolmentRefused | ProblemCode::Malformed);
        match self {
            Self::Link(LinkError::Problem { code, .. }) => refused(*code),
            Self::Link(_) | Self::Key | Self::Code(EnrolError::Derive) => false,
            Self::Store(error) => matches!(error, StoreError::StillHeld { .. }),
            Self::Code(_) | Self::Answer => true,
        }
    }
}

/// Enrols this terminal.
///
/// # Errors
/// When the hall is not reached, refuses, or does not prove that it knows the code; or the store refuses.
pub async fn enrol(store: &Store, network: &Network, wish: &EnrolmentWish) -> Result<Enrolled, EnrolFailure> {
    let tls = client_config(Trust::AsShown(wish.authority), None).map_err(|_| EnrolFailure::Key)?;
    let mut link = Link::new(&wish.address, tls, network.clone());
    let hall: HallInfo = link.get(path::HALL).await?;
    let seen = link.hall().await?;
    let (private_key, csr) = pending_key(store).await?;
    let key = derived(wish, hall.hall_id).await?;
    let installation_id: InstallationId = store.installation_id().parse().map_err(|_| EnrolFailure::Answer)?;
    let request = EnrolRequest {
        terminal_no: wish.terminal_no.clone(),
        installation_id,
        csr: STANDARD.encode(&csr),
        mac: STANDARD.encode(wire::enrol::terminal_mac(&key, &csr, &seen.leaf_spki)),
    };
    let response: EnrolResponse = link.post(path::ENROL, &request).await?;
    if link.hall().await? != seen {
        // Another connection, another leaf: the proof would be about the first.
        return Err(LinkError::Broken.into());
    }
    let answer = proved(&key, &seen, &response)?;
    let enrolment = usable(answer, hall.hall_id, &private_key, wish)?;
    let fingerprint = wire::enrol::fingerprint(&enrolment.ca, &csr);
    store.enrolled(enrolment).await?;
    Ok(Enrolled { hall_id: hall.hall_id, fingerprint })
}

/// The key that is pending, or a new one that is stored before it is used.
pub(super) async fn pending_key(store: &Store) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), EnrolFailure> {
    let pending = store.keys().await?.into_iter().find(|key| key.state == KeyState::Pending);
    if let Some(key) = pending
        && let Some(csr) = key.csr
    {
        return Ok((key.private_key, csr));
    }
    let NewKey { private_key, csr } = NewKey::generate().map_err(|_| EnrolFailure::Key)?;
    store.set_pending_key(&private_key, &csr).await?;
    Ok((private_key, csr))
}

/// Argon2id takes tens of milliseconds: not on the runtime's own thread.
async fn derived(wish: &EnrolmentWish, hall_id: HallId) -> Result<EnrolmentKey, EnrolFailure> {
    let (code, terminal_no) = (wish.code.clone(), wish.terminal_no.clone());
    let derived = tokio::task::spawn_blocking(move || wire::enrol::key(&code, &hall_id, &terminal_no)).await;
    Ok(derived.map_err(|_| EnrolError::Derive)??)
}

/// The answer, if the hall proved over it that it knows the code, on this connection.
fn proved(key: &EnrolmentKey, seen: &HallSeen, response: &EnrolResponse) -> Result<EnrolAnswer, EnrolFailure> {
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| EnrolFailure::Answer);
    let (bytes, mac) = (decode(&response.answer)?, decode(&response.mac)?);
    wire::enrol::check(&wire::enrol::hall_mac(key, &seen.authority, &seen.leaf_spki, &bytes), &mac)?;
    serde_json::from_slice(&bytes).map_err(|_| EnrolFailure::Answer)
}

fn usable(
    answer: EnrolAnswer,
    hall_id: HallId,
    private_key: &[u8],
    wish: &EnrolmentWish,
) -> Result<Enrolment, EnrolFailure> {
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| EnrolFailure::Answer);
    let (ca, certificate) = (decode(&answer.ca)?, decode(&answer.certificate)?);
    let root = root_key(&answer.root_key.0).ok_or(EnrolFailure::Answer)?;
    let list = answer.key_list.verify(&root).map_err(|_| EnrolFailure::Answer)?;
    let (body, signature) = answer.key_list.parts().map_err(|_| EnrolFailure::Answer)?;
    let ours = certificate::is_for(&certificate, private_key).map_err(|_| EnrolFailure::Answer)?;
    let pinned = wish.authority.is_none_or(|wanted| wanted == Sha256::of(&ca));
    if !ours || !pinned || answer.hall_id != hall_id || list.hall_id != hall_id {
        return Err(EnrolFailure::Answer);
    }
    Ok(Enrolment {
        terminal_no: wish.terminal_no.to_string(),
        hall_id: hall_id.to_string(),
        address: wish.address.clone(),
        ca,
        root_key: answer.root_key.0.to_vec(),
        hall_epoch: answer.hall_epoch.to_string(),
        certificate,
        key_list: SignedKeyList { list_seq: list.list_seq, body, signature },
        next_serial: answer.next_serial,
        limits: serde_json::to_string(&answer.limits).map_err(|_| EnrolFailure::Answer)?,
    })
}
