//! Sticks for tests and the demo, byte by byte: files in a FAT or exFAT volume, alone or behind a partition table.

mod exfat;

pub use exfat::exfat;

use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions};
use std::io::{self, Cursor, Write};

/// Where a volume begins behind a partition table: 1 MiB, as all systems align it.
const ALIGNED_SECTOR: u32 = 2_048;
const SECTOR_BYTES: usize = 512;

/// A file for a stick: its path with `/` between folders, and its bytes.
pub type Content<'a> = (&'a str, &'a [u8]);

/// A FAT volume of so many MiB with these files; fewer than 4 is FAT12, fewer than 512 FAT16, unless `kind` says it.
///
/// # Errors
/// When they do not fit, or a name cannot be.
pub fn fat(kind: Option<FatKind>, mebibytes: usize, files: &[Content<'_>]) -> io::Result<Vec<u8>> {
    let mut image = Cursor::new(vec![0; mebibytes << 20]);
    let options = FormatVolumeOptions::new();
    fatfs::format_volume(
        &mut image,
        match kind {
            None => options,
            Some(FatKind::Fat12) => options.fat_type(FatType::Fat12),
            Some(FatKind::Fat16) => options.fat_type(FatType::Fat16),
            Some(FatKind::Fat32) => options.fat_type(FatType::Fat32).bytes_per_cluster(512),
        },
    )?;
    image.set_position(0);
    {
        let system = FileSystem::new(&mut image, FsOptions::new())?;
        for (path, bytes) in files {
            let mut folder = system.root_dir();
            let mut parts = path.split('/').peekable();
            while let Some(part) = parts.next() {
                if parts.peek().is_some() {
                    folder = folder.create_dir(part)?;
                } else {
                    folder.create_file(part)?.write_all(bytes)?;
                }
            }
        }
    }
    Ok(image.into_inner())
}

/// Which FAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FatKind {
    /// With 12 bits an entry.
    Fat12,
    /// With 16.
    Fat16,
    /// With 32.
    Fat32,
}

/// The volume as the only partition of an MBR.
#[must_use]
pub fn in_mbr(volume: &[u8]) -> Vec<u8> {
    let mut disk = vec![0; ALIGNED_SECTOR as usize * SECTOR_BYTES];
    let sectors = (volume.len() / SECTOR_BYTES) as u32;
    disk[446..462].copy_from_slice(&mbr_entry(0x0C, ALIGNED_SECTOR, sectors));
    disk[510..512].copy_from_slice(&[0x55, 0xAA]);
    disk.extend_from_slice(volume);
    disk
}

/// The volume as the second partition of a GPT, behind an empty one.
#[must_use]
pub fn in_gpt(volume: &[u8]) -> Vec<u8> {
    let mut disk = vec![0; ALIGNED_SECTOR as usize * SECTOR_BYTES];
    let sectors = (volume.len() / SECTOR_BYTES) as u64;
    disk[446..462].copy_from_slice(&mbr_entry(0xEE, 1, u32::MAX));
    disk[510..512].copy_from_slice(&[0x55, 0xAA]);
    disk[512..520].copy_from_slice(b"EFI PART");
    disk[512 + 72..512 + 80].copy_from_slice(&2_u64.to_le_bytes());
    disk[512 + 80..512 + 84].copy_from_slice(&128_u32.to_le_bytes());
    disk[512 + 84..512 + 88].copy_from_slice(&128_u32.to_le_bytes());
    for (entry, first, last) in [(0, 64, 100), (1, u64::from(ALIGNED_SECTOR), u64::from(ALIGNED_SECTOR) + sectors - 1)]
    {
        let at = 1_024 + 128 * entry;
        disk[at..at + 16].fill(0xA5);
        disk[at + 32..at + 40].copy_from_slice(&u64::to_le_bytes(first));
        disk[at + 40..at + 48].copy_from_slice(&u64::to_le_bytes(last));
    }
    disk.extend_from_slice(volume);
    disk
}

fn mbr_entry(kind: u8, first: u32, sectors: u32) -> [u8; 16] {
    let mut entry = [0; 16];
    entry[4] = kind;
    entry[8..12].copy_from_slice(&first.to_le_bytes());
    entry[12..16].copy_from_slice(&sectors.to_le_bytes());
    entry
}
