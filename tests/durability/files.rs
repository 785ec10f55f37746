//! The hall's chunk files on the crash disk: each step of a careful program is an entry of its log. The mutant leaves
//! out the fsync of the file.

use std::{io, path::Path};

use hall::Files;

use crate::crash_vfs::Disk;

#[derive(Clone)]
pub struct LoggedFiles {
    pub disk: Disk,
    /// False for the mutant.
    pub synced: bool,
}

impl std::fmt::Debug for LoggedFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LoggedFiles({})", self.disk.name())
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn missing<T>(found: Option<T>) -> io::Result<T> {
    found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

impl Files for LoggedFiles {
    fn exists(&self, path: &Path) -> bool {
        self.disk.holds(&text(path))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        missing(self.disk.read_file(&text(path)))
    }

    fn create_synced(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.disk.write_file(&text(path), bytes, self.synced) {
            return Ok(());
        }
        // EIO
        Err(io::Error::from_raw_os_error(5))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        missing(self.disk.rename(&text(from), &text(to)))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        missing(self.disk.state().delete(&text(path), false).then_some(()))
    }

    /// The disk has no folders of its own: they come and go with their files.
    fn create_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        self.disk.sync_folder();
        Ok(())
    }
}
