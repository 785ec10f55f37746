//! Files come off a stick as they were put on it, from every file system and behind every partition table; what others
//! formatted is read too; and crafted images end in words.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use volume::simulator::{FatKind, exfat, fat, in_gpt, in_mbr};
use volume::{Entry, Fault, Folder, Foreign, Volume, What};

const WORK: u64 = 64 << 20;

fn open(image: Vec<u8>) -> Result<Volume, Fault> {
    let volume = Volume::open(Box::new(Cursor::new(image)))?;
    volume.allow(WORK);
    Ok(volume)
}

/// Paths and bytes of all files below a folder.
fn files(folder: &Folder<'_>, above: &str, found: &mut Vec<(String, Vec<u8>)>) -> Result<(), Fault> {
    for entry in folder.entries()? {
        let Entry { name, bytes, what, .. } = entry?;
        let path = format!("{above}{}", *name);
        match what {
            What::Folder(folder) => files(&folder, &format!("{path}/"), found)?,
            What::File(mut file) => {
                let mut content = vec![0; bytes as usize];
                file.read_at(0, &mut content)?;
                found.push((path, content));
            }
        }
    }
    Ok(())
}

fn all(image: Vec<u8>) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let volume = open(image)?;
    let mut found = Vec::new();
    files(&volume.root()?, "", &mut found)?;
    found.sort();
    Ok(found)
}

fn long_file() -> Vec<u8> {
    (0..300_000_u64).map(|place| ((place * place) >> 7) as u8).collect()
}

#[test]
fn every_file_system_behind_every_table_gives_its_files_back() {
    let long = long_file();
    let name = "关于办理老年人优待证的情况说明（二〇二六年十一月最终修改版本第三稿）.pdf";
    let put: Vec<(&str, &[u8])> =
        vec![("a.txt", b"one"), ("empty.txt", b""), (name, &long), ("证件/扫描/b.jpg", b"\xFF\xD8\xFF")];
    let mut expected: Vec<(String, Vec<u8>)> =
        put.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
    expected.sort();
    let volumes = [
        ("FAT12", fat(Some(FatKind::Fat12), 2, &put).unwrap()),
        ("FAT16", fat(Some(FatKind::Fat16), 16, &put).unwrap()),
        ("FAT32", fat(Some(FatKind::Fat32), 40, &put).unwrap()),
        ("exFAT", exfat(8, &put)),
    ];
    for (kind, volume) in volumes {
        let disks = [("alone", volume.clone()), ("MBR", in_mbr(&volume)), ("GPT", in_gpt(&volume))];
        for (table, disk) in disks {
            assert!(all(disk).unwrap() == expected, "{kind}, {table}");
        }
    }
}

#[test]
fn a_file_is_read_from_any_place_forwards_and_back() {
    let long = long_file();
    for image in [exfat(8, &[("a", &long)]), fat(Some(FatKind::Fat32), 40, &[("a", &long)]).unwrap()] {
        let volume = open(image).unwrap();
        let entry = volume.root().unwrap().entries().unwrap().next().unwrap().unwrap();
        let What::File(mut file) = entry.what else { panic!("a file") };
        for at in [299_990, 4_090, 0, 123_456] {
            let mut got = [0; 10];
            file.read_at(at, &mut got).unwrap();
            assert_eq!(got, long[at as usize..at as usize + 10]);
        }
        assert_eq!(file.read_at(299_995, &mut [0; 10]), Err(Fault::Damaged), "beyond its end");
    }
}

/// Runs a program of another's that formats or checks.
fn run(program: &str, arguments: &[&str]) -> Option<bool> {
    let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    let program = folders.iter().map(|folder| Path::new(folder).join(program)).find(|path| path.exists())?;
    Some(Command::new(program).args(arguments).output().unwrap().status.success())
}

#[test]
fn what_others_formatted_and_filled_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("stick.img");
    let image = image.to_str().unwrap();
    let file = folder.path().join("说明.txt");
    std::fs::write(&file, long_file()).unwrap();
    for (bits, mebibytes) in [("12", 4), ("16", 32), ("32", 64)] {
        std::fs::write(image, vec![0; mebibytes << 20]).unwrap();
        let Some(formatted) = run("mkfs.fat", &["-F", bits, image]) else {
            assert!(std::env::var_os("CI").is_none(), "no mkfs.fat on CI");
            println!("skipped: mkfs.fat");
            continue;
        };
        assert!(formatted);
        if run("mcopy", &["-i", image, file.to_str().unwrap(), "::/long name of a file.txt"]) != Some(true) {
            println!("skipped: mcopy");
            continue;
        }
        let found = all(std::fs::read(image).unwrap()).unwrap();
        assert!(found == [("long name of a file.txt".to_owned(), long_file())], "FAT{bits}");
    }
    std::fs::write(image, vec![0; 16 << 20]).unwrap();
    match run("mkfs.exfat", &[image]) {
        Some(formatted) => {
            assert!(formatted);
            assert_eq!(all(std::fs::read(image).unwrap()).unwrap(), []);
        }
        None => println!("skipped: mkfs.exfat"),
    }
    let long = long_file();
    std::fs::write(image, exfat(8, &[("a.txt", b"one"), ("b/c/d.bin", &long)])).unwrap();
    match run("fsck.exfat", &["-n", image]) {
        Some(clean) => assert!(clean, "what the simulator writes is an exFAT volume in others' eyes too"),
        None => println!("skipped: fsck.exfat"),
    }
}

