//! Room on the disk, looked at before a citizen starts and not only when the disk is full.

use std::{ffi::CString, io, mem::MaybeUninit, os::unix::ffi::OsStrExt, path::Path};

use super::{Store, StoreError};

/// What must be free before an application may start: the largest submission twice (log and database),
/// and as much again for what is not ours.
pub const ROOM_TO_START_BYTES: u64 = 200 * 1024 * 1024;

impl Store {
    /// Free bytes on the disk of the data folder.
    pub fn free_bytes(&self) -> Result<u64, StoreError> {
        let folder = &self.inner.options.folder;
        free_bytes(folder).map_err(|error| StoreError::from_io(&error, folder))
    }

    /// Whether a citizen may start; [`StoreError::DiskFull`] if not.
    pub fn has_room(&self) -> Result<(), StoreError> {
        if self.free_bytes()? < ROOM_TO_START_BYTES { Err(StoreError::DiskFull) } else { Ok(()) }
    }
}

fn free_bytes(folder: &Path) -> io::Result<u64> {
    let path = CString::new(folder.as_os_str().as_bytes())?;
    let mut found = MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: `path` ends in a zero and `found` has room for the whole struct.
    if unsafe { libc::statvfs(path.as_ptr(), found.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded and filled it.
    let found = unsafe { found.assume_init() };
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "the widths differ by platform")]
    Ok((found.f_bavail as u64).saturating_mul(found.f_frsize as u64))
}
