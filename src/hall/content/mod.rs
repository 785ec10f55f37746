//! The catalogue as this hall publishes it: numbered versions in the database, the newest one parsed in memory.
//! Old versions stay, so that a submission is validated with the form that its citizen saw.
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use wire::catalogue::{Catalogue, CatalogueError, CodesError, Item, Loaded, Regions, Text};

use crate::alarm::{self, Alarm, Kind};
use crate::config::HallConfig;
use crate::db::Db;

const BUILT_IN: &str = include_str!("../../../assets/catalogue/catalogue.json");
/// Regions down to cities, and their counties: the tables that terminals validate with, too.
const REGIONS: &str = include_str!("../../../assets/catalogue/regions.json");
const COUNTIES: &str = include_str!("../../../assets/catalogue/counties.txt");
/// Subject of the alarm about a catalogue that was refused.
const REFUSED: &str = "catalogue";

/// One published version.
pub(crate) struct Version {
    pub(crate) content_seq: i64,
    pub(crate) published_ms: i64,
    pub(crate) sha256: [u8; 32],
    pub(crate) body: Vec<u8>,
    pub(crate) loaded: Loaded,
}

/// All published versions.
pub(crate) struct Contents {
    current: Arc<Version>,
    older: Mutex<BTreeMap<i64, Arc<Version>>>,
    regions: Regions,
}

