//! The documents of a session, on a thread of their own: opened in a worker process, drawn small for the screen,
//! scanned from the glass, made ready for the printer. They live in memory and go with the session; nothing of
//! them is written or logged. Decides nothing: what is printed is ordered, what is shown is asked for.

mod desk;
mod held;
mod ready;
mod stick;

use crate::devices::Health;
use crate::printing::Workers;
use crate::printing::record::Record;
use crate::session::{CopyLook, DocNo, Event, PagesOrder, ScanWhat};
use crate::view::FileName;
use drivers::document_printer::PrinterCapabilities;
use drivers::document_scanner::DocumentScanner;
use drivers::usb_stick::StickSlot;
use drivers::{Stop, document_scanner};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use zeroize::Zeroizing;

pub(super) use ready::Ready;

/// Commands that may wait.
const COMMANDS_MAX: usize = 64;

/// Counts sessions: what a stick's thread read for one that is over is nobody's.
type Session = u64;
type Tell = Box<dyn Fn(Event) + Send>;

/// What the thread is told.
enum Command {
    Take {
        name: FileName,
        bytes: Zeroizing<Vec<u8>>,
        stick: Option<Session>,
    },
    TakeRecord(Box<Record>),
    Open(DocNo),
    Scan {
        doc: DocNo,
        what: ScanWhat,
    },
    LayOut {
        doc: DocNo,
        look: CopyLook,
    },
    TakeScans {
        doc: DocNo,
        order_num: u32,
        pages: u32,
    },
    Ready {
        order: PagesOrder,
        job_no: u64,
        name: String,
        capabilities: Box<PrinterCapabilities>,
        stop: Stop,
    },
    Drop(DocNo),
    Forget,
    /// Look how the scanner stands.
    Look,
    Quit,
}

/// What can be ended at once from outside.
#[derive(Clone, Default)]
struct Ends {
    worker: crate::printing::Cancel,
    scan: Stop,
}

/// What is known of the scanner.
#[derive(Clone, Copy, Debug, Default)]
struct ScannerStanding {
    ready: bool,
    feeder: bool,
}

/// What the thread shares with its handle.
#[derive(Clone, Default)]
struct Shared {
    ends: Arc<Mutex<Ends>>,
    scanner: Arc<Mutex<ScannerStanding>>,
    session: Arc<AtomicU64>,
}

/// The thread and its queue.
pub(super) struct Papers {
    commands: SyncSender<Command>,
    shared: Shared,
    sticks: Option<stick::Sticks>,
    thread: Option<JoinHandle<()>>,
}

impl Papers {
    /// Starts the thread. `tell` is called from it and must not block; `ready` may wait.
    pub(super) fn start(
        workers: Workers,
        (scanner, slot, health): (Option<Box<dyn DocumentScanner>>, Option<StickSlot>, Health),
        tell: impl Fn(Event) + Send + Clone + 'static,
        ready: impl Fn(Ready) + Send + 'static,
    ) -> Self {
        let (commands, queue) = sync_channel(COMMANDS_MAX);
        let shared = Shared::default();
        let sticks = slot.map(|slot| {
            let reads = (workers.clone(), health.clone());
            stick::Sticks::start(slot, reads, Box::new(tell.clone()), commands.clone())
        });
        let desk = desk::Desk::new(workers, (scanner, health), shared.clone(), (Box::new(tell), Box::new(ready)));
        let thread = std::thread::Builder::new().name("papers".to_owned()).spawn(move || desk.run(&queue)).ok();
        Self { commands, shared, sticks, thread }
    }

    /// Whether something can be scanned now.
    pub(super) fn scans(&self) -> bool {
        self.scanner().ready
    }

    /// Whether the scanner has a feeder.
    pub(super) fn feeds(&self) -> bool {
        self.scanner().feeder
    }

