//! exFAT, reading only, after Microsoft's published specification (revision 1.00, 27 August 2019): sticks of 64 GB and
//! more come with it. No crate for it is old and looked after enough to be given a stranger's image. Nothing the image
//! says is believed before it is compared with the disk.

use crate::disk::Window;
use crate::{Fault, name};
use std::io::{Read, Seek, SeekFrom};
use zeroize::{Zeroize, Zeroizing};

/// Shifts that section 3.1 allows: sectors of 512 to 4,096 bytes, clusters up to 32 MB.
const SECTOR_SHIFTS: std::ops::RangeInclusive<u8> = 9..=12;
const CLUSTER_SHIFT_MAX: u8 = 25;
/// Cluster numbers begin here (section 4.1).
const FIRST_CLUSTER: u32 = 2;
const END_OF_CHAIN: u32 = 0xFFFF_FFFF;
/// Bytes of an entry of a folder, and the types that are read (section 6.2.1).
const ENTRY_BYTES: usize = 32;
const END_OF_FOLDER: u8 = 0x00;
const FILE: u8 = 0x85;
const STREAM: u8 = 0xC0;
const NAME: u8 = 0xC1;
/// Entries that belong to one file: stream and names.
const SECONDARY: std::ops::RangeInclusive<usize> = 2..=18;
/// Units of UTF-16 in an entry that holds a part of the name.
const NAME_UNITS: usize = 15;
/// Attributes (section 7.4.4): hidden or system; folder.
const HIDDEN: u16 = 0x02 | 0x04;
const FOLDER: u16 = 0x10;
/// Flag of a stream whose clusters lie in a row, without a chain.
const NO_CHAIN: u8 = 0x02;

/// The volume.
pub(crate) struct ExFat {
    window: Window,
    table_at: u64,
    heap_at: u64,
    cluster_bytes: u64,
    clusters: u32,
    root: u32,
}

/// Clusters that belong together.
#[derive(Clone)]
pub(crate) struct Extent<'v> {
    system: &'v ExFat,
    first: u32,
    bytes: u64,
    /// Behind this, a file holds zeros that are not on the disk.
    valid: u64,
    chained: bool,
}

/// Reads an extent; remembers where it stands in the chain.
pub(crate) struct Reader<'v> {
    extent: Extent<'v>,
    index: u64,
    cluster: u32,
}

/// Walks through a folder.
pub(crate) struct Walk<'v> {
    reader: Reader<'v>,
    at: u64,
}

/// What lies in a folder.
pub(crate) struct Found<'v> {
    pub(crate) name: Zeroizing<String>,
    pub(crate) hidden: bool,
    pub(crate) modified: u64,
    pub(crate) folder: bool,
    pub(crate) extent: Extent<'v>,
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([0, 1, 2, 3].map(|i| bytes[at + i]))
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from(word(bytes, at)) | u64::from(word(bytes, at + 4)) << 32
}

impl ExFat {
    pub(crate) fn open(window: Window) -> Result<Self, Fault> {
        let mut system = Self { window, table_at: 0, heap_at: 0, cluster_bytes: 0, clusters: 0, root: 0 };
        let mut head = [0; 512];
        system.bytes_at(0, &mut head)?;
        let (sector_shift, cluster_shift) = (head[108], head[109]);
        if !SECTOR_SHIFTS.contains(&sector_shift) || cluster_shift > CLUSTER_SHIFT_MAX - sector_shift {
            return Err(Fault::Damaged);
        }
        system.table_at = u64::from(word(&head, 80)) << sector_shift;
        system.heap_at = u64::from(word(&head, 88)) << sector_shift;
        system.cluster_bytes = 1 << (sector_shift + cluster_shift);
        system.clusters = word(&head, 92).min(u32::MAX - 16);
        system.root = word(&head, 96);
        let table_bytes = u64::from(word(&head, 84)) << sector_shift;
        let entries = u64::from(system.clusters) + u64::from(FIRST_CLUSTER);
        if system.table_at == 0 || system.heap_at < system.table_at || table_bytes < 4 * entries {
            return Err(Fault::Damaged);
        }
        system.place(system.root)?;
        Ok(system)
    }

    pub(crate) fn root(&self) -> Extent<'_> {
        // Only its chain says how long the first folder is.
        let bytes = u64::from(self.clusters) * self.cluster_bytes;
        Extent { system: self, first: self.root, bytes, valid: bytes, chained: true }
    }

    fn bytes_at(&self, at: u64, into: &mut [u8]) -> Result<(), Fault> {
        let mut window = self.window.clone();
        let read = window.seek(SeekFrom::Start(at)).and_then(|_| window.read_exact(into));
        read.map_err(|error| Fault::of_io(&error))
    }

    /// Where a cluster lies.
    fn place(&self, cluster: u32) -> Result<u64, Fault> {
        let index = cluster.checked_sub(FIRST_CLUSTER).filter(|index| *index < self.clusters);
        Ok(self.heap_at + u64::from(index.ok_or(Fault::Damaged)?) * self.cluster_bytes)
    }

    /// The cluster behind this one in its chain.
    fn next(&self, cluster: u32) -> Result<Option<u32>, Fault> {
        let mut entry = [0; 4];
        self.bytes_at(self.table_at + 4 * u64::from(cluster), &mut entry)?;
        match u32::from_le_bytes(entry) {
            END_OF_CHAIN => Ok(None),
            next => self.place(next).map(|_| Some(next)),
        }
    }
}

