//! The one loop: event → session → effects → rim, and the view to the screen. It carries and decides
//! nothing. It runs on a thread of its own with a current-thread runtime; the screen, the devices and sync
//! send it events and never wait for it.

mod capture;
mod effects;
mod lookup;
mod paper;
mod papers;
mod quota;
mod sealing;
mod slots;

pub use capture::{Capture, NoCapture};
pub use paper::{open_jobs, record, said};
pub use slots::{NotOpened, code_readers, indicator, places};

use crate::clock::TerminalClock;
use crate::content::Content;
use crate::devices::{CodeDevice, DeviceClass, DocumentPrinter, Ended, Health, Printer, Reader, Supervisor, Told};
use crate::printing::Workers;
use crate::session::{Effect, Event, HallEvent, PaperEvent, Session, Sound};
use crate::store::Store;
use crate::sync;
use crate::view::{Action, View};
use drivers::id_card_reader::IdCardReader;
use drivers::indicator::Indicators;
use drivers::receipt_printer::ReceiptPrinter;
use drivers::usb_stick::StickSlot;
use drivers::{DeviceUri, document_printer, document_scanner};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// Events that may wait for the loop. A burst of strokes and key presses stays far below it.
const EVENTS_MAX: usize = 512;
/// The session's clock.
const TICK: Duration = Duration::from_secs(1);

/// What a terminal is made of.
pub struct Parts {
    /// The data folder.
    pub data: PathBuf,
    /// Three digits.
    pub terminal_no: String,
    /// Its clock.
    pub clock: TerminalClock,
    /// How it reaches its hall.
    pub hall: sync::HallAccess,
    /// The ID-card reader.
    pub reader: Box<dyn IdCardReader>,
    /// The receipt printer.
    pub printer: Box<dyn ReceiptPrinter>,
    /// The document printer, where the terminal has one.
    pub document_printer: Option<Box<dyn document_printer::DocumentPrinter>>,
    /// The document scanner, where the terminal has one.
    pub document_scanner: Option<Box<dyn document_scanner::DocumentScanner>>,
    /// Barcode reader and camera, those that the terminal has.
    pub code_readers: Vec<CodeDevice>,
    /// Lights and door switch, where the terminal has them.
    pub indicator: Option<Box<dyn Indicators>>,
    /// Where each device is, for what the kernel says of devices that come and go.
    pub places: Vec<(DeviceClass, DeviceUri)>,
    /// The slot for a citizen's stick, where the terminal has one.
    pub stick: Option<StickSlot>,
    /// The worker processes that open documents.
    pub workers: Workers,
    /// Where pages of materials come from.
    pub capture: Box<dyn Capture>,
    /// Takes each new view; called from the loop, must not block.
    pub show: Box<dyn Fn(View) + Send>,
    /// Plays a tone; called from the loop, must not block.
    pub sound: Box<dyn Fn(Sound) + Send>,
}

/// A running terminal. Dropping it ends it cleanly.
pub struct Terminal {
    inputs: mpsc::Sender<Input>,
    thread: Option<JoinHandle<()>>,
}

/// Sends events to the loop from anywhere.
#[derive(Clone)]
pub struct Inlet(mpsc::Sender<Input>);

#[derive(Debug)]
enum Input {
    Event(Event),
    Printed(Ended),
    PagesReady(Box<papers::Ready>),
    PrinterTold(Told),
    Cut(bool),
    Stop,
}

