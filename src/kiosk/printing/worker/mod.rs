//! The process that reads documents: one for each, this program again under limits, so that no file can take the
//! terminal along. Here is the terminal's side; `process` is the worker's. Every call blocks and none panics.

mod leash;
mod message;
mod office;
mod process;
mod sandbox;
mod stick;

pub use leash::Cancel;
pub use stick::{OpenStick, StickEntry, StickEntryKind, StickFolder, StickRefusal};

use documents::{Colour, DPI_MAX, DPI_MIN, Kind, Note, PageInfo, Raster, Refusal};
use leash::Leash;
use message::{Opened, Request, receive_raster};
use std::collections::HashSet;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long opening a document may take.
const OPEN_WITHIN: Duration = Duration::from_secs(30);
/// How long one page may take.
const RENDER_WITHIN: Duration = Duration::from_secs(30);
/// Hidden subcommands of this program.
const WORKER: &str = "document-worker";
const OFFICE_WORKER: &str = "office-worker";
const STICK_WORKER: &str = "stick-worker";

/// If this process was started as a worker, its whole life; to be called before anything else in `main`.
#[must_use]
pub fn run_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let asked = arguments.nth(1)?;
    if arguments.next().is_some() {
        return None;
    }
    match asked.to_str()? {
        WORKER => Some(process::run()),
        OFFICE_WORKER => Some(office::run()),
        STICK_WORKER => Some(stick::run()),
        _ => None,
    }
}

/// How workers are started.
#[derive(Clone, Debug)]
pub struct Workers {
    program: PathBuf,
    open_within: Duration,
    render_within: Duration,
}

impl Workers {
    /// This very program, also while it is being replaced on the disk.
    #[must_use]
    pub fn of_this_program() -> Self {
        Self::of(Path::new("/proc/self/exe"))
    }

    /// Another copy of this program.
    #[must_use]
    pub fn of(program: &Path) -> Self {
        Self { program: program.to_owned(), open_within: OPEN_WITHIN, render_within: RENDER_WITHIN }
    }

    /// The same with another patience, for opening and for each page.
    #[must_use]
    pub fn within(self, open: Duration, render: Duration) -> Self {
        Self { open_within: open, render_within: render, ..self }
    }

    /// Opens a document in a worker of its own. An Office file goes through LibreOffice first, if it is there.
    pub fn open(&self, bytes: Zeroizing<Vec<u8>>, cancel: &Cancel) -> Result<OpenDocument, Refusal> {
        if bytes.len() > documents::BYTES_MAX {
            return Err(Refusal::TooLarge);
        }
        match self.open_bytes(bytes, cancel) {
            Err((Refusal::OfficeMissing, bytes)) => {
                let (kind, pdf) = office::convert(&self.program, &bytes, cancel)?;
                let mut document = self.open_bytes(pdf, cancel).map_err(|(refusal, _)| after_conversion(refusal))?;
                document.opened.kind = kind;
                // The printer is given what was made here, with the fonts of here.
                Ok(document)
            }
            other => other.map_err(|(refusal, _)| refusal),
        }
    }

    fn open_bytes(
        &self,
        bytes: Zeroizing<Vec<u8>>,
        cancel: &Cancel,
    ) -> Result<OpenDocument, (Refusal, Zeroizing<Vec<u8>>)> {
        let mut worker = match Worker::start(&self.program, WORKER, Stdio::null(), cancel) {
            Ok(worker) => worker,
            Err(refusal) => return Err((refusal, bytes)),
        };
        worker.leash.within(self.open_within);
        let opened = Request::send_open(&mut worker.requests, &bytes)
            .and_then(|()| Opened::receive(&mut worker.answers))
            .unwrap_or_else(|_| Err(worker.why_it_ended()));
        worker.leash.at_ease();
        match opened {
            Ok(opened) => Ok(OpenDocument {
                worker,
                opened,
                bytes,
                render_within: self.render_within,
                white: Some(HashSet::new()),
            }),
            Err(refusal) => Err((refusal, bytes)),
        }
    }
}

/// LibreOffice's PDF is ours to answer for: what is wrong with it is no damage of the citizen's file.
fn after_conversion(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Damaged | Refusal::UnknownKind | Refusal::Empty => Refusal::OfficeFailed,
        other => other,
    }
}

