//! One exchange after the other with one device: the request goes out in pieces, an early answer is seen between
//! them, and who waits is asked before waiting goes on.

use super::{
    message::{Head, Incoming},
    wire::{Dial, Wire},
};
use crate::{DeviceError, DeviceErrorKind};
use std::{
    io::{self, Read},
    time::Duration,
};
use zeroize::Zeroizing;

/// Bytes of a document that are read and handed over at once.
const PIECE_BYTES: usize = 32 * 1024;
/// How long an answer may take that a device sent before it closed the connection on our writing.
const LAST_WORD_MS: u64 = 500;

/// What is asked.
pub struct Exchange<'a> {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// `Content-Type` of what is sent.
    pub content_type: Option<&'a str>,
    /// The first bytes of the body, or all of it.
    pub body: &'a [u8],
    /// Most bytes that an answer may have.
    pub answer_max: usize,
}

/// A document that is read while it is sent.
pub struct Outgoing<'a> {
    /// Where its bytes come from.
    pub source: &'a mut dyn Read,
    /// Number of its bytes, where known; else it goes out in chunks.
    pub length: Option<u64>,
}

/// The answer.
pub struct Response {
    /// Status and fields.
    pub head: Head,
    /// Status.
    pub status: u16,
    /// Body; overwritten when dropped.
    pub body: Zeroizing<Vec<u8>>,
}

/// Who waits for an exchange: asked before each piece and whenever nothing moves.
pub trait Patience {
    /// How long nothing may move before [`still`](Self::still) is asked.
    fn look(&self) -> Duration;

    /// Before each piece of a document, with the bytes of it that are out; an error ends the exchange.
    fn sending(&mut self, document_bytes: u64) -> Result<(), HttpFailure>;

    /// Nothing has moved for one more look; an error ends the exchange.
    fn still(&mut self) -> Result<(), HttpFailure>;

    /// Whether the rest of the document is still wanted after an answer that came early.
    fn wants_rest(&mut self, early: &Response) -> bool;
}

/// Waits for one answer and no longer.
pub struct Quiet {
    /// How long.
    pub answer: Duration,
}

impl Patience for Quiet {
    fn look(&self) -> Duration {
        self.answer
    }

    fn sending(&mut self, _document_bytes: u64) -> Result<(), HttpFailure> {
        Ok(())
    }

    fn still(&mut self) -> Result<(), HttpFailure> {
        Err(HttpFailure::Device(DeviceError::new(DeviceErrorKind::Silent)))
    }

    fn wants_rest(&mut self, _early: &Response) -> bool {
        false
    }
}

/// Why an exchange ended without an answer.
#[derive(Debug)]
pub enum HttpFailure {
    /// The device or the wire.
    Device(DeviceError),
    /// The document could not be read.
    Document(io::Error),
    /// Who waited did not want to wait any more.
    Stopped,
}

impl<E: Into<DeviceError>> From<E> for HttpFailure {
    fn from(error: E) -> Self {
        Self::Device(error.into())
    }
}

/// Talks to one device.
pub struct HttpClient {
    dial: Box<dyn Dial>,
    idle: Option<Box<dyn Wire>>,
}

impl HttpClient {
    /// A client; nothing is opened yet.
    pub fn new(dial: Box<dyn Dial>) -> Self {
        Self { dial, idle: None }
    }

    /// What stands in the `Host` field.
    pub fn authority(&self) -> String {
        self.dial.authority()
    }

    /// Lets a kept connection go: after an answer that makes no sense, and where it is not soon used again.
    pub fn close(&mut self) {
        self.idle = None;
    }

    /// One request, with a document behind its body where there is one, and the answer. The second value counts the bytes of the document that were handed over.
    pub fn exchange(
        &mut self,
        exchange: Exchange<'_>,
        document: Option<Outgoing<'_>>,
        patience: &mut dyn Patience,
    ) -> (Result<Response, HttpFailure>, u64) {
        // A kept connection may have been closed by the device at any moment: a document never goes over one.
        let kept = self.idle.take().filter(|_| document.is_none());
        let kept = kept.and_then(|mut wire| (!wire.has_input()).then_some(wire));
        let wire = match kept.map_or_else(|| self.dial.dial(), Ok) {
            Ok(wire) => wire,
            Err(error) => return (Err(error.into()), 0),
        };
        let head = head(&exchange, document.as_ref(), &self.dial.authority());
        let mut run = Run { wire, document_bytes: 0, broken: false, answer_max: exchange.answer_max };
        let result = run.run(&head, exchange.body, document, patience);
        let keeps = |response: &Response| !response.head.has_word("connection", "close");
        if !run.broken && result.as_ref().is_ok_and(keeps) {
            self.idle = Some(run.wire);
        }
        (result, run.document_bytes)
    }
}

struct Run {
    wire: Box<dyn Wire>,
    document_bytes: u64,
    /// The stream cannot be used for another exchange.
    broken: bool,
    answer_max: usize,
}

