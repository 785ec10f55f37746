//! The hall's signed time. A fresh nonce makes the answer one to this question, so that it may also move the
//! terminal's clock back; half of the round trip is added. The store keeps the floor that was proved last.

use super::link::Link;
use super::link_error::LinkError;
use super::member::Member;
use crate::store::{Store, StoreError, mono_ms};
use std::fmt::Write as _;
use wire::api::{TimeResponse, path};

/// A floor that lies less far behind the proved time is not written again: it then is the witness of a day ago.
const FLOOR_STEP_MS: i64 = 24 * 60 * 60 * 1000;
/// How far a clock that was right a day ago may be off.
const AGREES_MS: u64 = 10 * 60 * 1000;

/// What the terminal's own clock says to a time answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Another time.
    Denied,
    /// The same, but no answer of a day ago set it.
    Open,
    /// The same, since an answer of a day or more ago set it.
    Sure,
}

/// The hall's time, proved, and the machine's running time at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProvedTime {
    /// Ms since 1970.
    pub now_ms: i64,
    /// Running time of this boot, in ms.
    pub mono_ms: i64,
}

/// Asks the hall for its time.
///
/// # Errors
/// When the hall does not answer, or its answer does not hold.
pub async fn ask(link: &mut Link, member: &Member) -> Result<ProvedTime, LinkError> {
    // The connection is not part of the round trip.
    link.hall().await?;
    let nonce = nonce()?;
    let asked = mono_ms();
    let answer: TimeResponse = link.get(&format!("{}?nonce={nonce}", path::TIME)).await?;
    let heard = mono_ms();
    let time = member.time(&answer, &nonce)?;
    Ok(ProvedTime { now_ms: time.now_ms.saturating_add((heard - asked) / 2), mono_ms: heard })
}

/// Keeps the floor, where it moved by a day or back. Returns whether this answer and the one of a day or more ago
/// agree: the clock that was set by that one says now (`own_ms`) what this one says.
///
/// # Errors
/// When the store refuses.
pub async fn keep(store: &Store, proved: ProvedTime, own_ms: i64) -> Result<Agreement, StoreError> {
    let floor = store.clock_floor_ms().await?;
    let since = floor.map(|floor| proved.now_ms.saturating_sub(floor));
    if !since.is_some_and(|since| (0..FLOOR_STEP_MS).contains(&since)) {
        store.set_clock_floor_ms(proved.now_ms).await?;
    }
    Ok(if proved.now_ms.abs_diff(own_ms) > AGREES_MS {
        Agreement::Denied
    } else if since.is_some_and(|since| since >= FLOOR_STEP_MS) {
        Agreement::Sure
    } else {
        Agreement::Open
    })
}

/// 32 hex digits.
fn nonce() -> Result<String, LinkError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| LinkError::Request)?;
    Ok(random.iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
