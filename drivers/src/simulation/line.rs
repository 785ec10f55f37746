//! Carries bytes between a model and a file descriptor, each byte taking its time on the wire
//! (10 bits a byte at the line's rate) and not a moment more: the schedule is absolute, so a late wake-up
//! is caught up and never adds up.

use super::{Bench, Model};
use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Read, Write},
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    time::{Duration, Instant},
};

/// How often a pty whose other end is closed is looked at: the kernel does not tell when it is opened.
const CLOSED_POLL_MS: u64 = 10;
/// Upper bound of one wait; all else comes by events.
const IDLE_WAIT_MS: u64 = 1_000;

/// Bytes that wait on the line before the other side must wait too, as with a UART's driver.
const BACKLOG_BYTES: usize = 4_096;

/// Why carrying stopped.
pub(super) enum Stop {
    /// The cable was pulled.
    Unplugged,
    /// The other side hung up.
    HungUp,
    /// The simulator was dropped.
    Ended,
}

/// The two directions of a line, each with the moment at which it is free again.
pub(super) struct Line {
    byte_time: Duration,
    inbound: VecDeque<(Instant, u8)>,
    in_free: Instant,
    out_free: Option<Instant>,
    wake: File,
}

/// A pipe whose write end wakes the thread.
pub(super) fn wake_pipe() -> io::Result<(File, File)> {
    let mut ends = [0; 2];
    // SAFETY: `ends` is an array of two descriptors, as pipe2 wants it.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC | libc::O_NONBLOCK) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: pipe2 has just made both descriptors and nobody else owns them.
    let (read, write) = unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) };
    Ok((read.into(), write.into()))
}

impl Line {
    /// A line at `baud`, or one without pacing.
    pub(super) fn new(baud: Option<u32>, wake: File) -> Self {
        let byte_time = baud.map_or(Duration::ZERO, |b| Duration::from_nanos(10_000_000_000 / u64::from(b)));
        Self { byte_time, inbound: VecDeque::new(), in_free: Instant::now(), out_free: None, wake }
    }

    /// Carries until something stops it.
    pub(super) fn carry<M: Model>(&mut self, bench: &Bench<M>, port: &mut File) -> io::Result<Stop> {
        self.inbound.clear();
        self.out_free = None;
        loop {
            let (bytes, wait) = match self.exchange(bench) {
                Ok(work) => work,
                Err(stop) => return Ok(stop),
            };
            if !bytes.is_empty() {
                // Nobody listens: the bytes are lost, as on a real line.
                let _ = port.write_all(&bytes);
                bench.notify_waiting();
                continue;
            }
            if self.wait(port, wait)? {
                return Ok(Stop::HungUp);
            }
        }
    }

    /// Gives the model what has arrived and takes what is due on the way out.
    fn exchange<M: Model>(&mut self, bench: &Bench<M>) -> Result<(Vec<u8>, Duration), Stop> {
        let mut state = bench.lock();
        if state.ended {
            return Err(Stop::Ended);
        }
        if !state.plugged {
            return Err(Stop::Unplugged);
        }
        let now = Instant::now();
        while state.model.reads() && self.inbound.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((at, byte)) = self.inbound.pop_front() {
                state.model.receive(&[byte], at);
            }
        }
        let due = state.model.advance(now);
        let mut bytes = Vec::new();
        let mut next_out = None;
        while !state.model.output().is_empty() {
            let through = self.out_free.unwrap_or(now) + self.byte_time;
            if through > now {
                self.out_free.get_or_insert(now);
                next_out = Some(through);
                break;
            }
            self.out_free = Some(through);
            bytes.extend(state.model.output().pop_front());
        }
        if state.model.output().is_empty() {
            self.out_free = self.out_free.filter(|free| *free > now);
            if bytes.is_empty() && state.model.pulls_cable() {
                state.plugged = false;
                return Err(Stop::Unplugged);
            }
        }
        let next_in = self.inbound.front().filter(|_| state.model.reads()).map(|(at, _)| *at);
        let soonest = [due, next_out, next_in].into_iter().flatten().min();
        let wait = soonest.map_or(Duration::from_millis(IDLE_WAIT_MS), |at| at.saturating_duration_since(now));
        Ok((bytes, wait))
    }

    /// Waits for bytes, a knob or the time; `true` when the other side hung up.
    fn wait(&mut self, port: &mut File, limit: Duration) -> io::Result<bool> {
        let watch = |fd: i32, events: i16| libc::pollfd { fd, events, revents: 0 };
        let room = if self.inbound.len() < BACKLOG_BYTES { libc::POLLIN } else { 0 };
        let mut fds = [watch(port.as_raw_fd(), room), watch(self.wake.as_raw_fd(), libc::POLLIN)];
        let limit = libc::timespec { tv_sec: limit.as_secs() as _, tv_nsec: limit.subsec_nanos() as _ };
        // SAFETY: `fds` holds two valid entries for the length of the call; the signal mask may be null.
        let ready = unsafe { libc::ppoll(fds.as_mut_ptr(), 2, &limit, std::ptr::null()) };
        if ready < 0 {
            let error = io::Error::last_os_error();
            return if error.kind() == io::ErrorKind::Interrupted { Ok(false) } else { Err(error) };
        }
        if fds[1].revents != 0 {
            let mut waste = [0; 64];
            let _ = self.wake.read(&mut waste);
        }
        if fds[0].revents & libc::POLLIN != 0 {
            return self.take_in(port);
        }
        Ok(fds[0].revents & (libc::POLLHUP | libc::POLLERR) != 0)
    }

    fn take_in(&mut self, port: &mut File) -> io::Result<bool> {
        let mut buffer = [0; 1024];
        let n = match port.read(&mut buffer) {
            Ok(0) => return Ok(true),
            Ok(n) => n,
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => return Ok(false),
            Err(_) => return Ok(true),
        };
        self.in_free = self.in_free.max(Instant::now());
        for byte in &buffer[..n] {
            self.in_free += self.byte_time;
            self.inbound.push_back((self.in_free, *byte));
        }
        Ok(false)
    }
}

/// Time between two looks at a pty that nobody has open.
pub(super) fn closed_poll() -> Duration {
    Duration::from_millis(CLOSED_POLL_MS)
}