impl Run {
    fn run(
        &mut self,
        head: &[u8],
        body: &[u8],
        document: Option<Outgoing<'_>>,
        patience: &mut dyn Patience,
    ) -> Result<Response, HttpFailure> {
        let in_chunks = document.as_ref().is_some_and(|document| document.length.is_none());
        let sent = self.send(head, patience).and_then(|()| match in_chunks {
            true if !body.is_empty() => self.send_chunk(body, patience),
            true => Ok(()),
            false => self.send(body, patience),
        });
        let early = match (sent, document) {
            (Ok(()), Some(document)) => self.send_document(document, patience),
            (Ok(()), None) => Ok(None),
            (Err(failure), _) => Err(failure),
        };
        match early {
            Ok(Some(response)) => Ok(response),
            Ok(None) => self.receive(patience),
            // A device that refuses says so and closes, whatever is still on its way to it.
            Err(HttpFailure::Device(error)) => {
                self.broken = true;
                let mut last_word = Quiet { answer: Duration::from_millis(LAST_WORD_MS) };
                self.receive(&mut last_word).map_err(|_| HttpFailure::Device(error))
            }
            Err(other) => Err(other),
        }
    }

    /// Hands all bytes over, however long the device lets us wait and `patience` allows.
    fn send(&mut self, bytes: &[u8], patience: &mut dyn Patience) -> Result<(), HttpFailure> {
        let mut at = 0;
        while at < bytes.len() {
            match self.wire.write(&bytes[at..], patience.look()) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
                Ok(n) => at += n,
                Err(e) if e.kind() == io::ErrorKind::TimedOut => patience.still()?,
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }

    /// An empty chunk ends the body.
    fn send_chunk(&mut self, bytes: &[u8], patience: &mut dyn Patience) -> Result<(), HttpFailure> {
        self.send(format!("{:x}\r\n", bytes.len()).as_bytes(), patience)?;
        self.send(bytes, patience)?;
        self.send(b"\r\n", patience)
    }

    /// Sends the document; an answer that ends it early is returned.
    fn send_document(
        &mut self,
        document: Outgoing<'_>,
        patience: &mut dyn Patience,
    ) -> Result<Option<Response>, HttpFailure> {
        let mut piece = Zeroizing::new(vec![0; PIECE_BYTES]);
        let mut early = None;
        let mut left = document.length;
        loop {
            patience.sending(self.document_bytes)?;
            if early.is_none() && self.wire.has_input() {
                let response = self.receive(patience)?;
                if !patience.wants_rest(&response) {
                    self.broken = true;
                    return Ok(Some(response));
                }
                early = Some(response);
            }
            let want = left.map_or(PIECE_BYTES as u64, |left| left.min(PIECE_BYTES as u64)) as usize;
            let n = document.source.read(&mut piece[..want]).map_err(HttpFailure::Document)?;
            if n == 0 && left.is_some_and(|left| left > 0) {
                return Err(HttpFailure::Document(io::ErrorKind::UnexpectedEof.into()));
            }
            self.document_bytes += n as u64;
            match &mut left {
                Some(left) => {
                    self.send(&piece[..n], patience)?;
                    *left -= n as u64;
                }
                None => self.send_chunk(&piece[..n], patience)?,
            }
            if n == 0 {
                return Ok(early);
            }
        }
    }

    fn receive(&mut self, patience: &mut dyn Patience) -> Result<Response, HttpFailure> {
        let mut buffer = Zeroizing::new(vec![0; PIECE_BYTES]);
        loop {
            let mut message = Incoming::response(self.answer_max);
            while !message.is_complete() {
                let read = self.wire.flush(patience.look()).and_then(|()| self.wire.read(&mut buffer, patience.look()));
                match read {
                    Ok(0) => {
                        self.broken = true;
                        if !message.has_begun() {
                            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                        }
                        // Cut short: the device went, it did not talk nonsense.
                        message.end().map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?;
                    }
                    Ok(n) if message.push(&buffer[..n]).map_err(garbled)? < n => self.broken = true,
                    Ok(_) => {}
                    Err(e) if e.kind() == io::ErrorKind::TimedOut => patience.still()?,
                    Err(e) => return Err(e.into()),
                }
            }
            let (head, body) = message.into_parts();
            match head.status() {
                // 100 Continue and its like announce the answer.
                Some(100..=199) => {}
                Some(status) => return Ok(Response { head, status, body }),
                None => return Err(garbled("no status").into()),
            }
        }
    }
}

fn garbled(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DeviceError {
    DeviceError::because(DeviceErrorKind::Garbled, why)
}

fn head(exchange: &Exchange<'_>, document: Option<&Outgoing<'_>>, authority: &str) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\nHost: {authority}\r\n", exchange.method, exchange.target);
    if let Some(kind) = exchange.content_type {
        head += &format!("Content-Type: {kind}\r\n");
    }
    match document {
        Some(Outgoing { length: None, .. }) => head += "Transfer-Encoding: chunked\r\n",
        Some(Outgoing { length: Some(length), .. }) => {
            head += &format!("Content-Length: {}\r\n", exchange.body.len() as u64 + length);
        }
        None if exchange.method == "POST" => head += &format!("Content-Length: {}\r\n", exchange.body.len()),
        None => {}
    }
    head += "\r\n";
    head.into_bytes()
}