    fn scanner(&self) -> ScannerStanding {
        *self.shared.scanner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be called when the scanner may have come or gone.
    pub(super) fn knocker(&self) -> impl Fn() + Send + 'static {
        let commands = self.commands.clone();
        move || {
            // A full queue is a thread that is busy, and looks by itself when it is done.
            let _ = commands.try_send(Command::Look);
        }
    }

    /// To be called when a disk has come or gone; `None` where the terminal has no slot for sticks.
    pub(super) fn stick_knocker(&self) -> Option<impl Fn() + Send + 'static> {
        self.sticks.as_ref().map(stick::Sticks::knocker)
    }

    /// A file has come; it gets a number and is announced.
    pub(super) fn take(&self, name: FileName, bytes: Zeroizing<Vec<u8>>) {
        self.send(Command::Take { name, bytes, stick: None });
    }

    /// The stick's slot, where the terminal has one.
    pub(super) fn sticks(&self) -> bool {
        self.sticks.is_some()
    }

    /// Looks into a folder of the stick.
    pub(super) fn list_stick(&self, folder: u32) {
        if let Some(sticks) = &self.sticks {
            sticks.list(folder);
        }
    }

    /// Reads a file of the stick.
    pub(super) fn take_from_stick(&self, entry: u32) {
        if let Some(sticks) = &self.sticks {
            sticks.take(entry, self.shared.session.load(Ordering::SeqCst));
        }
    }

    /// The stick is not wanted any more.
    pub(super) fn leave_stick(&self) {
        if let Some(sticks) = &self.sticks {
            sticks.leave();
        }
    }

    /// A record has come; it is laid out, gets a number and is announced.
    pub(super) fn take_record(&self, record: Record) {
        self.send(Command::TakeRecord(Box::new(record)));
    }

    /// Looks at a document.
    pub(super) fn open(&self, doc: DocNo) {
        self.send(Command::Open(doc));
    }

    /// Scans onto a document.
    pub(super) fn scan(&self, doc: DocNo, what: ScanWhat) {
        self.send(Command::Scan { doc, what });
    }

    /// Lays a copy out anew.
    pub(super) fn lay_out(&self, doc: DocNo, look: CopyLook) {
        self.send(Command::LayOut { doc, look });
    }

    /// Takes scanned pages as pages of a material.
    pub(super) fn take_scans(&self, doc: DocNo, order_num: u32, pages: u32) {
        self.send(Command::TakeScans { doc, order_num, pages });
    }

    /// Makes the pages of an order ready for the printer; answered through `ready`, whatever comes of it.
    pub(super) fn make_ready(
        &self,
        order: PagesOrder,
        (job_no, name): (u64, String),
        capabilities: PrinterCapabilities,
        stop: Stop,
    ) {
        self.send(Command::Ready { order, job_no, name, capabilities: Box::new(capabilities), stop });
    }

    /// Forgets one document.
    pub(super) fn forget_one(&self, doc: DocNo) {
        self.send(Command::Drop(doc));
    }

    /// The session is over: what is being done ends at once, and all documents go.
    pub(super) fn forget(&self) {
        let ended = std::mem::take(&mut *self.shared.ends.lock().unwrap_or_else(PoisonError::into_inner));
        ended.worker.cancel();
        ended.scan.request();
        self.shared.session.fetch_add(1, Ordering::SeqCst);
        self.leave_stick();
        self.send(Command::Forget);
    }

    fn send(&self, command: Command) {
        // The queue is longer than anything that one session can ask for; only a dead thread does not take it.
        if self.commands.send(command).is_err() {
            tracing::error!("papers.thread_gone");
        }
    }
}

impl Drop for Papers {
    fn drop(&mut self) {
        self.forget();
        self.sticks = None;
        let _ = self.commands.send(Command::Quit);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a glass of a terminal is asked for.
fn page_settings(source: document_scanner::ScanSource) -> document_scanner::ScanSettings {
    document_scanner::ScanSettings { source, ..document_scanner::ScanSettings::a4_platen() }
}
