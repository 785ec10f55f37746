//! What can go wrong with a device: the kind says who must act and how the device stands after it, in XFS4IoT's
//! words. Texts are for the technician and never hold what was on a card or a slip.

use crate::DeviceState;
use std::{error::Error, fmt, io};

/// A device did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct DeviceError {
    /// What kind of trouble.
    pub kind: DeviceErrorKind,
    /// What lies behind it.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

/// Kinds of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceErrorKind {
    /// Nothing is connected where the device should be.
    NotFound,
    /// Another program holds it.
    InUse,
    /// This program may not open it.
    AccessDenied,
    /// The configured address cannot be used.
    Misconfigured,
    /// The connection broke while it was used.
    Unplugged,
    /// It does not answer.
    Silent,
    /// It answers what the protocol does not allow.
    Garbled,
    /// It answers, but is not the kind of device that was configured.
    WrongModel,
    /// It says that it is broken.
    Hardware,
    /// It says that our command was wrong.
    Software,
}

/// Who must act (XFS4IoT `action`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorAction {
    /// `reset`: the program opens it anew by itself.
    Reset,
    /// `clear`: a person at the terminal does a simple thing (paper, cover, jam).
    Clear,
    /// `maintenance`: a technician looks at the device or its cable.
    Maintenance,
    /// `configuration`: the configured address or right must be put right.
    Configuration,
    /// `softwareError`: this program or the device's firmware.
    SoftwareError,
}

impl DeviceErrorKind {
    /// A stable word for logs and for the hall.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::InUse => "in_use",
            Self::AccessDenied => "access_denied",
            Self::Misconfigured => "misconfigured",
            Self::Unplugged => "unplugged",
            Self::Silent => "silent",
            Self::Garbled => "garbled",
            Self::WrongModel => "wrong_model",
            Self::Hardware => "hardware",
            Self::Software => "software",
        }
    }
}

impl DeviceError {
    /// An error of a kind, with nothing behind it.
    pub fn new(kind: DeviceErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// An error of a kind with what lies behind it.
    pub fn because(kind: DeviceErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()) }
    }

    /// Who must act.
    pub fn action(&self) -> ErrorAction {
        use DeviceErrorKind::*;
        match self.kind {
            Silent | Garbled | Unplugged => ErrorAction::Reset,
            NotFound | Hardware => ErrorAction::Maintenance,
            InUse | AccessDenied | Misconfigured | WrongModel => ErrorAction::Configuration,
            Software => ErrorAction::SoftwareError,
        }
    }

    /// The state a device is in after this error.
    pub fn state(&self) -> DeviceState {
        use DeviceErrorKind::*;
        match self.kind {
            NotFound | InUse | AccessDenied | Misconfigured | Unplugged => DeviceState::NoDevice,
            Silent | Garbled => DeviceState::Offline,
            WrongModel | Hardware | Software => DeviceState::HardwareError,
        }
    }

    /// Whether an answer was awaited in vain.
    pub fn is_silence(&self) -> bool {
        self.kind == DeviceErrorKind::Silent
    }
}

impl fmt::Display for DeviceErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "no device at the configured address: check cable and power",
            Self::InUse => "another program holds the device: end it",
            Self::AccessDenied => "no right to open the device: check the udev rule and the program's group",
            Self::Misconfigured => "the configured address cannot be used: correct the device's URI",
            Self::Unplugged => "the connection to the device broke: it is opened anew when it is back",
            Self::Silent => "the device does not answer: it is asked again; if that stays, check power and rate",
            Self::Garbled => "the device's answer is damaged: it is asked again; if that stays, check the cable",
            Self::WrongModel => "another kind of device answers at the configured address: correct the URI",
            Self::Hardware => "the device reports a fault of its own: have it serviced",
            Self::Software => "the device refuses our command: report this to the maker of the program",
        })
    }
}

/// From the operating system's error; the shapes at unplug differ by driver (`BrokenPipe` on a serial port,
/// `ENODEV` on usblp, end of file on TCP).
impl From<io::Error> for DeviceError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::*;
        let kind = match error.kind() {
            TimedOut | WouldBlock => DeviceErrorKind::Silent,
            NotFound | ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable => {
                DeviceErrorKind::NotFound
            }
            PermissionDenied => DeviceErrorKind::AccessDenied,
            ResourceBusy => DeviceErrorKind::InUse,
            InvalidInput | Unsupported => DeviceErrorKind::Misconfigured,
            InvalidData => DeviceErrorKind::Garbled,
            _ => DeviceErrorKind::Unplugged,
        };
        Self::because(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_says_who_must_act_and_in_which_state_the_device_is() {
        let silent = DeviceError::from(io::Error::from(io::ErrorKind::TimedOut));
        assert_eq!((silent.kind, silent.action()), (DeviceErrorKind::Silent, ErrorAction::Reset));
        let denied = DeviceError::from(io::Error::from(io::ErrorKind::PermissionDenied));
        assert_eq!(denied.action(), ErrorAction::Configuration);
        let gone = DeviceError::from(io::Error::from_raw_os_error(libc::ENODEV));
        assert_eq!((gone.kind, gone.state()), (DeviceErrorKind::Unplugged, DeviceState::NoDevice));
    }
}
