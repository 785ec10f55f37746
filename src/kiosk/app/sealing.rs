//! Sealing a filled form: the slow half (key agreement, the key of the recovery row) while the citizen reads the
//! review page, the rest under the store's lock with the next numbers. What is readable lives here only as long
//! as the call.

use crate::content::Content;
use crate::session::{Filled, Signed, Stored};
use crate::store::{Moment, NextNumbers, RecoveryKey, RecoverySecret, SealedSubmission, Signing};
use crate::sync::SealingMaterial;
use jiff::civil::Date;
use std::collections::BTreeMap;
use tokio::task::JoinHandle;
use wire::ids::{Sha256, SubmissionId};
use wire::number::{SubmissionNumber, lookup_token, query_code};
use wire::seal::{Card, Clock, Consent, Header, Part0, PartEntry, SealContext, SealError, Sign, sign_envelope};
use zeroize::Zeroizing;

/// What is prepared for the application on the screen.
#[derive(Default)]
pub(super) struct Sealing {
    material: Option<SealingMaterial>,
    context: Option<SealContext>,
    recovery: Option<JoinHandle<Option<RecoveryKey>>>,
    recovery_key: Option<RecoveryKey>,
    /// The same at every try of one application, so that a retry can never make two.
    attempt: Option<Attempt>,
    /// The last try may have stored it: what fails before the store is asked again is no word about that.
    pub(super) in_doubt: bool,
}

#[derive(Clone)]
struct Attempt {
    submission_id: SubmissionId,
    query_code: String,
    lookup_token: String,
}

/// Why it cannot be sealed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SealingError {
    /// The machine gives no random bytes.
    #[error("the machine gives no random numbers")]
    Random,
    /// Sealing.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The number cannot be minted.
    #[error(transparent)]
    Number(#[from] wire::number::NumberError),
    /// The answers cannot be written.
    #[error("the answers cannot be written")]
    Answers,
    /// The recovery row cannot be sealed.
    #[error("the recovery row cannot be sealed")]
    Recovery,
}

/// When and with what something is sealed.
pub(super) struct Occasion<'a> {
    pub(super) content: &'a Content,
    pub(super) material: &'a SealingMaterial,
    pub(super) now: Moment,
    pub(super) today: Date,
}

impl Sealing {
    /// Does the slow half. `id_no` is of the acting person's card.
    pub(super) fn prepare(&mut self, material: SealingMaterial, id_no: Option<Zeroizing<String>>) {
        if self.context.is_none() {
            self.context = SealContext::new(material.key_id.clone(), &material.public).ok();
        }
        self.material = Some(material);
        if let (None, None, Some(id_no)) = (&self.recovery, &self.recovery_key, id_no) {
            self.recovery = Some(tokio::task::spawn_blocking(move || RecoveryKey::derive(&id_no).ok()));
        }
    }

    /// What was read of the enrolment for this application; the next try reads it anew.
    pub(super) fn material(&mut self) -> Option<SealingMaterial> {
        self.material.take()
    }

    /// The terminal was enrolled anew.
    pub(super) fn forget_enrolment(&mut self) {
        (self.material, self.context) = (None, None);
    }

    /// Forgets all of it: the session is over, or the submission stored.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Ids for this application, minted once; and what the citizen will see.
    pub(super) fn ids(&mut self, now_ms: i64) -> Result<(SubmissionId, Stored), SealingError> {
        if self.attempt.is_none() {
            let mut random = [0; 30];
            getrandom::fill(&mut random).map_err(|_| SealingError::Random)?;
            let (id, rest) = random.split_at(10);
            let (code, token) = rest.split_at(4);
            let at_ms = u64::try_from(now_ms).unwrap_or(0);
            self.attempt = Some(Attempt {
                submission_id: SubmissionId::mint(at_ms, id.try_into().map_err(|_| SealingError::Random)?),
                query_code: query_code(code.try_into().map_err(|_| SealingError::Random)?),
                lookup_token: lookup_token(token.try_into().map_err(|_| SealingError::Random)?),
            });
        }
        let attempt = self.attempt.clone().ok_or(SealingError::Random)?;
        let stored = Stored {
            submission_id: attempt.submission_id.to_string(),
            number: String::new(),
            query_code: attempt.query_code,
            lookup_token: attempt.lookup_token,
        };
        Ok((attempt.submission_id, stored))
    }

    /// The recovery key, once derived; kept for a second try.
    pub(super) async fn recovery_key(&mut self) -> Option<RecoveryKey> {
        if let Some(deriving) = self.recovery.take() {
            self.recovery_key = deriving.await.ok().flatten();
        }
        self.recovery_key.clone()
    }

    /// The context, made now if the review page was not there long enough.
    pub(super) fn context(&mut self, material: &SealingMaterial) -> Result<SealContext, SealingError> {
        match self.context.take() {
            Some(context) if *context.key_id() == material.key_id => Ok(context),
            _ => Ok(SealContext::new(material.key_id.clone(), &material.public)?),
        }
    }
}

