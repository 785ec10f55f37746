//! A slot whose stick is a file with the bytes of one: plugged in whole, pulled out whole, or in the middle of reading.

use super::StickSlot;
use crate::transport::sysfs::Sysfs;
use crate::uri::StickPlace;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What a slot's file is called.
const FILE: &str = "stick.img";

/// The slot's knobs; clones are the same slot.
#[derive(Clone, Debug)]
pub struct StickKnobs {
    path: PathBuf,
}

/// An empty slot in this folder, and how it is written as a device URI; a folder whose name holds a `?` cannot be
/// written so, and has its slot from [`StickKnobs::slot`].
pub fn in_folder(folder: &Path) -> io::Result<(String, StickKnobs)> {
    // A URI's path begins with a slash.
    let folder = std::path::absolute(folder)?;
    fs::create_dir_all(&folder)?;
    let knobs = StickKnobs { path: folder.join(FILE) };
    knobs.pull_out()?;
    Ok((format!("stick://{}", knobs.path.display()), knobs))
}

impl StickKnobs {
    /// The slot itself, whatever its path holds.
    pub fn slot(&self) -> StickSlot {
        // A file is looked for by its path alone: nothing of sysfs or of the mounts is read.
        StickSlot { place: StickPlace::Path(self.path.clone()), sysfs: Sysfs::default(), mounts: PathBuf::new() }
    }

    /// Plugs a stick in that holds these bytes.
    pub fn plug_in(&self, image: &[u8]) -> io::Result<()> {
        let coming = self.path.with_extension("coming");
        fs::write(&coming, image)?;
        fs::rename(coming, &self.path)
    }

    /// Pulls it out. Whoever reads it finds that it ends.
    pub fn pull_out(&self) -> io::Result<()> {
        match fs::OpenOptions::new().write(true).open(&self.path) {
            Ok(file) => file.set_len(0).and_then(|()| fs::remove_file(&self.path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What lies on the stick that is plugged in.
    pub fn image(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stick_is_found_in_a_folder_whose_name_means_something_in_a_uri() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["what?", "100%41", "a#b&c=d", "大厅 东门"] {
            let (_, knobs) = in_folder(&folder.path().join(name)).unwrap();
            assert!(knobs.slot().look().is_none(), "{name}");
            knobs.plug_in(b"a stick").unwrap();
            let found = knobs.slot().look().unwrap().open().unwrap();
            assert_eq!(io::read_to_string(found).unwrap(), "a stick", "{name}");
        }
    }

    #[test]
    fn a_slot_in_a_relative_folder_is_written_with_its_whole_path() {
        // The package's own folder, which is there and stays as it is.
        let (uri, knobs) = in_folder(Path::new("src")).unwrap();
        assert!(uri.starts_with("stick:///") && uri.ends_with("/src/stick.img"), "{uri}");
        assert!(!knobs.path.exists());
        uri.parse::<crate::DeviceUri>().unwrap();
    }
}
