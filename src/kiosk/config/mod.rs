//! The terminal's configuration: one TOML file, every key with its default in `assets/config/kiosk.toml`
//! (which `--print-config` prints), unknown keys refused by name.

mod addresses;
mod values;

use drivers::indicator::Light;
use serde::Deserialize;
use settings::ReadError;
use std::path::{Path, PathBuf};
use wire::enrol::Invitation;

/// The commented defaults.
pub const DEFAULTS: &str = include_str!("../../../assets/config/kiosk.toml");

/// All of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// This terminal.
    pub terminal: Terminal,
    /// Its hall.
    pub hall: Hall,
    /// Where its devices are.
    pub devices: Devices,
    /// Its screen.
    pub display: Display,
}

/// This terminal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terminal {
    /// Three digits.
    pub number: String,
}

/// Its hall.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hall {
    /// `HOST:PORT`; empty where the demo starts a hall of its own.
    pub address: String,
    /// One-time code, as typed or as the whole text of its QR code; empty once enrolled.
    pub enrolment_code: String,
    /// Minutes east of UTC.
    pub utc_offset_minutes: i32,
}

/// Where the devices are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Devices {
    /// ID-card reader.
    pub id_card_reader: String,
    /// Receipt printer.
    pub receipt_printer: String,
    /// Document printer; empty where the terminal has none.
    pub document_printer: String,
    /// Document scanner; empty where the terminal has none.
    pub document_scanner: String,
    /// Barcode reader; empty where the terminal has none.
    pub barcode_reader: String,
    /// Camera that reads codes; empty where the terminal has none.
    pub camera: String,
    /// Board of the lights and the door's switch; empty where the terminal has none.
    pub indicator: String,
    /// Which wire of that board leads where.
    pub wiring: Wiring,
    /// Slot for a citizen's stick; empty where the terminal has none.
    pub stick: String,
}

/// Coils of the lights and input of the door's switch, from 0; -1 where no wire leads there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wiring {
    /// Light where the identity card is laid.
    pub card_reader: i32,
    /// Light where slips come out.
    pub receipt_printer: i32,
    /// Light where pages come out.
    pub document_printer: i32,
    /// Light at the scanner's glass.
    pub scanner: i32,
    /// Light at the window for codes.
    pub barcode_reader: i32,
    /// Light over the terminal.
    pub status: i32,
    /// Input of the door's switch.
    pub door_input: i32,
    /// Whether the input is on while the door is closed.
    pub door_on_means_closed: bool,
}

/// The screen.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Display {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Whole screen.
    pub fullscreen: bool,
}

/// Why a configuration cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read: {source}. Check the path after --config and its rights.")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no TOML, holds an unknown key or a value of the wrong kind.
    #[error("the configuration {path} cannot be used: {message}. `kiosk --print-config` shows every key.")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What and where.
        message: String,
    },
}

impl Config {
    /// The defaults, with what the file says instead.
    ///
    /// # Errors
    /// When the file cannot be read or used; the message says where and what to do.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let path = file.map(Path::to_owned).unwrap_or_else(|| PathBuf::from("(defaults)"));
        let wrong = |message: String| ConfigError::Wrong { path: path.clone(), message };
        let own = file.map(settings::read).transpose().map_err(|error| match error {
            ReadError::Unreadable(source) => ConfigError::Unreadable { path: path.clone(), source },
            unusable => wrong(unusable.to_string()),
        })?;
        let mut config: Self = values::RULES.merged(&own.unwrap_or_default()).map_err(wrong)?;
        config.hall.address = config.hall.address.trim().to_owned();
        config.check().map_err(wrong)?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let number = &self.terminal.number;
        if number.len() != 3 || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("terminal.number is {number:?}, it must be three digits such as \"007\""));
        }
        let address = &self.hall.address;
        if !address.is_empty() && !Invitation::is_address(address) {
            // Not repeated: it may be the text of an enrolment's QR code at the wrong key.
            return Err("hall.address must be HOST:PORT, such as \"192.0.2.7:8443\", \"hall.example:8443\" or \
                        \"[2001:db8::7]:8443\", or empty"
                .to_owned());
        }
        let code = self.hall.enrolment_code.trim();
        if code.starts_with(Invitation::BEGINS) {
            let invitation: Invitation = code.parse().map_err(|e| format!("hall.enrolment_code: {e}"))?;
            if invitation.terminal_no.to_string() != *number {
                return Err(format!(
                    "hall.enrolment_code is for terminal {}, this one is {number}: correct terminal.number, or have \
                     the hall make a code for this terminal",
                    invitation.terminal_no
                ));
            }
        } else if !code.is_empty() {
            wire::enrol::normalised(code).map_err(|e| format!("hall.enrolment_code: {e}"))?;
        }
        addresses::check(&self.devices)
    }
}

