//! Sticks that want to hurt: each ends in a short list or in words, by a worker that may read one descriptor and
//! nothing else; the next stick is read.

use super::{MEMORY_KIB_MAX, status, workers};
use kiosk::printing::{Cancel, OpenStick, StickEntryKind, StickFolder, StickRefusal};
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;
use volume::simulator::{FatKind, exfat, fat};

const CLUSTER: usize = 4_096;

fn stick_of(file: File) -> OpenStick {
    workers().open_stick(file, &Cancel::new()).unwrap()
}

/// Bytes in a file that is open for reading only, as a stick is.
fn plugged(image: &[u8]) -> File {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(image).unwrap();
    file.reopen().map(|_| File::open(file.path()).unwrap()).unwrap()
}

fn stick(image: &[u8]) -> OpenStick {
    stick_of(plugged(image))
}

fn names(folder: &StickFolder) -> Vec<&str> {
    folder.entries.iter().map(|entry| entry.name.as_str()).collect()
}

fn the_next_stick_works() {
    let mut next = stick(&exfat(4, &[("a.txt", b"text")]));
    let listed = next.list(0).unwrap();
    assert_eq!(names(&listed), ["a.txt"]);
    let (name, bytes) = next.take(listed.entries[0].id).unwrap();
    assert_eq!((name.as_str(), bytes.as_slice()), ("a.txt", &b"text"[..]));
}

fn word(image: &[u8], at: usize) -> usize {
    u32::from_le_bytes(image[at..at + 4].try_into().unwrap()) as usize
}

/// Where a cluster of an exFAT image lies.
fn place(image: &[u8], cluster: usize) -> usize {
    word(image, 88) * 512 + (cluster - 2) * CLUSTER
}

/// Changes the stream of the first folder or file in the root of an exFAT image, and puts its checksum right.
fn change_stream(image: &mut [u8], change: impl Fn(&mut [u8])) {
    let root = place(image, word(image, 96));
    let at = (root..root + CLUSTER).step_by(32).find(|at| image[*at] == 0x85).unwrap();
    let length = 32 * (1 + usize::from(image[at + 1]));
    let set = &mut image[at..at + length];
    change(&mut set[32..64]);
    let bytes = set.iter().enumerate().filter(|(place, _)| *place != 2 && *place != 3);
    let sum = bytes.fold(0_u16, |sum, (_, byte)| sum.rotate_right(1).wrapping_add(u16::from(*byte)));
    set[2..4].copy_from_slice(&sum.to_le_bytes());
}

#[test]
fn a_million_files_are_a_short_list_that_says_it_is_cut() {
    let mut image = exfat(160, &[("many/b.txt", b"text")]);
    let root = place(&image, word(&image, 96));
    let many = (root..root + CLUSTER).step_by(32).find(|at| image[*at] == 0x85).unwrap();
    let folder = word(&image, many + 32 + 20);
    let set = image[place(&image, folder)..][..96].to_vec();
    // Behind all that the volume uses, in clusters that lie in a row.
    let from = place(&image, 100);
    let length = (1_000_000 * set.len()).next_multiple_of(CLUSTER);
    for (at, byte) in image[from..from + length].iter_mut().enumerate() {
        *byte = set[at % set.len()];
    }
    change_stream(&mut image, |stream| {
        stream[1] = 3;
        stream[20..24].copy_from_slice(&100_u32.to_le_bytes());
        stream[8..16].copy_from_slice(&(length as u64).to_le_bytes());
        stream[24..32].copy_from_slice(&(length as u64).to_le_bytes());
    });
    let mut stick = stick(&image);
    let top = stick.list(0).unwrap();
    assert_eq!((names(&top), top.entries[0].kind), (vec!["many"], StickEntryKind::Folder));
    let listed = stick.list(top.entries[0].id).unwrap();
    assert!(listed.cut && !listed.entries.is_empty() && listed.entries.len() <= 150, "{}", listed.entries.len());
    assert!(status(stick.process_id(), "VmHWM") < MEMORY_KIB_MAX);
    the_next_stick_works();
}

