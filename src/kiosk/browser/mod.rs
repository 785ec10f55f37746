//! The browser view: the very same panes, seen and touched from a browser on this machine. Pictures go out as
//! changed rectangles in lossless WebP, touches and keys come in, and over each picture lies a layer of
//! transparent native elements made from the screen's own element tree, so that a screen reader or a browser
//! test uses it by role and name. Loopback only; one seat, bought with a one-time token.

mod input;
mod layer;
mod picture;
mod seat;
mod server;
mod shared;
mod viewer;

use crate::platform::{Display, DisplayError, Own, Pane};
use crate::sound::Tones;
use shared::Shared;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

/// Where the browser view listens when nothing else is said: any free port of this machine.
pub const ANYWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Why there is no browser view.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// Plain HTTP beyond this machine would show citizens' data to the network.
    #[error(
        "--browser {0} is refused: the browser view speaks plain HTTP and stays on this machine; use 127.0.0.1 or [::1], and a tunnel from afar"
    )]
    NotLoopback(SocketAddr),
    /// The address is taken or not ours.
    #[error("--browser {address} cannot be listened on: {source}. Choose another port, or port 0 for any free one")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// No random bytes, no thread.
    #[error("the browser view cannot be started: {0}")]
    Start(std::io::Error),
    /// The screen itself failed.
    #[error(transparent)]
    Display(#[from] DisplayError),
}

/// A browser view that is being served. Dropping it ends it.
pub struct View {
    address: SocketAddr,
    token: String,
    shared: Arc<Shared>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl View {
    /// Where to look, with the one-time token.
    #[must_use]
    pub fn link(&self) -> String {
        format!("http://{}/#{}", self.address, self.token)
    }

    /// The address alone.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for View {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Shows the panes in windows, or serves them, and the tones with them, to a browser and prints where, and runs the event loop until
/// [`slint::quit_event_loop`] or until the first window is closed.
///
/// # Errors
/// When no window opens, or the address cannot be listened on or is not of this machine.
pub fn present(display: Display, panes: Vec<Pane>, address: SocketAddr, tones: &Tones) -> Result<(), BrowserError> {
    match display {
        Display::Window(windows) => Ok(windows.run(&panes)?),
        Display::Own(own) => {
            let view = serve(&own, panes, address)?;
            let heard = view.shared.clone();
            tones.hand_to(move |tone| heard.sound(tone));
            // The one line that a person or a test waits for.
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "Yimen: open {}", view.link()).and_then(|()| out.flush());
            drop(out);
            Ok(own.run()?)
        }
    }
}

/// Serves the panes to a browser; the caller runs the event loop.
///
/// # Errors
/// When the address cannot be listened on or is not of this machine.
pub fn serve(own: &Own, panes: Vec<Pane>, address: SocketAddr) -> Result<View, BrowserError> {
    let listener = listen(address)?;
    let address = listener.local_addr().map_err(BrowserError::Start)?;
    let (seat, token) = seat::Seat::new(address).map_err(BrowserError::Start)?;
    let shared = Arc::new(Shared::new(&panes, own.waker()));
    own.show(panes, viewer::BrowserViewer::new(shared.clone()))?;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let thread = server::start(listener, server::State { seat, shared: shared.clone() }, stopped)
        .map_err(BrowserError::Start)?;
    Ok(View { address, token, shared, stop: Some(stop), thread: Some(thread) })
}

fn listen(address: SocketAddr) -> Result<TcpListener, BrowserError> {
    if !address.ip().is_loopback() {
        return Err(BrowserError::NotLoopback(address));
    }
    let wrong = |source| BrowserError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(wrong)?;
    listener.set_nonblocking(true).map_err(wrong)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_beyond_this_machine_is_refused() {
        for address in ["0.0.0.0:0", "192.0.2.1:8080", "[::]:0"] {
            let refused = listen(address.parse().unwrap());
            assert!(matches!(refused, Err(BrowserError::NotLoopback(_))), "{address}");
        }
        assert!(listen("127.0.0.1:0".parse().unwrap()).is_ok());
    }
}
