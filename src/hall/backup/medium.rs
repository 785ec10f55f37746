//! Whose a second medium is: the hall writes its id beside its copies, and never writes over or prunes what may be
//! another hall's. A medium of before such a file is known by its copies, or by an escrow that is the hall's own.
use std::io;
use std::path::{Path, PathBuf};

use super::generations;
use crate::db;
use crate::disk;
use crate::keys::ESCROW_FILE;

/// The id of the hall whose copies lie on the medium.
const OWNER_FILE: &str = "hall.id";

/// Whether a medium holds an escrow or a copy of a database, of whatever hall.
pub(crate) fn is_taken(second: &Path) -> io::Result<bool> {
    Ok(second.join(ESCROW_FILE).try_exists()? || !copies(second)?.is_empty())
}

/// Makes the medium this hall's if it is nobody's; false if it is, or may be, another hall's. `escrow` is the hall's
/// own, as it lies in the data folder.
pub(crate) async fn claim(second: &Path, hall_id: &str, escrow: Option<&[u8]>) -> io::Result<bool> {
    let named = read(&second.join(OWNER_FILE))?;
    if named.as_deref() == Some(hall_id.as_bytes()) {
        return Ok(true);
    }
    if is_taken(second)? && (named.is_some() || !is_of(second, hall_id, escrow).await?) {
        return Ok(false);
    }
    disk::write(&second.join(OWNER_FILE), hall_id.as_bytes())?;
    Ok(true)
}

/// Whether what lies on a medium without a name is this hall's: all copies that can be read, or the escrow.
async fn is_of(second: &Path, hall_id: &str, escrow: Option<&[u8]>) -> io::Result<bool> {
    let mut of_copies = Vec::new();
    for copy in copies(second)? {
        of_copies.extend(hall_of(&copy).await);
    }
    if of_copies.is_empty() {
        return Ok(escrow.is_some() && read(&second.join(ESCROW_FILE))?.as_deref() == escrow);
    }
    Ok(of_copies.iter().all(|of| of == hall_id))
}

/// The hall whose database a copy is; none if it cannot be read.
pub(super) async fn hall_of(copy: &Path) -> Option<String> {
    let database = db::open_copy(copy).await.ok()?;
    let row = sqlx::query!("select hall_id from hall where id = 1").fetch_optional(&database).await;
    database.close().await;
    Some(row.ok()??.hall_id)
}

/// Copies of a database; none where there is no folder.
fn copies(second: &Path) -> io::Result<Vec<PathBuf>> {
    match generations(second) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        found => found,
    }
}

fn read(file: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}
