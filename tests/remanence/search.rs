//! Looking for bytes: in all files of a folder, again and again while something runs, and in the memory of a process.

use flate2::read::{GzDecoder, ZlibDecoder};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

pub type Needles = Vec<(&'static str, Vec<u8>)>;

const PIECE: usize = 1 << 20;
/// Bytes of one inflated stream that are searched.
const INFLATED_MAX: u64 = 64 << 20;

/// Whether the needle is in there. By the C library, because an own loop without optimisation takes minutes.
pub fn finds(haystack: &[u8], needle: &[u8]) -> bool {
    // SAFETY: both pointers are those of slices, each with its own length, and only read.
    let at = unsafe { libc::memmem(haystack.as_ptr().cast(), haystack.len(), needle.as_ptr().cast(), needle.len()) };
    !needle.is_empty() && !at.is_null()
}

/// Which needles are in the folder's files, once each; in what they are as they lie there, and in every zlib or gzip
/// stream in them.
pub fn in_folder(folder: &Path, needles: &Needles) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut files: Vec<Vec<u8>> = files(folder).into_iter().filter_map(|file| std::fs::read(file).ok()).collect();
    let inflated: Vec<Vec<u8>> = files.iter().flat_map(|file| inflated(file)).collect();
    files.extend(inflated);
    for (what, needle) in needles {
        if files.iter().any(|bytes| finds(bytes, needle)) {
            found.push(*what);
        }
    }
    found
}

/// What the compressed streams in these bytes hold, as far as each goes.
fn inflated(bytes: &[u8]) -> Vec<Vec<u8>> {
    let heads = bytes.windows(2).enumerate().filter_map(|(at, head)| match head {
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA] => Some((at, false)),
        [0x1F, 0x8B] => Some((at, true)),
        _ => None,
    });
    heads
        .map(|(at, gzip)| {
            let mut plain = Vec::new();
            // A stream that ends in the middle, or is none, gives what came so far.
            let _ = if gzip {
                GzDecoder::new(&bytes[at..]).take(INFLATED_MAX).read_to_end(&mut plain)
            } else {
                ZlibDecoder::new(&bytes[at..]).take(INFLATED_MAX).read_to_end(&mut plain)
            };
            plain
        })
        .filter(|plain| !plain.is_empty())
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    // A file may go while it is looked at.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files(&entry.path())),
            Ok(kind) if kind.is_file() => found.push(entry.path()),
            // A link leads to a line or elsewhere, and would be waited for.
            Ok(_) | Err(_) => {}
        }
    }
    found
}

/// Which needles are in the writable memory of a process, and in what kind of it.
pub fn in_memory(process: u32, needles: &Needles) -> Vec<(&'static str, String)> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        if !rights.starts_with("rw") || line.contains("[v") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let ends = [from, to].map(|end| u64::from_str_radix(end, 16).unwrap());
        let name = words.nth(3).unwrap_or("anonymous").to_owned();
        look(&memory, ends, |bytes| {
            for (what, needle) in needles {
                if finds(bytes, needle) {
                    found.push((*what, name.clone()));
                }
            }
        });
    }
    found
}

/// Piece by piece, overlapping, so that nothing hides on a border.
fn look(memory: &File, [from, to]: [u64; 2], mut at: impl FnMut(&[u8])) {
    const OVERLAP: u64 = 256;
    let mut piece = vec![0; PIECE];
    let mut place = from;
    while place < to {
        let wanted = usize::try_from(to - place).unwrap_or(PIECE).min(PIECE);
        // A page that was given back meanwhile cannot be read: there is nothing.
        if let Ok(read) = memory.read_at(&mut piece[..wanted], place) {
            at(&piece[..read]);
        }
        place += if wanted == PIECE { PIECE as u64 - OVERLAP } else { PIECE as u64 };
    }
}

/// Searches a folder as long as it lives.
pub struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

/// What a watch saw.
#[derive(Default)]
pub struct Seen {
    pub looks: u32,
    pub found: BTreeSet<&'static str>,
}

impl Watch {
    pub fn over(folder: &Path, needles: Needles) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, folder) = (Arc::clone(&stop), folder.to_owned());
        let thread = std::thread::spawn(move || {
            let mut seen = Seen::default();
            while !stopped.load(Ordering::SeqCst) {
                seen.found.extend(in_folder(&folder, &needles));
                seen.looks += 1;
                std::thread::sleep(Duration::from_millis(100));
            }
            seen
        });
        Self { stop, thread }
    }

    pub fn end(self) -> Seen {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}
