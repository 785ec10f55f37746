//! Inside the worker: limits first, then one document, then its pages until the terminal closes the pipe. A panic
//! is an answer like any other; what kills the process is told by the terminal's side.

use super::message::{Opened, Request, send_raster, send_refusal};
use super::sandbox::{SandboxError, limit, restrict};
use documents::{Document, Fonts, Refusal, Renderer};
use std::io::{self, BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// Stack of the thread that draws: documents nest, and parsers follow them.
const STACK_BYTES: usize = 64 << 20;
/// Buffer of the answer's pipe.
const ANSWER_BYTES: usize = 256 << 10;
/// The worker could not limit itself and read nothing.
pub(super) const NOT_LIMITED: u8 = 70;
/// The pipe spoke nonsense or closed in the middle.
pub(super) const BROKEN_PIPE: u8 = 71;

/// The worker's life.
pub(super) fn run() -> ExitCode {
    // A panic's message may hold a piece of the document.
    std::panic::set_hook(Box::new(|_| {}));
    if limit().is_err() {
        return ExitCode::from(NOT_LIMITED);
    }
    let drawing = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(|| -> Result<(), Ended> {
        restrict()?;
        let mut answers = BufWriter::with_capacity(ANSWER_BYTES, io::stdout().lock());
        Ok(serve(&mut io::stdin().lock(), &mut answers)?)
    });
    match drawing.map(|thread| thread.join()) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(Ended::Pipe(_)))) => ExitCode::from(BROKEN_PIPE),
        _ => ExitCode::from(NOT_LIMITED),
    }
}

#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Pipe(#[from] io::Error),
}

/// Takes one document and draws its pages.
fn serve(requests: &mut impl Read, answers: &mut impl Write) -> io::Result<()> {
    let Some(Request::Open(bytes)) = Request::receive(requests)? else { return Ok(()) };
    let fonts = Fonts { regular: crate::fonts::REGULAR, bold: crate::fonts::BOLD };
    let document = match catch_unwind(AssertUnwindSafe(|| Document::open(bytes, &fonts))) {
        Ok(Ok(document)) => document,
        Ok(Err(refusal)) => return send_refusal(answers, refusal),
        Err(_) => return send_refusal(answers, Refusal::Unprocessable),
    };
    let opened = Opened {
        kind: document.kind(),
        notes: document.notes().to_vec(),
        safe_as_it_is: document.safe_as_it_is(),
        pages: document.pages().to_vec(),
    };
    opened.send(answers)?;
    let mut renderer = document.renderer();
    while let Some(request) = Request::receive(requests)? {
        let Request::Render { page, dpi, colour } = request else { return Ok(()) };
        let drawn = catch_unwind(AssertUnwindSafe(|| renderer.render(page as usize, dpi, colour)));
        match drawn {
            Ok(Ok(raster)) => send_raster(answers, &raster)?,
            Ok(Err(refusal)) => send_refusal(answers, refusal)?,
            Err(_) => {
                renderer = fresh(&document);
                send_refusal(answers, Refusal::Unprocessable)?;
            }
        }
    }
    Ok(())
}

/// After a panic nothing of the old caches is used.
fn fresh(document: &Document) -> Renderer<'_> {
    document.renderer()
}
