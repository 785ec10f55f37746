//! What all simulators share: a [`Model`] of a device that eats and answers the device's own bytes, and the
//! ways to reach it: in memory, on a pty (the shipped serial path), on a TCP port, on a USB bus in memory.
//! Models hold no clock; the time comes in, so that a slow device is exact and a test need not sleep.

mod canned;
mod hid;
mod http;
mod http_port;
mod line;
mod memory;
mod pty;
mod tcp;
mod usb;

pub use canned::Canned;
pub use hid::MemoryReports;
pub use http::{HttpAnswer, HttpBench, HttpService, LineFaults, MemoryDial};
pub use http_port::HttpPort;
pub use memory::MemoryConnector;
pub use pty::PtyPort;
pub use tcp::TcpPort;
pub use usb::MemoryBus;

use crate::transport::usb::ClassRequest;
use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The behaviour of a device behind its wire.
pub trait Model: Send + 'static {
    /// Bytes have reached the device.
    fn receive(&mut self, bytes: &[u8], now: Instant);
    /// Does what is due and says when something will be due next, if nothing comes from outside.
    fn advance(&mut self, now: Instant) -> Option<Instant>;
    /// Bytes that the device has put on the wire and that are not carried yet.
    fn output(&mut self) -> &mut VecDeque<u8>;
    /// Whether it takes what has arrived on a pty or a TCP port; while it does not, that waits on the line, and when
    /// the line is full the sender waits too.
    fn reads(&self) -> bool {
        true
    }
    /// Whether the cable is pulled as soon as the output is carried.
    fn pulls_cable(&mut self) -> bool {
        false
    }
    /// The answer to a class request on the control pipe of a USB device; `None` where it knows none.
    fn class_request(&mut self, _request: ClassRequest) -> Option<Vec<u8>> {
        None
    }
}

/// A model with its cable, shared by its knobs and its wire.
pub struct Bench<M> {
    state: Mutex<State<M>>,
    changed: Condvar,
}

pub(crate) struct State<M> {
    pub(crate) model: M,
    pub(crate) plugged: bool,
    pub(crate) ended: bool,
    /// Write end of the pipe that wakes a thread waiting on a file descriptor.
    pub(crate) waker: Option<std::fs::File>,
}

impl<M: Model> Bench<M> {
    /// A plugged-in device.
    pub fn new(model: M) -> Arc<Self> {
        let state = State { model, plugged: true, ended: false, waker: None };
        Arc::new(Self { state: Mutex::new(state), changed: Condvar::new() })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the model, or changes it; the wire notices.
    pub fn with<R>(&self, f: impl FnOnce(&mut M) -> R) -> R {
        let result = f(&mut self.lock().model);
        self.notify();
        result
    }

    /// Waits until the model is as wanted; `false` when it was not within `limit`.
    pub fn wait_until(&self, limit: Duration, mut wanted: impl FnMut(&mut M) -> bool) -> bool {
        let end = Instant::now() + limit;
        let mut state = self.lock();
        loop {
            let due = state.model.advance(Instant::now());
            if wanted(&mut state.model) {
                return true;
            }
            let now = Instant::now();
            if now >= end {
                return false;
            }
            let until = due.map_or(end, |d| d.min(end));
            state = self.wait(state, until.saturating_duration_since(now));
        }
    }

    /// Pulls or puts in the cable.
    pub fn set_plugged(&self, plugged: bool) {
        self.lock().plugged = plugged;
        self.notify();
    }

    /// Whether the cable is in.
    pub fn is_plugged(&self) -> bool {
        self.lock().plugged
    }

    pub(crate) fn end(&self) {
        self.lock().ended = true;
        self.notify();
    }

    pub(crate) fn notify(&self) {
        self.changed.notify_all();
        if let Some(waker) = &mut self.lock().waker {
            let _ = std::io::Write::write(waker, &[1]);
        }
    }

    /// Wakes those who wait for the model, from the thread of the wire itself.
    pub(crate) fn notify_waiting(&self) {
        self.changed.notify_all();
    }

    pub(crate) fn wait<'a>(&'a self, state: MutexGuard<'a, State<M>>, limit: Duration) -> MutexGuard<'a, State<M>> {
        self.changed.wait_timeout(state, limit).map(|(s, _)| s).unwrap_or_else(|e| e.into_inner().0)
    }
}