/// Why the content cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    #[error(
        "the catalogue {} cannot be read: {source}; correct `catalogue` in the settings, or the file's rights. \
         What was published before stays", path.display()
    )]
    Read { path: PathBuf, source: io::Error },
    #[error(
        "the catalogue {} is unusable: {source}; correct the file and start again. What was published before stays",
        path.display()
    )]
    Unusable { path: PathBuf, source: CatalogueError },
    #[error(
        "the catalogue {} breaks the rules of published items and nothing was published before: {failures}; \
         correct the file and start again", path.display()
    )]
    Inconsistent { path: PathBuf, failures: String },
    #[error(transparent)]
    Regions(#[from] CodesError),
    #[error("the catalogue cannot be stored: {0}")]
    Database(#[from] sqlx::Error),
}

impl Version {
    /// The item with this id in this version.
    pub(crate) fn item(&self, item_id: &str) -> Option<&Item> {
        self.loaded.catalogue.items.iter().find(|item| item.item_id == item_id)
    }

    fn parse(content_seq: i64, body: Vec<u8>, regions: &Regions) -> Result<Self, CatalogueError> {
        let text = String::from_utf8_lossy(&body);
        let mut loaded = Catalogue::load(&text)?;
        loaded.catalogue.codes.set_regions(regions.clone());
        let sha256 = Sha256::digest(&body).into();
        Ok(Self { content_seq, published_ms: 0, sha256, body, loaded })
    }
}

impl Contents {
    /// Publishes the configured catalogue if it is new; unusable items become an alarm, only those. One that breaks the
    /// rules of published items is refused whole, with an alarm that lists the failures, and the last one stays.
    pub(crate) async fn open(db: &Db, config: &HallConfig) -> Result<Self, ContentError> {
        let path = config.catalogue.clone();
        let body = if path.as_os_str().is_empty() {
            BUILT_IN.as_bytes().to_vec()
        } else {
            std::fs::read(&path).map_err(|source| ContentError::Read { path: path.clone(), source })?
        };
        let mut regions = Regions::load(REGIONS)?;
        regions.add_counties(COUNTIES)?;
        let unusable = |source| ContentError::Unusable { path: path.clone(), source };
        let mut version = Version::parse(0, body, &regions).map_err(unusable)?;
        let now = config.clock.now_ms();
        if version.loaded.violations.is_empty() {
            (version.content_seq, version.published_ms) = publish(db, &version, now).await?;
        } else {
            let Some(last) = refuse(db, &version, now).await? else {
                let failures = listed(&version, |message| &message.en);
                return Err(ContentError::Inconsistent { path, failures });
            };
            version = Version::parse(last.content_seq, last.body, &regions).map_err(unusable)?;
            version.published_ms = last.published_ms;
        }
        Ok(Self { current: Arc::new(version), older: Mutex::new(BTreeMap::new()), regions })
    }

    /// What terminals should show now.
    pub(crate) fn current(&self) -> &Arc<Version> {
        &self.current
    }

    /// The version with this number, however old.
    pub(crate) async fn version(&self, db: &Db, content_seq: i64) -> Result<Option<Arc<Version>>, sqlx::Error> {
        if content_seq == self.current.content_seq {
            return Ok(Some(Arc::clone(&self.current)));
        }
        if let Some(known) = self.older.lock().unwrap_or_else(PoisonError::into_inner).get(&content_seq) {
            return Ok(Some(Arc::clone(known)));
        }
        let row = sqlx::query!("select body from content where content_seq = ?", content_seq)
            .fetch_optional(db.read())
            .await?;
        let parsed = row.and_then(|row| Version::parse(content_seq, row.body, &self.regions).ok());
        let Some(version) = parsed else { return Ok(None) };
        let version = Arc::new(version);
        self.older.lock().unwrap_or_else(PoisonError::into_inner).insert(content_seq, Arc::clone(&version));
        Ok(Some(version))
    }

    /// (dept_id, name) of departments that have an item.
    pub(crate) fn departments_with_items(&self) -> Vec<(String, String)> {
        let catalogue = &self.current.loaded.catalogue;
        catalogue
            .departments
            .iter()
            .filter(|dept| catalogue.items.iter().any(|item| item.dept_id == dept.dept_id))
            .map(|dept| (dept.dept_id.clone(), dept.name_zh.clone()))
            .collect()
    }

    pub(crate) fn department_name(&self, dept_id: &str) -> Option<&str> {
        let departments = &self.current.loaded.catalogue.departments;
        departments.iter().find(|dept| dept.dept_id == dept_id).map(|dept| dept.name_zh.as_str())
    }

    /// What the console calls an item.
    pub(crate) fn item_name<'a>(&'a self, item_id: &'a str) -> &'a str {
        self.current.item(item_id).map_or(item_id, |item| item.task_name.as_str())
    }
}

async fn publish(db: &Db, version: &Version, now_ms: i64) -> Result<(i64, i64), sqlx::Error> {
    let (sha256, name) = (version.sha256.to_vec(), &version.loaded.catalogue.content_version);
    let mut tx = db.begin().await?;
    alarm::settle(&mut tx, Kind::ContentRefused, REFUSED, now_ms).await?;
    let newest =
        sqlx::query!("select content_seq, sha256, published_ms from content order by content_seq desc limit 1")
            .fetch_optional(&mut *tx)
            .await?;
    if let Some(row) = newest.filter(|row| row.sha256 == sha256) {
        tx.commit().await?;
        return Ok((row.content_seq, row.published_ms));
    }
    // An older text published again is a new publication with a new number.
    let row = sqlx::query!(
        "insert into content (content_seq, content_version, sha256, body, published_ms)
         values ((select coalesce(max(content_seq), 0) + 1 from content), ?, ?, ?, ?) returning content_seq",
        name,
        sha256,
        version.body,
        now_ms
    )
    .fetch_one(&mut *tx)
    .await?;
    for bad in &version.loaded.unusable {
        let alarm =
            Alarm { kind: Kind::ContentUnusable, subject: &bad.item_id, detail: &bad.message.zh, at_ms: now_ms };
        alarm::raise(&mut tx, alarm).await?;
    }
    tx.commit().await?;
    Ok((row.content_seq, now_ms))
}

/// What was published last.
struct Last {
    content_seq: i64,
    published_ms: i64,
    body: Vec<u8>,
}

/// Tells the manager why nothing new is published; what stays, if anything ever was.
async fn refuse(db: &Db, refused: &Version, now_ms: i64) -> Result<Option<Last>, sqlx::Error> {
    let mut tx = db.begin().await?;
    let last =
        sqlx::query_as!(Last, "select content_seq, published_ms, body from content order by content_seq desc limit 1")
            .fetch_optional(&mut *tx)
            .await?;
    let Some(last) = last else { return Ok(None) };
    let detail = listed(refused, |message| &message.zh);
    let alarm = Alarm { kind: Kind::ContentRefused, subject: REFUSED, detail: &detail, at_ms: now_ms };
    alarm::raise(&mut tx, alarm).await?;
    tx.commit().await?;
    Ok(Some(last))
}

/// All rules that a version breaks.
fn listed(version: &Version, words: fn(&Text) -> &str) -> String {
    let broken = version.loaded.violations.iter().map(|broken| words(&broken.message));
    broken.collect::<Vec<_>>().join("; ")
}
