//! FAT12, FAT16 and FAT32 through the crate `fatfs`, which may panic: every call here stands inside `tree::guarded`.

use crate::disk::Window;
use crate::{Fault, name};
use fatfs::{DateTime, FileAttributes, FsOptions};
use std::io::{Read, Seek, SeekFrom};
use zeroize::Zeroizing;

pub(crate) type FileSystem = fatfs::FileSystem<Window>;
pub(crate) type Dir<'v> = fatfs::Dir<'v, Window>;
pub(crate) type File<'v> = fatfs::File<'v, Window>;
pub(crate) type Walk<'v> = fatfs::DirIter<'v, Window>;

/// What lies in a folder.
pub(crate) struct Found<'v> {
    pub(crate) name: Zeroizing<String>,
    pub(crate) hidden: bool,
    pub(crate) modified: u64,
    pub(crate) bytes: u64,
    pub(crate) what: What<'v>,
}

pub(crate) enum What<'v> {
    Dir(Dir<'v>),
    File(File<'v>),
}

pub(crate) fn open(window: Window) -> Result<FileSystem, Fault> {
    FileSystem::new(window, FsOptions::new()).map_err(|error| Fault::of_io(&error))
}

/// The next that is neither the folder itself nor the one above it.
pub(crate) fn next<'v>(walk: &mut Walk<'v>) -> Result<Option<Found<'v>>, Fault> {
    for entry in walk {
        let entry = entry.map_err(|error| Fault::of_io(&error))?;
        let short = entry.short_file_name_as_bytes();
        if short == b"." || short == b".." {
            continue;
        }
        let long = Zeroizing::new(entry.file_name());
        let is_ascii = short.is_ascii();
        // The library reads short names as ASCII only.
        let name = if is_ascii || !long.contains(char::REPLACEMENT_CHARACTER) {
            name::of_text(&long)
        } else {
            name::of_short(short)
        };
        let hidden = entry.attributes().intersects(FileAttributes::HIDDEN | FileAttributes::SYSTEM);
        let (modified, bytes) = (moment(&entry.modified()), entry.len());
        let what = if entry.is_dir() { What::Dir(entry.to_dir()) } else { What::File(entry.to_file()) };
        return Ok(Some(Found { name, hidden, modified, bytes, what }));
    }
    Ok(None)
}

fn moment(at: &DateTime) -> u64 {
    let date = u64::from(at.date.year) << 9 | u64::from(at.date.month) << 5 | u64::from(at.date.day);
    let time = u64::from(at.time.hour) << 12 | u64::from(at.time.min) << 6 | u64::from(at.time.sec);
    date << 20 | time
}

pub(crate) fn read_at(file: &mut File<'_>, at: u64, into: &mut [u8]) -> Result<(), Fault> {
    let seek = file.seek(SeekFrom::Start(at)).map_err(|error| Fault::of_io(&error))?;
    if seek != at {
        return Err(Fault::Damaged);
    }
    file.read_exact(into).map_err(|error| Fault::of_io(&error))
}
