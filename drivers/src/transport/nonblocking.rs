//! Writing to and waiting for descriptors that do not block: a device that stops reading costs a time and never a
//! thread.

use std::{
    io::{self, Write},
    os::fd::{AsFd, AsRawFd, BorrowedFd},
    time::{Duration, Instant},
};

/// Bytes handed over at once: one buffer of `usblp`; a tty takes less by itself.
const WRITE_BYTES: usize = 8_192;
/// Longest wait between two tries. A tty calls itself writable only when its buffer is nearly empty, which at 9,600
/// baud takes 4 s from a full one; room for some bytes is there long before.
const LOOK_MS: u64 = 100;

/// Hands all bytes over; gives up with `TimedOut` when not one was taken for as long as `limit`.
pub(super) fn write_all<P: Write + AsFd>(port: &mut P, mut bytes: &[u8], limit: Duration) -> io::Result<()> {
    let mut end = Instant::now() + limit;
    while !bytes.is_empty() {
        match port.write(&bytes[..bytes.len().min(WRITE_BYTES)]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                bytes = &bytes[n..];
                end = Instant::now() + limit;
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                wait(port.as_fd(), libc::POLLOUT, left.min(Duration::from_millis(LOOK_MS)))?;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Waits until the descriptor can be read or written; `false` when the time is over.
pub(super) fn wait(port: BorrowedFd<'_>, events: i16, limit: Duration) -> io::Result<bool> {
    let mut watched = libc::pollfd { fd: port.as_raw_fd(), events, revents: 0 };
    let limit_ms = limit.as_millis().min(i32::MAX as u128) as i32;
    // SAFETY: one valid entry for the length of the call.
    match unsafe { libc::poll(&mut watched, 1, limit_ms) } {
        0 => Ok(false),
        n if n > 0 && watched.revents & (libc::POLLHUP | libc::POLLERR) != 0 => Err(io::ErrorKind::BrokenPipe.into()),
        n if n > 0 => Ok(true),
        _ => match io::Error::last_os_error() {
            e if e.kind() == io::ErrorKind::Interrupted => Ok(true),
            e => Err(e),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    const LIMIT: Duration = Duration::from_millis(30);

    /// A wire that is full to the brim, and its other end, which reads nothing.
    fn stuck() -> (UnixStream, UnixStream) {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        while matches!(ours.write(&[0; 4_096]), Ok(n) if n > 0) {}
        (ours, theirs)
    }

    /// Refuses every byte once and takes it then, while its descriptor never says that it could be written.
    struct Reluctant {
        stuck: UnixStream,
        has_refused: bool,
        taken: Vec<u8>,
    }

    impl Write for Reluctant {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.has_refused = !self.has_refused;
            if self.has_refused {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.taken.push(bytes[0]);
            Ok(1)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl AsFd for Reluctant {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.stuck.as_fd()
        }
    }

    #[test]
    fn a_device_that_takes_nothing_costs_the_limit() {
        let (mut ours, _theirs) = stuck();
        let start = Instant::now();
        let given_up = write_all(&mut ours, &[1], LIMIT).unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() >= LIMIT);
    }

    #[test]
    fn a_slow_device_gets_everything_however_long_it_takes_in_all() {
        let (ours, _theirs) = stuck();
        let mut slow = Reluctant { stuck: ours, has_refused: false, taken: Vec::new() };
        let start = Instant::now();
        write_all(&mut slow, b"a slip", LIMIT).unwrap();
        assert_eq!(slow.taken, b"a slip");
        assert!(start.elapsed() > LIMIT, "each byte that is taken gives it the whole time again");
    }

    #[test]
    fn a_device_that_goes_is_seen_to_go() {
        let (mut ours, theirs) = stuck();
        drop(theirs);
        let gone = write_all(&mut ours, &[1], LIMIT).unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::BrokenPipe);
    }
}
