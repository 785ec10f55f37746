//! From the log to what a power cut leaves: walks forward through the log and builds, at any place of it,
//! the files as a disk would show them after the cut.

use std::{collections::BTreeMap, fs, path::Path};

use super::disk::{Entry, FileNo};

const SECTOR: u64 = 512;

/// How the cut treats what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Each sector is kept, dropped or torn by seed.
    BySeed(u64),
    /// Nothing that was not synced reached the disk.
    DropAll,
    /// All of it did: what a killed process leaves.
    KeepAll,
}

/// A small generator, the same on every machine.
#[derive(Debug, Clone)]
pub struct Seed(u64);

/// The disk at one place of the log.
pub struct Replay<'l> {
    log: &'l [Entry],
    at: usize,
    files: BTreeMap<FileNo, File<'l>>,
    /// Directory entries that an fsync covered.
    durable_paths: BTreeMap<String, FileNo>,
    /// Directory changes since, in order.
    pending_paths: Vec<(String, Option<FileNo>)>,
    /// What a failed fsync lost is lost for all later cuts.
    losses: Seed,
}

#[derive(Default)]
struct File<'l> {
    durable: Vec<u8>,
    pending: Vec<&'l Entry>,
}

enum Fate {
    Kept,
    Dropped,
    Torn(usize),
}

impl<'l> Replay<'l> {
    pub fn new(log: &'l [Entry], seed: u64) -> Self {
        Self {
            log,
            at: 0,
            files: BTreeMap::new(),
            durable_paths: BTreeMap::new(),
            pending_paths: Vec::new(),
            losses: Seed::new(seed),
        }
    }

    /// Goes on to just before entry `place`.
    pub fn advance_to(&mut self, place: usize) {
        while self.at < place {
            let entry = &self.log[self.at];
            self.at += 1;
            self.step(entry);
        }
    }

    /// Marks of the test up to here.
    pub fn marks(&self) -> impl Iterator<Item = &'l str> {
        self.log[..self.at].iter().filter_map(|entry| match entry {
            Entry::Mark(mark) => Some(mark.as_str()),
            _ => None,
        })
    }

    /// Writes the files below `from` as a cut here would leave them into the folder `to`.
    pub fn write_image(&self, cut: Cut, from: &str, to: &Path) {
        let mut seed = match cut {
            Cut::BySeed(seed) => Seed::new(seed),
            _ => Seed::new(0),
        };
        let mut paths = self.durable_paths.clone();
        let reached = self.pending_paths.iter().take_while(|_| cut.keeps(&mut seed)).count();
        change_paths(&mut paths, &self.pending_paths[..reached]);
        for (path, no) in &paths {
            let Some(name) = path.strip_prefix(from).map(|name| name.trim_start_matches('/')) else { continue };
            let Some(file) = self.files.get(no) else { continue };
            let mut bytes = file.durable.clone();
            file.pending.iter().for_each(|entry| apply(&mut bytes, entry, cut, &mut seed));
            let place = to.join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, bytes).unwrap();
        }
    }

    fn step(&mut self, entry: &'l Entry) {
        match entry {
            Entry::Create { file, path } => {
                self.files.insert(*file, File::default());
                self.pending_paths.push((path.clone(), Some(*file)));
            }
            Entry::Delete { path, synced } => {
                self.pending_paths.push((path.clone(), None));
                if *synced {
                    self.settle_paths();
                }
            }
            Entry::Rename { file, from, to } => {
                self.pending_paths.push((to.clone(), Some(*file)));
                self.pending_paths.push((from.clone(), None));
            }
            Entry::SyncFolder => self.settle_paths(),
            Entry::Write { file, .. } | Entry::Truncate { file, .. } => {
                if let Some(file) = self.files.get_mut(file) {
                    file.pending.push(entry);
                }
            }
            Entry::Sync { file: no } => {
                if let Some(file) = self.files.get_mut(no) {
                    let mut unused = Seed::new(0);
                    for entry in std::mem::take(&mut file.pending) {
                        apply(&mut file.durable, entry, Cut::KeepAll, &mut unused);
                    }
                }
                self.settle_paths();
            }
            Entry::FailedSync { file: no } => {
                if let Some(file) = self.files.get_mut(no) {
                    for entry in std::mem::take(&mut file.pending) {
                        apply(&mut file.durable, entry, Cut::BySeed(0), &mut self.losses);
                    }
                }
            }
            Entry::Mark(_) => {}
        }
    }

    fn settle_paths(&mut self) {
        change_paths(&mut self.durable_paths, &self.pending_paths);
        self.pending_paths.clear();
    }
}

impl Cut {
    fn keeps(self, seed: &mut Seed) -> bool {
        match self {
            Self::KeepAll => true,
            Self::DropAll => false,
            Self::BySeed(_) => seed.next() & 1 == 0,
        }
    }

    fn fate(self, seed: &mut Seed, bytes: usize) -> Fate {
        match self {
            Self::KeepAll => Fate::Kept,
            Self::DropAll => Fate::Dropped,
            Self::BySeed(_) => match seed.next() % 3 {
                0 => Fate::Kept,
                1 => Fate::Dropped,
                _ => Fate::Torn(seed.next() as usize % (bytes + 1)),
            },
        }
    }
}

impl Seed {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// splitmix64
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn change_paths(paths: &mut BTreeMap<String, FileNo>, changes: &[(String, Option<FileNo>)]) {
    for (path, file) in changes {
        match file {
            Some(file) => paths.insert(path.clone(), *file),
            None => paths.remove(path),
        };
    }
}

fn apply(content: &mut Vec<u8>, entry: &Entry, cut: Cut, seed: &mut Seed) {
    match entry {
        Entry::Truncate { size, .. } if cut.keeps(seed) => content.resize(*size as usize, 0),
        Entry::Write { at, bytes, .. } => {
            let mut at = *at;
            let mut left: &[u8] = bytes;
            while !left.is_empty() {
                let (sector, rest) = left.split_at(left.len().min((SECTOR - at % SECTOR) as usize));
                let reached = match cut.fate(seed, sector.len()) {
                    Fate::Kept => sector.len(),
                    Fate::Dropped => 0,
                    Fate::Torn(bytes) => bytes,
                };
                if reached > 0 {
                    let end = at as usize + reached;
                    if content.len() < end {
                        content.resize(end, 0);
                    }
                    content[at as usize..end].copy_from_slice(&sector[..reached]);
                }
                at += sector.len() as u64;
                left = rest;
            }
        }
        _ => {}
    }
}
