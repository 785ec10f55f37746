//! What the hall learns of a submission when it is finished: opened in memory, validated with the form that the
//! citizen saw and the corrected date, indexed by keyed hashes. Nothing found here refuses it: it goes to a clerk.
use std::sync::Arc;

use sqlx::SqliteConnection;
use wire::catalogue::{CardItem, Field, Form, Item, Source};
use wire::form::{self, CardFacts, Cards, Context, Issue};
use wire::seal::{Card, ClockQuality, Header, Part0};

use super::body::{OpenError, open_body};
use super::{CaseRow, index, words};
use crate::clock::{from_ms, office_date};
use crate::content::Version;
use crate::keys::KeyRing;
use crate::server::Core;
use crate::submissions::Envelope;

/// Role of the card of the person that the case is about.
const APPLICANT: &str = "applicant";
/// Role of the card of who only hands it in.
const AGENT: &str = "agent";
/// What forms call the answer that holds the applicant's number.
const APPLICANTS_NUMBER: &str = "applicant_id_no";

/// Clocks that are both right differ by less: a terminal's runs by itself for days between the hall's answers.
const CLOCKS_DIFFER_MS: i64 = 5 * 60 * 1000;
/// Nothing waits longer on a terminal: its certificate lives for 90 days, the rest is for a machine that is found late.
const OLDEST_MS: i64 = 366 * 24 * 3600 * 1000;

/// A case before it is stored.
pub(crate) struct CaseDraft {
    pub(super) item_id: String,
    pub(super) item_version: i64,
    pub(super) form_id: String,
    pub(super) form_version: i64,
    pub(super) content_seq: i64,
    pub(super) dept_id: Option<String>,
    /// Why a clerk must look.
    pub(super) reasons: Vec<&'static str>,
    /// What is only marked.
    pub(super) marks: Vec<&'static str>,
    pub(super) submitted_ms: i64,
    pub(super) clock_quality: String,
    pub(super) clock_start_ms: i64,
    pub(super) clock_start_by: &'static str,
    pub(super) id_hmac: Option<Vec<u8>>,
    pub(super) query_salt: Option<Vec<u8>>,
    pub(super) query_hash: Option<Vec<u8>>,
    pub(super) token_sha256: Option<Vec<u8>>,
}

/// Opens, validates and indexes a complete submission. An error means that a stored chunk cannot be read.
pub(crate) async fn examine(
    core: &Arc<Core>,
    envelope: &Envelope,
    header: &Header,
    received_ms: i64,
) -> Result<CaseDraft, ExamineError> {
    let mut draft = draft_of(core, header, received_ms).await?;
    note_terminal(core, header, &mut draft).await?;
    let content_seq = draft.content_seq;
    let version = match core.contents.version(&core.db, content_seq).await? {
        Some(version) if item_of(&version, header).is_some() => Some(version),
        // Content that this hall never numbered (the one built into a new terminal): the same form will do.
        _ => Some(Arc::clone(core.contents.current())).filter(|version| item_of(version, header).is_some()),
    };
    draft.dept_id = core.contents.current().item(&header.item_id).map(|item| item.dept_id.clone());
    if let (None, Some(version)) = (&draft.dept_id, &version) {
        draft.dept_id = version.item(&header.item_id).map(|item| item.dept_id.clone());
    }
    let (core, envelope, header) = (Arc::clone(core), envelope.clone(), header.clone());
    tokio::task::spawn_blocking(move || {
        let opened = open_body(&core.bodies, &core.keys(), &envelope);
        read_into(&mut draft, opened, &header, (&core.keys(), version.as_deref()))?;
        Ok(draft)
    })
    .await
    .map_err(|_| ExamineError::Stopped)?
}

/// Why a complete submission cannot be examined now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExamineError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// This chunk's file is gone or damaged: it is wanted again.
    #[error("a stored chunk cannot be read")]
    Chunk(Vec<u8>),
    #[error("the hall is stopping")]
    Stopped,
}

