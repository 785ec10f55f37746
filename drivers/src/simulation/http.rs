//! A simulated device that answers HTTP, byte for byte: in memory without thread or clock, or on a loopback port.
//! Holds the faults of a line that all such devices share; what is answered is the device's own [`HttpService`].

use crate::http::message::{Head, Incoming};
use crate::http::{Dial, Wire};
use crate::{DeviceError, DeviceErrorKind};
use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Most bytes of a request: a document of a hundred pages at 300 dpi.
const REQUEST_BYTES_MAX: usize = 1 << 30;

/// What a device answers.
pub trait HttpService: Send + 'static {
    /// The answer to a whole request.
    fn answer(&mut self, head: &Head, body: &[u8]) -> HttpAnswer;

    /// Whether the answer that was just given stays in the device, which is not done with the request.
    fn keeps_answer(&mut self) -> bool {
        false
    }

    /// The connection broke within a request; so much of it had come.
    fn broke(&mut self, _head: &Head, _body: &[u8]) {}
}

/// An answer.
pub struct HttpAnswer {
    /// Status.
    pub status: u16,
    /// Header fields beside those of the body.
    pub fields: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// Sent in chunks, without a length.
    pub chunked: bool,
}

impl HttpAnswer {
    /// An answer with a body of a type.
    pub fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, fields: vec![("Content-Type", content_type.to_owned())], body, chunked: false }
    }

    /// An answer without a body.
    pub fn bare(status: u16) -> Self {
        Self { status, fields: Vec::new(), body: Vec::new(), chunked: false }
    }

    fn encode(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} -\r\n", self.status);
        for (name, value) in &self.fields {
            head += &format!("{name}: {value}\r\n");
        }
        if !self.chunked {
            head += &format!("Content-Length: {}\r\n\r\n", self.body.len());
            return [head.as_bytes(), &self.body].concat();
        }
        head += "Transfer-Encoding: chunked\r\n\r\n";
        let mut out = head.into_bytes();
        for chunk in self.body.chunks(8000) {
            out.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
            out.extend_from_slice(chunk);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"0\r\n\r\n");
        out
    }
}

/// What is wrong with the line.
#[derive(Clone, Debug, Default)]
pub struct LineFaults {
    /// The cable is out.
    pub unplugged: bool,
    /// Requests are taken and done, and not answered.
    pub silent: bool,
    /// The connection breaks after so many more bytes came in, over all connections; once.
    pub cut_after_received: Option<u64>,
    /// The connection breaks after so many more bytes of answers; once.
    pub cut_after_sent: Option<u64>,
    /// So many more answers are damaged.
    pub garbled_answers: u32,
    /// Of a request's body no more than so many bytes are taken, until this is lifted.
    pub stalled_after: Option<u64>,
    /// Bytes a second that answers go out with on a port; `None` is as fast as it goes.
    pub bytes_per_second: Option<u32>,
}

/// A device behind its line, shared by its knobs and all connections.
pub struct HttpBench<S> {
    state: Mutex<HttpState<S>>,
    changed: Condvar,
}

pub(super) struct HttpState<S> {
    pub(super) service: S,
    pub(super) faults: LineFaults,
    pub(super) ended: bool,
    /// Rises when connections break that are open now.
    pub(super) generation: u64,
    /// Connections that somebody holds open in memory.
    connections: usize,
}

impl<S: HttpService> HttpBench<S> {
    /// A device that is plugged in.
    pub fn new(service: S) -> Arc<Self> {
        let state = HttpState { service, faults: LineFaults::default(), ended: false, generation: 0, connections: 0 };
        Arc::new(Self { state: Mutex::new(state), changed: Condvar::new() })
    }

    /// Looks at the device, or changes it.
    pub fn with<R>(&self, f: impl FnOnce(&mut S) -> R) -> R {
        let result = f(&mut self.lock().service);
        self.changed.notify_all();
        result
    }

    /// Changes what is wrong with the line.
    pub fn with_faults(&self, f: impl FnOnce(&mut LineFaults)) {
        f(&mut self.lock().faults);
        self.changed.notify_all();
    }

    /// Connections that drivers in the same process hold open.
    pub fn connections(&self) -> usize {
        self.lock().connections
    }

    /// Breaks all connections that are open.
    pub fn break_connections(&self) {
        self.lock().generation += 1;
        self.changed.notify_all();
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, HttpState<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wait<'a>(
        &'a self,
        state: MutexGuard<'a, HttpState<S>>,
        limit: Duration,
    ) -> MutexGuard<'a, HttpState<S>> {
        self.changed.wait_timeout(state, limit).map(|(s, _)| s).unwrap_or_else(|e| e.into_inner().0)
    }

    pub(super) fn notify(&self) {
        self.changed.notify_all();
    }
}

/// The device's side of one connection.
pub(super) struct Connection {
    incoming: Incoming,
    generation: u64,
    pub(super) output: VecDeque<u8>,
    pub(super) closed: bool,
}

impl Connection {
    pub(super) fn new(generation: u64) -> Self {
        let incoming = Incoming::request(REQUEST_BYTES_MAX);
        Self { incoming, generation, output: VecDeque::new(), closed: false }
    }