impl Terminal {
    /// Starts the loop.
    ///
    /// # Errors
    /// When the thread cannot be started. A store that cannot be opened is no error here: the terminal says
    /// so on its screen and goes on with what works.
    pub fn start(parts: Parts) -> std::io::Result<Self> {
        let (inputs, queue) = mpsc::channel(EVENTS_MAX);
        let inlet = Inlet(inputs.clone());
        let thread = std::thread::Builder::new().name("app".to_owned()).spawn(move || {
            match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => tokio::task::LocalSet::new().block_on(&runtime, run(parts, inlet, queue)),
                Err(error) => tracing::error!(%error, "app.no_runtime"),
            }
        })?;
        Ok(Self { inputs, thread: Some(thread) })
    }

    /// Cuts the network to the hall, or restores it: the dock's and the tests' way.
    pub fn cut_network(&self, cut: bool) {
        let _ = self.inputs.try_send(Input::Cut(cut));
    }

    /// Sends events to the loop from anywhere.
    #[must_use]
    pub fn inlet(&self) -> Inlet {
        Inlet(self.inputs.clone())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.inputs.blocking_send(Input::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Inlet {
    /// An act of the citizen.
    pub fn act(&self, action: Action) {
        self.send(Event::Action(action));
    }

    /// Any event. A full queue drops it: the screen shows the truth anyway and the citizen touches again.
    pub fn send(&self, event: Event) {
        if self.0.try_send(Input::Event(event)).is_err() {
            tracing::warn!("app.event_dropped");
        }
    }

    /// What must reach the loop: waits for room. Only from a thread of its own.
    fn must_send(&self, input: Input) {
        // An error is a loop that has ended; what was not told is settled at the next start.
        let _ = self.0.blocking_send(input);
    }

    /// Called from the printer's thread. A full queue is waited for: the print ledger needs the end of every job.
    fn ended(&self, ended: Ended) {
        if self.0.blocking_send(Input::Printed(ended)).is_err() {
            tracing::warn!("app.print_ended_after_the_loop");
        }
    }
}

/// Everything that the loop holds.
struct App {
    /// Dropped before the threads at which it knocks: it holds the receipt printer's queue open.
    supervisor: Option<Supervisor>,
    session: Session,
    shown: Option<View>,
    show: Box<dyn Fn(View) + Send>,
    sound: Box<dyn Fn(Sound) + Send>,
    clock: TerminalClock,
    terminal_no: String,
    health: Health,
    reader: Reader,
    printer: Printer,
    document_printer: Option<DocumentPrinter>,
    slots: slots::Slots,
    lookups: lookup::Lookups,
    papers: papers::Papers,
    printing: Option<paper::Printing>,
    /// An order whose pages the hall is asked to reserve.
    reserving: Option<paper::Asked>,
    /// Number of the citizen's session: what sync brings for another one is dropped.
    session_no: u64,
    /// Number of the card whose day is charged for printed pages; of this session only.
    person: Option<Zeroizing<String>>,
    /// The hall answers.
    online: bool,
    /// Where phones reach the hall, as it last said.
    public_url: Option<String>,
    capture: Arc<dyn Capture>,
    store: Option<Store>,
    sync: Option<sync::Handle>,
    sealing: sealing::Sealing,
    inlet: Inlet,
    content: Arc<Content>,
    /// There is room on the disk for another application.
    room: bool,
    /// Running time.
    seconds: u32,
}

async fn run(parts: Parts, inlet: Inlet, mut queue: mpsc::Receiver<Input>) {
    let (mut app, mut hall_events) = match App::open(parts, inlet).await {
        Ok(open) => open,
        Err(error) => {
            tracing::error!(%error, "app.no_content");
            return;
        }
    };
    app.render();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        let event = tokio::select! {
            input = queue.recv() => match input {
                Some(Input::Event(event)) => Some(event),
                Some(Input::Printed(ended)) => app.slip_ended(ended).await,
                Some(Input::PagesReady(ready)) => app.pages_ready(*ready).await,
                Some(Input::PrinterTold(told)) => app.printer_told(told).await,
                Some(Input::Cut(cut)) => {
                    app.cut(cut);
                    None
                }
                Some(Input::Stop) | None => break,
            },
            Some(event) = hall_events.recv() => app.hall_said(event).await,
            _ = tick.tick() => {
                app.second().await;
                Some(Event::Second(app.clock.local()))
            }
        };
        if let Some(event) = event {
            app.take(event).await;
        }
    }
    app.last_jobs(&mut queue).await;
    // Devices' threads that wait to tell something must not wait for a loop that has ended.
    queue.close();
    app.close().await;
}

impl App {
    async fn take(&mut self, event: Event) {
        let event = match event {
            Event::Health => {
                if let Some(sync) = &self.sync {
                    sync.set_troubles(self.health.troubles());
                }
                Event::Capabilities(self.capabilities())
            }
            other => other,
        };
        let mut effects = self.session.handle(event);
        // Effects may answer at once; their events go through the session before anything else does.
        while !effects.is_empty() {
            if effects.iter().any(|effect| matches!(effect, Effect::Submit(_))) {
                // The page that says so takes the button away before the disk is waited for.
                self.render();
            }
            let mut answers = Vec::new();
            for effect in effects.drain(..) {
                answers.extend(self.perform(effect).await);
            }
            for answer in answers {
                effects.extend(self.session.handle(answer));
            }
        }
        self.render();
    }

    fn render(&mut self) {
        let view = self.session.view();
        self.slots.light(self.session.lights(&view));
        if self.shown.as_ref() != Some(&view) {
            // What was shown goes first: whoever sees the farewell finds nothing of the pages before it.
            self.shown = Some(view.clone());
            (self.show)(view);
        }
    }

    async fn second(&mut self) {
        self.seconds = self.seconds.wrapping_add(1);
        if self.seconds.is_multiple_of(60) {
            self.minute().await;
            // Also since a full queue may have dropped a device's only word of what works.
            self.take(Event::Health).await;
        }
    }

    fn cut(&self, cut: bool) {
        if let Some(sync) = &self.sync {
            sync.cut(cut);
        }
    }

    async fn hall_said(&mut self, event: sync::SyncEvent) -> Option<Event> {
        match event {
            sync::SyncEvent::Online { staff_listens, public_url } => {
                self.public_url.clone_from(&public_url);
                self.online = true;
                if let Some(sync) = &self.sync {
                    sync.settle_quota();
                }
                self.inlet.send(Event::Health);
                Some(Event::Hall(HallEvent::Online { staff_listens, public_url }))
            }
            sync::SyncEvent::Offline { .. } => {
                self.online = false;
                Some(Event::Hall(HallEvent::Offline))
            }
            sync::SyncEvent::Receipt { submission_id } => Some(Event::Hall(HallEvent::Receipt { submission_id })),
            sync::SyncEvent::CallAnswered { who, minutes } => {
                Some(Event::Hall(HallEvent::CallAnswered { who, minutes }))
            }
            sync::SyncEvent::CallFailed => Some(Event::Hall(HallEvent::CallFailed)),
            sync::SyncEvent::Paper { session, told } if session == self.session_no => self.paper_told(told),
            sync::SyncEvent::LeftToday { session, left } if session == self.session_no => {
                Some(Event::Paper(PaperEvent::LeftToday(left)))
            }
            sync::SyncEvent::Reserved { job_no, reservation } => self.reserved(job_no, reservation).await,
            sync::SyncEvent::LookedUp { number, answer } => self.looked_up(number, answer),
            sync::SyncEvent::Content => self.new_content().await,
            sync::SyncEvent::Enrolled => {
                // What was read of an enrolment before is not sealed with.
                self.sealing.forget_enrolment();
                Some(Event::Health)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::PrintResult;

    #[test]
    fn the_end_of_a_print_job_waits_while_the_queue_is_full() {
        let (sender, mut queue) = mpsc::channel(1);
        let inlet = Inlet(sender);
        inlet.send(Event::Health);
        let printer = std::thread::spawn(move || {
            inlet.ended(Ended { slip_no: Some(7), order: 1, result: PrintResult::Printed });
        });
        // Time for a call that would not wait to end without having said anything.
        for _ in 0..10_000 {
            std::thread::yield_now();
        }
        assert!(matches!(queue.blocking_recv(), Some(Input::Event(Event::Health))));
        assert!(matches!(queue.blocking_recv(), Some(Input::Printed(Ended { slip_no: Some(7), .. }))));
        printer.join().unwrap();
    }
}
