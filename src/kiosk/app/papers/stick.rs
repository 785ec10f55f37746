//! The citizen's stick, on a thread of its own: whether one is plugged in, and what the worker process says of it. A
//! stick that hangs holds up nothing but itself.

use super::{Command, Session, Tell};
use crate::devices::{DeviceClass, Health};
use crate::printing::{Cancel, OpenStick, StickEntryKind, StickRefusal, Workers};
use crate::session::{Event, PaperEvent, StickNews, StickRow, StickRowKind};
use crate::view::FileName;
use drivers::usb_stick::{Stick, StickSlot};
use drivers::{DeviceError, DeviceErrorKind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use wire::catalogue::Text;

/// Between two looks at a slot of which the kernel tells nothing.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// As a net beside the kernel's messages, of which the supervisor hears.
const LOOK_EVERY_TOLD: Duration = Duration::from_secs(5);
/// A node appears a moment before udev gives the right to read it: tries, and the pause between them.
const RIGHT_TRIES: u32 = 15;
const RIGHT_PAUSE: Duration = Duration::from_millis(100);

/// What the thread is told.
enum Ask {
    List(u32),
    Take { entry: u32, session: Session },
    Look,
    Leave,
}

/// The thread and its queue.
pub(super) struct Sticks {
    asks: Sender<Ask>,
    cancel: Arc<Mutex<Cancel>>,
}

impl Sticks {
    /// Starts the thread. Files go to the documents' thread, all else to `tell`.
    pub(super) fn start(
        slot: StickSlot,
        (workers, health): (Workers, Health),
        tell: Tell,
        files: SyncSender<Command>,
    ) -> Self {
        let (asks, queue) = channel();
        let cancel = Arc::<Mutex<Cancel>>::default();
        let every = if slot.is_told() { LOOK_EVERY_TOLD } else { LOOK_EVERY };
        let reader = StickReader { slot, workers, health, tell, files, cancel: cancel.clone(), seen: None, open: None };
        // Not waited for at the end: a broken stick may hold its reader for a minute.
        drop(std::thread::Builder::new().name("stick".to_owned()).spawn(move || reader.run(&queue, every)));
        Self { asks, cancel }
    }

    pub(super) fn list(&self, folder: u32) {
        self.ask(Ask::List(folder));
    }

    pub(super) fn take(&self, entry: u32, session: Session) {
        self.ask(Ask::Take { entry, session });
    }

    /// The stick is not wanted any more: what is being read ends at once.
    pub(super) fn leave(&self) {
        std::mem::take(&mut *self.cancel.lock().unwrap_or_else(PoisonError::into_inner)).cancel();
        self.ask(Ask::Leave);
    }

    /// To be called when a disk has come or gone.
    pub(super) fn knocker(&self) -> impl Fn() + Send + 'static {
        let asks = self.asks.clone();
        move || {
            // Nobody is there any more only when the program ends.
            let _ = asks.send(Ask::Look);
        }
    }

    fn ask(&self, ask: Ask) {
        if self.asks.send(ask).is_err() {
            tracing::error!("stick.thread_gone");
        }
    }
}

impl Drop for Sticks {
    fn drop(&mut self) {
        self.leave();
    }
}

/// The thread's state.
struct StickReader {
    slot: StickSlot,
    workers: Workers,
    health: Health,
    tell: Tell,
    files: SyncSender<Command>,
    cancel: Arc<Mutex<Cancel>>,
    seen: Option<Stick>,
    open: Option<OpenStick>,
}

