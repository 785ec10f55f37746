//! The hall's settings: one TOML file, every key documented in `default.toml`, unknown keys refused.
//! `--print-config` shows that file as it is.
mod values;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;

use settings::ReadError;
use wire::enrol::Invitation;

use crate::clock::Clock;
use crate::disk::Files;

/// The commented defaults.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// All settings of a hall.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HallConfig {
    /// Name of the hall on its console.
    pub name: String,
    /// Data folder.
    pub data: PathBuf,
    /// Catalogue file; empty for the one built in.
    pub catalogue: PathBuf,
    /// Where terminals connect.
    pub terminals: TerminalListener,
    /// Where the staff connects.
    pub console: ConsoleListener,
    /// Where citizens' phones connect.
    pub public: PublicListener,
    /// Escrow of the hall's keys.
    pub keys: KeySettings,
    /// The second medium.
    pub backup: BackupSettings,
    /// How much at once.
    pub uploads: UploadSettings,
    /// A hall to look at.
    pub demo: DemoSettings,
    /// The clock; not a key of the file.
    #[serde(skip)]
    pub clock: Clock,
    /// What lies under database and chunks; not a key of the file.
    #[serde(skip)]
    pub seam: Seam,
}

/// What only tests of bad disks change: the file system under the hall's data.
#[derive(Clone, Debug, Default)]
pub struct Seam {
    /// Name of a registered SQLite VFS, for the database.
    pub vfs: Option<String>,
    /// For sealed chunks; the machine's own if none.
    pub files: Option<Arc<dyn Files>>,
}

/// `[terminals]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TerminalListener {
    /// Address and port; port 0 is picked once and kept.
    pub listen: SocketAddr,
    /// Host name by which terminals reach it; empty for the address.
    pub advertise: String,
}

/// `[console]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleListener {
    /// Address and port; port 0 is picked once and kept.
    pub listen: SocketAddr,
}

/// `[public]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublicListener {
    /// Whether it is on.
    pub enabled: bool,
    /// Address and port; port 0 is picked once and kept.
    pub listen: SocketAddr,
    /// Host name that phones use; the certificate's.
    pub name: String,
    /// Port that phones use; 0 for the listener's own.
    pub port: u16,
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
    /// Memory for sealed files that wait for a terminal, MiB.
    pub upload_memory_mib: u64,
}

/// `[keys]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeySettings {
    /// Public half of the recovery key, 64 hex digits.
    pub recovery_public: String,
}

/// `[backup]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    /// Folder on another disk; empty for none.
    pub second_medium: PathBuf,
    /// How soon after new submissions a copy is made.
    pub every_seconds: u64,
    /// Verified copies to keep.
    pub generations: usize,
    /// Lets terminals erase without a second copy.
    pub watermark_is_receipt: bool,
}

/// `[uploads]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UploadSettings {
    /// Submissions that may begin each second.
    pub begin_per_second: u32,
    /// Connections at once on each listener.
    pub at_once: usize,
}

/// `[demo]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DemoSettings {
    /// Whether it is on.
    pub enabled: bool,
    /// Moves the hall's clock, for rehearsals.
    pub clock_shift_seconds: i64,
}

/// A settings file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the settings file {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the settings file {} is wrong: {message}", path.display())]
    Parse { path: PathBuf, message: String },
    #[error("setting {key}: {message}")]
    Value { key: &'static str, message: String },
}

impl HallConfig {
    /// Reads a settings file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = settings::read(path).map_err(|error| match error {
            ReadError::Unreadable(source) => ConfigError::Read { path: path.to_owned(), source },
            unusable => ConfigError::Parse { path: path.to_owned(), message: unusable.to_string() },
        })?;
        Self::parse(&text).map_err(|error| match error {
            ConfigError::Parse { message, .. } => ConfigError::Parse { path: path.to_owned(), message },
            other => other,
        })
    }

    /// Reads settings from text.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let wrong = |message: String| ConfigError::Parse { path: PathBuf::new(), message };
        values::RULES.check(text).map_err(wrong)?;
        // From the text once more: an address that is none is told by its place there.
        let mut config: Self = settings::parse(text).map_err(wrong)?;
        config.clock = Clock::shifted(SignedDuration::from_secs(config.demo.clock_shift_seconds));
        config.check()?;
        Ok(config)
    }

    /// The embedded hall of a demo: loopback, ports picked once, data in this folder.
    pub fn demo(data: &Path) -> Self {
        let mut config = Self { data: data.to_owned(), ..Self::default() };
        config.demo.enabled = true;
        config.backup.every_seconds = 1;
        config
    }

    /// Where the second copy goes, if anywhere.
    pub fn second_medium(&self) -> Option<PathBuf> {
        if !self.backup.second_medium.as_os_str().is_empty() {
            Some(self.backup.second_medium.clone())
        } else if self.demo.enabled {
            Some(self.data.join("second"))
        } else {
            None
        }
    }

    pub(crate) fn backup_delay(&self) -> Duration {
        Duration::from_secs(self.backup.every_seconds)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, message: &str| Err(ConfigError::Value { key, message: message.to_owned() });
        if !self.terminals.advertise.is_empty() && !Invitation::is_address(&with_port(&self.terminals.advertise, 1)) {
            return wrong(
                "terminals.advertise",
                "a host name or its numbers alone is needed, without a port, e.g. hall.example.gov.cn or 192.0.2.7",
            );
        }
        if self.public.enabled {
            if !is_host_name(&self.public.name) {
                return wrong("public.name", "the name that citizens' phones use is needed, e.g. hall.example.gov.cn");
            }
            if self.public.certificate.as_os_str().is_empty() || self.public.key.as_os_str().is_empty() {
                return wrong("public.certificate", "a certificate and its key are needed, both as PEM files");
            }
        }
        Ok(())
    }
}

