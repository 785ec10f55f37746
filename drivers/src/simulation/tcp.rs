//! A simulator on a loopback TCP port, one connection at a time, as printers at port 9100 do.

use super::{
    Bench, Model,
    line::{Line, Stop, closed_poll, wake_pipe},
};
use std::{
    fs::File,
    io,
    net::{SocketAddr, TcpListener},
    os::fd::OwnedFd,
    sync::Arc,
    thread::JoinHandle,
};

/// The port of a simulated network device; dropping it ends the simulator.
pub struct TcpPort<M: Model> {
    bench: Arc<Bench<M>>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl<M: Model> TcpPort<M> {
    /// Listens on a free loopback port.
    pub fn start(bench: Arc<Bench<M>>, name: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (wake, waker) = wake_pipe()?;
        bench.lock().waker = Some(waker);
        let shared = bench.clone();
        let thread = std::thread::Builder::new()
            .name(format!("{name}-tcp"))
            .spawn(move || run(Line::new(None, wake), &shared, &listener))?;
        Ok(Self { bench, address, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl<M: Model> Drop for TcpPort<M> {
    fn drop(&mut self) {
        self.bench.end();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run<M: Model>(mut line: Line, bench: &Bench<M>, listener: &TcpListener) {
    loop {
        let state = bench.lock();
        if state.ended {
            return;
        }
        let plugged = state.plugged;
        drop(bench.wait(state, closed_poll()));
        let Ok((stream, _)) = listener.accept() else { continue };
        if !plugged || stream.set_nonblocking(true).is_err() {
            continue;
        }
        let _ = stream.set_nodelay(true);
        let mut port = File::from(OwnedFd::from(stream));
        if let Ok(Stop::Ended) = line.carry(bench, &mut port) {
            return;
        }
    }
}
