//! Finds the node of a device by what it is on USB (VID:PID, serial number, port), through sysfs: node names
//! change when a device is plugged in again, and an old descriptor that is still open makes the next name differ.
//! Reads small files only, opens no device.

use crate::{DeviceError, DeviceErrorKind, UsbAddress};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Nodes of one class that are looked at; a terminal has a handful.
const NODES_MAX: usize = 1_024;
/// Longest file of sysfs that is read here (a HID report descriptor has 4,096 bytes at most).
const FILE_BYTES_MAX: u64 = 8_192;

/// A class of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeClass {
    /// Serial ports (`/sys/class/tty`).
    Tty,
    /// Keyboards (`/sys/class/input`, those that type letters, digits and enter).
    Keyboard,
    /// HID devices (`/sys/class/hidraw`).
    Hidraw,
    /// USB printers behind `usblp` (`/sys/class/usbmisc/lp…`).
    UsbPrinter,
    /// Cameras (`/sys/class/video4linux`).
    Video,
}

/// Where sysfs and the nodes are; elsewhere only in tests.
#[derive(Clone, Debug)]
pub struct Sysfs {
    /// `/sys`.
    pub sys: PathBuf,
    /// `/dev`.
    pub dev: PathBuf,
}

/// A node that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What to open.
    pub path: PathBuf,
    /// The folder that tells of its device (`…/device`).
    pub device: PathBuf,
}

/// What sysfs says of a device.
struct Identity {
    vendor: u16,
    product: u16,
    serial: Option<String>,
    /// Name of its folder below the bus, `1-2.3`.
    port: Option<String>,
}

impl Default for Sysfs {
    fn default() -> Self {
        Self { sys: "/sys".into(), dev: "/dev".into() }
    }
}

impl Sysfs {
    /// All nodes of the device, in the order of their names; `NotFound` when there is none, `Misconfigured` when
    /// two devices are alike and the address does not say which.
    pub fn find(&self, class: NodeClass, wanted: &UsbAddress) -> Result<Vec<Node>, DeviceError> {
        let folder = self.sys.join("class").join(class.folder());
        let Ok(entries) = fs::read_dir(folder) else { return Err(DeviceError::new(DeviceErrorKind::NotFound)) };
        let mut found: Vec<(Node, Option<String>)> = Vec::new();
        for entry in entries.filter_map(Result::ok).take(NODES_MAX) {
            let name = entry.file_name();
            let is_of_class = name.to_string_lossy().starts_with(class.name_start());
            let Ok(device) = entry.path().join("device").canonicalize() else { continue };
            if !is_of_class || (class == NodeClass::Keyboard && !types_text(&device)) {
                continue;
            }
            let Some(identity) = identity(class, &device) else { continue };
            if identity.is(wanted) {
                let node = devname(&entry.path()).unwrap_or_else(|| name.to_string_lossy().into_owned());
                found.push((Node { path: self.dev.join(node), device }, identity.port));
            }
        }
        found.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        match found.first() {
            None => Err(DeviceError::new(DeviceErrorKind::NotFound)),
            Some((_, port)) if found.iter().any(|(_, other)| other != port) => Err(DeviceError::because(
                DeviceErrorKind::Misconfigured,
                format!("several devices are {wanted}; say which by serial=… or port=…"),
            )),
            Some(_) => Ok(found.into_iter().map(|(node, _)| node).collect()),
        }
    }
}

impl NodeClass {
    fn folder(self) -> &'static str {
        match self {
            Self::Tty => "tty",
            Self::Keyboard => "input",
            Self::Hidraw => "hidraw",
            Self::UsbPrinter => "usbmisc",
            Self::Video => "video4linux",
        }
    }

    /// How the names of its nodes begin; the folders of some classes hold other nodes too.
    fn name_start(self) -> &'static str {
        match self {
            Self::Tty => "tty",
            Self::Keyboard => "event",
            Self::Hidraw => "hidraw",
            Self::UsbPrinter => "lp",
            Self::Video => "video",
        }
    }
}