#[test]
fn what_is_not_read_is_named() {
    let with = |at: usize, mark: &[u8]| {
        let mut image = vec![0; 64 << 10];
        image[at..at + mark.len()].copy_from_slice(mark);
        open(image).err()
    };
    assert_eq!(with(3, b"NTFS    "), Some(Fault::Foreign(Foreign::Ntfs)));
    assert_eq!(with(1_080, &[0x53, 0xEF]), Some(Fault::Foreign(Foreign::Ext)));
    assert_eq!(with(1_024, b"H+"), Some(Fault::Foreign(Foreign::Apple)));
    assert_eq!(with(3, b"-FVE-FS-"), Some(Fault::Foreign(Foreign::Encrypted)));
    assert_eq!(with(0, b"\0"), Some(Fault::Foreign(Foreign::Unknown)));
    assert_eq!(open(Vec::new()).err(), Some(Fault::Foreign(Foreign::Unknown)));
    let mut ntfs = vec![0; 64 << 10];
    ntfs[3..11].copy_from_slice(b"NTFS    ");
    assert_eq!(open(in_mbr(&ntfs)).err(), Some(Fault::Foreign(Foreign::Ntfs)), "behind a table too");
}

#[test]
fn a_stick_cut_short_is_damaged_wherever_it_ends() {
    let long = long_file();
    for image in [exfat(4, &[("a", &long)]), in_mbr(&fat(None, 2, &[("a", &long)]).unwrap())] {
        for length in (0..image.len()).step_by(image.len() / 97) {
            match all(image[..length].to_vec()) {
                Ok(found) => assert!(found == [("a".to_owned(), long.clone())] || length > 1 << 20, "at {length}"),
                Err(Fault::Damaged | Fault::Foreign(_)) => {}
                Err(other) => panic!("{other:?} at {length}"),
            }
        }
    }
}

#[test]
fn a_loop_in_a_chain_ends() {
    // The root folder of this FAT16 volume is fixed; the folder's own chain is made to bite its tail.
    let mut image = fat(Some(FatKind::Fat16), 16, &[("folder/a.txt", b"x")]).unwrap();
    let reserved = usize::from(u16::from_le_bytes([image[14], image[15]])) * 512;
    image[reserved + 4..reserved + 6].copy_from_slice(&2_u16.to_le_bytes());
    let cluster_bytes = usize::from(image[13]) * 512;
    let root = reserved + 2 * usize::from(u16::from_le_bytes([image[22], image[23]])) * 512;
    let data = root + usize::from(u16::from_le_bytes([image[17], image[18]])) * 32;
    for at in (data..data + cluster_bytes).step_by(32) {
        image[at..at + 11].copy_from_slice(b"SAME    TXT");
        image[at + 11] = 0x20;
    }
    let volume = open(image).unwrap();
    let Some(Ok(Entry { what: What::Folder(folder), .. })) = volume.root().unwrap().entries().unwrap().next() else {
        panic!("a folder");
    };
    assert_eq!(folder.entries().unwrap().last().map(|last| last.err()), Some(Some(Fault::TooMuch)));

    let mut image = exfat(4, &[("a", b"x")]);
    let root = u32::from_le_bytes([image[96], image[97], image[98], image[99]]) as usize;
    let heap = u32::from_le_bytes([image[88], image[89], image[90], image[91]]) as usize * 512;
    image[24 * 512 + 4 * root..][..4].copy_from_slice(&(root as u32).to_le_bytes());
    let at = heap + (root - 2) * 4_096;
    for entry in image[at..at + 4_096].chunks_mut(32).filter(|entry| entry[0] == 0) {
        entry[0] = 0x05;
    }
    assert!(matches!(all(image).err(), Some(Fault::TooMuch) | None), "as long as the disk, or the allowance");
}

#[test]
fn bytes_changed_at_random_never_panic_and_always_end() {
    let mut seed = 0x1234_5678_9ABC_DEF1_u64;
    let mut next = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    let long = long_file();
    let put: Vec<(&str, &[u8])> = vec![("a.txt", b"one"), ("b/c.bin", &long), ("b/d/e", b"x")];
    let images = [exfat(2, &put), fat(Some(FatKind::Fat12), 2, &put).unwrap(), in_gpt(&exfat(2, &put))];
    for image in images {
        // Where something stands: the file systems' own bytes come first.
        let ends = 400 << 10;
        for _ in 0..300 {
            let mut hostile = image.clone();
            for _ in 0..1 + next() % 8 {
                hostile[next() % ends] = next() as u8;
            }
            let Ok(volume) = open(hostile) else { continue };
            volume.allow(4 << 20);
            let Ok(root) = volume.root() else { continue };
            walk(&root, 0);
        }
    }
}

fn walk(folder: &Folder<'_>, depth: u32) {
    let Ok(entries) = folder.entries() else { return };
    for entry in entries.flatten() {
        match entry.what {
            What::Folder(folder) if depth < 4 => walk(&folder, depth + 1),
            What::Folder(_) => {}
            What::File(mut file) => {
                let mut head = vec![0; entry.bytes.min(5_000) as usize];
                let _ = file.read_at(0, &mut head);
                let _ = file.read_at(entry.bytes.saturating_sub(9), &mut head[..entry.bytes.min(9) as usize]);
            }
        }
    }
}
