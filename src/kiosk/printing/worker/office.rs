//! Word, Excel and PowerPoint through LibreOffice, where it is installed. It needs files, so it gets a world of its
//! own: namespaces without network, a temporary file system in memory that ends with the last process in it, an
//! empty profile, the shipped font, and limits. Where the kernel allows no such world, Office files are refused.

use super::leash::Cancel;
use super::message::{code_of, office_of_code};
use super::sandbox::{check, flag, set};
use super::{OFFICE_WORKER, Worker};
use documents::{BYTES_MAX, Kind, Office, Refusal};
use std::ffi::CString;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a conversion may take; a cold LibreOffice takes 3 s on a PC and far longer on a small board.
const CONVERT_WITHIN: Duration = Duration::from_secs(90);
/// Where Debian, LibreOffice's own packages and Kylin put it.
const PROGRAMS: &[&str] =
    &["/usr/bin/soffice", "/usr/local/bin/soffice", "/opt/libreoffice/program/soffice", "/usr/bin/libreoffice"];
/// The private file system lies over this folder; its size bounds profile, document and result together.
const FOLDER: &str = "/tmp";
const FOLDER_OPTIONS: &str = "size=384m,mode=0700";
/// What LibreOffice may take.
const ADDRESS_SPACE_MAX: u64 = 6 << 30;
const CPU_SECONDS_MAX: u64 = 120;
const FILE_BYTES_MAX: u64 = 128 << 20;
const OPEN_FILES_MAX: u64 = 512;
/// What the worker says when it ends without a PDF.
const NO_WORLD: u8 = 72;
const NO_PDF: u8 = 73;

/// The document as PDF, and what it was.
pub(super) fn convert(program: &Path, bytes: &[u8], cancel: &Cancel) -> Result<(Kind, Zeroizing<Vec<u8>>), Refusal> {
    let kind = documents::kind_of(bytes)?;
    if installed().is_none() {
        return Err(Refusal::OfficeMissing);
    }
    let mut worker = Worker::start(program, OFFICE_WORKER, Stdio::null(), cancel)?;
    worker.leash.within(CONVERT_WITHIN);
    let mut pdf = Zeroizing::new(Vec::new());
    // The worker reads everything before it writes anything.
    let sent = worker.requests.write_all(&[code_of(kind)]).and_then(|()| {
        worker.requests.write_all(&(bytes.len() as u64).to_le_bytes())?;
        worker.requests.write_all(bytes)?;
        worker.requests.flush()
    });
    let received = sent.and_then(|()| (&mut worker.answers).take(BYTES_MAX as u64 + 1).read_to_end(&mut pdf));
    if received.is_ok() && pdf.len() <= BYTES_MAX && pdf.starts_with(b"%PDF-") {
        return Ok((kind, pdf));
    }
    Err(match worker.why_it_ended() {
        Refusal::Unprocessable => Refusal::OfficeFailed,
        other => other,
    })
}

fn installed() -> Option<&'static Path> {
    PROGRAMS.iter().map(Path::new).find(|program| program.exists())
}

/// The life of the process around LibreOffice.
pub(super) fn run() -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let mut answer = io::stdout().lock();
    let Ok((office, document)) = receive() else { return ExitCode::from(NO_PDF) };
    if own_world().is_err() {
        return ExitCode::from(NO_WORLD);
    }
    match office_to_pdf(office, &document).and_then(|pdf| answer.write_all(&pdf)).and_then(|()| answer.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(NO_PDF),
    }
}

fn receive() -> io::Result<(Office, Zeroizing<Vec<u8>>)> {
    let mut from = io::stdin().lock();
    let (mut code, mut length) = ([0], [0; 8]);
    from.read_exact(&mut code)?;
    from.read_exact(&mut length)?;
    let office = office_of_code(code[0]).ok_or(io::ErrorKind::InvalidData)?;
    let length = usize::try_from(u64::from_le_bytes(length)).ok().filter(|length| *length <= BYTES_MAX);
    let mut bytes = Zeroizing::new(vec![0; length.ok_or(io::ErrorKind::InvalidData)?]);
    from.read_exact(&mut bytes)?;
    Ok((office, bytes))
}

/// No network, no other processes, no other mounts; `/tmp` empty and in memory.
fn own_world() -> io::Result<()> {
    flag(libc::PR_SET_NO_NEW_PRIVS, 1)?;
    flag(libc::PR_SET_DUMPABLE, 1)?;
    // SAFETY: ask and change nothing.
    let (user, group) = unsafe { (libc::getuid(), libc::getgid()) };
    let apart = libc::CLONE_NEWUSER | libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWNET | libc::CLONE_NEWIPC;
    // SAFETY: before this process has other threads.
    check(unsafe { libc::unshare(apart) })?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    mount(None, "/", libc::MS_REC | libc::MS_PRIVATE, "")?;
    mount(Some("tmpfs"), FOLDER, libc::MS_NOSUID | libc::MS_NODEV, FOLDER_OPTIONS)?;
    set(libc::RLIMIT_CORE, 0)?;
    set(libc::RLIMIT_CPU, CPU_SECONDS_MAX)?;
    set(libc::RLIMIT_AS, ADDRESS_SPACE_MAX)?;
    set(libc::RLIMIT_FSIZE, FILE_BYTES_MAX)?;
    set(libc::RLIMIT_NOFILE, OPEN_FILES_MAX)
}

fn mount(kind: Option<&str>, target: &str, flags: libc::c_ulong, options: &str) -> io::Result<()> {
    let text = |text: &str| CString::new(text).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
    let (source, target, options) = (text(kind.unwrap_or("none"))?, text(target)?, text(options)?);
    // SAFETY: four texts that live through the call; the kernel takes any kind where flags only change a mount.
    check(unsafe { libc::mount(source.as_ptr(), target.as_ptr(), source.as_ptr(), flags, options.as_ptr().cast()) })
}

fn office_to_pdf(office: Office, document: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
    let soffice = installed().ok_or(io::ErrorKind::NotFound)?;
    let folder = Path::new(FOLDER);
    fs::create_dir_all(folder.join(".fonts"))?;
    fs::write(folder.join(".fonts/regular.otf"), crate::fonts::REGULAR)?;
    fs::write(folder.join(".fonts/bold.otf"), crate::fonts::BOLD)?;
    let source = folder.join("document").with_extension(office.ending());
    fs::write(&source, document)?;
    let mut command = Command::new(soffice);
    command
        .args(["--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"])
        .arg(format!("-env:UserInstallation=file://{FOLDER}/profile"))
        .args(["--convert-to", "pdf", "--outdir", FOLDER])
        .arg(&source)
        .env_clear()
        .envs([("HOME", FOLDER), ("TMPDIR", FOLDER), ("PATH", "/usr/bin:/bin"), ("LC_ALL", "zh_CN.UTF-8")])
        .current_dir(FOLDER)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // SAFETY: one call that allocates nothing, between fork and exec. The first process of the namespace takes all
    // others with it, so the terminal's kill of this process ends LibreOffice too.
    unsafe {
        command.pre_exec(|| flag(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong));
    }
    command.status()?;
    let result = fs::File::open(folder.join("document.pdf"))?;
    let mut pdf = Zeroizing::new(Vec::new());
    result.take(BYTES_MAX as u64 + 1).read_to_end(&mut pdf)?;
    Ok(pdf)
}