    /// How many more bytes the device takes now.
    pub(super) fn room<S>(&self, state: &HttpState<S>) -> usize {
        match state.faults.stalled_after {
            Some(limit) if self.incoming.head().is_some() => {
                usize::try_from(limit.saturating_sub(self.incoming.body().len() as u64)).unwrap_or(usize::MAX)
            }
            _ => usize::MAX,
        }
    }

    /// Whether the line broke under it.
    pub(super) fn broke<S: HttpService>(&mut self, state: &mut HttpState<S>) -> bool {
        if !self.closed && (state.faults.unplugged || state.generation != self.generation) {
            self.hang_up(state);
            self.output.clear();
        }
        self.closed
    }

    /// Takes bytes; answers lie in `output` then.
    pub(super) fn feed<S: HttpService>(&mut self, state: &mut HttpState<S>, bytes: &[u8]) {
        let (bytes, cut) = match &mut state.faults.cut_after_received {
            Some(left) => {
                let n = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= n as u64;
                (&bytes[..n], *left == 0)
            }
            None => (bytes, false),
        };
        let mut at = 0;
        while at < bytes.len() && !self.closed {
            match self.incoming.push(&bytes[at..]) {
                Ok(n) => at += n,
                Err(_) => return self.hang_up(state),
            }
            if self.incoming.is_complete() {
                self.answer(state);
            }
        }
        if cut {
            state.faults.cut_after_received = None;
            self.output.clear();
            self.hang_up(state);
        }
    }

    /// The other side is gone, or the line is.
    pub(super) fn hang_up<S: HttpService>(&mut self, state: &mut HttpState<S>) {
        if !self.closed
            && let Some(head) = self.incoming.head()
        {
            state.service.broke(head, self.incoming.body());
        }
        self.closed = true;
    }

    fn answer<S: HttpService>(&mut self, state: &mut HttpState<S>) {
        let request = std::mem::replace(&mut self.incoming, Incoming::request(REQUEST_BYTES_MAX));
        let (head, body) = request.into_parts();
        let mut answer = state.service.answer(&head, &body);
        if state.service.keeps_answer() || state.faults.silent {
            return;
        }
        if state.faults.garbled_answers > 0 {
            state.faults.garbled_answers -= 1;
            answer.body.iter_mut().skip(1).step_by(7).for_each(|byte| *byte ^= 0x5A);
        }
        let mut bytes = answer.encode();
        if let Some(left) = state.faults.cut_after_sent.filter(|left| *left <= bytes.len() as u64) {
            state.faults.cut_after_sent = None;
            bytes.truncate(left as usize);
            self.closed = true;
        } else if let Some(left) = &mut state.faults.cut_after_sent {
            *left -= bytes.len() as u64;
        }
        self.closed |= head.has_word("connection", "close");
        self.output.extend(bytes);
    }
}

/// Opens connections in the same process.
pub struct MemoryDial<S>(pub Arc<HttpBench<S>>);

struct MemoryWire<S: HttpService> {
    bench: Arc<HttpBench<S>>,
    connection: Connection,
}

impl<S: HttpService> Dial for MemoryDial<S> {
    fn dial(&self) -> Result<Box<dyn Wire>, DeviceError> {
        let mut state = self.0.lock();
        if state.faults.unplugged {
            return Err(DeviceError::new(DeviceErrorKind::NotFound));
        }
        state.connections += 1;
        let connection = Connection::new(state.generation);
        drop(state);
        Ok(Box::new(MemoryWire { bench: self.0.clone(), connection }))
    }

    fn authority(&self) -> String {
        "localhost:631".to_owned()
    }
}

impl<S: HttpService> Wire for MemoryWire<S> {
    fn write(&mut self, bytes: &[u8], limit: Duration) -> io::Result<usize> {
        let mut state = self.bench.lock();
        if self.connection.broke(&mut state) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut n = bytes.len().min(self.connection.room(&state));
        if n == 0 {
            state = self.bench.wait(state, limit);
            n = bytes.len().min(self.connection.room(&state));
        }
        if n == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.connection.feed(&mut state, &bytes[..n]);
        drop(state);
        self.bench.notify();
        Ok(n)
    }

    fn flush(&mut self, _limit: Duration) -> io::Result<()> {
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], limit: Duration) -> io::Result<usize> {
        let mut state = self.bench.lock();
        if self.connection.output.is_empty() && !self.connection.broke(&mut state) {
            state = self.bench.wait(state, limit);
        }
        self.connection.broke(&mut state);
        let n = self.connection.output.len().min(buffer.len());
        buffer.iter_mut().zip(self.connection.output.drain(..n)).for_each(|(place, byte)| *place = byte);
        match n {
            0 if self.connection.closed => Ok(0),
            0 => Err(io::ErrorKind::TimedOut.into()),
            n => Ok(n),
        }
    }

    fn has_input(&mut self) -> bool {
        let mut state = self.bench.lock();
        self.connection.broke(&mut state) || !self.connection.output.is_empty()
    }
}

impl<S: HttpService> Drop for MemoryWire<S> {
    fn drop(&mut self) {
        let mut state = self.bench.lock();
        self.connection.hang_up(&mut state);
        state.connections -= 1;
        drop(state);
        self.bench.notify();
    }
}
