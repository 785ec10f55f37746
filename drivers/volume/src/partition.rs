//! Where the volumes of a disk begin: a file system from the first sector, an MBR with its extended partitions, or a
//! GPT (UEFI 2.10, section 5). And what stands at such a place.

use crate::disk::Disk;
use crate::{Fault, Foreign};

/// Bytes of a sector, as partition tables count; sticks of 4,096 exist and say so nowhere but in where their GPT lies.
const SECTORS: [u64; 2] = [512, 4_096];
/// Logical partitions that are followed, and entries of a GPT.
const LOGICAL_MAX: u32 = 32;
const GPT_ENTRIES_MAX: u32 = 128;
/// Bytes that tell what stands somewhere: ext keeps its mark behind the first 1,024, HFS+ its own there too.
const HEAD_BYTES: usize = 2_048;
/// Kinds of an MBR's entry: unused, extended, and the one that stands before a GPT.
const EXTENDED: [u8; 3] = [0x05, 0x0F, 0x85];
const PROTECTIVE: u8 = 0xEE;

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Fat,
    ExFat,
    Foreign(Foreign),
}

/// A part of the disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// The first part that is read here.
pub(crate) fn find(disk: &Disk) -> Result<(Part, Content), Fault> {
    let whole = Part { start: 0, length: disk.length() };
    let mut foreign = match content(disk, whole)? {
        Content::Foreign(kind) => kind,
        known => return Ok((whole, known)),
    };
    for part in parts(disk)? {
        match content(disk, part)? {
            // An encrypted or foreign volume before or behind one that is read does not matter.
            Content::Foreign(kind) if foreign == Foreign::Unknown => foreign = kind,
            Content::Foreign(_) => {}
            known => return Ok((part, known)),
        }
    }
    Err(Fault::Foreign(foreign))
}

/// What stands here, by its own marks.
fn content(disk: &Disk, part: Part) -> Result<Content, Fault> {
    let mut head = [0; HEAD_BYTES];
    if part.length < HEAD_BYTES as u64 {
        return Ok(Content::Foreign(Foreign::Unknown));
    }
    disk.read_at(part.start, &mut head)?;
    let at = |place: usize, mark: &[u8]| head[place..].starts_with(mark);
    let signed = at(510, &[0x55, 0xAA]);
    Ok(if signed && at(3, b"EXFAT   ") {
        Content::ExFat
    } else if at(3, b"NTFS    ") {
        Content::Foreign(Foreign::Ntfs)
    } else if at(3, b"-FVE-FS-") || at(0, b"LUKS\xBA\xBE") {
        Content::Foreign(Foreign::Encrypted)
    } else if at(1_080, &[0x53, 0xEF]) {
        Content::Foreign(Foreign::Ext)
    } else if at(1_024, b"H+") || at(1_024, b"HX") || at(32, b"NXSB") {
        Content::Foreign(Foreign::Apple)
    } else if signed && is_fat(&head) {
        Content::Fat
    } else {
        Content::Foreign(Foreign::Unknown)
    })
}

/// A FAT boot sector beside an MBR, which has the same signature: a jump, and sizes that can be.
fn is_fat(head: &[u8; HEAD_BYTES]) -> bool {
    let jump = head[0] == 0xE9 || (head[0] == 0xEB && head[2] == 0x90);
    let sector = u16::from_le_bytes([head[11], head[12]]);
    let reserved = u16::from_le_bytes([head[14], head[15]]);
    jump && matches!(sector, 512 | 1_024 | 2_048 | 4_096) && head[13].is_power_of_two() && reserved > 0 && head[16] > 0
}

fn parts(disk: &Disk) -> Result<Vec<Part>, Fault> {
    let mut sector = [0; 512];
    if disk.length() < 512 {
        return Ok(Vec::new());
    }
    disk.read_at(0, &mut sector)?;
    if sector[510..] != [0x55, 0xAA] {
        return Ok(Vec::new());
    }
    let mut parts = Vec::new();
    for (kind, start, count) in entries(&sector) {
        if kind == PROTECTIVE {
            return gpt(disk);
        } else if EXTENDED.contains(&kind) {
            logical(disk, start, &mut parts)?;
        } else {
            parts.push(Part { start: start * 512, length: count * 512 });
        }
    }
    Ok(parts)
}

/// The used entries of a table: kind, first sector, sectors.
fn entries(sector: &[u8; 512]) -> impl Iterator<Item = (u8, u64, u64)> {
    let word = |entry: &[u8], at: usize| u64::from(u32::from_le_bytes([0, 1, 2, 3].map(|i| entry[at + i])));
    let used = sector[446..510].chunks(16).map(move |entry| (entry[4], word(entry, 8), word(entry, 12)));
    used.filter(|(kind, start, count)| *kind != 0 && *start > 0 && *count > 0).collect::<Vec<_>>().into_iter()
}

/// Logical partitions: a chain of tables, each with a partition and the way to the next table.
fn logical(disk: &Disk, extended: u64, parts: &mut Vec<Part>) -> Result<(), Fault> {
    let mut table = extended;
    for _ in 0..LOGICAL_MAX {
        let mut sector = [0; 512];
        disk.read_at(table * 512, &mut sector)?;
        if sector[510..] != [0x55, 0xAA] {
            return Ok(());
        }
        let mut next = None;
        for (kind, start, count) in entries(&sector) {
            if EXTENDED.contains(&kind) {
                next = Some(extended + start);
            } else {
                parts.push(Part { start: (table + start) * 512, length: count * 512 });
            }
        }
        let Some(found) = next else { return Ok(()) };
        table = found;
    }
    Ok(())
}

/// The head of a GPT lies in the second sector, however long sectors are.
fn gpt(disk: &Disk) -> Result<Vec<Part>, Fault> {
    for sector in SECTORS {
        let mut head = [0; 92];
        if disk.read_at(sector, &mut head).is_err() || !head.starts_with(b"EFI PART") {
            continue;
        }
        let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| head[at + i]));
        let table = u64::from(word(72)) | u64::from(word(76)) << 32;
        let (count, size) = (word(80).min(GPT_ENTRIES_MAX), word(84));
        if !(128..=4_096).contains(&size) {
            return Err(Fault::Damaged);
        }
        let mut parts = Vec::new();
        for entry in 0..count {
            let place = table.checked_mul(sector).and_then(|at| at.checked_add(u64::from(entry) * u64::from(size)));
            let mut bytes = [0; 48];
            disk.read_at(place.ok_or(Fault::Damaged)?, &mut bytes)?;
            let long = |at: usize| u64::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|i| bytes[at + i]));
            let (first, last) = (long(32), long(40));
            let used = bytes[..16] != [0; 16] && first > 0 && last >= first;
            if let (true, Some(start), Some(length)) =
                (used, first.checked_mul(sector), (last - first.min(last) + 1).checked_mul(sector))
            {
                parts.push(Part { start, length });
            }
        }
        return Ok(parts);
    }
    Err(Fault::Damaged)
}