/// Seals under the store's lock.
pub(super) fn seal(
    filled: &Filled,
    stored: &Stored,
    (context, recovery): (SealContext, Option<RecoveryKey>),
    (occasion, submission_id, numbers): (&Occasion<'_>, SubmissionId, NextNumbers),
) -> Result<SealedSubmission, SealingError> {
    let material = occasion.material;
    let number = SubmissionNumber::mint(
        occasion.content.division_code(),
        occasion.today,
        &material.terminal_no,
        numbers.serial,
    )?;
    let part0 = written(&part0(filled, stored, occasion.now.at_ms)).map_err(|_| SealingError::Answers)?;
    let mut parts: Vec<&[u8]> = vec![part0.as_slice()];
    parts.extend(filled.attachments.iter().map(|attachment| attachment.bytes.as_slice()));
    let header = header(filled, occasion, submission_id, &number, numbers);
    let sealed = context.seal_unhashed(header, &parts)?;
    let recovery = match recovery {
        Some(key) => {
            let secret = RecoverySecret {
                number: number.as_str().to_owned(),
                query_code: stored.query_code.clone(),
                lookup_token: stored.lookup_token.clone(),
            };
            let row = key.seal(&stored.submission_id, number.large_group(), &secret);
            Some(row.map_err(|_| SealingError::Recovery)?)
        }
        None => None,
    };
    Ok(SealedSubmission {
        number: number.as_str().to_owned(),
        item_id: filled.item_id.clone(),
        key_id: material.key_id.to_string(),
        submitted_at_ms: occasion.now.at_ms,
        header: sealed.header,
        chunks: sealed.chunks,
        signing: Signing::Due(Box::new({
            let key = material.signing.clone();
            move |body| sign_envelope(body, &key)
        })),
        recovery,
    })
}

/// Counts what is written.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// As JSON, in memory of the right size from the first: a vector that grows leaves pieces of the answers behind.
fn written(part0: &Part0) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, part0)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *bytes, part0)?;
    Ok(bytes)
}

fn header(
    filled: &Filled,
    occasion: &Occasion<'_>,
    submission_id: SubmissionId,
    number: &SubmissionNumber,
    numbers: NextNumbers,
) -> Header {
    let material = occasion.material;
    Header {
        suite: wire::seal::SUITE,
        hall_id: material.hall_id,
        terminal_no: material.terminal_no.clone(),
        installation_id: material.installation_id,
        kiosk_seq: numbers.kiosk_seq,
        submission_id,
        number: number.clone(),
        item_id: filled.item_id.clone(),
        task_version: filled.task_version,
        form_id: filled.form_id.clone(),
        form_version: filled.form_version,
        content_seq: occasion.content.sequence,
        calendar_version: occasion.content.calendar().version().to_owned(),
        submitted_at_ms: occasion.now.at_ms,
        clock: Clock {
            quality: material.quality(&occasion.now),
            boot_id: occasion.now.boot_id,
            mono_ms: occasion.now.mono_ms,
        },
        key_id: material.key_id.clone(),
        enc: String::new(),
        parts: Vec::new(),
        certificate: Header::certificate_text(&material.certificate),
    }
}

fn part0(filled: &Filled, stored: &Stored, now_ms: i64) -> Part0 {
    Part0 {
        answers: filled.answers.clone(),
        sources: filled.sources.iter().cloned().collect::<BTreeMap<_, _>>(),
        cards: filled
            .cards
            .iter()
            .map(|(role, card)| Card {
                role: role.clone(),
                kind: card.kind,
                id_no: card.number.clone(),
                name_raw: card.name_raw.iter().map(|unit| format!("{unit:04x}")).collect(),
                name: card.name.clone(),
                birth: card.birth.map(|day| day.to_string()).unwrap_or_default(),
                valid_to: card.valid_to_text.clone(),
            })
            .collect(),
        query_code: stored.query_code.clone(),
        lookup_token: stored.lookup_token.clone(),
        consent: Consent { version: filled.consent_version.clone(), at_ms: now_ms },
        declaration_version: filled.declaration_version.clone(),
        sign: match &filled.sign {
            Signed::None => Sign::None,
            Signed::Pen => Sign::Pen,
            Signed::CardAndWitness { staff_no } => Sign::CardAndWitness { staff_no: staff_no.clone() },
        },
        second_factor: filled.second_factor.clone(),
        deferred: filled.deferred.clone(),
        parts: (1..)
            .zip(&filled.attachments)
            .map(|(part, attachment)| PartEntry {
                part,
                field: attachment.field.clone(),
                media: attachment.media.to_owned(),
                sha256: Sha256::of(&attachment.bytes),
            })
            .collect(),
    }
}
