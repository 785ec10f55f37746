//! Starts and stops a hall: data folder, keys, database, listeners, backups, on a thread and runtime of its own.
//! The same code serves as a program (`main.rs`) and embedded in a demo or a test.
mod core;
mod error;
mod listener;
mod ports;
mod prepare;
mod rest;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use wire::ids::TerminalNo;
use wire::signed::KeyUse;

pub(crate) use self::core::Core;
pub use self::core::RotateError;
pub use error::HallError;
use listener::Listener;
pub(crate) use listener::{Peer, PeerCertificate, stopped};
pub(crate) use ports::kept_address;
pub(crate) use prepare::{Addresses, BODIES_FOLDER, has_keys, lock, new_epoch, prepare};

use crate::config::HallConfig;
use crate::limits::ConnectionLimit;
use crate::terminals::EnrolmentCode;
use crate::tls;
use crate::{backup, cases, console, public, terminals, uploads};

/// The hall as something that can be started.
pub struct Hall;

/// A hall at work. Dropping it stops it, too.
pub struct RunningHall {
    /// Where terminals connect.
    pub terminal_addr: SocketAddr,
    /// Where people's browsers connect.
    pub console_addr: SocketAddr,
    /// Where citizens' phones connect, if the public pages are on.
    pub public_addr: Option<SocketAddr>,
    /// The CA that terminals pin.
    pub ca_der: Vec<u8>,
    pub hall_id: String,
    /// The data folder.
    pub data: PathBuf,
    core: Arc<Core>,
    handle: Handle,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Hall {
    /// Starts a hall; returns when it listens.
    pub fn start(config: HallConfig) -> Result<RunningHall, HallError> {
        let (stop, stopped) = watch::channel(false);
        let (report, started) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("hall".to_owned())
            .spawn(move || run(config, stopped, &report))
            .map_err(|_| HallError::Thread)?;
        let ready = started.recv().map_err(|_| HallError::Thread)??;
        Ok(RunningHall {
            terminal_addr: ready.terminals,
            console_addr: ready.console,
            public_addr: ready.public,
            ca_der: ready.core.authority.der().to_vec(),
            hall_id: ready.core.hall_id.to_string(),
            data: ready.core.config.data.clone(),
            core: ready.core,
            handle: ready.handle,
            stop,
            thread: Some(thread),
        })
    }
}

impl RunningHall {
    /// A new one-time code for a terminal, as an administrator makes it on the console.
    pub fn enrolment_code(&self, terminal_no: &str, place: &str) -> Result<EnrolmentCode, HallError> {
        let terminal_no: TerminalNo = terminal_no.parse().map_err(|_| HallError::TerminalNo)?;
        let (core, place) = (Arc::clone(&self.core), place.to_owned());
        self.ask(async move { terminals::new_code(&core, &terminal_no, &place, "hall").await })?
    }

    /// Makes a backup now; returns the greatest server_seq that it holds.
    pub fn backup(&self) -> Result<u64, HallError> {
        let core = Arc::clone(&self.core);
        Ok(self.ask(async move { backup::run(&core).await })??)
    }

    /// Adds a sealing key; terminals learn it with their next heartbeat.
    pub fn rotate_sealing_key(&self) -> Result<String, HallError> {
        let core = Arc::clone(&self.core);
        Ok(self.ask(async move { core.rotate(KeyUse::Sealing).await })??)
    }

    /// Password of the demo's accounts (`admin`, `guide`, `clerk-<department>`), if this is a demo.
    pub fn demo_password(&self) -> Option<String> {
        std::fs::read_to_string(self.data.join(prepare::DEMO_PASSWORD_FILE)).ok()
    }

    /// `http://…` or `https://…` of the console.
    pub fn console_url(&self) -> String {
        let scheme = if self.core.console_is_tls() { "https" } else { "http" };
        format!("{scheme}://{}/", self.console_addr)
    }

    /// `https://…` of the public pages, while phones can be served.
    pub fn public_url(&self) -> Option<String> {
        self.core.public_url().map(str::to_owned)
    }

