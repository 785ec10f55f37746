//! What stands between the UI thread and the server's thread: pictures and layers out, messages in. Neither
//! waits for the other; each lock is held only for a copy.

use super::input::Message;
use super::layer::Node;
use super::picture::{Cut, Picture};
use crate::platform::{Frame, Pane, Rect, Waker};
use crate::session::Sound;
use crate::sound::{Note, notes};
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Messages that may wait for the UI thread; the browser's next ones wait in its socket.
const WAITING_MAX: usize = 64;

/// Tones that may wait for the browser.
const TONES_MAX: usize = 4;

/// Shared by both threads.
pub(super) struct Shared {
    inner: Mutex<Inner>,
    /// Something is to be sent.
    pub(super) changed: Notify,
    /// The UI thread has taken the messages.
    pub(super) taken: Notify,
    /// The visit that goes on, counted from 1; 0 while nobody looks.
    visit: AtomicU64,
    waker: Waker,
}

struct Inner {
    panes: Vec<Shown>,
    waiting: VecDeque<Message>,
    /// Tones not heard yet.
    tones: Vec<&'static [Note]>,
    /// Messages that the UI thread has carried out since the browser came.
    done: u64,
    visits: u64,
}

struct Shown {
    name: &'static str,
    size: (u32, u32),
    picture: Picture,
    layer: Arc<Vec<Node>>,
}

/// The first message to a browser.
#[derive(Serialize)]
pub(super) struct Hello {
    panes: Vec<PaneHello>,
}

#[derive(Serialize)]
struct PaneHello {
    name: &'static str,
    width: u32,
    height: u32,
}

/// All that a browser has not seen yet.
pub(super) struct Batch {
    /// Rectangles, with the pane of each.
    pub(super) cuts: Vec<(usize, Cut)>,
    pub(super) layers: Vec<Arc<Vec<Node>>>,
    pub(super) tones: Vec<&'static [Note]>,
    pub(super) done: u64,
}

/// What the browser has of the layers.
#[derive(Default)]
pub(super) struct SeenLayers {
    layers: Vec<Arc<Vec<Node>>>,
    done: u64,
}

/// The differences of the layers, closing a batch.
#[derive(Serialize)]
pub(super) struct Changes {
    done: u64,
    layers: Vec<LayerChange>,
    tones: Vec<&'static [Note]>,
}

#[derive(Serialize)]
struct LayerChange {
    pane: usize,
    /// New and changed elements.
    set: Vec<Node>,
    /// All elements in reading order; what is missing has gone.
    order: Vec<u32>,
}