impl Identity {
    fn is(&self, wanted: &UsbAddress) -> bool {
        let agrees = |is: &Option<String>, wanted: &Option<String>| wanted.is_none() || is == wanted;
        (self.vendor, self.product) == (wanted.vendor, wanted.product)
            && agrees(&self.serial, &wanted.serial)
            && agrees(&self.port, &wanted.port)
    }
}

/// From the USB device above the node, else (Bluetooth, uhid) from what its class says.
fn identity(class: NodeClass, device: &Path) -> Option<Identity> {
    if let Some(usb) = device.ancestors().find(|folder| folder.join("idVendor").is_file()) {
        return Some(Identity {
            vendor: hex(&read(&usb.join("idVendor"))?)?,
            product: hex(&read(&usb.join("idProduct"))?)?,
            serial: read(&usb.join("serial")),
            port: usb.file_name().map(|name| name.to_string_lossy().into_owned()),
        });
    }
    match class {
        NodeClass::Tty | NodeClass::UsbPrinter | NodeClass::Video => None,
        NodeClass::Keyboard => Some(Identity {
            vendor: hex(&read(&device.join("id/vendor"))?)?,
            product: hex(&read(&device.join("id/product"))?)?,
            serial: read(&device.join("uniq")).filter(|serial| !serial.is_empty()),
            port: None,
        }),
        NodeClass::Hidraw => {
            let uevent = read(&device.join("uevent"))?;
            let value = |key: &str| uevent.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            // Bus, vendor and product, the latter two with eight digits.
            let mut parts = value("HID_ID")?.split(':').skip(1);
            Some(Identity {
                vendor: hex(parts.next()?)?,
                product: hex(parts.next()?)?,
                serial: value("HID_UNIQ").filter(|serial| !serial.is_empty()).map(str::to_owned),
                port: None,
            })
        }
    }
}

/// Whether an input device has the keys 1, enter and A: other nodes of the same reader carry volume keys or LEDs.
fn types_text(device: &Path) -> bool {
    let keys = read(&device.join("capabilities/key"));
    let lowest = keys.as_deref().and_then(|words| u64::from_str_radix(words.rsplit(' ').next()?, 16).ok());
    lowest.is_some_and(|bits| [2, 28, 30].iter().all(|key| bits & (1 << key) != 0))
}

fn devname(node: &Path) -> Option<String> {
    let uevent = read(&node.join("uevent"))?;
    let name = uevent.lines().find_map(|line| line.strip_prefix("DEVNAME="))?;
    (!name.contains("..") && !name.starts_with('/')).then(|| name.to_owned())
}

fn hex(text: &str) -> Option<u16> {
    u32::from_str_radix(text, 16).ok().and_then(|value| value.try_into().ok())
}