impl Wiring {
    /// As the driver takes it.
    #[must_use]
    pub fn for_board(&self) -> drivers::indicator::Wiring {
        let lights = [
            (Light::CardReader, self.card_reader),
            (Light::ReceiptPrinter, self.receipt_printer),
            (Light::DocumentPrinter, self.document_printer),
            (Light::Scanner, self.scanner),
            (Light::BarcodeReader, self.barcode_reader),
            (Light::Status, self.status),
        ];
        drivers::indicator::Wiring {
            lights: lights.into_iter().filter_map(|(light, wire)| Some((light, u16::try_from(wire).ok()?))).collect(),
            door_input: u16::try_from(self.door_input).ok(),
            on_means_closed: self.door_on_means_closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Config::load(Some(file.path()))
    }

    #[test]
    fn the_defaults_are_a_configuration() {
        assert_eq!(Config::load(None).unwrap().terminal.number, "007");
    }

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let config = load("[terminal]\nnumber = \"012\"\n").unwrap();
        assert_eq!((config.terminal.number.as_str(), config.display.width), ("012", 1080));
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let message = load("[terminal]\nnummer = \"012\"\n").unwrap_err().to_string();
        assert!(message.contains("terminal.nummer is an unknown key"), "{message}");
    }

    #[test]
    fn a_value_that_cannot_be_is_refused_with_what_is_expected() {
        assert!(load("[terminal]\nnumber = \"12\"\n").unwrap_err().to_string().contains("three digits"));
        assert!(load("[devices]\nreceipt_printer = \"usb\"\n").unwrap_err().to_string().contains("receipt_printer"));
        assert!(load("[devices]\ncamera = \"/dev/video0\"\n").unwrap_err().to_string().contains("devices.camera"));
        let wrong = load("[devices.wiring]\nscanner = 70000\n").unwrap_err().to_string();
        assert!(wrong.contains("devices.wiring.scanner is 70000"), "{wrong}");
    }

    #[test]
    fn the_halls_address_is_a_host_and_a_port_or_nothing() {
        let with = |address: &str| load(&format!("[hall]\naddress = \"{address}\"\n"));
        for address in ["192.0.2.7", "https://127.0.0.1:8443/", "127.0.0.1:99999", "大厅", "127.0.0.1:0", "a b:1"] {
            let message = with(address).unwrap_err().to_string();
            assert!(message.contains("hall.address") && message.contains("HOST:PORT"), "{message}");
        }
        for (written, taken) in [(" hall.example:8443 ", "hall.example:8443"), ("[::1]:1", "[::1]:1"), ("  ", "")] {
            assert_eq!(with(written).unwrap().hall.address, taken);
        }
    }

    #[test]
    fn a_code_is_not_repeated_where_the_file_cannot_be_used() {
        for text in ["hall = [\"\", \"8F3K-2M7Q-XD4W\", 480]", "[hall]\nenrolment_code = \"8F3K-2M7Q-XD4W\n"] {
            let message = load(text).unwrap_err().to_string();
            assert!(!message.contains("8F3K") && message.contains("--print-config"), "{message}");
        }
    }

    #[test]
    fn a_file_that_is_no_text_is_not_taken_for_one_without_rights() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"[terminal]\nnumber = \"\xB4\xF3\"\n").unwrap();
        let message = Config::load(Some(file.path())).unwrap_err().to_string();
        assert!(message.contains("not text in UTF-8") && !message.contains("rights"), "{message}");
        let message = Config::load(Some(Path::new("/dev/null/none"))).unwrap_err().to_string();
        assert!(message.contains("cannot be read") && message.contains("rights"), "{message}");
    }

    #[test]
    fn the_wires_of_the_lights_are_the_usual_ones_unless_the_file_says_otherwise() {
        let wiring = |config: &Config| config.devices.wiring.for_board();
        assert_eq!(wiring(&Config::load(None).unwrap()), drivers::indicator::Wiring::default());
        let own = load("[devices.wiring]\nscanner = -1\ndoor_input = 3\n").unwrap();
        assert!(wiring(&own).lights.iter().all(|(light, _)| *light != Light::Scanner));
        assert_eq!(wiring(&own).door_input, Some(3));
    }

    #[test]
    fn an_enrolment_code_is_taken_typed_or_as_the_text_of_its_qr_code() {
        let with = |code: &str| load(&format!("[hall]\nenrolment_code = \"{code}\"\n"));
        let qr = format!("yimen://enrol?at=192.0.2.7:8443&ca={}&terminal=007&code=8F3K-2M7Q-XD4W", "0a".repeat(32));
        assert!(with("8f3k 2m7q xd4w").is_ok() && with(&qr).is_ok());
        for (code, said) in [
            ("8F3K-2M7Q".to_owned(), "12 letters and digits"),
            (qr.replace("terminal=007", "terminal=008"), "for terminal 008, this one is 007"),
            (qr.replace("&code=8F3K-2M7Q-XD4W", ""), "copy all of it"),
        ] {
            let message = with(&code).unwrap_err().to_string();
            assert!(message.contains("hall.enrolment_code") && message.contains(said), "{message}");
        }
    }
}
