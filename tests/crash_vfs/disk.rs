//! The disk: files by path, the log of all that was done to them, and what the test makes it do wrong.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};

use super::{locks::FileLocks, vfs};

pub type FileNo = usize;

/// One thing that was done to the disk, or a mark of the test between them.
#[derive(Debug, Clone)]
pub enum Entry {
    Create {
        file: FileNo,
        path: String,
    },
    Delete {
        path: String,
        synced: bool,
    },
    Rename {
        file: FileNo,
        from: String,
        to: String,
    },
    SyncFolder,
    Write {
        file: FileNo,
        at: u64,
        bytes: Arc<[u8]>,
    },
    Truncate {
        file: FileNo,
        size: u64,
    },
    Sync {
        file: FileNo,
    },
    /// The fsync reported an error: the writes before it may never reach the disk.
    FailedSync {
        file: FileNo,
    },
    Mark(String),
}

/// A disk in memory, under a VFS of its own name.
#[derive(Clone)]
pub struct Disk {
    name: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
pub struct State {
    pub paths: BTreeMap<String, FileNo>,
    pub files: Vec<File>,
    pub log: Vec<Entry>,
    /// How many fsyncs of files below a folder until one fails.
    sync_failure: Option<(u32, String)>,
    quota_bytes: Option<u64>,
}

#[derive(Default)]
pub struct File {
    path: String,
    pub bytes: Vec<u8>,
    pub locks: FileLocks,
}

impl Disk {
    /// A new, empty disk; SQLite finds it by `name`.
    pub fn new(name: &str) -> Self {
        let disk = Self { name: name.to_owned(), state: Arc::default() };
        vfs::register(&disk);
        disk
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes into the log what the test knows at this moment.
    pub fn mark(&self, what: impl Into<String>) {
        self.state().log.push(Entry::Mark(what.into()));
    }

    /// All that happened, for the replay.
    pub fn take_log(&self) -> Vec<Entry> {
        std::mem::take(&mut self.state().log)
    }

    /// The `nth` fsync (counted from 1) of a file below `folder` fails with EIO; the ones after it succeed.
    pub fn fail_sync(&self, nth: u32, folder: &str) {
        self.state().sync_failure = Some((nth, folder.to_owned()));
    }

    /// Whether the failure that was asked for has not come yet.
    pub fn failure_is_due(&self) -> bool {
        self.state().sync_failure.is_some()
    }

    /// From now on no more than `bytes` fit; none for no limit.
    pub fn set_quota(&self, bytes: Option<u64>) {
        self.state().quota_bytes = bytes;
    }

    /// Bytes in all files.
    pub fn used(&self) -> u64 {
        self.state().used()
    }

    /// Puts a folder's files below `path`, as a disk that lay still for a while holds them.
    pub fn load(&self, folder: &Path, path: &str) {
        let mut state = self.state();
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let file = state.open_or_create(&format!("{path}/{}", entry.file_name().to_string_lossy()));
            state.write(file, 0, &fs::read(entry.path()).unwrap());
            state.sync(file);
        }
    }

    /// Writes the files below `path` into a real folder, as they are now.
    pub fn save(&self, path: &Path, folder: &Path) {
        let state = self.state();
        fs::create_dir_all(folder).unwrap();
        for (name, file) in &state.paths {
            if let Ok(name) = Path::new(name).strip_prefix(path) {
                fs::write(folder.join(name), &state.files[*file].bytes).unwrap();
            }
        }
    }

    /// A file as a careful program writes it: beside, synced, renamed, the folder synced.
    pub fn write_file_durably(&self, path: &str, bytes: &[u8]) {
        let mut state = self.state();
        let beside = format!("{path}.new");
        let file = state.open_or_create(&beside);
        for (index, piece) in bytes.chunks(4096).enumerate() {
            state.write(file, index as u64 * 4096, piece);
        }
        state.sync(file);
        state.paths.remove(&beside);
        state.paths.insert(path.to_owned(), file);
        state.log.push(Entry::Rename { file, from: beside, to: path.to_owned() });
        state.log.push(Entry::SyncFolder);
    }

    /// Seam for the mutant that keeps attachments as files: written in place, never synced.
    pub fn write_file_without_fsync(&self, path: &str, bytes: &[u8]) {
        let mut state = self.state();
        let file = state.open_or_create(path);
        for (index, piece) in bytes.chunks(4096).enumerate() {
            state.write(file, index as u64 * 4096, piece);
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    pub fn open_or_create(&mut self, path: &str) -> FileNo {
        if let Some(file) = self.paths.get(path) {
            return *file;
        }
        let file = self.files.len();
        self.files.push(File { path: path.to_owned(), ..File::default() });
        self.paths.insert(path.to_owned(), file);
        self.log.push(Entry::Create { file, path: path.to_owned() });
        file
    }

    /// A file without a name: it is never seen after a crash and not logged.
    pub fn create_unnamed(&mut self) -> FileNo {
        self.files.push(File::default());
        self.files.len() - 1
    }

    pub fn delete(&mut self, path: &str, synced: bool) -> bool {
        let found = self.paths.remove(path).is_some();
        if found {
            self.log.push(Entry::Delete { path: path.to_owned(), synced });
        }
        found
    }

    /// False if the disk is full.
    pub fn write(&mut self, file: FileNo, at: u64, bytes: &[u8]) -> bool {
        let end = at as usize + bytes.len();
        let grows = end.saturating_sub(self.files[file].bytes.len()) as u64;
        if grows > 0 && self.quota_bytes.is_some_and(|quota| self.used() + grows > quota) {
            return false;
        }
        let content = &mut self.files[file].bytes;
        if content.len() < end {
            content.resize(end, 0);
        }
        content[at as usize..end].copy_from_slice(bytes);
        self.log.push(Entry::Write { file, at, bytes: bytes.into() });
        true
    }

    pub fn truncate(&mut self, file: FileNo, size: u64) {
        self.files[file].bytes.resize(size as usize, 0);
        self.log.push(Entry::Truncate { file, size });
    }

    /// False if this is the one that fails.
    pub fn sync(&mut self, file: FileNo) -> bool {
        let path = &self.files[file].path;
        if let Some((left, _)) = self.sync_failure.as_mut().filter(|(_, folder)| path.starts_with(folder.as_str())) {
            *left -= 1;
            if *left == 0 {
                self.sync_failure = None;
                self.log.push(Entry::FailedSync { file });
                return false;
            }
        }
        self.log.push(Entry::Sync { file });
        true
    }

    fn used(&self) -> u64 {
        self.paths.values().map(|file| self.files[*file].bytes.len() as u64).sum()
    }
}