impl<'v> Extent<'v> {
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn reader(self) -> Reader<'v> {
        Reader { index: 0, cluster: self.first, extent: self }
    }

    pub(crate) fn walk(&self) -> Walk<'v> {
        Walk { reader: self.clone().reader(), at: 0 }
    }
}

impl Reader<'_> {
    pub(crate) fn read_at(&mut self, mut at: u64, into: &mut [u8]) -> Result<(), Fault> {
        if at.checked_add(into.len() as u64).is_none_or(|end| end > self.extent.bytes) {
            return Err(Fault::Damaged);
        }
        let mut done = 0;
        while done < into.len() {
            let system = self.extent.system;
            let within = at % system.cluster_bytes;
            let count = (into.len() - done).min(usize::try_from(system.cluster_bytes - within).unwrap_or(usize::MAX));
            let piece = &mut into[done..done + count];
            let valid = usize::try_from(self.extent.valid.saturating_sub(at)).unwrap_or(usize::MAX).min(count);
            if valid > 0 {
                self.go_to(at / system.cluster_bytes)?;
                system.bytes_at(system.place(self.cluster)? + within, &mut piece[..valid])?;
            }
            piece[valid..].fill(0);
            done += count;
            at += count as u64;
        }
        Ok(())
    }

    /// Stands on the cluster of this index afterwards. An index is below the number of clusters, so a loop in the
    /// chain is walked no longer than the disk is.
    fn go_to(&mut self, index: u64) -> Result<(), Fault> {
        let system = self.extent.system;
        if index >= u64::from(system.clusters) {
            return Err(Fault::Damaged);
        }
        if !self.extent.chained {
            let offset = u32::try_from(index).map_err(|_| Fault::Damaged)?;
            self.cluster = self.extent.first.checked_add(offset).ok_or(Fault::Damaged)?;
            return Ok(());
        }
        if index < self.index {
            (self.index, self.cluster) = (0, self.extent.first);
        }
        while self.index < index {
            self.cluster = system.next(self.cluster)?.ok_or(Fault::Damaged)?;
            self.index += 1;
        }
        Ok(())
    }

    /// Whether the extent goes on at this place: a folder ends with its chain.
    fn goes_on(&mut self, at: u64) -> Result<bool, Fault> {
        let system = self.extent.system;
        if at >= self.extent.bytes {
            return Ok(false);
        }
        let index = at / system.cluster_bytes;
        if self.extent.chained && index == self.index + 1 {
            return Ok(system.next(self.cluster)?.is_some());
        }
        Ok(true)
    }
}

impl<'v> Walk<'v> {
    /// The next file or folder; sets that contradict themselves are passed over.
    pub(crate) fn next(&mut self) -> Result<Option<Found<'v>>, Fault> {
        while let Some(head) = self.entry()? {
            if head[0] == END_OF_FOLDER {
                return Ok(None);
            }
            let more = usize::from(head[1]);
            if head[0] != FILE || !SECONDARY.contains(&more) {
                continue;
            }
            let mut set = Zeroizing::new(Vec::with_capacity((1 + more) * ENTRY_BYTES));
            set.extend_from_slice(&head);
            for _ in 0..more {
                let Some(mut entry) = self.entry()? else { return Ok(None) };
                set.extend_from_slice(&entry);
                entry.zeroize();
            }
            if let Some(found) = self.found(&set) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn entry(&mut self) -> Result<Option<[u8; ENTRY_BYTES]>, Fault> {
        if !self.reader.goes_on(self.at)? {
            return Ok(None);
        }
        let mut entry = [0; ENTRY_BYTES];
        self.reader.read_at(self.at, &mut entry)?;
        self.at += ENTRY_BYTES as u64;
        Ok(Some(entry))
    }

    fn found(&self, set: &[u8]) -> Option<Found<'v>> {
        let system = self.reader.extent.system;
        let stream = &set[ENTRY_BYTES..2 * ENTRY_BYTES];
        if checksum(set) != u16::from_le_bytes([set[2], set[3]]) || stream[0] != STREAM {
            return None;
        }
        let units = usize::from(stream[3]);
        let parts = set[2 * ENTRY_BYTES..].chunks(ENTRY_BYTES).take(units.div_ceil(NAME_UNITS));
        let mut name = Zeroizing::new(Vec::with_capacity(units + NAME_UNITS));
        for part in parts {
            if part[0] != NAME {
                return None;
            }
            name.extend(part[2..].chunks(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])));
        }
        name.truncate(units);
        let attributes = u16::from_le_bytes([set[4], set[5]]);
        let (bytes, valid) = (long(stream, 24), long(stream, 8));
        let fits = bytes <= u64::from(system.clusters) * system.cluster_bytes && valid <= bytes;
        let extent = Extent {
            system,
            first: word(stream, 20),
            bytes: if fits { bytes } else { u64::MAX },
            valid,
            chained: stream[1] & NO_CHAIN == 0,
        };
        Some(Found {
            name: name::of_utf16(&name),
            hidden: attributes & HIDDEN != 0,
            modified: u64::from(word(set, 12)),
            folder: attributes & FOLDER != 0,
            extent,
        })
    }
}

/// Over all bytes of a set but its own (section 6.3.3).
fn checksum(set: &[u8]) -> u16 {
    let bytes = set.iter().enumerate().filter(|(place, _)| *place != 2 && *place != 3);
    bytes.fold(0, |sum: u16, (_, byte)| sum.rotate_right(1).wrapping_add(u16::from(*byte)))
}
