//! Ports are picked once and kept in the data folder, so that terminals find the hall again after a restart.
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::config::HallConfig;
use crate::disk;

const FILE_NAME: &str = "ports.json";
/// A hall that was just killed may still hold its port for a moment.
const BIND_TRIES: u32 = 50;
const BIND_PAUSE: Duration = Duration::from_millis(100);

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Ports {
    terminals: u16,
    console: u16,
}

/// Binds both listeners, with the ports of the last time where the settings leave them open.
pub(crate) async fn bind(
    data: &Path,
    terminals: SocketAddr,
    console: SocketAddr,
) -> io::Result<(TcpListener, TcpListener)> {
    let path = data.join(FILE_NAME);
    let kept: Ports = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ports::default(),
        Err(error) => return Err(error),
    };
    let terminals = listen(terminals, kept.terminals).await?;
    let console = listen(console, kept.console).await?;
    let now = Ports { terminals: terminals.local_addr()?.port(), console: console.local_addr()?.port() };
    if (now.terminals, now.console) != (kept.terminals, kept.console) {
        disk::write(&path, serde_json::to_string(&now)?.as_bytes())?;
    }
    Ok((terminals, console))
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