impl Shared {
    pub(super) fn new(panes: &[Pane], waker: Waker) -> Self {
        let shown = panes.iter().map(|pane| {
            let size = (pane.size().width, pane.size().height);
            Shown { name: pane.name(), size, picture: Picture::new(size.0, size.1), layer: Arc::default() }
        });
        let inner = Inner { panes: shown.collect(), waiting: VecDeque::new(), tones: Vec::new(), done: 0, visits: 0 };
        Self { inner: Mutex::new(inner), changed: Notify::new(), taken: Notify::new(), visit: AtomicU64::new(0), waker }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The visit that goes on; the layers are read only while somebody looks.
    pub(super) fn visit(&self) -> Option<u64> {
        Some(self.visit.load(Ordering::Acquire)).filter(|visit| *visit > 0)
    }

    /// A browser has come: its visit, and what it is told first.
    pub(super) fn begin(&self) -> (u64, Hello) {
        let mut inner = self.lock();
        inner.waiting.clear();
        inner.tones.clear();
        inner.done = 0;
        inner.visits += 1;
        let visit = inner.visits;
        for pane in &mut inner.panes {
            pane.picture.forget_seen();
        }
        let panes = inner.panes.iter();
        let hello =
            Hello { panes: panes.map(|p| PaneHello { name: p.name, width: p.size.0, height: p.size.1 }).collect() };
        self.visit.store(visit, Ordering::Release);
        drop(inner);
        self.changed.notify_one();
        self.waker.wake();
        (visit, hello)
    }

    /// The browser of a visit has gone; after a reload the next visit goes on already.
    pub(super) fn end(&self, visit: u64) {
        let mut inner = self.lock();
        if self.visit() != Some(visit) {
            return;
        }
        self.visit.store(0, Ordering::Release);
        for pane in &mut inner.panes {
            pane.layer = Arc::default();
        }
    }

    /// UI thread: pixels have changed.
    pub(super) fn drawn(&self, pane: usize, frame: &Frame, changed: &[Rect]) {
        if let Some(shown) = self.lock().panes.get_mut(pane) {
            shown.picture.update(frame, changed);
        }
        self.changed.notify_one();
    }

    /// UI thread: the elements are these now.
    pub(super) fn publish(&self, pane: usize, nodes: Vec<Node>) {
        if let Some(shown) = self.lock().panes.get_mut(pane)
            && *shown.layer != nodes
        {
            shown.layer = Arc::new(nodes);
            self.changed.notify_one();
        }
    }

    /// Any thread: a tone is to be heard by whoever looks; nobody hears it later.
    pub(super) fn sound(&self, sound: Sound) {
        let mut inner = self.lock();
        if self.visit().is_some() && inner.tones.len() < TONES_MAX {
            inner.tones.push(notes(sound));
            self.changed.notify_one();
        }
    }

    /// UI thread: takes what the browser sent.
    pub(super) fn take_messages(&self) -> VecDeque<Message> {
        let messages = std::mem::take(&mut self.lock().waiting);
        if !messages.is_empty() {
            self.taken.notify_one();
        }
        messages
    }

    /// UI thread: so many messages were carried out, and their effect is published.
    pub(super) fn carried_out(&self, messages: u64) {
        self.lock().done += messages;
        self.changed.notify_one();
    }

    /// Server: hands a message over, or gives it back while too many wait.
    pub(super) fn offer(&self, message: Message) -> Result<(), Message> {
        let mut inner = self.lock();
        if inner.waiting.len() >= WAITING_MAX {
            return Err(message);
        }
        inner.waiting.push_back(message);
        drop(inner);
        self.waker.wake();
        Ok(())
    }

    /// Server: takes what the browser has not seen.
    pub(super) fn take_batch(&self) -> Batch {
        let mut inner = self.lock();
        let tones = std::mem::take(&mut inner.tones);
        let mut batch = Batch { cuts: Vec::new(), layers: Vec::new(), tones, done: inner.done };
        for (index, pane) in inner.panes.iter_mut().enumerate() {
            batch.cuts.extend(pane.picture.take_unseen().into_iter().map(|cut| (index, cut)));
            batch.layers.push(pane.layer.clone());
        }
        batch
    }
}

impl SeenLayers {
    /// The differences to what the browser has, which it has from now on.
    pub(super) fn changes(&mut self, batch: Batch) -> Option<Changes> {
        let Batch { layers, tones, done, .. } = batch;
        self.layers.resize_with(layers.len(), Arc::default);
        let changed = self.layers.iter().zip(&layers).enumerate().filter(|(_, (old, new))| !Arc::ptr_eq(old, new));
        let changes: Vec<_> = changed.map(|(pane, (old, new))| LayerChange::between(pane, old, new)).collect();
        let nothing = changes.is_empty() && tones.is_empty() && done == self.done;
        (self.layers, self.done) = (layers, done);
        (!nothing).then_some(Changes { done, layers: changes, tones })
    }

    /// A closing without differences: the browser shall answer that it has drawn the pictures.
    pub(super) fn no_changes(&self) -> Changes {
        Changes { done: self.done, layers: Vec::new(), tones: Vec::new() }
    }
}

impl LayerChange {
    fn between(pane: usize, old: &[Node], new: &[Node]) -> Self {
        let known: HashMap<u32, &Node> = old.iter().map(|node| (node.id, node)).collect();
        let set = new.iter().filter(|node| known.get(&node.id) != Some(node)).cloned().collect();
        Self { pane, set, order: new.iter().map(|node| node.id).collect() }
    }
}
