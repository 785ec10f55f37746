//! Writes an exFAT volume that `fsck.exfat` finds clean: boot regions with their checksum, table, bitmap, up-case table,
//! folders and files, each in a chain. Half of the files' clusters lie apart, so that chains are followed.

use super::Content;
use std::collections::BTreeMap;

const SECTOR: usize = 512;
const CLUSTER: usize = 4_096;
/// Sectors before the table: two boot regions of twelve.
const TABLE_SECTOR: usize = 24;
const FIRST_CLUSTER: u32 = 2;
const END: u32 = 0xFFFF_FFFF;
const FOLDER: u16 = 0x10;

/// An exFAT volume of so many MiB with these files.
#[must_use]
pub fn exfat(mebibytes: usize, files: &[Content<'_>]) -> Vec<u8> {
    let mut image = Image::new(mebibytes);
    let mut root = Node::default();
    for (path, bytes) in files {
        root.put(path, bytes);
    }
    let clusters = image.clusters as usize;
    let bitmap = image.reserve(clusters.div_ceil(8));
    let upcase_table = upcase();
    let upcase = image.store(&upcase_table);
    let mut folder = vec![volume_label()];
    folder.push(meta(0x81, 0, bitmap, clusters.div_ceil(8)));
    folder.push(meta(0x82, checksum32(&upcase_table), upcase, upcase_table.len()));
    folder.extend(image.entries_of(&root));
    let root = image.store(&folder.concat());
    image.finish(root, bitmap)
}

#[derive(Default)]
struct Node<'a> {
    folders: BTreeMap<&'a str, Node<'a>>,
    files: BTreeMap<&'a str, &'a [u8]>,
}

impl<'a> Node<'a> {
    fn put(&mut self, path: &'a str, bytes: &'a [u8]) {
        match path.split_once('/') {
            Some((folder, rest)) => self.folders.entry(folder).or_default().put(rest, bytes),
            None => drop(self.files.insert(path, bytes)),
        }
    }
}

struct Image {
    bytes: Vec<u8>,
    table: Vec<u32>,
    clusters: u32,
    heap_sector: usize,
    next: u32,
}

impl Image {
    fn new(mebibytes: usize) -> Self {
        let bytes = vec![0; mebibytes << 20];
        let clusters_about = bytes.len() / CLUSTER;
        let table_sectors = (4 * (clusters_about + 2)).div_ceil(SECTOR);
        let heap_sector = (TABLE_SECTOR + table_sectors).next_multiple_of(CLUSTER / SECTOR);
        let clusters = (bytes.len() / SECTOR - heap_sector) / (CLUSTER / SECTOR);
        let mut table = vec![0; clusters + 2];
        (table[0], table[1]) = (0xFFFF_FFF8, END);
        Self { bytes, table, clusters: clusters as u32, heap_sector, next: FIRST_CLUSTER }
    }

    fn place(&self, cluster: u32) -> usize {
        self.heap_sector * SECTOR + (cluster - FIRST_CLUSTER) as usize * CLUSTER
    }

    /// Clusters in a chain for so many bytes: every other one, then the rest behind them.
    fn chain(&mut self, length: usize) -> Vec<u32> {
        let count = length.div_ceil(CLUSTER).max(1) as u32;
        let row: Vec<u32> = (self.next..self.next + count).collect();
        self.next += count;
        let (even, odd): (Vec<u32>, Vec<u32>) = row.iter().partition(|cluster| (**cluster - row[0]).is_multiple_of(2));
        let chain = [even, odd].concat();
        for pair in chain.windows(2) {
            self.table[pair[0] as usize] = pair[1];
        }
        if let Some(last) = chain.last() {
            self.table[*last as usize] = END;
        }
        chain
    }

    fn reserve(&mut self, length: usize) -> u32 {
        self.chain(length)[0]
    }

    fn store(&mut self, bytes: &[u8]) -> u32 {
        let chain = self.chain(bytes.len());
        for (cluster, piece) in chain.iter().zip(bytes.chunks(CLUSTER)) {
            let at = self.place(*cluster);
            self.bytes[at..at + piece.len()].copy_from_slice(piece);
        }
        chain[0]
    }

    fn entries_of(&mut self, node: &Node<'_>) -> Vec<[u8; 32]> {
        let mut entries = Vec::new();
        for (name, folder) in &node.folders {
            let inside = self.entries_of(folder).concat();
            let first = self.store(&inside);
            let length = inside.len().div_ceil(CLUSTER).max(1) * CLUSTER;
            entries.extend(file_set(name, FOLDER, first, length));
        }
        for (name, bytes) in &node.files {
            let first = if bytes.is_empty() { 0 } else { self.store(bytes) };
            entries.extend(file_set(name, 0x20, first, bytes.len()));
        }
        entries
    }

