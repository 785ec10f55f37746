//! A whole hall in one process: the embedded hall keeps its data in `DIR/hall`, the terminal in `DIR/kiosk`. The
//! terminal can be restarted as often as wanted; hall, simulators and clock go on.

use super::paper::PaperDevices;
use super::slots::SlotDevices;
use super::{DockCapture, Knobs, SIMULATOR};
use crate::app::{NotOpened, Parts, Terminal};
use crate::clock::TerminalClock;
use crate::config::Config;
use crate::printing::Workers;
use crate::session::Sound;
use crate::store::make_private_folder;
use crate::sync::HallAccess;
use crate::view::View;
use drivers::simulation::PtyPort;
use drivers::{DeviceError, DeviceUri, UriError, id_card_reader, receipt_printer};
use jiff::SignedDuration;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use wire::ids::Sha256;

/// The demo's world.
pub struct World {
    data: PathBuf,
    config: Config,
    clock: TerminalClock,
    hall: Option<hall::RunningHall>,
    reader: PtyPort<id_card_reader::simulator::Sam>,
    printer: PtyPort<receipt_printer::simulator::Printer>,
    paper: PaperDevices,
    slots: SlotDevices,
    workers: Workers,
    capture: Arc<DockCapture>,
    knobs: Knobs,
    terminal: Mutex<Option<Terminal>>,
    sound: Mutex<Arc<dyn Fn(Sound) + Send + Sync>>,
}

