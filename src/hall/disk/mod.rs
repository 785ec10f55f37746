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

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    unless_gone(Machine.remove(path))
}

fn unless_gone(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
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
    /// Folder of the same chunks on the second medium, if it is known.
    copies: Option<PathBuf>,
}

impl Bodies {
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        Self::open_on(Arc::new(Machine), folder)
    }

    /// On another file system than the machine's.
    pub(crate) fn open_on(files: Arc<dyn Files>, folder: PathBuf) -> io::Result<Self> {
        files.create_folder(&folder)?;
        // Whoever made it, or a shelf in it, may have been killed before the name was on the disk.
        files.sync_folder(&folder)?;
        if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
            files.sync_folder(above)?;
        }
        Ok(Self { folder, files, copies: None })
    }

    /// With the folder where the second medium keeps the same chunks.
    pub(crate) fn with_copies(self, folder: Option<PathBuf>) -> Self {
        Self { copies: folder, ..self }
    }

    /// Stores a chunk whose hash the caller has checked. One that is there and cannot be read, or is something else,
    /// is replaced: it came again because it was wanted.
    pub(crate) fn put(&self, sha256: &[u8], bytes: &[u8]) -> io::Result<()> {
        let path = self.path(sha256);
        if self.files.exists(&path) && self.files.read(&path).is_ok_and(|there| there == bytes) {
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
        if is_named(sha256, &bytes) {
            Ok(bytes)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "a stored chunk does not match its hash"))
        }
    }

    /// As [`Self::get`]; what this disk cannot give comes from the second medium, and is put back.
    pub(crate) fn get_mended(&self, sha256: &[u8]) -> io::Result<Vec<u8>> {
        let error = match self.get(sha256) {
            Ok(bytes) => return Ok(bytes),
            Err(error) => error,
        };
        let copy = self.copies.as_ref().and_then(|folder| std::fs::read(path_in(folder, sha256)).ok());
        let bytes = copy.filter(|bytes| is_named(sha256, bytes)).ok_or(error)?;
        // Whoever asked has the bytes, even if this disk does not take them.
        match self.put(sha256, &bytes) {
            Ok(()) => tracing::warn!("a damaged chunk came back from the second medium"),
            Err(error) => tracing::error!(%error, "a damaged chunk cannot be put back"),
        }
        Ok(bytes)
    }

    /// Removes a chunk that is damaged, so that it can come again.
    pub(crate) fn forget(&self, sha256: &[u8]) -> io::Result<()> {
        unless_gone(self.files.remove(&self.path(sha256)))
    }

    /// Whether a chunk was stored here: its name stands only where its bytes were read back.
    pub(crate) fn holds(&self, sha256: &[u8]) -> bool {
        self.files.exists(&self.path(sha256))
    }

    fn path(&self, sha256: &[u8]) -> PathBuf {
        path_in(&self.folder, sha256)
    }
}

fn path_in(folder: &Path, sha256: &[u8]) -> PathBuf {
    let name = hex(sha256);
    folder.join(name.get(..2).unwrap_or_default()).join(name)
}

fn is_named(sha256: &[u8], bytes: &[u8]) -> bool {
    Sha256::digest(bytes).as_slice() == sha256
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
    fn a_chunk_that_cannot_be_read_is_replaced_by_what_comes_again() {
        let dir = tempfile::tempdir().unwrap();
        let hash = Sha256::digest(b"sealed");
        let broken = Arc::new(Unreadable::default());
        let bodies = Bodies::open_on(Arc::clone(&broken) as Arc<dyn Files>, dir.path().to_owned()).unwrap();
        bodies.put(&hash, b"sealed").unwrap();
        *broken.0.lock().unwrap() = Some(bodies.path(&hash));
        assert!(bodies.get(&hash).is_err());
        bodies.put(&hash, b"sealed").unwrap();
        assert_eq!(bodies.get(&hash).unwrap(), b"sealed");
        // Nor does a torn one stay.
        fs::write(bodies.path(&hash), b"torn").unwrap();
        bodies.put(&hash, b"sealed").unwrap();
        assert_eq!(bodies.get(&hash).unwrap(), b"sealed");
    }

    #[test]
    fn what_this_disk_cannot_give_comes_back_from_the_second_medium() {
        let (dir, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let copies = Bodies::open(second.path().to_owned()).unwrap();
        let bodies = Bodies::open(dir.path().to_owned()).unwrap().with_copies(Some(second.path().to_owned()));
        let hash = Sha256::digest(b"sealed");
        bodies.put(&hash, b"sealed").unwrap();
        fs::write(bodies.path(&hash), b"torn").unwrap();
        assert!(bodies.get_mended(&hash).is_err(), "neither has it");
        copies.put(&hash, b"sealed").unwrap();
        assert_eq!(bodies.get_mended(&hash).unwrap(), b"sealed");
        assert_eq!(bodies.get(&hash).unwrap(), b"sealed", "it is put back");
        fs::write(bodies.path(&hash), b"torn").unwrap();
        fs::write(copies.path(&hash), b"torn, too").unwrap();
        assert!(bodies.get_mended(&hash).is_err(), "what is damaged there is not taken");
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

    /// A disk with a file whose blocks cannot be read until the name leads to others.
    #[derive(Debug, Default)]
    struct Unreadable(std::sync::Mutex<Option<PathBuf>>);

    impl Files for Unreadable {
        fn exists(&self, path: &Path) -> bool {
            Machine.exists(path)
        }

        fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
            if self.0.lock().unwrap().as_deref() == Some(path) {
                // EIO
                return Err(io::Error::from_raw_os_error(5));
            }
            Machine.read(path)
        }

        fn create_synced(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
            Machine.create_synced(path, bytes)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            Machine.rename(from, to)?;
            self.0.lock().unwrap().take_if(|broken| **broken == *to);
            Ok(())
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