fn read_into(
    draft: &mut CaseDraft,
    opened: Result<super::Opened, OpenError>,
    header: &Header,
    (keys, version): (&KeyRing, Option<&Version>),
) -> Result<(), ExamineError> {
    let opened = match opened {
        Ok(opened) => opened,
        Err(OpenError::Chunk(sha256)) => return Err(ExamineError::Chunk(sha256)),
        Err(_) => {
            draft.reasons.push("not_opened");
            return Ok(());
        }
    };
    let item = version.and_then(|version| item_of(version, header));
    match version.zip(item) {
        None => draft.reasons.push("form_unknown"),
        Some((version, item)) => {
            if !issues(version, item, &opened.part0, draft.clock_start_ms).is_empty() {
                draft.reasons.push("validation");
            }
        }
    }
    index_by(draft, keys, (&opened.part0, item.map(|item| &item.form)));
    Ok(())
}

/// What a clerk is told of an opened case: the form's rules as they stand in the version that it was filled with.
pub(super) async fn issues_of(core: &Core, case: &CaseRow, part0: &Part0) -> Result<Vec<Issue>, sqlx::Error> {
    let version = core.contents.version(&core.db, case.content_seq).await?;
    let version = version.unwrap_or_else(|| Arc::clone(core.contents.current()));
    let item = version.item(&case.item_id).filter(|item| i64::from(item.form.version) == case.form_version);
    Ok(item.map(|item| issues(&version, item, part0, case.clock_start_ms)).unwrap_or_default())
}

fn issues(version: &Version, item: &Item, part0: &Part0, day_ms: i64) -> Vec<Issue> {
    let catalogue = &version.loaded.catalogue;
    let cards: Cards = part0.cards.iter().map(|card| (card.role.clone(), facts_of(card))).collect();
    let context = Context {
        today: office_date(from_ms(day_ms)),
        calendar: &catalogue.calendar,
        codes: &catalogue.codes,
        cards: &cards,
    };
    form::validate(&item.form, &part0.answers, &context)
}

fn facts_of(card: &Card) -> CardFacts {
    CardFacts {
        kind: card.kind,
        number: card.id_no.clone(),
        name: card.name.clone(),
        birth: card.birth.parse().ok(),
        sex: None,
    }
}

fn index_by(draft: &mut CaseDraft, keys: &KeyRing, (part0, form): (&Part0, Option<&Form>)) {
    draft.id_hmac = person_of(part0, form).and_then(|number| index::of_id_number(keys, number));
    if let Some(stored) = index::of_query_code(keys, &part0.query_code) {
        (draft.query_salt, draft.query_hash) = (Some(stored.salt), Some(stored.hash));
    }
    draft.token_sha256 = Some(index::of_token(part0.lookup_token.as_bytes()));
}

/// The number of the person that the case is about: who hands it in for others must neither find their cases by the
/// own card nor seem to hand in one twice.
fn person_of<'a>(part0: &'a Part0, form: Option<&Form>) -> Option<&'a str> {
    let number = |card: &'a Card| card.id_no.as_str();
    let typed = || {
        let of_card = Source::Card(CardItem::Number);
        let is_theirs = |field: &Field| field.source == of_card && field.role() == Some(APPLICANT);
        let field = form.and_then(|form| form.fields().find(|field| is_theirs(field)));
        part0.answers.text(field.map_or(APPLICANTS_NUMBER, |field| field.key.as_str()))
    };
    let of_applicant = part0.cards.iter().find(|card| card.role == APPLICANT).map(number);
    let of_another = || part0.cards.iter().find(|card| card.role != AGENT).map(number);
    of_applicant.or_else(|| typed().filter(|typed| !typed.trim().is_empty())).or_else(of_another)
}

/// The item and form with the versions that the submission was filled with.
fn item_of<'a>(version: &'a Version, header: &Header) -> Option<&'a Item> {
    version.item(&header.item_id).filter(|item| {
        item.task_version == header.task_version
            && item.form.form_id == header.form_id
            && item.form.version == header.form_version
    })
}

