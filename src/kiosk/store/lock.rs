//! One process per data folder: an exclusive lock on a file in it, which the kernel lets go with the process.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use super::StoreError;

/// Holds the folder until it is dropped.
#[derive(Debug)]
pub(super) struct FolderLock(#[allow(dead_code, reason = "the lock lives as long as the file")] File);

impl FolderLock {
    /// Makes the folder where it is missing, and locks it.
    pub(super) fn acquire(folder: &Path) -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::from_io(&error, folder);
        make_private_folder(folder).map_err(failed)?;
        let path = folder.join("lock");
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                return Err(StoreError::InUse { holder: holder.trim().parse().ok() });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // The number only helps a person to find the other process: the lock does not need it.
        let _ = file.set_len(0).and_then(|()| file.rewind());
        let _ = write!(file, "{}", std::process::id());
        Ok(Self(file))
    }

    /// Makes the names of new files durable, which SQLite leaves to the file system.
    pub(super) fn sync_folder(&self, folder: &Path) -> Result<(), StoreError> {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| StoreError::from_io(&error, folder))
    }
}

/// Makes a data folder that nobody else may read and whose name survives a power cut; one that is there stays as it is.
pub fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    #[cfg(not(unix))]
    fs::create_dir_all(folder)?;
    // The new folder's own name has to survive a power cut, too.
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}