    /// Bytes of phones' files that are in memory now, sealed or arriving.
    pub fn upload_bytes(&self) -> u64 {
        self.core.uploads.held_bytes()
    }

    /// Stops listening, lets requests end, closes the database.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// Runs something on the hall's runtime; may be called from anywhere, other runtimes included.
    fn ask<T, F>(&self, work: F) -> Result<T, HallError>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (answer, answered) = mpsc::channel();
        self.handle.spawn(async move {
            let _ = answer.send(work.await);
        });
        answered.recv().map_err(|_| HallError::Thread)
    }
}

impl Drop for RunningHall {
    fn drop(&mut self) {
        self.shut_down();
    }
}

struct Ready {
    terminals: SocketAddr,
    console: SocketAddr,
    public: Option<SocketAddr>,
    core: Arc<Core>,
    handle: Handle,
}

type Report = mpsc::Sender<Result<Ready, HallError>>;

fn run(config: HallConfig, stopped: watch::Receiver<bool>, report: &Report) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = report.send(Err(HallError::Listen(error)));
            return;
        }
    };
    runtime.block_on(async {
        if let Err(error) = serve(config, stopped, report).await {
            let _ = report.send(Err(error));
        }
    });
}

async fn serve(config: HallConfig, stopped: watch::Receiver<bool>, report: &Report) -> Result<(), HallError> {
    let _lock = lock(&config.data)?;
    let sockets = ports::bind(&config).await.map_err(|error| HallError::of_ports(error, &config.data))?;
    let address = |socket: &TcpListener| socket.local_addr().map_err(HallError::Listen);
    let at = Addresses {
        terminals: address(&sockets.terminals)?,
        public: sockets.public.as_ref().map(address).transpose()?,
    };
    let console = address(&sockets.console)?;
    let core = Arc::new(prepare(config, at).await?);
    let ready = Ready {
        terminals: at.terminals,
        console,
        public: at.public,
        core: Arc::clone(&core),
        handle: Handle::current(),
    };
    let work = [
        tokio::spawn(backup::keep_going(Arc::clone(&core), stopped.clone())),
        tokio::spawn(cases::deemed::keep_looking(Arc::clone(&core), stopped.clone())),
        tokio::spawn(uploads::keep_clean(Arc::clone(&core), stopped.clone())),
        tokio::spawn(public::keep_certificate(Arc::clone(&core), stopped.clone())),
    ];
    let listeners: Vec<_> =
        listeners(&core, sockets)?.into_iter().map(|listener| tokio::spawn(listener.run(stopped.clone()))).collect();
    if report.send(Ok(ready)).is_ok() {
        for task in listeners.into_iter().chain(work) {
            let _ = task.await;
        }
    }
    core.db.close().await;
    Ok(())
}

fn listeners(core: &Arc<Core>, sockets: ports::Sockets) -> Result<Vec<Listener>, HallError> {
    let at_once = core.config.uploads.at_once;
    let browsers =
        if core.console_is_tls() { Some(TlsAcceptor::from(tls::for_browsers(Arc::clone(&core.leaf))?)) } else { None };
    let turns = || Arc::new(Semaphore::new(at_once));
    let mut all = vec![
        Listener {
            socket: sockets.terminals,
            tls: Some(TlsAcceptor::from(tls::for_terminals(&core.authority, Arc::clone(&core.leaf))?)),
            router: terminals::router(Arc::clone(core)),
            turns: turns(),
            per_source: None,
        },
        Listener {
            socket: sockets.console,
            tls: browsers,
            router: console::router(Arc::clone(core)),
            turns: turns(),
            per_source: None,
        },
    ];
    if let (Some(socket), Some(face)) = (sockets.public, &core.public) {
        all.push(Listener {
            socket,
            tls: Some(TlsAcceptor::from(tls::for_phones(Arc::clone(&face.certificate))?)),
            router: public::router(Arc::clone(core)),
            turns: turns(),
            per_source: Some(ConnectionLimit::new(public::CONNECTIONS_PER_SOURCE)),
        });
    }
    Ok(all)
}
