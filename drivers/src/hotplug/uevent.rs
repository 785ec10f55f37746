//! One message of the kernel about a device that came or went (`ACTION@DEVPATH`, then `KEY=VALUE` lines ended by
//! zero bytes; Documentation/ABI/testing/sysfs-uevent). Pure; hostile bytes give `None`.

use crate::UsbAddress;

/// Longest value that is kept; paths of sysfs are below 256.
const VALUE_BYTES_MAX: usize = 1_024;

/// What happened to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// `add`: it came; its node is there or will be at once.
    Add,
    /// `remove`: it went.
    Remove,
    /// `bind`, `unbind`, `change`, `move`, `online`, `offline`: something about it changed.
    Change,
}

/// A device that came, went or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uevent {
    /// What happened.
    pub action: Action,
    /// Where it is below `/sys`.
    pub devpath: String,
    /// `usb`, `tty`, `usbmisc`, `hidraw`, `input`, `video4linux`, …
    pub subsystem: String,
    /// Vendor and product, where the message says them; a node's message does not, see [`Uevent::learn_ids`].
    pub ids: Option<(u16, u16)>,
    /// Name of the node below `/dev`, if it has one.
    pub node: Option<String>,
}

impl Uevent {
    /// Reads a message.
    pub fn parse(message: &[u8]) -> Option<Self> {
        let mut lines = message.split(|b| *b == 0).filter_map(|line| std::str::from_utf8(line).ok());
        // A message of udev begins with "libudev" and is for udev's own listeners.
        let (action, devpath) = lines.next()?.split_once('@')?;
        let mut event = Self {
            action: match action {
                "add" => Action::Add,
                "remove" => Action::Remove,
                "bind" | "unbind" | "change" | "move" | "online" | "offline" => Action::Change,
                _ => return None,
            },
            devpath: Some(devpath).filter(|p| p.starts_with('/') && p.len() <= VALUE_BYTES_MAX)?.to_owned(),
            subsystem: String::new(),
            ids: None,
            node: None,
        };
        for (key, value) in lines.filter_map(|line| line.split_once('=')) {
            match key {
                _ if value.len() > VALUE_BYTES_MAX => {}
                "SUBSYSTEM" => event.subsystem = value.to_owned(),
                "DEVNAME" => event.node = Some(value.to_owned()),
                // USB writes vendor/product/version, input bus/vendor/product/version.
                "PRODUCT" => event.ids = ids(value, '/', value.split('/').count().saturating_sub(3)),
                "HID_ID" => event.ids = ids(value, ':', 1),
                _ => {}
            }
        }
        Some(event)
    }

    /// Whether it is about the device of an address, as far as the message says.
    pub fn is_about(&self, address: &UsbAddress) -> bool {
        let at_port = |port: &String| self.devpath.split('/').any(|part| part == port);
        self.ids == Some((address.vendor, address.product)) && address.port.as_ref().is_none_or(at_port)
    }

    /// Looks vendor and product up in sysfs (`/sys`) for a node that is there.
    pub fn learn_ids(&mut self, sys: &std::path::Path) {
        if self.ids.is_some() || self.action == Action::Remove || self.devpath.split('/').any(|part| part == "..") {
            return;
        }
        let folder = sys.join(self.devpath.trim_start_matches('/'));
        let read = |folder: &std::path::Path, name: &str| {
            let text = std::fs::read_to_string(folder.join(name)).ok()?;
            u16::from_str_radix(text.trim(), 16).ok()
        };
        let owners = folder.ancestors().take_while(|folder| *folder != sys);
        self.ids = owners.into_iter().find_map(|f| Some((read(f, "idVendor")?, read(f, "idProduct")?)));
    }
}

