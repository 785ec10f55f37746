//! What the port of a printer says beside the bytes, without waiting behind a job: the status byte and the
//! IEEE 1284 device id of the USB printer class (Device Class Definition for Printing Devices 1.1, section 4.2).

use std::io;

/// Longest device id; they have a few hundred bytes.
pub const DEVICE_ID_BYTES_MAX: usize = 1_024;

/// The port of a printer.
pub trait PrinterPort {
    /// `GET_PORT_STATUS`.
    fn status(&mut self) -> io::Result<PortStatus>;

    /// `GET_DEVICE_ID`.
    fn device_id(&mut self) -> io::Result<DeviceId>;
}

/// The status byte. Cheap printers leave the other bits at rest, so only "paper empty" is taken at its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortStatus(pub u8);

impl PortStatus {
    /// Bit 5.
    pub fn is_paper_empty(self) -> bool {
        self.0 & 0x20 != 0
    }

    /// Bit 4.
    pub fn is_selected(self) -> bool {
        self.0 & 0x10 != 0
    }

    /// Bit 3, which is set while all is well.
    pub fn has_error(self) -> bool {
        self.0 & 0x08 == 0
    }
}

/// Who the printer is: `MFG:…;MDL:…;CMD:…;`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceId {
    /// `MFG` or `MANUFACTURER`.
    pub manufacturer: String,
    /// `MDL` or `MODEL`.
    pub model: String,
    /// `CMD` or `COMMAND SET`.
    pub command_set: String,
}

impl DeviceId {
    /// From the answer's bytes: a big-endian length that counts itself, then text. Some firmware sends the length
    /// little-endian or wrong, so it only shortens.
    pub fn parse(bytes: &[u8]) -> Self {
        let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return Self::default() };
        let length = usize::from(u16::from_be_bytes(*length)).saturating_sub(2);
        let text = String::from_utf8_lossy(&rest[..rest.len().min(if length == 0 { usize::MAX } else { length })]);
        let mut id = Self::default();
        for (key, value) in text.split(';').filter_map(|field| field.split_once(':')) {
            let value = value.trim().chars().filter(|c| !c.is_control()).collect();
            match key.trim() {
                "MFG" | "MANUFACTURER" => id.manufacturer = value,
                "MDL" | "MODEL" => id.model = value,
                "CMD" | "COMMAND SET" => id.command_set = value,
                _ => {}
            }
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_id_is_read_with_a_right_and_a_wrong_length() {
        let text = b"MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;";
        let with = |length: u16| [&length.to_be_bytes()[..], text].concat();
        let right = DeviceId::parse(&with(text.len() as u16 + 2));
        assert_eq!((right.manufacturer.as_str(), right.model.as_str()), ("EPSON", "TM-T88V"));
        assert_eq!(right.command_set, "ESC/POS");
        assert_eq!(DeviceId::parse(&with(0x3000)), right);
        assert_eq!(DeviceId::parse(&with(0)), right);
        assert_eq!(DeviceId::parse(&with(11)).manufacturer, "EPSON");
        for hostile in [&b""[..], &[0], &[0, 5], &[0xFF; 40], b"\0\x0a;;::;:;"] {
            let id = DeviceId::parse(hostile);
            assert!(id.model.is_empty(), "{hostile:?}");
        }
    }

    #[test]
    fn the_bits_of_the_status_are_told() {
        assert!(!PortStatus(0x18).is_paper_empty() && !PortStatus(0x18).has_error() && PortStatus(0x18).is_selected());
        assert!(PortStatus(0x30).is_paper_empty() && PortStatus(0x30).has_error());
    }
}
