//! A simulator on a pty: the shipped serial driver opens a path and cannot tell the difference. The path is a
//! link that stays the same, as `/dev/serial/by-id` does, while each re-plugging makes a new node.

use super::{
    Bench, Model,
    line::{Line, Stop, closed_poll, wake_pipe},
};
use std::{
    ffi::CStr,
    fs::File,
    io,
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::fs::symlink,
    },
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread::JoinHandle,
};

/// The host's end of a simulated serial line; dropping it ends the simulator.
pub struct PtyPort<M: Model> {
    bench: Arc<Bench<M>>,
    link: PathBuf,
    thread: Option<JoinHandle<()>>,
}

static SERIAL_NUMBER: AtomicU32 = AtomicU32::new(0);

impl<M: Model> PtyPort<M> {
    /// Puts the model on a pty that paces every byte at `baud`; a link to it named `NAME-PID-N` is made in
    /// the folder for temporary files.
    pub fn start(bench: Arc<Bench<M>>, name: &str, baud: u32) -> io::Result<Self> {
        let number = SERIAL_NUMBER.fetch_add(1, Ordering::Relaxed);
        let link = std::env::temp_dir().join(format!("{name}-{}-{number}", std::process::id()));
        let (wake, waker) = wake_pipe()?;
        bench.lock().waker = Some(waker);
        let first = plug_in(&link)?;
        let (line, shared, path) = (Line::new(Some(baud), wake), bench.clone(), link.clone());
        let thread =
            std::thread::Builder::new().name(format!("{name}-pty")).spawn(move || run(line, &shared, &path, first))?;
        Ok(Self { bench, link, thread: Some(thread) })
    }

    /// The path to open.
    pub fn path(&self) -> &Path {
        &self.link
    }
}

impl<M: Model> Drop for PtyPort<M> {
    fn drop(&mut self) {
        self.bench.end();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = std::fs::remove_file(&self.link);
    }
}

fn run<M: Model>(mut line: Line, bench: &Bench<M>, link: &Path, first: File) {
    // The default slack of 50 µs would be more than half of a byte's time.
    // SAFETY: PR_SET_TIMERSLACK takes one number and touches this thread only.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1_000) };
    let mut port = Some(first);
    loop {
        let Some(open) = &mut port else {
            let state = bench.lock();
            if state.ended {
                return;
            }
            if state.plugged {
                drop(state);
                port = plug_in(link).ok();
            } else {
                drop(bench.wait(state, closed_poll() * 10));
            }
            continue;
        };
        match line.carry(bench, open) {
            Ok(Stop::Ended) => return,
            Ok(Stop::HungUp) => wait_for_host(bench),
            Ok(Stop::Unplugged) | Err(_) => {
                port = None;
                let _ = std::fs::remove_file(link);
                bench.notify_waiting();
            }
        }
    }
}

/// Nobody has the port open: what the device says now is lost.
fn wait_for_host<M: Model>(bench: &Bench<M>) {
    let mut state = bench.lock();
    state.model.advance(std::time::Instant::now());
    state.model.output().clear();
    drop(bench.wait(state, closed_poll()));
}

/// Makes a new pty and lets the link point to it.
fn plug_in(link: &Path) -> io::Result<File> {
    let checked = |result: i32| if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) };
    // SAFETY: no pointers; the result is checked before it is owned.
    let fd = unsafe { libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC | libc::O_NONBLOCK) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: posix_openpt has just made the descriptor and nobody else owns it.
    let master: File = unsafe { OwnedFd::from_raw_fd(fd) }.into();
    let mut name = [0; 64];
    // SAFETY: the descriptor is an open pty master; `name` is as long as said and zero-terminated on success.
    let node = unsafe {
        checked(libc::grantpt(master.as_raw_fd()))?;
        checked(libc::unlockpt(master.as_raw_fd()))?;
        checked(libc::ptsname_r(master.as_raw_fd(), name.as_mut_ptr(), name.len()))?;
        CStr::from_ptr(name.as_ptr()).to_string_lossy().into_owned()
    };
    let _ = std::fs::remove_file(link);
    symlink(node, link)?;
    Ok(master)
}