#[test]
fn a_chain_that_bites_its_tail_ends() {
    // The folder's chain leads back to itself, and no entry of it says that the folder ends.
    let mut image = fat(Some(FatKind::Fat16), 16, &[("folder/a.txt", b"x")]).unwrap();
    let half = |image: &[u8], at: usize| usize::from(u16::from_le_bytes([image[at], image[at + 1]]));
    let table = half(&image, 14) * 512;
    image[table + 4..table + 6].copy_from_slice(&2_u16.to_le_bytes());
    let data = table + 2 * half(&image, 22) * 512 + half(&image, 17) * 32;
    let cluster_bytes = usize::from(image[13]) * 512;
    for at in (data..data + cluster_bytes).step_by(32) {
        image[at..at + 11].copy_from_slice(b"SAME    TXT");
        image[at + 11] = 0x20;
    }
    let mut stick = stick(&image);
    let top = stick.list(0).unwrap();
    let looped = stick.list(top.entries[0].id);
    assert!(looped.is_ok_and(|folder| folder.cut), "cut, not endless");
    the_next_stick_works();
}

#[test]
fn names_cannot_pretend_nor_break_the_screen() {
    let long = "长".repeat(255);
    let image = exfat(4, &[("a\u{202E}fdp.exe", b"text"), ("b\u{7}\n\u{200B}.txt", b"text"), (&long, b"text")]);
    let listed = stick(&image).list(0).unwrap();
    let mut shown = names(&listed);
    shown.sort_unstable();
    assert_eq!(shown, ["afdp.exe", "b.txt", &long]);
    the_next_stick_works();
}

#[test]
fn sizes_that_are_lies_and_sticks_that_are_cut_end_in_words() {
    for said in [60_u64 << 30, u64::MAX, 3 << 20] {
        let mut image = exfat(4, &[("a.txt", b"text")]);
        change_stream(&mut image, |stream| {
            stream[8..16].copy_from_slice(&said.to_le_bytes());
            stream[24..32].copy_from_slice(&said.to_le_bytes());
        });
        let mut stick = stick(&image);
        for entry in stick.list(0).unwrap().entries {
            assert!(stick.take(entry.id).is_err(), "a file of {said} bytes on a stick of 4 MiB");
        }
    }
    // As large as it says, with nothing behind the first megabytes: a stick of 60 GB that holds one text.
    let mut sparse = tempfile::NamedTempFile::new().unwrap();
    sparse.write_all(&exfat(4, &[("a.txt", b"text")])).unwrap();
    sparse.as_file().set_len(60 << 30).unwrap();
    sparse.rewind().unwrap();
    let mut large = stick_of(File::open(sparse.path()).unwrap());
    assert_eq!(names(&large.list(0).unwrap()), ["a.txt"]);
    assert!(status(large.process_id(), "VmHWM") < MEMORY_KIB_MAX);

    let long = vec![b'x'; 1 << 20];
    let whole = exfat(4, &[("a.txt", &long)]);
    for length in [0, 1, 511, 512, 13_000, 40_000, 200_000, 900_000] {
        let mut cut = stick(&whole[..length]);
        match cut.list(0) {
            Ok(listed) => assert!(listed.entries.iter().all(|entry| cut.take(entry.id).is_err()), "at {length}"),
            Err(refusal) => assert!(matches!(refusal, StickRefusal::Damaged | StickRefusal::Foreign), "{refusal:?}"),
        }
    }
    the_next_stick_works();
}

#[test]
fn a_stick_that_goes_while_it_is_read_is_gone_and_not_damaged() {
    let long: Vec<u8> = (0..3 << 20).map(|at: u32| b'a' + (at % 26) as u8).collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&exfat(8, &[("a.txt", &long)])).unwrap();
    let mut stick = stick_of(File::open(file.path()).unwrap());
    let listed = stick.list(0).unwrap();
    file.as_file().set_len(0).unwrap();
    assert_eq!(stick.take(listed.entries[0].id).err(), Some(StickRefusal::Gone));
}

#[test]
fn the_worker_has_the_stick_for_reading_and_nothing_else() {
    let mut stick = stick(&exfat(4, &[("a.txt", b"text")]));
    stick.list(0).unwrap();
    let process = stick.process_id();
    assert_eq!((status(process, "Seccomp"), status(process, "NoNewPrivs")), (2, 1));
    if let Ok(open_files) = std::fs::read_dir(format!("/proc/{process}/fd")) {
        assert_eq!(open_files.count(), 3, "two pipes and the stick");
    }
    if let Ok(info) = std::fs::read_to_string(format!("/proc/{process}/fdinfo/2")) {
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
        assert_eq!(u32::from_str_radix(flags.trim(), 8).unwrap() & 3, 0, "for reading only");
    }
    drop(stick);
    assert!(!Path::new(&format!("/proc/{process}")).exists(), "the worker ends with its stick");
}