/// The bytes of a file of sysfs, no more than such a file can have.
pub(crate) fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read(path: &Path) -> Option<String> {
    let text = String::from_utf8(read_bytes(path).ok()?).ok()?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A folder that looks like sysfs and goes with the test.
    struct Tree(PathBuf);

    impl Tree {
        fn new(name: &str) -> Self {
            let root = std::env::temp_dir().join(format!("yimen-sysfs-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&root);
            Self(root)
        }

        fn put(&self, path: &str, text: &str) {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        /// A node of a class whose device folder is at `device`.
        fn node(&self, class: &str, name: &str, device: &str) {
            let node = self.0.join("sys/class").join(class).join(name);
            fs::create_dir_all(&node).unwrap();
            fs::create_dir_all(self.0.join(device)).unwrap();
            symlink(self.0.join(device), node.join("device")).unwrap();
            let folder = if class == "input" { "input/" } else { "" };
            fs::write(node.join("uevent"), format!("MAJOR=1\nDEVNAME={folder}{name}\n")).unwrap();
        }

        fn usb(&self, port: &str, (vendor, product): (&str, &str), serial: &str) {
            self.put(&format!("sys/devices/usb1/{port}/idVendor"), &format!("{vendor}\n"));
            self.put(&format!("sys/devices/usb1/{port}/idProduct"), &format!("{product}\n"));
            self.put(&format!("sys/devices/usb1/{port}/serial"), &format!("{serial}\n"));
        }

        fn find(&self, class: NodeClass, wanted: &UsbAddress) -> Result<Vec<String>, DeviceErrorKind> {
            let sysfs = Sysfs { sys: self.0.join("sys"), dev: "/dev".into() };
            let nodes = sysfs.find(class, wanted).map_err(|e| e.kind)?;
            Ok(nodes.iter().map(|node| node.path.display().to_string()).collect())
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn address(vendor: u16, product: u16) -> UsbAddress {
        UsbAddress { vendor, product, serial: None, port: None }
    }

    #[test]
    fn a_serial_port_is_found_by_what_it_is_and_not_by_its_name() {
        let tree = Tree::new("tty");
        tree.usb("1-1", ("0525", "a4a7"), "A");
        tree.usb("1-2", ("0525", "a4a7"), "B");
        tree.node("tty", "ttyACM1", "sys/devices/usb1/1-1/1-1:1.0");
        tree.node("tty", "ttyUSB0", "sys/devices/usb1/1-2/1-2:1.0/ttyUSB0");
        tree.node("tty", "ttyS0", "sys/devices/platform/serial8250");
        let wanted = address(0x0525, 0xA4A7);
        assert_eq!(tree.find(NodeClass::Tty, &wanted), Err(DeviceErrorKind::Misconfigured));
        let by_serial = UsbAddress { serial: Some("B".into()), ..wanted.clone() };
        assert_eq!(tree.find(NodeClass::Tty, &by_serial), Ok(vec!["/dev/ttyUSB0".into()]));
        let by_port = UsbAddress { port: Some("1-1".into()), ..wanted };
        assert_eq!(tree.find(NodeClass::Tty, &by_port), Ok(vec!["/dev/ttyACM1".into()]));
        assert_eq!(tree.find(NodeClass::Tty, &address(1, 2)), Err(DeviceErrorKind::NotFound));
    }

    #[test]
    fn of_a_readers_input_nodes_the_one_that_types_is_taken() {
        let tree = Tree::new("input");
        tree.usb("1-3", ("1eab", "0022"), "");
        for (event, input, keys) in [("event4", "input9", "fffffffffffffffe"), ("event5", "input10", "10000000 0")] {
            let device = format!("sys/devices/usb1/1-3/1-3:1.0/{input}");
            tree.put(&format!("{device}/capabilities/key"), &format!("1000000000007 ff {keys}\n"));
            tree.node("input", event, &device);
        }
        tree.node("input", "input9", "sys/devices/usb1/1-3/1-3:1.0/input9");
        assert_eq!(tree.find(NodeClass::Keyboard, &address(0x1EAB, 0x0022)), Ok(vec!["/dev/input/event4".into()]));
    }

    #[test]
    fn a_virtual_hid_device_is_known_by_its_class() {
        let tree = Tree::new("hidraw");
        let device = "sys/devices/virtual/0003:2B8B:2721.0001";
        tree.put(&format!("{device}/uevent"), "HID_ID=0003:00002B8B:00002721\nHID_UNIQ=7\n");
        tree.node("hidraw", "hidraw0", device);
        let wanted = UsbAddress { serial: Some("7".into()), ..address(0x2B8B, 0x2721) };
        assert_eq!(tree.find(NodeClass::Hidraw, &wanted), Ok(vec!["/dev/hidraw0".into()]));
        let nowhere = Tree::new("nowhere");
        assert_eq!(nowhere.find(NodeClass::Hidraw, &wanted), Err(DeviceErrorKind::NotFound));
    }
}
