//! HTTP/1.1 messages as they come in, piece by piece (RFC 9112): head, then a body by length, in chunks or until
//! the end of the stream. Used by both ends, the client and the simulators. Bounded in memory; does no I/O.

use zeroize::Zeroizing;

/// Longest head that is read.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Longest line that begins a chunk.
const CHUNK_LINE_BYTES_MAX: usize = 1024;

/// A message's first line and header fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `POST /ipp/print HTTP/1.1` or `HTTP/1.1 200 OK`.
    pub first_line: String,
    /// Names in lower case, values without blanks around.
    pub fields: Vec<(String, String)>,
}

impl Head {
    /// The first field of a name (lower case).
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a list field holds a word.
    pub fn has_word(&self, name: &str, word: &str) -> bool {
        let all = self.fields.iter().filter(|(key, _)| key == name).flat_map(|(_, value)| value.split(','));
        all.into_iter().any(|part| part.trim().eq_ignore_ascii_case(word))
    }

    /// The word at a place of the first line.
    pub fn word(&self, place: usize) -> &str {
        self.first_line.split(' ').nth(place).unwrap_or_default()
    }

    /// Status of an answer.
    pub fn status(&self) -> Option<u16> {
        let digits = self.first_line.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5))?;
        digits.parse().ok()
    }
}

/// What cannot be an HTTP message, or is larger than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HTTP: {0}")]
pub struct BadMessage(pub &'static str);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Head,
    Length(u64),
    ChunkLine,
    Chunk(u64),
    ChunkEnd,
    Trailer,
    UntilEnd,
    Done,
}

/// A message that is coming in.
pub struct Incoming {
    stage: Stage,
    is_request: bool,
    body_max: usize,
    line: Zeroizing<Vec<u8>>,
    head: Head,
    body: Zeroizing<Vec<u8>>,
}

impl Incoming {
    /// An answer with at most so many bytes of body.
    pub fn response(body_max: usize) -> Self {
        Self::new(false, body_max)
    }

    /// A request with at most so many bytes of body.
    pub fn request(body_max: usize) -> Self {
        Self::new(true, body_max)
    }

    fn new(is_request: bool, body_max: usize) -> Self {
        let (line, body) = (Zeroizing::default(), Zeroizing::default());
        Self { stage: Stage::Head, is_request, body_max, line, head: Head::default(), body }
    }

    /// The head, once it is whole.
    pub fn head(&self) -> Option<&Head> {
        (self.stage != Stage::Head).then_some(&self.head)
    }

    /// What came of the body so far.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether the whole message is here.
    pub fn is_complete(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Whether anything came.
    pub fn has_begun(&self) -> bool {
        self.stage != Stage::Head || !self.line.is_empty()
    }

    /// Head and body.
    pub fn into_parts(self) -> (Head, Zeroizing<Vec<u8>>) {
        (self.head, self.body)
    }

    /// Takes bytes of this message; says how many belonged to it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<usize, BadMessage> {
        let mut at = 0;
        while at < bytes.len() && self.stage != Stage::Done {
            let rest = &bytes[at..];
            at += match self.stage {
                Stage::Head => self.push_head(rest)?,
                Stage::Length(left) => {
                    let n = self.push_body(rest, left)?;
                    let left = left - n as u64;
                    self.stage = if left == 0 { Stage::Done } else { Stage::Length(left) };
                    n
                }
                Stage::Chunk(left) => {
                    let n = self.push_body(rest, left)?;
                    let left = left - n as u64;
                    self.stage = if left == 0 { Stage::ChunkEnd } else { Stage::Chunk(left) };
                    n
                }
                Stage::UntilEnd => self.push_body(rest, u64::MAX)?,
                Stage::ChunkLine | Stage::ChunkEnd | Stage::Trailer => self.push_chunk_line(rest)?,
                Stage::Done => 0,
            };
        }
        Ok(at)
    }

    /// The stream has ended: fine only where the end is what ends the body.
    pub fn end(&mut self) -> Result<(), BadMessage> {
        match self.stage {
            Stage::Done => Ok(()),
            Stage::UntilEnd => {
                self.stage = Stage::Done;
                Ok(())
            }
            _ => Err(BadMessage("the message broke off")),
        }
    }

    fn push_head(&mut self, bytes: &[u8]) -> Result<usize, BadMessage> {
        for (at, byte) in bytes.iter().enumerate() {
            self.line.push(*byte);
            if self.line.len() > HEAD_BYTES_MAX {
                return Err(BadMessage("the head is too long"));
            }
            if self.line.ends_with(b"\r\n\r\n") || self.line.ends_with(b"\n\n") {
                let text = std::mem::take(&mut self.line);
                self.head = parse_head(&text)?;
                self.stage = self.framing()?;
                return Ok(at + 1);
            }
        }
        Ok(bytes.len())
    }