/// A host as terminals are told it; the numbers of IPv6 stand in brackets before a port.
pub(crate) fn with_port(host: &str, port: u16) -> String {
    if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

impl Default for HallConfig {
    fn default() -> Self {
        Self {
            name: "政务服务大厅".to_owned(),
            data: PathBuf::from("hall-data"),
            catalogue: PathBuf::new(),
            terminals: TerminalListener::default(),
            console: ConsoleListener::default(),
            public: PublicListener::default(),
            keys: KeySettings::default(),
            backup: BackupSettings::default(),
            uploads: UploadSettings::default(),
            demo: DemoSettings::default(),
            clock: Clock::system(),
            seam: Seam::default(),
        }
    }
}

impl Default for TerminalListener {
    fn default() -> Self {
        Self { listen: loopback(), advertise: String::new() }
    }
}

impl Default for ConsoleListener {
    fn default() -> Self {
        Self { listen: loopback() }
    }
}

impl Default for PublicListener {
    fn default() -> Self {
        Self {
            enabled: false,
            listen: loopback(),
            name: String::new(),
            port: 0,
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            upload_memory_mib: 256,
        }
    }
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self { second_medium: PathBuf::new(), every_seconds: 900, generations: 2, watermark_is_receipt: false }
    }
}

impl Default for UploadSettings {
    fn default() -> Self {
        Self { begin_per_second: 200, at_once: 256 }
    }
}

fn is_host_name(name: &str) -> bool {
    (1..=253).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_defaults_are_the_defaults() {
        let printed = HallConfig::parse(DEFAULT_TOML).unwrap();
        assert_eq!(format!("{printed:?}"), format!("{:?}", HallConfig::default()));
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let error = HallConfig::parse("[backup]\nevery = 3\n").unwrap_err().to_string();
        assert!(error.contains("backup.every is an unknown key"), "{error}");
    }

    #[test]
    fn a_text_that_is_no_address_is_told_by_its_place() {
        let error = HallConfig::parse("[console]\nlisten = \"大厅\"\n").unwrap_err().to_string();
        assert!(error.contains("line 2, column ") && !error.contains("大厅"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_text_is_not_taken_for_one_that_cannot_be_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"name = \"\xB4\xF3\"\n").unwrap();
        let error = HallConfig::load(file.path()).unwrap_err().to_string();
        assert!(error.contains("not text in UTF-8") && !error.contains("cannot read"), "{error}");
        let error = HallConfig::load(Path::new("/dev/null/none")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the settings file"), "{error}");
    }

    #[test]
    fn a_host_is_advertised_without_a_port() {
        let advertise = |host: &str| HallConfig::parse(&format!("[terminals]\nadvertise = \"{host}\"\n"));
        for host in ["", "hall.example.gov.cn", "192.0.2.7", "2001:db8::7"] {
            assert!(advertise(host).is_ok(), "{host}");
        }
        for host in ["hall:8443", "https://hall", "大厅", "[2001:db8::7]:1", "a b"] {
            let error = advertise(host).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains("terminals.advertise") && error.contains("without a port"), "{host}: {error}");
        }
        assert_eq!(with_port("2001:db8::7", 8443), "[2001:db8::7]:8443");
        assert_eq!(with_port("hall", 8443), "hall:8443");
    }

    #[test]
    fn more_connections_at_once_than_can_be_counted_are_refused() {
        let error = HallConfig::parse("[uploads]\nat_once = 9223372036854775807\n").unwrap_err().to_string();
        assert!(error.contains("uploads.at_once") && error.contains("from 1 to 65536"), "{error}");
    }

    #[test]
    fn the_public_pages_want_a_name_a_certificate_and_a_key() {
        let parse = |keys: &str| HallConfig::parse(&format!("[public]\nenabled = true\n{keys}"));
        assert!(parse("").unwrap_err().to_string().contains("public.name"));
        assert!(parse("name = \"hall.example/x\"").is_err());
        assert!(parse("name = \"hall.example\"").unwrap_err().to_string().contains("public.certificate"));
        assert!(parse("name = \"hall.example\"\ncertificate = \"a.pem\"\nkey = \"b.pem\"").is_ok());
    }

    #[test]
    fn one_generation_is_too_few() {
        assert!(HallConfig::parse("[backup]\ngenerations = 1\n").is_err());
    }
}
