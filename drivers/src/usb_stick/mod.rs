//! The slot for a citizen's USB stick: which block device lies behind it, opened for reading only. Nothing is mounted and
//! nothing parsed here; what the bytes mean is for a process under limits. A right to read is all it needs
//! (`assets/udev/70-yimen.rules`).

pub mod simulator;

use crate::transport::sysfs::Sysfs;
use crate::{DeviceError, DeviceErrorKind, DeviceUri, Place, uri::StickPlace};
use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
};

/// Block devices that are looked at; a terminal has a handful.
const DISKS_MAX: usize = 256;
/// What disks behind USB are called, `usb-storage` and `uas` alike; optical drives (`sr`) are none.
const DISK_NAMES: &str = "sd";

/// A slot.
#[derive(Clone, Debug)]
pub struct StickSlot {
    place: StickPlace,
    sysfs: Sysfs,
    /// Where the kernel lists what is mounted.
    mounts: PathBuf,
}

/// A stick in it. Two are the same only while it was not pulled out in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stick {
    path: PathBuf,
    /// What the node must be when it is opened.
    device: Option<u64>,
    /// Grows with each plugging; for a file, what tells it from another.
    life: (u64, i64),
}

/// The slot of a URI, `stick:` or `stick:///PATH`.
pub fn open(uri: &DeviceUri) -> Result<StickSlot, DeviceError> {
    match &uri.place {
        Place::Stick(place) => {
            let mounts = "/proc/self/mountinfo".into();
            Ok(StickSlot { place: place.clone(), sysfs: Sysfs::default(), mounts })
        }
        _ => Err(DeviceError::because(DeviceErrorKind::Misconfigured, "a stick's slot is written stick:")),
    }
}

impl StickSlot {
    /// Whether the kernel tells when something is plugged in; a plain file must be looked for.
    pub fn is_told(&self) -> bool {
        matches!(self.place, StickPlace::Usb { .. })
    }

    /// What is plugged in now. Of several sticks it is the one that came last; disks that this machine itself uses
    /// are never a citizen's.
    pub fn look(&self) -> Option<Stick> {
        match &self.place {
            StickPlace::Path(path) => at_path(path),
            StickPlace::Usb { port } => {
                let disks = fs::read_dir(self.sysfs.sys.join("block")).ok()?;
                let names = disks.filter_map(Result::ok).take(DISKS_MAX).map(|disk| disk.path());
                let ours = fs::read_to_string(&self.mounts).unwrap_or_default();
                let sticks = names.filter_map(|disk| self.stick(&disk, port.as_deref(), &ours));
                sticks.max_by_key(|stick| stick.life)
            }
        }
    }

    /// The stick behind a folder of `/sys/block`, if it is one.
    fn stick(&self, disk: &Path, port: Option<&str>, mounted: &str) -> Option<Stick> {
        let name = disk.file_name()?.to_str().filter(|name| name.starts_with(DISK_NAMES))?;
        let folder = disk.canonicalize().ok()?;
        let usb = folder.ancestors().find(|folder| folder.join("idVendor").is_file())?;
        if port.is_some_and(|port| usb.file_name().is_none_or(|name| name != port)) {
            return None;
        }
        // A slot of a card reader without a card has no size.
        number(&folder.join("size")).filter(|sectors| *sectors > 0)?;
        if numbers_of(&folder).iter().any(|device| is_mounted(mounted, device)) {
            return None;
        }
        let device = read(&folder.join("dev"))?;
        let (major, minor) = device.split_once(':')?;
        let device = libc::makedev(major.parse().ok()?, minor.parse().ok()?);
        // Kernels before 5.15 do not count; the number of the device then tells most pluggings apart.
        let life = number(&folder.join("diskseq")).unwrap_or(device);
        Some(Stick { path: self.sysfs.dev.join(name), device: Some(device), life: (life, 0) })
    }
}

impl Stick {
    /// Opens it for reading only.
    ///
    /// # Errors
    /// When it went meanwhile, or this program has no right to read it.
    pub fn open(&self) -> Result<File, DeviceError> {
        let file = OpenOptions::new().read(true).open(&self.path)?;
        let is = file.metadata()?;
        let right = self.device.is_none_or(|device| is.file_type().is_block_device() && is.rdev() == device);
        if right { Ok(file) } else { Err(DeviceError::new(DeviceErrorKind::NotFound)) }
    }
}

/// A node or an image by its path; an empty file is an empty slot.
fn at_path(path: &Path) -> Option<Stick> {
    let is = fs::metadata(path).ok()?;
    let there = is.file_type().is_block_device() || (is.is_file() && is.len() > 0);
    there.then(|| Stick { path: path.to_owned(), device: None, life: (is.ino(), is.ctime_nsec() ^ is.ctime()) })
}