/// A document that a worker holds open. Dropping it ends the worker.
pub struct OpenDocument {
    worker: Worker,
    opened: Opened,
    bytes: Zeroizing<Vec<u8>>,
    render_within: Duration,
    /// Pages that came out white; none once one did not.
    white: Option<HashSet<usize>>,
}

/// A PDF that a printer may be given as it is.
pub struct PassThrough<'a> {
    /// The file, as it came or as LibreOffice made it.
    pub bytes: &'a [u8],
}

impl OpenDocument {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.opened.kind
    }

    /// Its pages, at least one.
    #[must_use]
    pub fn pages(&self) -> &[PageInfo] {
        &self.opened.pages
    }

    /// What the citizen should know.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.opened.notes
    }

    /// The PDF, where nothing of it is encrypted, every font is inside and no script waits.
    #[must_use]
    pub fn pass_through(&self) -> Option<PassThrough<'_>> {
        self.opened.safe_as_it_is.then_some(PassThrough { bytes: &self.bytes })
    }

    /// The worker's process, for tests and measures.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.worker.leash.id()
    }

    /// Draws one page, counted from 0. After `Unprocessable`, `TooSlow` or `Cancelled` the document is gone. The last
    /// page that was not drawn yet is refused with `NothingToPrint` where all others were white and it is too.
    pub fn render(&mut self, page: usize, dpi: u16, colour: Colour) -> Result<Raster, Refusal> {
        if page >= self.opened.pages.len() {
            return Err(Refusal::NoSuchPage);
        }
        let dpi = dpi.clamp(DPI_MIN, DPI_MAX);
        let worker = &mut self.worker;
        worker.leash.within(self.render_within);
        let drawn = Request::send_render(&mut worker.requests, page as u32, dpi, colour)
            .and_then(|()| receive_raster(&mut worker.answers, dpi, colour))
            .unwrap_or_else(|_| Err(worker.why_it_ended()));
        worker.leash.at_ease();
        if drawn.as_ref().is_ok_and(|raster| self.is_all_white(page, raster)) {
            return Err(Refusal::NothingToPrint);
        }
        drawn
    }

    fn is_all_white(&mut self, page: usize, raster: &Raster) -> bool {
        match &mut self.white {
            Some(white) if raster.blank => {
                white.insert(page);
                white.len() == self.opened.pages.len()
            }
            _ => {
                self.white = None;
                false
            }
        }
    }
}

/// The process and its pipes.
struct Worker {
    leash: Leash,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    cancel: Cancel,
}

impl Worker {
    /// `third` is what the worker has beside its two pipes, in the place of standard error.
    fn start(program: &Path, role: &str, third: Stdio, cancel: &Cancel) -> Result<Self, Refusal> {
        if cancel.is_cancelled() {
            return Err(Refusal::Cancelled);
        }
        let started = start(program, role, third, cancel);
        if let Err(error) = &started {
            tracing::error!(%error, "printing.worker_not_started");
        }
        started.map_err(|_| Refusal::NotStarted)
    }

    /// Why the pipe broke.
    fn why_it_ended(&self) -> Refusal {
        use std::os::unix::process::ExitStatusExt;
        let status = self.leash.end();
        if self.cancel.is_cancelled() {
            return Refusal::Cancelled;
        }
        let signal = status.and_then(|status| status.signal());
        let code = status.and_then(|status| status.code());
        tracing::warn!(?signal, ?code, too_slow = self.leash.was_too_slow(), "printing.worker_ended");
        if self.leash.was_too_slow() || signal == Some(libc::SIGXCPU) {
            Refusal::TooSlow
        } else if code == Some(i32::from(process::NOT_LIMITED)) {
            Refusal::NotStarted
        } else {
            Refusal::Unprocessable
        }
    }
}

fn start(program: &Path, role: &str, third: Stdio, cancel: &Cancel) -> io::Result<Worker> {
    let mut child = Command::new(program)
        .arg(role)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(third)
        .spawn()?;
    let pipes = child.stdin.take().zip(child.stdout.take());
    let leash = Leash::new(child, cancel)?;
    let (requests, answers) = pipes.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
    Ok(Worker { leash, requests, answers: BufReader::new(answers), cancel: cancel.clone() })
}
