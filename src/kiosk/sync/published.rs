//! Content that the hall published: a signed manifest, then the catalogue by its hash. Shown only after signature,
//! hash and form were checked; a catalogue that this program cannot read is reported and never replaces one that
//! it can.

use super::SyncEvent;
use super::engine::{Engine, Session};
use super::faults::Source;
use super::link_error::LinkError;
use super::trouble::Trouble;
use crate::store::Content;
use wire::api::{CATALOGUE_BYTES_MAX, ManifestResponse, path};
use wire::catalogue::Catalogue;
use wire::ids::Sha256;

impl Engine {
    /// Fetches and activates what the hall has newer than this terminal shows. What it shows may also have been
    /// published by the hall before a restore, which forgot it and used its number again.
    pub(super) async fn look_for_content(&mut self, newest: u64) -> Result<(), Trouble> {
        let shown = self.shown_content.unwrap_or((0, Sha256::of(b"")));
        let is_old = newest < shown.0 || newest == shown.0 && (newest == 0 || self.content_is_compared);
        if is_old || newest == self.unusable_content {
            return Ok(());
        }
        let fetched = fetch(self.session()?, shown).await;
        self.content_is_compared |= fetched.is_ok();
        let content = match fetched {
            Ok(Some(content)) => content,
            Ok(None) => return Ok(()),
            // What is shown goes on being shown; submissions do not wait for this.
            Err(trouble) if trouble.is_of_one_request() => {
                tracing::warn!(code = trouble.code(), "sync.no_content");
                return Ok(());
            }
            Err(trouble) => return Err(trouble),
        };
        let (content_seq, sha256) = (content.content_seq, Sha256::of(&content.catalogue));
        let readable = std::str::from_utf8(&content.catalogue).is_ok_and(|json| Catalogue::load(json).is_ok());
        if !readable {
            tracing::error!(content_seq, "sync.content_unusable");
            self.unusable_content = content_seq;
            self.fault(Source::Content, "content_unusable").await;
            return Ok(());
        }
        if self.store.activate_content(content).await? {
            tracing::info!(content_seq, "sync.content");
            self.shown_content = Some((content_seq, sha256));
            self.fault_over(&Source::Content);
            self.tell(SyncEvent::Content).await;
        }
        Ok(())
    }
}

async fn fetch(session: &mut Session, shown: (u64, Sha256)) -> Result<Option<Content>, Trouble> {
    let signed: ManifestResponse = session.link.get(path::MANIFEST).await?;
    let manifest = session.member.manifest(&signed)?;
    if manifest.content_seq < shown.0 || (manifest.content_seq, manifest.catalogue) == shown {
        return Ok(None);
    }
    let bytes_max = usize::try_from(manifest.bytes).unwrap_or(usize::MAX).min(CATALOGUE_BYTES_MAX);
    let catalogue = session.link.blob(&path::blob(&manifest.catalogue), bytes_max).await?.to_vec();
    if Sha256::of(&catalogue) != manifest.catalogue {
        return Err(LinkError::NotBelieved.into());
    }
    let signature = serde_json::to_vec(&signed).map_err(|_| LinkError::NotBelieved)?;
    Ok(Some(Content { content_seq: manifest.content_seq, catalogue, signature }))
}
