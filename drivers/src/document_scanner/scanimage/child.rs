//! One run of `scanimage` as a child: its standard output and error are read as they come, it is ended when it says
//! nothing for too long or when somebody asks, and it never outlives this program. Nothing touches a file.

use super::options::read_failure;
use crate::{DeviceError, DeviceErrorKind, Stop, http::message::extend_without_trace};
use std::{
    io::{self, Read},
    os::{fd::AsRawFd, unix::process::CommandExt},
    process::{Child, Command, Stdio},
};
use zeroize::Zeroizing;

/// How often a request to stop is looked for.
const LOOK_MS: u64 = 100;
/// After it said what went wrong, a run that is silent for so long is over: `scanimage` sometimes hangs while it closes
/// the scanner (seen with SANE's test backend about once in 100 failures).
const HUNG_MS: u64 = 1_000;
/// Most bytes of standard error that are kept.
const STDERR_BYTES_MAX: usize = 16 * 1024;

/// What a run left.
pub struct Ran {
    /// Standard output; overwritten when dropped.
    pub stdout: Zeroizing<Vec<u8>>,
    /// Standard error.
    pub stderr: String,
}

/// Why there is nothing.
pub enum RunFailure {
    /// Somebody asked.
    Stopped,
    /// The program cannot be started, says nothing, or too much.
    Device(DeviceError),
}

impl<E: Into<DeviceError>> From<E> for RunFailure {
    fn from(error: E) -> Self {
        Self::Device(error.into())
    }
}

/// Runs a command to its end; `silence_ms` without a byte, or more than `stdout_max` bytes, ends it before.
pub fn run(mut command: Command, silence_ms: u64, stdout_max: usize, stop: &Stop) -> Result<Ran, RunFailure> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).env("LC_ALL", "C");
    // SAFETY: between fork and exec only prctl is called, which is async-signal-safe.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
    let mut child = Kept(command.spawn()?);
    let (Some(mut stdout), Some(mut stderr)) = (child.0.stdout.take(), child.0.stderr.take()) else {
        return Err(DeviceError::new(DeviceErrorKind::Software).into());
    };
    let mut out = Zeroizing::new(Vec::new());
    let mut err = Vec::new();
    let mut buffer = Zeroizing::new(vec![0; 64 * 1024]);
    let (mut out_open, mut err_open, mut silent_ms) = (true, true, 0);
    while out_open || err_open {
        if stop.is_requested() {
            return Err(RunFailure::Stopped);
        }
        let fds = [if out_open { stdout.as_raw_fd() } else { -1 }, if err_open { stderr.as_raw_fd() } else { -1 }];
        let ready = readable(fds)?;
        if ready == [false, false] {
            silent_ms += LOOK_MS;
            if silent_ms > HUNG_MS && read_failure(&String::from_utf8_lossy(&err)).is_some() {
                break;
            }
            if silent_ms > silence_ms {
                return Err(DeviceError::new(DeviceErrorKind::Silent).into());
            }
            continue;
        }
        silent_ms = 0;
        if ready[0] {
            let n = stdout.read(&mut buffer)?;
            out_open = n > 0;
            if out.len() + n > stdout_max {
                return Err(DeviceError::because(DeviceErrorKind::Garbled, "a page larger than any scanner's").into());
            }
            extend_without_trace(&mut out, &buffer[..n]);
        }
        if ready[1] {
            let n = stderr.read(&mut buffer)?;
            err_open = n > 0;
            let room = STDERR_BYTES_MAX.saturating_sub(err.len());
            err.extend_from_slice(&buffer[..n.min(room)]);
        }
    }
    Ok(Ran { stdout: out, stderr: String::from_utf8_lossy(&err).into_owned() })
}

/// Which of two descriptors can be read (or has ended) within a look; -1 is none.
fn readable(fds: [i32; 2]) -> io::Result<[bool; 2]> {
    let mut fds = fds.map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
    // SAFETY: `fds` holds two valid entries for the length of the call.
    let ready = unsafe { libc::poll(fds.as_mut_ptr(), 2, LOOK_MS as i32) };
    if ready < 0 {
        let error = io::Error::last_os_error();
        return if error.kind() == io::ErrorKind::Interrupted { Ok([false, false]) } else { Err(error) };
    }
    Ok(fds.map(|fd| fd.revents != 0))
}

/// Ended and waited for when dropped; one that ended by itself is only waited for.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