    fn finish(mut self, root: u32, bitmap: u32) -> Vec<u8> {
        let mut used = vec![0_u8; (self.clusters as usize).div_ceil(8)];
        for index in 0..(self.next - FIRST_CLUSTER) as usize {
            used[index / 8] |= 1 << (index % 8);
        }
        let mut cluster = bitmap;
        for piece in used.chunks(CLUSTER) {
            let at = self.place(cluster);
            self.bytes[at..at + piece.len()].copy_from_slice(piece);
            cluster = self.table[cluster as usize];
        }
        let table: Vec<u8> = self.table.iter().flat_map(|entry| entry.to_le_bytes()).collect();
        self.bytes[TABLE_SECTOR * SECTOR..][..table.len()].copy_from_slice(&table);
        let region = self.boot_region(root);
        self.bytes[..12 * SECTOR].copy_from_slice(&region);
        self.bytes[12 * SECTOR..24 * SECTOR].copy_from_slice(&region);
        self.bytes
    }

    fn boot_region(&self, root: u32) -> Vec<u8> {
        let mut region = vec![0; 12 * SECTOR];
        region[..11].copy_from_slice(b"\xEB\x76\x90EXFAT   ");
        region[72..80].copy_from_slice(&((self.bytes.len() / SECTOR) as u64).to_le_bytes());
        let table_sectors = (self.heap_sector - TABLE_SECTOR) as u32;
        let words = [TABLE_SECTOR as u32, table_sectors, self.heap_sector as u32, self.clusters, root, 0x2026_1126];
        for (place, word) in words.iter().enumerate() {
            region[80 + 4 * place..84 + 4 * place].copy_from_slice(&word.to_le_bytes());
        }
        region[104..106].copy_from_slice(&[0, 1]);
        (region[108], region[109], region[110], region[111], region[112]) = (9, 3, 1, 0x80, 0xFF);
        region[510..512].copy_from_slice(&[0x55, 0xAA]);
        for sector in 1..9 {
            region[sector * SECTOR + 508..][..4].copy_from_slice(&[0, 0, 0x55, 0xAA]);
        }
        let counted = region[..11 * SECTOR].iter().enumerate();
        let counted = counted.filter(|(place, _)| !matches!(*place, 106 | 107 | 112));
        let sum = counted.fold(0, |sum: u32, (_, byte)| sum.rotate_right(1).wrapping_add(u32::from(*byte)));
        for word in region[11 * SECTOR..].chunks_mut(4) {
            word.copy_from_slice(&sum.to_le_bytes());
        }
        region
    }
}

/// A file with its stream and its name.
fn file_set(name: &str, attributes: u16, first: u32, length: usize) -> Vec<[u8; 32]> {
    let units: Vec<u16> = name.encode_utf16().collect();
    let mut file = [0; 32];
    (file[0], file[1]) = (0x85, 1 + units.len().div_ceil(15) as u8);
    file[4..6].copy_from_slice(&attributes.to_le_bytes());
    // 26 November 2026, 9:00.
    let moment = (46_u32 << 25 | 11 << 21 | 26 << 16 | 9 << 11).to_le_bytes();
    for at in [8, 12, 16] {
        file[at..at + 4].copy_from_slice(&moment);
    }
    let mut stream = [0; 32];
    (stream[0], stream[1], stream[3]) = (0xC0, if first == 0 { 0 } else { 1 }, units.len() as u8);
    let upper = name.to_uppercase();
    let hash = upper.encode_utf16().flat_map(u16::to_le_bytes);
    let hash = hash.fold(0, |sum: u16, byte| sum.rotate_right(1).wrapping_add(u16::from(byte)));
    stream[4..6].copy_from_slice(&hash.to_le_bytes());
    stream[8..16].copy_from_slice(&(length as u64).to_le_bytes());
    stream[20..24].copy_from_slice(&first.to_le_bytes());
    stream[24..32].copy_from_slice(&(length as u64).to_le_bytes());
    let mut set = vec![file, stream];
    for part in units.chunks(15) {
        let mut entry = [0; 32];
        entry[0] = 0xC1;
        for (place, unit) in part.iter().enumerate() {
            entry[2 + 2 * place..4 + 2 * place].copy_from_slice(&unit.to_le_bytes());
        }
        set.push(entry);
    }
    let bytes = set.concat();
    let counted = bytes.iter().enumerate().filter(|(place, _)| *place != 2 && *place != 3);
    let sum = counted.fold(0, |sum: u16, (_, byte)| sum.rotate_right(1).wrapping_add(u16::from(*byte)));
    set[0][2..4].copy_from_slice(&sum.to_le_bytes());
    set
}

/// The entry of the bitmap or of the up-case table.
fn meta(kind: u8, checksum: u32, first: u32, length: usize) -> [u8; 32] {
    let mut entry = [0; 32];
    entry[0] = kind;
    entry[4..8].copy_from_slice(&checksum.to_le_bytes());
    entry[20..24].copy_from_slice(&first.to_le_bytes());
    entry[24..32].copy_from_slice(&(length as u64).to_le_bytes());
    entry
}

fn volume_label() -> [u8; 32] {
    let mut entry = [0; 32];
    (entry[0], entry[1], entry[2]) = (0x83, 1, b'U');
    entry
}

/// Small letters of ASCII; all else is itself (compressed, section 7.2.5).
fn upcase() -> Vec<u8> {
    let ascii = (0..128_u16).map(|unit| if (0x61..=0x7A).contains(&unit) { unit - 32 } else { unit });
    ascii.chain([0xFFFF, 0xFF80]).flat_map(u16::to_le_bytes).collect()
}

fn checksum32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |sum: u32, byte| sum.rotate_right(1).wrapping_add(u32::from(*byte)))
}
