//! A slot whose stick is a file with the bytes of one: plugged in whole, pulled out whole, or in the middle of reading.

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

/// An empty slot in this folder, and how it is written as a device URI.
pub fn in_folder(folder: &Path) -> io::Result<(String, StickKnobs)> {
    fs::create_dir_all(folder)?;
    let knobs = StickKnobs { path: folder.join(FILE) };
    knobs.pull_out()?;
    Ok((format!("stick://{}", knobs.path.display()), knobs))
}

impl StickKnobs {
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

    /// Whether one is plugged in.
    pub fn is_in(&self) -> bool {
        self.path.exists()
    }
}
