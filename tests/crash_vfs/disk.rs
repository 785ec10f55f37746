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
    /// What is done below a folder waits here instead of going into the log.
    held: Option<(String, Vec<Entry>)>,
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
        self.state().record(Entry::Mark(what.into()));
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
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{path}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().unwrap().is_dir() {
                self.load(&entry.path(), &path);
                continue;
            }
            let mut state = self.state();
            let file = state.open_or_create(&path);
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

    /// Seam for what does not go through SQLite: a file written in place, and synced or not. False if the disk
    /// fails.
    pub fn write_file(&self, path: &str, bytes: &[u8], synced: bool) -> bool {
        let mut state = self.state();
        let file = state.open_or_create(path);
        let pieces = bytes.chunks(4096).enumerate();
        pieces.fold(true, |done, (index, piece)| done && state.write(file, index as u64 * 4096, piece))
            && (!synced || state.sync(file))
    }

    /// None if there is no such file.
    pub fn read_file(&self, path: &str) -> Option<Vec<u8>> {
        let state = self.state();
        Some(state.files[*state.paths.get(path)?].bytes.clone())
    }

    /// Whether there is such a file, or one below such a folder.
    pub fn holds(&self, path: &str) -> bool {
        let state = self.state();
        let below = format!("{path}/");
        state.paths.contains_key(path) || state.paths.keys().any(|name| name.starts_with(&below))
    }

    /// None if there is no such file.
    pub fn rename(&self, from: &str, to: &str) -> Option<()> {
        let mut state = self.state();
        let file = state.paths.remove(from)?;
        state.paths.insert(to.to_owned(), file);
        state.record(Entry::Rename { file, from: from.to_owned(), to: to.to_owned() });
        Some(())
    }

    pub fn sync_folder(&self) {
        self.state().record(Entry::SyncFolder);
    }

    /// Keeps what is done below `folder` back until [`Self::release`]: a disk that is told later than the world.
    pub fn hold(&self, folder: &str) {
        self.state().held.get_or_insert_with(|| (folder.to_owned(), Vec::new()));
    }

    pub fn release(&self) {
        let mut state = self.state();
        if let Some((_, held)) = state.held.take() {
            state.log.extend(held);
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    /// Writes down what was done.
    fn record(&mut self, entry: Entry) {
        let path = match &entry {
            Entry::Create { path, .. } | Entry::Delete { path, .. } | Entry::Rename { from: path, .. } => Some(path),
            Entry::Write { file, .. }
            | Entry::Truncate { file, .. }
            | Entry::Sync { file }
            | Entry::FailedSync { file } => Some(&self.files[*file].path),
            // Only files beside SQLite's sync folders, and they are the hall's.
            Entry::SyncFolder => None,
            Entry::Mark(_) => return self.log.push(entry),
        };
        match &mut self.held {
            Some((folder, held)) if path.is_none_or(|path| path.starts_with(folder.as_str())) => held.push(entry),
            _ => self.log.push(entry),
        }
    }

    pub fn open_or_create(&mut self, path: &str) -> FileNo {
        if let Some(file) = self.paths.get(path) {
            return *file;
        }
        let file = self.files.len();
        self.files.push(File { path: path.to_owned(), ..File::default() });
        self.paths.insert(path.to_owned(), file);
        self.record(Entry::Create { file, path: path.to_owned() });
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
            self.record(Entry::Delete { path: path.to_owned(), synced });
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
        self.record(Entry::Write { file, at, bytes: bytes.into() });
        true
    }

    pub fn truncate(&mut self, file: FileNo, size: u64) {
        self.files[file].bytes.resize(size as usize, 0);
        self.record(Entry::Truncate { file, size });
    }

    /// False if this is the one that fails.
    pub fn sync(&mut self, file: FileNo) -> bool {
        let path = &self.files[file].path;
        if let Some((left, _)) = self.sync_failure.as_mut().filter(|(_, folder)| path.starts_with(folder.as_str())) {
            *left -= 1;
            if *left == 0 {
                self.sync_failure = None;
                self.record(Entry::FailedSync { file });
                return false;
            }
        }
        self.record(Entry::Sync { file });
        true
    }

    fn used(&self) -> u64 {
        self.paths.values().map(|file| self.files[*file].bytes.len() as u64).sum()
    }
}