/// `MAJOR:MINOR` of a disk and of its partitions.
fn numbers_of(disk: &Path) -> Vec<String> {
    let parts = fs::read_dir(disk).into_iter().flatten().filter_map(Result::ok).take(DISKS_MAX);
    let parts = parts.filter_map(|part| read(&part.path().join("dev")));
    read(&disk.join("dev")).into_iter().chain(parts).collect()
}

/// The third word of a line of mountinfo is the device (`proc(5)`).
fn is_mounted(mounted: &str, device: &str) -> bool {
    mounted.lines().any(|line| line.split(' ').nth(2) == Some(device))
}

fn read(path: &Path) -> Option<String> {
    let bytes = crate::transport::sysfs::read_bytes(path).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim().to_owned())
}

fn number(path: &Path) -> Option<u64> {
    read(path)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A folder that looks like sysfs and goes with the test.
    struct Tree(PathBuf);

    impl Tree {
        fn new(name: &str) -> Self {
            let root = std::env::temp_dir().join(format!("yimen-stick-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&root);
            fs::create_dir_all(root.join("sys/block")).unwrap();
            fs::write(root.join("mountinfo"), "22 1 8:2 / / rw - ext4 /dev/sda2 rw\n").unwrap();
            Self(root)
        }

        fn disk(&self, name: &str, above: &str, (dev, diskseq, sectors): (&str, &str, &str)) {
            let folder = self.0.join("sys/devices").join(above).join("host6/target6:0:0/6:0:0:0/block").join(name);
            fs::create_dir_all(folder.join(format!("{name}2"))).unwrap();
            let put = |file: &str, text: &str| fs::write(folder.join(file), format!("{text}\n")).unwrap();
            put("dev", dev);
            put("diskseq", diskseq);
            put("size", sectors);
            put(&format!("{name}2/dev"), &format!("{}2", &dev[..dev.len() - 1]));
            symlink(&folder, self.0.join("sys/block").join(name)).unwrap();
        }

        fn usb(&self, port: &str) -> String {
            let folder = self.0.join("sys/devices/usb1").join(port);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("idVendor"), "0781\n").unwrap();
            format!("usb1/{port}/{port}:1.0")
        }

        fn sees(&self, port: Option<&str>) -> Option<PathBuf> {
            let sysfs = Sysfs { sys: self.0.join("sys"), dev: "/dev".into() };
            let place = StickPlace::Usb { port: port.map(str::to_owned) };
            let slot = StickSlot { place, sysfs, mounts: self.0.join("mountinfo") };
            slot.look().map(|stick| stick.path)
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_stick_that_came_last_is_taken_and_nothing_that_is_none() {
        let tree = Tree::new("last");
        let (one, other) = (tree.usb("1-1"), tree.usb("1-2"));
        tree.disk("sdz", "pci0/ata1", ("8:240", "90", "1000"));
        assert_eq!(tree.sees(None), None, "a disk inside the machine");
        tree.disk("sdb", &one, ("8:16", "12", "61440000"));
        assert_eq!(tree.sees(None), Some("/dev/sdb".into()));
        tree.disk("sdc", &other, ("8:32", "13", "61440000"));
        assert_eq!(tree.sees(None), Some("/dev/sdc".into()));
        assert_eq!(tree.sees(Some("1-1")), Some("/dev/sdb".into()), "the slot at the front");
        assert_eq!(tree.sees(Some("1-3")), None);
        tree.disk("sdd", &other, ("8:48", "14", "0"));
        assert_eq!(tree.sees(None), Some("/dev/sdc".into()), "an empty card reader is no stick");
    }

    #[test]
    fn the_disk_that_the_terminal_itself_runs_from_is_never_a_stick() {
        let tree = Tree::new("own");
        let port = tree.usb("1-1");
        tree.disk("sda", &port, ("8:0", "1", "1000"));
        assert_eq!(tree.sees(None), None, "its second partition is mounted");
    }

    #[test]
    fn a_file_is_a_stick_while_it_has_bytes() {
        let path = std::env::temp_dir().join(format!("yimen-stick-file-{}", std::process::id()));
        let slot = open(&format!("stick://{}", path.display()).parse().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        assert_eq!(slot.look(), None);
        fs::write(&path, "").unwrap();
        assert_eq!(slot.look(), None);
        fs::write(&path, "bytes").unwrap();
        assert!(slot.look().unwrap().open().is_ok());
        fs::remove_file(&path).unwrap();
        assert!(!slot.is_told() && open(&"stick:".parse().unwrap()).unwrap().is_told());
        assert!(open(&"tcp://h:1".parse().unwrap()).is_err());
    }
}
