//! A simulated HTTP device on a loopback port, plain or behind TLS, one thread a connection. Independent clients
//! meet it here (`ipptool`, `sane-airscan`, `curl`).

use super::http::{Connection, HttpBench, HttpService};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// How often threads look whether the simulator ended, or its cable was pulled.
const LOOK_MS: u64 = 10;
/// Bytes that are paced at once.
const PACED_BYTES: usize = 16 * 1024;

/// The port of a simulated device; dropping it ends the simulator.
pub struct HttpPort<S: HttpService> {
    bench: Arc<HttpBench<S>>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

impl<S: HttpService> HttpPort<S> {
    /// Listens on a free loopback port.
    pub fn start(bench: Arc<HttpBench<S>>, name: &str, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (shared, name) = (bench.clone(), name.to_owned());
        let thread = std::thread::Builder::new().name(format!("{name}-http"));
        let thread = thread.spawn(move || accept(&shared, listener, &name, tls))?;
        Ok(Self { bench, address, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl<S: HttpService> Drop for HttpPort<S> {
    fn drop(&mut self) {
        self.bench.lock().ended = true;
        self.bench.notify();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept<S: HttpService>(bench: &Arc<HttpBench<S>>, first: TcpListener, name: &str, tls: Option<Arc<ServerConfig>>) {
    let Ok(address) = first.local_addr() else { return };
    let mut listener = Some(first);
    let mut connections: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let state = bench.lock();
        if state.ended {
            break;
        }
        let unplugged = state.faults.unplugged;
        drop(bench.wait(state, Duration::from_millis(LOOK_MS)));
        if unplugged {
            listener = None;
            continue;
        }
        if listener.is_none() {
            listener = TcpListener::bind(address).ok();
        }
        let Some(open) = &listener else { continue };
        if open.set_nonblocking(true).is_err() {
            break;
        }
        while let Ok((stream, _)) = open.accept() {
            let (bench, tls) = (bench.clone(), tls.clone());
            let thread = std::thread::Builder::new().name(format!("{name}-connection"));
            connections.extend(thread.spawn(move || serve(&bench, stream, tls)).ok());
        }
        connections.retain(|thread| !thread.is_finished());
    }
    connections.into_iter().for_each(|thread| drop(thread.join()));
}

fn serve<S: HttpService>(bench: &HttpBench<S>, tcp: TcpStream, tls: Option<Arc<ServerConfig>>) {
    let settings = tcp.set_nonblocking(false).and_then(|()| tcp.set_nodelay(true));
    if settings.and_then(|()| tcp.set_read_timeout(Some(Duration::from_millis(LOOK_MS)))).is_err() {
        return;
    }
    let mut stream: Box<dyn Stream> = match tls.map(ServerConnection::new) {
        None => Box::new(tcp),
        Some(Ok(tls)) => Box::new(StreamOwned::new(tls, tcp)),
        Some(Err(_)) => return,
    };
    let generation = bench.lock().generation;
    let mut connection = Connection::new(generation);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let mut state = bench.lock();
        if state.ended || connection.broke(&mut state) {
            return;
        }
        let room = connection.room(&state).min(buffer.len());
        if room == 0 {
            drop(bench.wait(state, Duration::from_millis(LOOK_MS)));
            continue;
        }
        drop(state);
        let n = match stream.read(&mut buffer[..room]) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => continue,
            Err(_) => break,
        };
        let mut state = bench.lock();
        connection.feed(&mut state, &buffer[..n]);
        let rate = state.faults.bytes_per_second;
        drop(state);
        bench.notify();
        if send(&mut *stream, connection.output.make_contiguous(), rate).is_err() {
            break;
        }
        connection.output.clear();
        if connection.closed {
            return;
        }
    }
    connection.hang_up(&mut bench.lock());
    bench.notify();
}

/// At the rate of the line, each piece at its own time.
fn send(stream: &mut dyn Stream, bytes: &[u8], rate: Option<u32>) -> io::Result<()> {
    let Some(rate) = rate else { return stream.write_all(bytes).and_then(|()| stream.flush()) };
    let begin = Instant::now();
    for (number, piece) in bytes.chunks(PACED_BYTES).enumerate() {
        let end = (number * PACED_BYTES + piece.len()) as f64;
        let due = begin + Duration::from_secs_f64(end / f64::from(rate.max(1)));
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        stream.write_all(piece)?;
    }
    stream.flush()
}