    /// How the body is framed (RFC 9112 §6.3).
    fn framing(&mut self) -> Result<Stage, BadMessage> {
        let status = self.head.status();
        if !self.is_request && status.is_none() {
            return Err(BadMessage("no status line"));
        }
        if self.head.field("transfer-encoding").is_some() {
            let chunked = self.head.has_word("transfer-encoding", "chunked");
            return if chunked { Ok(Stage::ChunkLine) } else { Err(BadMessage("an unknown transfer coding")) };
        }
        if matches!(status, Some(100..=199 | 204 | 304)) {
            return Ok(Stage::Done);
        }
        let mut lengths = self.head.fields.iter().filter(|(key, _)| key == "content-length").map(|(_, value)| value);
        let Some(first) = lengths.next() else {
            return Ok(if self.is_request { Stage::Done } else { Stage::UntilEnd });
        };
        if lengths.any(|other| other != first) || !first.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadMessage("a length that is none"));
        }
        match first.parse::<u64>() {
            Ok(0) => Ok(Stage::Done),
            Ok(length) if length <= self.body_max as u64 => {
                self.body.reserve_exact(length.min(1 << 20) as usize);
                Ok(Stage::Length(length))
            }
            _ => Err(BadMessage("the body is too long")),
        }
    }

    fn push_body(&mut self, bytes: &[u8], left: u64) -> Result<usize, BadMessage> {
        let n = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if self.body.len() + n > self.body_max {
            return Err(BadMessage("the body is too long"));
        }
        extend_without_trace(&mut self.body, &bytes[..n]);
        Ok(n)
    }

    fn push_chunk_line(&mut self, bytes: &[u8]) -> Result<usize, BadMessage> {
        let end = bytes.iter().position(|b| *b == b'\n');
        let n = end.map_or(bytes.len(), |at| at + 1);
        self.line.extend_from_slice(&bytes[..n]);
        if self.line.len() > CHUNK_LINE_BYTES_MAX {
            return Err(BadMessage("a chunk's line is too long"));
        }
        if end.is_none() {
            return Ok(n);
        }
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        self.stage = match self.stage {
            Stage::ChunkLine => {
                let size = line.split(';').next().unwrap_or_default().trim();
                let size = u64::from_str_radix(size, 16).map_err(|_| BadMessage("a chunk without a size"))?;
                if size == 0 { Stage::Trailer } else { Stage::Chunk(size) }
            }
            Stage::ChunkEnd if line.is_empty() => Stage::ChunkLine,
            Stage::ChunkEnd => return Err(BadMessage("a chunk longer than its size")),
            _ if line.is_empty() => Stage::Done,
            other => other,
        };
        Ok(n)
    }
}

/// Appends, and leaves no copy behind where the room has to grow.
pub fn extend_without_trace(to: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    let wanted = to.len() + bytes.len();
    if wanted > to.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(wanted.max(to.capacity() * 2)));
        larger.extend_from_slice(to);
        *to = larger;
    }
    to.extend_from_slice(bytes);
}

fn parse_head(bytes: &[u8]) -> Result<Head, BadMessage> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let first_line = lines.next().unwrap_or_default().to_owned();
    let mut fields = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let (key, value) = line.split_once(':').ok_or(BadMessage("a header field without a colon"))?;
        fields.push((key.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    Ok(Head { first_line, fields })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8], piece: usize) -> Result<(Head, Vec<u8>), BadMessage> {
        let mut message = Incoming::response(1000);
        for part in bytes.chunks(piece) {
            message.push(part)?;
        }
        if !message.is_complete() {
            message.end()?;
        }
        let (head, body) = message.into_parts();
        Ok((head, body.to_vec()))
    }

    #[test]
    fn bodies_come_by_length_in_chunks_and_until_the_end() {
        for piece in [1, 2, 7, 1000] {
            let by_length = whole(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", piece).unwrap();
            assert_eq!((by_length.0.status(), by_length.1), (Some(200), b"abcde".to_vec()));
            let chunks =
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n";
            assert_eq!(whole(chunks, piece).unwrap().1, b"abcde");
            assert_eq!(whole(b"HTTP/1.0 200 OK\n\nabcde", piece).unwrap().1, b"abcde");
        }
    }

    #[test]
    fn what_broke_off_or_is_too_long_is_no_message() {
        for bad in [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"[..],
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
            b"ICY 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        ] {
            assert!(whole(bad, 3).is_err(), "{}", String::from_utf8_lossy(bad));
        }
        let endless = [b"HTTP/1.1 200 OK\r\nA: ".to_vec(), vec![b'a'; 40_000]].concat();
        assert!(whole(&endless, 1000).is_err());
    }
}
