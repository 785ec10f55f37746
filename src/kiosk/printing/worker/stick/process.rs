//! Inside the worker: limits first, then the one stick it was handed, until the terminal closes the pipe.

use super::StickRefusal;
use super::listing::Listing;
use super::message::{Ask, send_file, send_folder, send_refusal};
use crate::printing::worker::process::{BROKEN_PIPE, NOT_LIMITED};
use crate::printing::worker::sandbox::{limit, restrict};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::os::fd::FromRawFd;
use std::process::ExitCode;
use volume::{Fault, Foreign, Volume};

/// Buffer of the answer's pipe.
const ANSWER_BYTES: usize = 256 << 10;
/// The stick comes in the place of standard error: with the two pipes it is all that a child has without opening
/// anything, and nothing else is ever said there.
const DEVICE: i32 = 2;

/// The worker's life.
pub(in crate::printing::worker) fn run() -> ExitCode {
    // A panic's message may hold a name.
    std::panic::set_hook(Box::new(|_| {}));
    if limit().is_err() || restrict().is_err() {
        return ExitCode::from(NOT_LIMITED);
    }
    // SAFETY: the terminal put the stick there, and this process uses it nowhere else.
    let device = unsafe { File::from_raw_fd(DEVICE) };
    let mut answers = BufWriter::with_capacity(ANSWER_BYTES, io::stdout().lock());
    match serve(&mut io::stdin().lock(), &mut answers, device) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(BROKEN_PIPE),
    }
}

fn serve(asks: &mut impl Read, answers: &mut impl Write, device: File) -> io::Result<()> {
    let volume = match Volume::open(Box::new(device)) {
        Ok(volume) => volume,
        Err(fault) => {
            while Ask::receive(asks)?.is_some() {
                send_refusal(answers, of_fault(fault))?;
            }
            return Ok(());
        }
    };
    let mut listing = Listing::new(&volume);
    while let Some(ask) = Ask::receive(asks)? {
        match ask {
            Ask::List(folder) => match listing.list(folder) {
                Ok(folder) => send_folder(answers, &folder)?,
                Err(refusal) => send_refusal(answers, refusal)?,
            },
            Ask::Take(file) => match listing.take(file) {
                Ok((name, bytes)) => send_file(answers, &name, &bytes)?,
                Err(refusal) => send_refusal(answers, refusal)?,
            },
        }
    }
    Ok(())
}

pub(super) fn of_fault(fault: Fault) -> StickRefusal {
    match fault {
        Fault::Gone => StickRefusal::Gone,
        Fault::Foreign(Foreign::Ntfs) => StickRefusal::Ntfs,
        Fault::Foreign(Foreign::Encrypted) => StickRefusal::Encrypted,
        Fault::Foreign(Foreign::Ext | Foreign::Apple | Foreign::Unknown) => StickRefusal::Foreign,
        Fault::Damaged | Fault::TooMuch => StickRefusal::Damaged,
    }
}
