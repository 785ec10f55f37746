//! Whatever lies on a stick, reading it ends and nothing panics. The bytes change the first 64 KiB of a good exFAT image,
//! alone or behind a partition table. FAT is left to the crate that reads it, whose panics are caught: here each would
//! count as a crash.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::Cursor;
use std::sync::LazyLock;
use volume::simulator::{exfat, in_gpt, in_mbr};
use volume::{Folder, Volume, What};

/// Bytes' worth of work for one image.
const WORK: u64 = 256 << 10;

static IMAGES: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let files: &[(&str, &[u8])] = &[("a.txt", b"one"), ("b/c.txt", &[7; 9_000])];
    let volume = exfat(1, files);
    [in_mbr(&volume), in_gpt(&volume), volume]
});

fuzz_target!(|data: &[u8]| {
    let Some((which, data)) = data.split_first() else { return };
    let mut image = IMAGES[usize::from(which % 3)].clone();
    // Two bytes say where the next two go, so that table and folders are reached too.
    for change in data.chunks_exact(4) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]]));
        image[at..at + 2].copy_from_slice(&change[2..4]);
    }
    let Ok(volume) = Volume::open(Box::new(Cursor::new(image))) else { return };
    volume.allow(WORK);
    if let Ok(root) = volume.root() {
        walk(&root, 0);
    }
});

fn walk(folder: &Folder<'_>, depth: u32) {
    let Ok(entries) = folder.entries() else { return };
    for entry in entries.flatten() {
        match entry.what {
            What::Folder(folder) if depth < 3 => walk(&folder, depth + 1),
            What::Folder(_) => {}
            What::File(mut file) => {
                let mut head = vec![0; entry.bytes.min(4_096) as usize];
                let _ = file.read_at(0, &mut head);
            }
        }
    }
}