/// Why the demo does not start, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// The data folder cannot be made.
    #[error(
        "the data folder {path} cannot be used: {source}. Make it a folder that this user can write, free its disk if \
         that is full, or choose another with --data DIR."
    )]
    Data {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The embedded hall.
    #[error("the embedded hall does not start: {0}")]
    Hall(#[from] hall::HallError),
    /// A pty or a port for a simulator.
    #[error(
        "the simulated {device} cannot be started: {source}. See that this machine has a pseudo-terminal and a port of \
         127.0.0.1 free."
    )]
    Simulator {
        /// Which.
        device: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A real device's URI.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// A real device.
    #[error("a device cannot be used: {0}")]
    Device(#[from] DeviceError),
    /// A reader of codes, or the lights.
    #[error(transparent)]
    Slot(#[from] NotOpened),
    /// The terminal's thread.
    #[error("the terminal's thread cannot be started: {0}")]
    Thread(io::Error),
}

impl WorldError {
    /// Says which simulator it is that failed.
    pub(super) fn simulator(device: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Simulator { device, source }
    }
}

impl World {
    /// Starts hall and simulators; no terminal yet. With `at_ms` both clocks begin at that time.
    ///
    /// # Errors
    /// When the data folder, the hall or a simulator cannot be used.
    pub fn start(data: &Path, config: Config, at_ms: Option<i64>) -> Result<Self, WorldError> {
        Self::start_with(data, config, at_ms, |_| {})
    }

    /// The same with another hall than the demo's.
    ///
    /// # Errors
    /// As [`World::start`].
    pub fn start_with(
        data: &Path,
        config: Config,
        at_ms: Option<i64>,
        adjust: impl FnOnce(&mut hall::HallConfig),
    ) -> Result<Self, WorldError> {
        let clock = TerminalClock::new(config.hall.utc_offset_minutes);
        let shift_ms = at_ms.map_or(0, |at_ms| at_ms - clock.now_ms());
        clock.jump_ms(shift_ms);
        let folder = |name: &str| -> Result<PathBuf, WorldError> {
            let path = data.join(name);
            // Made here, before hall and terminal look for it: keys and sealed papers are nobody else's business.
            match make_private_folder(&path) {
                Ok(()) => Ok(path),
                Err(source) => Err(WorldError::Data { path, source }),
            }
        };
        let (kiosk, stick) = (folder("kiosk")?, folder("stick")?);
        let given = HallAccess::configured(&config.hall.address, &config.hall.enrolment_code);
        let hall = if given.address.is_empty() {
            let mut hall = hall::HallConfig::demo(&folder("hall")?);
            hall.clock = hall::Clock::shifted(SignedDuration::from_millis(shift_ms));
            adjust(&mut hall);
            Some(hall::Hall::start(hall)?)
        } else {
            None
        };
        let reader = id_card_reader::simulator::on_pty();
        let (reader, reader_knobs) = reader.map_err(WorldError::simulator("ID-card reader"))?;
        let printer = receipt_printer::simulator::on_pty();
        let (printer, printer_knobs) = printer.map_err(WorldError::simulator("receipt printer"))?;
        let (paper, paper_knobs) = PaperDevices::start(&stick)?;
        let slots = SlotDevices::start();
        let (slots, slot_knobs) = slots.map_err(WorldError::simulator("barcode reader or relay board"))?;
        let capture = Arc::new(DockCapture::default());
        let knobs = Knobs::new((reader_knobs, printer_knobs), paper_knobs, slot_knobs, capture.clone());
        let sound: Arc<dyn Fn(Sound) + Send + Sync> = Arc::new(|_| {});
        Ok(Self {
            data: kiosk,
            config,
            clock,
            hall,
            reader,
            printer,
            paper,
            slots,
            workers: Workers::of_this_program(),
            capture,
            knobs,
            terminal: Mutex::new(None),
            sound: Mutex::new(sound),
        })
    }

    /// Starts the terminal, or starts it anew; `show` takes its views.
    ///
    /// # Errors
    /// When a configured device cannot be used or the thread not be started.
    pub fn start_terminal(&self, show: impl Fn(View) + Send + 'static) -> Result<(), WorldError> {
        self.stop_terminal();
        let parts = self.parts(Box::new(show))?;
        let terminal = Terminal::start(parts).map_err(WorldError::Thread)?;
        *self.lock() = Some(terminal);
        Ok(())
    }

    /// Who plays the tones of terminals started from now on; nobody at first.
    pub fn on_sound(&self, play: impl Fn(Sound) + Send + Sync + 'static) {
        *self.sound.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(play);
    }

    /// Ends the terminal cleanly.
    pub fn stop_terminal(&self) {
        let ended = self.lock().take();
        drop(ended);
    }

    /// Calls with the running terminal, if there is one.
    pub fn with_terminal<R>(&self, call: impl FnOnce(&Terminal) -> R) -> Option<R> {
        self.lock().as_ref().map(call)
    }

    /// The simulators' knobs.
    #[must_use]
    pub fn knobs(&self) -> &Knobs {
        &self.knobs
    }

    /// The terminal's clock.
    #[must_use]
    pub fn clock(&self) -> &TerminalClock {
        &self.clock
    }

    /// The embedded hall.
    #[must_use]
    pub fn hall(&self) -> Option<&hall::RunningHall> {
        self.hall.as_ref()
    }

    /// Starts documents' workers from another copy of the program: for tests, which are no kiosk themselves.
    pub fn set_workers(&mut self, workers: Workers) {
        self.workers = workers;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Terminal>> {
        self.terminal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn parts(&self, show: Box<dyn Fn(View) + Send>) -> Result<Parts, WorldError> {
        let simulated = |port: &Path| format!("serial://{}?baud=115200", port.display());
        let uri = |configured: &str, port: &Path| -> Result<DeviceUri, UriError> {
            if configured == SIMULATOR { simulated(port).parse() } else { configured.parse() }
        };
        let reader = uri(&self.config.devices.id_card_reader, self.reader.path())?;
        let printer = uri(&self.config.devices.receipt_printer, self.printer.path())?;
        let sound = self.sound.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let number = &self.config.terminal.number;
        let hall = match &self.hall {
            Some(hall) => HallAccess {
                address: hall.terminal_addr.to_string(),
                authority: Some(Sha256::of(&hall.ca_der)),
                enrolment_code: Some(hall.enrolment_code(number, "演示大厅")?.code),
            },
            None => HallAccess::configured(&self.config.hall.address, &self.config.hall.enrolment_code),
        };
        Ok(Parts {
            data: self.data.clone(),
            terminal_no: number.clone(),
            clock: self.clock.clone(),
            hall,
            reader: id_card_reader::open(&reader)?,
            printer: receipt_printer::open(&printer)?,
            document_printer: self.paper.printer(&self.config)?,
            document_scanner: self.paper.scanner(&self.config)?,
            code_readers: self.slots.code_readers(&self.config, &self.knobs)?,
            indicator: self.slots.indicator(&self.config)?,
            places: self.slots.places(&self.config)?,
            stick: self.paper.stick(&self.config)?,
            workers: self.workers.clone(),
            capture: Box::new(self.capture.clone()),
            show,
            sound: Box::new(move |tone| sound(tone)),
        })
    }
}
