//! The host's side of the suite: starts the machine with a simulated SAM behind each of its UARTs, pulls its USB
//! adapter when the guest asks for it, prints the results and counts them.

use anyhow::{Context, Result, bail};
use drivers::{
    id_card_reader::simulator::{self, ReaderKnobs, Sam, SimulatedCard},
    simulation::TcpPort,
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

/// Longest life of the machine.
const MACHINE_LIMIT: Duration = Duration::from_secs(290);

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kernel, initramfs] = arguments.as_slice() else { bail!("usage: host KERNEL INITRAMFS") };
    let uarts = [sam()?, sam()?, sam()?];
    let monitor = std::env::temp_dir().join(format!("yimen-vm-{}.monitor", std::process::id()));
    let machine = start(kernel, initramfs, &uarts, &monitor)?;
    let tally = follow(machine, &monitor);
    let _ = std::fs::remove_file(&monitor);
    let tally = tally?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 && tally.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A simulated reader with a card on it, for QEMU to connect a UART to.
fn sam() -> Result<(TcpPort<Sam>, ReaderKnobs)> {
    let (port, knobs) = simulator::on_tcp()?;
    knobs.insert_card(SimulatedCard::from_text(*include_bytes!("../../../../drivers/tests/sdt/text_A.bin")));
    Ok((port, knobs))
}

fn start(kernel: &str, initramfs: &str, uarts: &[(TcpPort<Sam>, ReaderKnobs)], monitor: &Path) -> Result<Child> {
    let mut qemu = Command::new("qemu-system-x86_64");
    qemu.args(["-accel", "tcg", "-m", "1024", "-smp", "2", "-nodefaults", "-no-reboot", "-display", "none"]);
    let words = if shows_console() { "console=ttyS0 panic=-1 verbose" } else { "console=ttyS0 quiet panic=-1" };
    qemu.args(["-kernel", kernel, "-initrd", initramfs, "-append", words]);
    qemu.args(["-serial", "stdio", "-monitor", &format!("unix:{},server=on,wait=off", monitor.display())]);
    for (index, (port, _)) in uarts.iter().enumerate() {
        let address = port.address();
        let chardev = format!("socket,id=sam{index},host={},port={},reconnect=1", address.ip(), address.port());
        qemu.args(["-chardev", &chardev]);
    }
    qemu.args(["-device", "isa-serial,chardev=sam0", "-device", "nec-usb-xhci,id=usb"]);
    qemu.args(["-device", &adapter(1)]);
    qemu.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    qemu.spawn().context("qemu-system-x86_64")
}

/// The USB adapter before a SAM. QEMU 7.2 never frees the line of an adapter that was pulled, so the one that is
/// plugged in afterwards has another SAM behind it.
fn adapter(sam: usize) -> String {
    format!("usb-serial,chardev=sam{sam},id=adapter,always-plugged=on")
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// Prints what the guest says until the machine ends.
fn follow(mut machine: Child, monitor: &Path) -> Result<Tally> {
    let console = machine.stdout.take().context("no console")?;
    let (lines, received) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(console).split(b'\n').map_while(|line| line.ok()) {
            let _ = lines.send(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
    });
    let end = Instant::now() + MACHINE_LIMIT;
    let (mut tally, mut ended) = (Tally::default(), false);
    while let Ok(line) = received.recv_timeout(end.saturating_duration_since(Instant::now())) {
        match line.split_once("@ ").map(|(_, said)| said) {
            Some(said) if said.starts_with("ok ") => {
                tally.passed += 1;
                println!("{said}");
            }
            Some(said) if said.starts_with("FAILED ") => {
                tally.failed += 1;
                println!("{said}");
            }
            Some("end") => ended = true,
            Some("host unplug") => order(monitor, "device_del adapter")?,
            Some("host replug") => order(monitor, &format!("device_add {}", adapter(2)))?,
            Some(said) => println!("   {said}"),
            None if shows_console() || is_trouble(&line) => println!("   {line}"),
            None => {}
        }
    }
    let _ = machine.kill();
    let _ = machine.wait();
    if !ended {
        tally.failed += 1;
        println!("FAILED the machine ended before its last case");
    }
    Ok(tally)
}

/// `VM_CONSOLE=1` shows all that the kernel says.
fn shows_console() -> bool {
    std::env::var_os("VM_CONSOLE").is_some()
}

/// What the kernel says when something went wrong inside it.
fn is_trouble(line: &str) -> bool {
    ["list_del corruption", "BUG:", "Oops", "Kernel panic", "blocked for more than", "panicked at"]
        .iter()
        .any(|word| line.contains(word))
}

/// One command for QEMU's monitor.
fn order(monitor: &Path, command: &str) -> Result<()> {
    let mut socket = UnixStream::connect(monitor).context("QEMU's monitor")?;
    socket.set_read_timeout(Some(Duration::from_secs(2)))?;
    socket.write_all(format!("{command}\n").as_bytes())?;
    // The monitor obeys before it shows its prompt again.
    let (mut answer, mut buffer) = (String::new(), [0; 1024]);
    while answer.matches("(qemu)").count() < 2 {
        match socket.read(&mut buffer) {
            Ok(n) if n > 0 => answer.push_str(&String::from_utf8_lossy(&buffer[..n])),
            _ => break,
        }
    }
    if let Some((_, error)) = answer.split_once("Error:") {
        println!("   QEMU: {}", error.lines().next().unwrap_or_default());
    }
    Ok(())
}