/// The header's facts, with the time from which the five days count.
async fn draft_of(core: &Core, header: &Header, received_ms: i64) -> Result<CaseDraft, sqlx::Error> {
    let mut reader = core.db.read().acquire().await?;
    let (clock_start_ms, clock_start_by) = clock_start(&mut reader, header, received_ms).await?;
    let mut marks = Vec::new();
    if clock_start_by == "received" {
        marks.push("clock_uncertain");
    }
    Ok(CaseDraft {
        item_id: header.item_id.clone(),
        item_version: i64::from(header.task_version),
        form_id: header.form_id.clone(),
        form_version: i64::from(header.form_version),
        content_seq: i64::try_from(header.content_seq).unwrap_or(0),
        dept_id: None,
        reasons: Vec::new(),
        marks,
        submitted_ms: header.submitted_at_ms,
        clock_quality: words::quality(header.clock.quality).to_owned(),
        clock_start_ms,
        clock_start_by,
        id_hmac: None,
        query_salt: None,
        query_hash: None,
        token_sha256: None,
    })
}

/// `submitted_at` if the terminal's clock was trusted and it can be true, else what a heartbeat of the same boot makes
/// of it, else `received_at`. Trusted says only that the terminal's clock went as this hall's did: what was sealed
/// while the hall was wrong holds the hall's wrong year.
async fn clock_start(
    db: &mut SqliteConnection,
    header: &Header,
    received_ms: i64,
) -> Result<(i64, &'static str), sqlx::Error> {
    let can_be = |ms: &i64| (-OLDEST_MS..=CLOCKS_DIFFER_MS).contains(&ms.saturating_sub(received_ms));
    // What a heartbeat noted while the hall was wrong corrects nothing, either.
    let corrected = by_boot(db, header).await?.filter(can_be);
    let trusted = header.clock.quality == ClockQuality::Trusted;
    let said = Some(header.submitted_at_ms).filter(|said| trusted && can_be(said));
    Ok(match (said, corrected) {
        (Some(said), None) => (said, "submitted"),
        (Some(said), Some(corrected)) if said.abs_diff(corrected) <= CLOCKS_DIFFER_MS.unsigned_abs() => {
            (said, "submitted")
        }
        (_, Some(corrected)) => (corrected, "corrected"),
        (None, None) => (received_ms, "received"),
    })
}

/// When it was submitted by what a heartbeat of the same boot noted of the terminal's running time, if any did.
async fn by_boot(db: &mut SqliteConnection, header: &Header) -> Result<Option<i64>, sqlx::Error> {
    let (installation, boot) = (header.installation_id.to_string(), header.clock.boot_id.to_string());
    let row = sqlx::query!(
        "select mono_ms, hall_ms from boot_clock where installation_id = ? and boot_id = ?",
        installation,
        boot
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| row.hall_ms.saturating_sub(row.mono_ms.saturating_sub(header.clock.mono_ms))))
}

/// A denied terminal's key, or a certificate that names another terminal than the header: a clerk looks.
async fn note_terminal(core: &Core, header: &Header, draft: &mut CaseDraft) -> Result<(), sqlx::Error> {
    let Some(facts) = header.certificate_der().ok().and_then(|der| crate::tls::facts(&der)) else { return Ok(()) };
    let row = sqlx::query!("select state from certificate where spki_sha256 = ?", facts.spki_sha256)
        .fetch_optional(core.db.read())
        .await?;
    if row.is_some_and(|row| row.state == "denied") {
        draft.reasons.push("denied_terminal");
    }
    let named = core.authority.terminal_of(&facts.uri);
    let (terminal_no, installation) = (header.terminal_no.to_string(), header.installation_id.to_string());
    if named != Some((terminal_no.as_str(), installation.as_str())) {
        draft.reasons.push("terminal_mismatch");
    }
    Ok(())
}
