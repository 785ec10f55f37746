//! Files that must survive a power cut: written beside, synced, renamed, the folder synced too.
//! Sealed chunks are named by their SHA-256. Everything is readable by the hall's own user only.
mod files;

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use files::Files;
pub(crate) use files::Machine;

use crate::keys::hex;

/// Replaces the file by these bytes, durably, and reads them back.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_on(&Machine, path, bytes)
}

fn write_on(files: &dyn Files, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let beside = path.with_extension(format!("new-{:016x}", random_suffix()?));
    // Read back before the rename: a name in its place is taken as proof that the bytes were compared.
    let renamed = files
        .create_synced(&beside, bytes)
        .and_then(|()| reads_back(files, &beside, bytes))
        .and_then(|()| files.rename(&beside, path));
    if renamed.is_err() {
        // A full disk must not fill up with what did not fit on it.
        let _ = files.remove(&beside);
    }
    renamed?;
    files.sync_folder(folder)
}

fn reads_back(files: &dyn Files, path: &Path, bytes: &[u8]) -> io::Result<()> {
    if files.read(path)? == bytes {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, "the file reads back otherwise than written"))
    }
}

/// As [`write`], and overwrites what stood there before once the new file is safe: a destroyed key must not be found
/// in a block that nobody used again. A disk that copies on write may keep it all the same.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let before = OpenOptions::new().write(true).open(path).ok();
    write(path, bytes)?;
    if let Some(mut before) = before {
        let length = usize::try_from(before.metadata()?.len()).unwrap_or(0);
        before.write_all(&vec![0; length])?;
        before.sync_all()?;
    }
    Ok(())
}

/// Makes what was created, renamed or removed in a folder survive.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    Machine.sync_folder(folder)
}

/// Sealed chunks on one medium.
#[derive(Clone)]
pub(crate) struct Bodies {
    folder: PathBuf,
    files: Arc<dyn Files>,
}

impl Bodies {
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        Self::open_on(Arc::new(Machine), folder)
    }

    /// On another file system than the machine's.
    pub(crate) fn open_on(files: Arc<dyn Files>, folder: PathBuf) -> io::Result<Self> {
        files.create_folder(&folder)?;
        Ok(Self { folder, files })
    }

    /// Stores a chunk whose hash the caller has checked.
    pub(crate) fn put(&self, sha256: &[u8], bytes: &[u8]) -> io::Result<()> {
        let path = self.path(sha256);
        if self.files.exists(&path) {
            // Whoever renamed it may have been killed before its name was on the disk.
            return path.parent().map_or(Ok(()), |shelf| self.files.sync_folder(shelf));
        }
        if let Some(shelf) = path.parent()
            && !self.files.exists(shelf)
        {
            self.files.create_folder(shelf)?;
            self.files.sync_folder(&self.folder)?;
        }
        write_on(&*self.files, &path, bytes)
    }

    /// Reads a chunk; an error if it is gone or is not what its name says.
    pub(crate) fn get(&self, sha256: &[u8]) -> io::Result<Vec<u8>> {
        let bytes = self.files.read(&self.path(sha256))?;
        if Sha256::digest(&bytes).as_slice() != sha256 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a stored chunk does not match its hash"));
        }
        Ok(bytes)
    }

    /// Removes a chunk that is damaged, so that it can come again.
    pub(crate) fn forget(&self, sha256: &[u8]) -> io::Result<()> {
        match self.files.remove(&self.path(sha256)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether a chunk was stored here: its name stands only where its bytes were read back.
    pub(crate) fn holds(&self, sha256: &[u8]) -> bool {
        self.files.exists(&self.path(sha256))
    }

    fn path(&self, sha256: &[u8]) -> PathBuf {
        let name = hex(sha256);
        self.folder.join(name.get(..2).unwrap_or_default()).join(name)
    }
}

fn random_suffix() -> io::Result<u64> {
    getrandom::u64().map_err(|error| io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_chunk_comes_back_only_if_it_is_what_its_name_says() {
        let dir = tempfile::tempdir().unwrap();
        let bodies = Bodies::open(dir.path().to_owned()).unwrap();
        let hash = Sha256::digest(b"sealed");
        bodies.put(&hash, b"sealed").unwrap();
        assert_eq!(bodies.get(&hash).unwrap(), b"sealed");
        fs::write(bodies.path(&hash), b"torn").unwrap();
        assert!(bodies.get(&hash).is_err());
    }

    #[test]
    fn what_could_not_be_written_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let taken = dir.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(write(&taken, b"a file cannot take a folder's place").is_err());
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, [taken]);
    }

    /// A disk that says that it wrote, and keeps half.
    #[derive(Debug)]
    struct Tearing;

    impl Files for Tearing {
        fn exists(&self, path: &Path) -> bool {
            Machine.exists(path)
        }

        fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
            Machine.read(path)
        }

        fn create_synced(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
            Machine.create_synced(path, &bytes[..bytes.len() / 2])
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            Machine.rename(from, to)
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            Machine.remove(path)
        }

        fn create_folder(&self, path: &Path) -> io::Result<()> {
            Machine.create_folder(path)
        }

        fn sync_folder(&self, path: &Path) -> io::Result<()> {
            Machine.sync_folder(path)
        }
    }

    #[test]
    fn a_chunk_that_reads_back_wrong_is_not_held() {
        let dir = tempfile::tempdir().unwrap();
        let bodies = Bodies::open_on(Arc::new(Tearing), dir.path().to_owned()).unwrap();
        let hash = Sha256::digest(b"sealed");
        assert!(bodies.put(&hash, b"sealed").is_err());
        assert!(!bodies.holds(&hash));
        let shelf = bodies.path(&hash).parent().unwrap().to_owned();
        assert_eq!(fs::read_dir(shelf).unwrap().count(), 0, "what was torn is not left beside, either");
    }
}