impl StickReader {
    fn run(mut self, queue: &Receiver<Ask>, every: Duration) {
        loop {
            match queue.recv_timeout(every) {
                Ok(Ask::List(folder)) => self.list(folder),
                Ok(Ask::Take { entry, session }) => self.take(entry, session),
                Ok(Ask::Leave) => self.open = None,
                Ok(Ask::Look) | Err(RecvTimeoutError::Timeout) => {
                    if let Some(news) = self.look() {
                        self.say(news);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn say(&self, news: StickNews) {
        (self.tell)(Event::Paper(PaperEvent::Stick(news)));
    }

    /// Whether something came or went since the last look.
    fn look(&mut self) -> Option<StickNews> {
        let now = self.slot.look();
        if now == self.seen {
            return None;
        }
        self.open = None;
        self.seen = now;
        Some(if self.seen.is_some() { StickNews::PluggedIn } else { StickNews::PulledOut })
    }

    fn list(&mut self, folder: u32) {
        match self.look() {
            // A stick that has come since has other folders.
            Some(StickNews::PluggedIn) if folder != 0 => return self.say(StickNews::PluggedIn),
            Some(StickNews::PulledOut) => return self.say(StickNews::PulledOut),
            _ => {}
        }
        let news = match self.worker().and_then(|stick| stick.map(|stick| stick.list(folder)).transpose()) {
            Ok(None) => StickNews::Empty,
            Ok(Some(found)) => {
                StickNews::Folder { folder, rows: found.entries.into_iter().map(row).collect(), cut: found.cut }
            }
            Err(refusal) => match self.after(refusal) {
                Some(StickRefusal::Gone) => StickNews::PulledOut,
                Some(refusal) => StickNews::Unreadable(text(refusal)),
                None => return,
            },
        };
        self.say(news);
    }

    fn take(&mut self, entry: u32, session: Session) {
        if let Some(news) = self.look() {
            return self.say(news);
        }
        let taken = self.worker().and_then(|stick| stick.ok_or(StickRefusal::Gone)?.take(entry));
        match taken {
            Ok((name, bytes)) => {
                let file = Command::Take { name: FileName::from(name), bytes, stick: Some(session) };
                if self.files.send(file).is_err() {
                    tracing::error!("papers.thread_gone");
                }
            }
            Err(refusal) => match self.after(refusal) {
                Some(StickRefusal::Gone) => {
                    self.say(StickNews::NotTaken(text(StickRefusal::Gone)));
                    self.say(StickNews::PulledOut);
                }
                Some(refusal) => self.say(StickNews::NotTaken(text(refusal))),
                None => {}
            },
        }
    }

    /// The worker of the stick that is plugged in.
    fn worker(&mut self) -> Result<Option<&mut OpenStick>, StickRefusal> {
        let Some(stick) = &self.seen else { return Ok(None) };
        if self.open.is_none() {
            let cancel = self.cancel.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let device = open(stick).map_err(|error| {
                self.health.ill(DeviceClass::Stick, &error);
                (self.tell)(Event::Health);
                if error.kind == DeviceErrorKind::AccessDenied { StickRefusal::NotStarted } else { StickRefusal::Gone }
            })?;
            if self.health.well(DeviceClass::Stick) {
                (self.tell)(Event::Health);
            }
            self.open = Some(self.workers.open_stick(device, &cancel)?);
        }
        Ok(self.open.as_mut())
    }

    /// A stick that was refused is begun anew with the next question; a session that is over is told nothing.
    fn after(&mut self, refusal: StickRefusal) -> Option<StickRefusal> {
        if refusal != StickRefusal::TooLarge {
            self.open = None;
        }
        if refusal == StickRefusal::Gone {
            self.seen = self.slot.look();
        }
        (refusal != StickRefusal::Cancelled).then_some(refusal)
    }
}

/// Opens the node; a right that udev has not given yet is waited for.
fn open(stick: &Stick) -> Result<std::fs::File, DeviceError> {
    let mut tries = 0;
    loop {
        match stick.open() {
            Err(error) if error.kind == DeviceErrorKind::AccessDenied && tries < RIGHT_TRIES => {
                tries += 1;
                std::thread::sleep(RIGHT_PAUSE);
            }
            other => return other,
        }
    }
}

fn row(entry: crate::printing::StickEntry) -> StickRow {
    let kind = match entry.kind {
        StickEntryKind::Folder => StickRowKind::Folder,
        StickEntryKind::File => StickRowKind::File,
        StickEntryKind::TooLarge => StickRowKind::TooLarge,
    };
    StickRow { id: entry.id, name: FileName::from(entry.name), kind }
}

fn text(refusal: StickRefusal) -> Text {
    Text::new(refusal.zh(), refusal.en())
}
