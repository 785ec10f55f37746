//! Processor time of the calling thread: what a decoder costs, whatever else the machine does.

/// Milliseconds that this thread has worked.
pub fn worked_ms() -> f32 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a timespec that outlives the call; a clock of the calling thread always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    (time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6) as f32
}
