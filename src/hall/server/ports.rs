//! Ports are picked once and kept in the data folder, so that terminals find the hall again after a restart.
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::config::HallConfig;
use crate::disk;

const FILE_NAME: &str = "ports.json";
/// A hall that was just killed may still hold its port for a moment.
const BIND_TRIES: u32 = 50;
const BIND_PAUSE: Duration = Duration::from_millis(100);

#[derive(Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Ports {
    terminals: u16,
    console: u16,
    #[serde(default)]
    public: u16,
}

/// The hall's listeners.
pub(crate) struct Sockets {
    pub(crate) terminals: TcpListener,
    pub(crate) console: TcpListener,
    /// Off by default.
    pub(crate) public: Option<TcpListener>,
}

/// Binds the listeners, with the ports of the last time where the settings leave them open.
pub(crate) async fn bind(config: &HallConfig) -> io::Result<Sockets> {
    let path = config.data.join(FILE_NAME);
    let kept: Ports = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ports::default(),
        Err(error) => return Err(error),
    };
    let terminals = listen(config.terminals.listen, kept.terminals).await?;
    let console = listen(config.console.listen, kept.console).await?;
    let public = if config.public.enabled { Some(listen(config.public.listen, kept.public).await?) } else { None };
    let now = Ports {
        terminals: terminals.local_addr()?.port(),
        console: console.local_addr()?.port(),
        // Switched off and on again it is still where the slips say.
        public: match &public {
            Some(public) => public.local_addr()?.port(),
            None => kept.public,
        },
    };
    if now != kept {
        disk::write(&path, serde_json::to_string(&now)?.as_bytes())?;
    }
    Ok(Sockets { terminals, console, public })
}

/// Where terminals find the hall of this folder, as far as it was ever started.
pub(crate) fn kept_address(config: &HallConfig) -> SocketAddr {
    let mut address = config.terminals.listen;
    if address.port() == 0 {
        let kept = std::fs::read(config.data.join(FILE_NAME)).ok();
        let kept: Option<Ports> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        address.set_port(kept.unwrap_or_default().terminals);
    }
    address
}

async fn listen(mut address: SocketAddr, kept: u16) -> io::Result<TcpListener> {
    if address.port() == 0 {
        address.set_port(kept);
    }
    let mut tries = 0;
    loop {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries < BIND_TRIES => {
                tries += 1;
                tokio::time::sleep(BIND_PAUSE).await;
            }
            Err(error) => return Err(io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))),
            listening => return listening,
        }
    }
}
