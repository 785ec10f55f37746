//! What the worker may do once it has begun: read its request, take a bounded amount of memory and time, write its
//! answer. No file, no socket, no process, no signal to others: seccomp-BPF answers EPERM to everything else.

use libc::{c_int, rlimit};
use seccompiler::{
    SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter_all_threads,
};
use std::collections::BTreeMap;
use std::io;

/// Memory a worker may map: a photo of 100 million pixels, turned, and the page it is drawn on.
const ADDRESS_SPACE_MAX: u64 = 1_536 << 20;
/// Seconds of processor time for one document, all its pages at all resolutions.
const CPU_SECONDS_MAX: u64 = 600;

/// Where an old kernel's closing of inherited files ends.
const OPEN_FILES_EVER: c_int = 4_096;

/// Why the worker does not begin. It reads no document then.
#[derive(Debug, thiserror::Error)]
pub(super) enum SandboxError {
    /// A limit was refused.
    #[error("a limit of the worker could not be set: {0}")]
    Limit(#[from] io::Error),
    /// The kernel has no seccomp filter, or would not take ours.
    #[error("system calls of the worker could not be restricted: {0}")]
    Filter(String),
}

/// Limits that hold from here on: memory, time, no files, no core, no trace of it.
pub(super) fn limit() -> Result<(), SandboxError> {
    // The first to go when the machine runs out of memory; where /proc is not there the limits still hold.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    flag(libc::PR_SET_DUMPABLE, 0)?;
    flag(libc::PR_SET_NO_NEW_PRIVS, 1)?;
    close_inherited();
    set(libc::RLIMIT_AS, ADDRESS_SPACE_MAX)?;
    set(libc::RLIMIT_CPU, CPU_SECONDS_MAX)?;
    set(libc::RLIMIT_CORE, 0)?;
    set(libc::RLIMIT_FSIZE, 0)?;
    set(libc::RLIMIT_NOFILE, 3)?;
    Ok(())
}

/// Restricts the system calls of every thread for good.
pub(super) fn restrict() -> Result<(), SandboxError> {
    let filter = filter().map_err(|error| SandboxError::Filter(error.to_string()))?;
    let program: seccompiler::BpfProgram =
        filter.try_into().map_err(|error: seccompiler::BackendError| SandboxError::Filter(error.to_string()))?;
    apply_filter_all_threads(&program).map_err(|error| SandboxError::Filter(error.to_string()))
}

/// Closes everything but the two pipes and standard error. Kylin V10's kernel, 4.19, has no `close_range`.
fn close_inherited() {
    // SAFETY: nothing of this program holds a file yet.
    unsafe {
        if libc::syscall(libc::SYS_close_range, 3, u32::MAX, 0) != 0 {
            for file in 3..OPEN_FILES_EVER {
                libc::close(file);
            }
        }
    }
}

/// Sets a flag of this process by `prctl`, whose arguments are as long as a pointer.
pub(super) fn flag(flag: c_int, value: libc::c_ulong) -> io::Result<()> {
    let none: libc::c_ulong = 0;
    // SAFETY: the flags asked for change this process only and take no pointer.
    check(unsafe { libc::prctl(flag, value, none, none, none) })
}

/// Sets a limit of this process, both what holds and what it could be raised to.
pub(super) fn set(resource: libc::__rlimit_resource_t, value: u64) -> io::Result<()> {
    let limit = rlimit { rlim_cur: value, rlim_max: value };
    // SAFETY: reads one structure that lives through the call.
    check(unsafe { libc::setrlimit(resource, &raw const limit) })
}

/// The error behind a system call's negative answer.
pub(super) fn check(answer: c_int) -> io::Result<()> {
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Calls that are allowed whatever they are given: none of them reaches beyond the process and what it was handed open.
const ALLOWED: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sigaltstack,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_set_robust_list,
];

fn filter() -> Result<SeccompFilter, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|&call| (call, Vec::new())).collect();
    let without = |argument: u8, bits: c_int| {
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(bits as u64), 0)
    };
    let with = |argument: u8, bits: c_int| {
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(bits as u64), bits as u64)
    };
    // Memory of no file, and none that is run.
    let anonymous = SeccompRule::new(vec![without(2, libc::PROT_EXEC)?, with(3, libc::MAP_ANONYMOUS)?])?;
    rules.insert(libc::SYS_mmap, vec![anonymous]);
    rules.insert(libc::SYS_mprotect, vec![SeccompRule::new(vec![without(2, libc::PROT_EXEC)?])?]);
    // abort() signals its own thread.
    let abort = SeccompCondition::new(2, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, libc::SIGABRT as u64)?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![abort])?]);
    let refused = SeccompAction::Errno(libc::EPERM as u32);
    SeccompFilter::new(rules, refused, SeccompAction::Allow, std::env::consts::ARCH.try_into()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind::PermissionDenied;

    /// Tries something on a thread under the filter; its answer comes back through memory.
    fn under_the_filter<T: Send + 'static>(attempt: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::ErrorKind {
        let thread = std::thread::spawn(move || {
            let program: seccompiler::BpfProgram = filter().unwrap().try_into().unwrap();
            seccompiler::apply_filter(&program).unwrap();
            attempt().err().map(|error| error.kind())
        });
        thread.join().unwrap().unwrap()
    }

    #[test]
    fn no_file_socket_or_process_is_reached() {
        assert_eq!(under_the_filter(|| std::fs::read("/etc/passwd")), PermissionDenied);
        assert_eq!(under_the_filter(|| std::fs::write("/tmp/yimen-must-not-be", "x")), PermissionDenied);
        assert_eq!(under_the_filter(|| std::net::TcpStream::connect("127.0.0.1:9")), PermissionDenied);
        assert_eq!(under_the_filter(|| std::net::UdpSocket::bind("127.0.0.1:0")), PermissionDenied);
        assert_eq!(under_the_filter(|| std::process::Command::new("/bin/true").spawn()), PermissionDenied);
    }

    #[test]
    fn memory_that_can_be_run_is_refused() {
        let map = |protection: c_int| {
            move || {
                // SAFETY: maps fresh memory of no file, which nobody uses.
                let at = unsafe {
                    libc::mmap(std::ptr::null_mut(), 4_096, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
                };
                if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
            }
        };
        assert_eq!(under_the_filter(map(libc::PROT_READ | libc::PROT_EXEC)), PermissionDenied);
        assert!(map(libc::PROT_READ)().is_ok());
    }
}