/// Two hexadecimal numbers behind `skip` others.
fn ids(text: &str, separator: char, skip: usize) -> Option<(u16, u16)> {
    let mut numbers = text.split(separator).skip(skip).map(|n| u32::from_str_radix(n, 16).ok()?.try_into().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(lines: &[&str]) -> Vec<u8> {
        lines.iter().flat_map(|line| line.bytes().chain([0])).collect()
    }

    #[test]
    fn a_usb_device_that_comes_and_goes_is_known_by_its_ids_and_port() {
        for (word, action) in [("add", Action::Add), ("remove", Action::Remove), ("bind", Action::Change)] {
            let event = Uevent::parse(&message(&[
                &format!("{word}@/devices/platform/dummy_hcd.0/usb1/1-2"),
                &format!("ACTION={word}"),
                "DEVPATH=/devices/platform/dummy_hcd.0/usb1/1-2",
                "SUBSYSTEM=usb",
                "DEVNAME=bus/usb/001/004",
                "DEVTYPE=usb_device",
                "PRODUCT=400/c35a/100",
                "SEQNUM=1402",
            ]))
            .unwrap();
            assert_eq!((event.action, event.subsystem.as_str(), event.ids), (action, "usb", Some((0x0400, 0xC35A))));
            assert_eq!(event.node.as_deref(), Some("bus/usb/001/004"));
            let reader = UsbAddress { vendor: 0x0400, product: 0xC35A, serial: None, port: None };
            assert!(event.is_about(&reader));
            assert!(event.is_about(&UsbAddress { port: Some("1-2".into()), ..reader.clone() }));
            assert!(!event.is_about(&UsbAddress { port: Some("1-3".into()), ..reader.clone() }));
            assert!(!event.is_about(&UsbAddress { product: 1, ..reader }));
        }
    }

    #[test]
    fn ids_of_input_and_hid_devices_stand_elsewhere() {
        let input =
            Uevent::parse(&message(&["add@/devices/x/input/input7", "SUBSYSTEM=input", "PRODUCT=3/1eab/22/110"]));
        assert_eq!(input.unwrap().ids, Some((0x1EAB, 0x0022)));
        let hid = Uevent::parse(&message(&["add@/devices/x/0003:2B8B:2721.0001", "HID_ID=0003:00002B8B:00002721"]));
        assert_eq!(hid.unwrap().ids, Some((0x2B8B, 0x2721)));
    }

    #[test]
    fn a_node_learns_its_ids_from_the_device_above_it() {
        let sys = std::env::temp_dir().join(format!("yimen-uevent-{}", std::process::id()));
        let usb = sys.join("devices/usb1/1-1");
        std::fs::create_dir_all(usb.join("1-1:1.0/tty/ttyACM0")).unwrap();
        std::fs::write(usb.join("idVendor"), "0525\n").unwrap();
        std::fs::write(usb.join("idProduct"), "a4a7\n").unwrap();
        let mut event =
            Uevent::parse(&message(&["add@/devices/usb1/1-1/1-1:1.0/tty/ttyACM0", "SUBSYSTEM=tty", "DEVNAME=ttyACM0"]))
                .unwrap();
        event.learn_ids(&sys);
        std::fs::remove_dir_all(&sys).unwrap();
        assert_eq!((event.ids, event.node.as_deref()), (Some((0x0525, 0xA4A7)), Some("ttyACM0")));
    }

    #[test]
    fn what_is_no_message_of_the_kernel_is_nothing() {
        for bytes in [
            &b""[..],
            b"\0\0\0",
            b"libudev\0\xfe\xed\xca\xfe",
            b"add@relative",
            b"explode@/devices/x",
            b"add",
            b"\xff@/devices",
            &[b'a'; 5_000],
        ] {
            assert_eq!(Uevent::parse(bytes), None);
        }
        let odd = Uevent::parse(b"add@/d\0PRODUCT=zz/1/2\0PRODUCT=\0HID_ID=1\0=\0\xff\xfe\0SUBSYSTEM=usb").unwrap();
        assert_eq!((odd.ids, odd.subsystem.as_str()), (None, "usb"));
    }
}
