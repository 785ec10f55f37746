//! What came of each case, said to the host; a case that hangs ends the machine instead of holding it.

use anyhow::{Result, anyhow};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Longest time for a case; the slowest waits 5 s for a printer that takes nothing, and all is emulated.
const CASE_LIMIT: Duration = Duration::from_secs(45);

/// The running case and its end.
type Running = Arc<Mutex<Option<(String, Instant)>>>;

/// Says results.
pub struct Report(Running);

impl Report {
    /// Begins, and watches from now on.
    pub fn start() -> Self {
        let running = Running::default();
        let watched = running.clone();
        std::thread::spawn(move || watch(&watched));
        Self(running)
    }

    /// Runs a case.
    pub fn case(&mut self, name: &str, body: impl FnOnce() -> Result<()>) {
        let began = Instant::now();
        self.set(Some((name.to_owned(), began + CASE_LIMIT)));
        let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| Err(anyhow!("it panicked")));
        self.set(None);
        match result {
            Ok(()) => println!("@ ok {name} ({} ms)", began.elapsed().as_millis()),
            Err(error) => println!("@ FAILED {name}: {}", format!("{error:#}").replace('\n', " ")),
        }
    }

    /// A device that could not be made fails all that was to be tried on it.
    pub fn made<T>(&mut self, name: &str, device: Result<T>) -> Option<T> {
        device.map_err(|error| println!("@ FAILED {name}: {error:#}")).ok()
    }

    /// Says that all cases were run.
    pub fn end(self) {
        println!("@ end");
    }

    fn set(&self, running: Option<(String, Instant)>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }
}

fn watch(running: &Running) {
    loop {
        std::thread::sleep(Duration::from_millis(200));
        let now = running.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((name, limit)) = now
            && Instant::now() > limit
        {
            println!("@ FAILED {name}: not within {} s", CASE_LIMIT.as_secs());
            // SAFETY: no pointers; ends the machine.
            unsafe { libc::reboot(libc::RB_POWER_OFF) };
        }
    }
}

/// Tries until it gives something.
pub fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        match attempt() {
            Ok(value) => return Ok(value),
            Err(error) if Instant::now() > end => return Err(error.context(format!("{what}: not within 20 s"))),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Descriptors of this process that lead to a path with `part` in it.
pub fn open_descriptors(part: &str) -> usize {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return usize::MAX };
    let links = entries.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    links.filter(|link| link.to_string_lossy().contains(part)).count()
}
