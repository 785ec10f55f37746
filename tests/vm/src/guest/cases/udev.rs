//! The shipped udev rule, read by udev itself: what the terminal's user must open belongs to its group afterwards.

use crate::report::{Report, eventually};
use anyhow::{Context, Result, ensure};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};

/// Number of the group `yimen` in the machine's `/etc/group`.
const GROUP: u32 = 990;
const RIGHTS: u32 = 0o660;

pub fn run(report: &mut Report) {
    report.case("udev: the rule gives cameras and serial converters to the terminal's group", || {
        let _udev = Udev::start()?;
        udevadm(&["trigger", "--action=add", "--subsystem-match=video4linux", "--subsystem-match=tty"])?;
        for node in ["/dev/video0", "/dev/ttyUSB0"] {
            eventually(node, || {
                let node = std::fs::metadata(node)?;
                ensure!(node.gid() == GROUP, "of group {}", node.gid());
                ensure!(node.mode() & 0o777 == RIGHTS, "with rights {:o}", node.mode() & 0o777);
                Ok(())
            })?;
        }
        let console = std::fs::metadata("/dev/ttyS0")?;
        ensure!(console.gid() != GROUP, "and other nodes, which it must not");
        Ok(())
    });
}

/// A running udev.
struct Udev;

impl Udev {
    fn start() -> Result<Self> {
        let started =
            Command::new("/usr/lib/systemd/systemd-udevd").arg("--daemon").status().context("systemd-udevd")?;
        ensure!(started.success(), "systemd-udevd: {started}");
        Ok(Self)
    }
}

impl Drop for Udev {
    fn drop(&mut self) {
        let _ = udevadm(&["control", "--exit"]);
    }
}

fn udevadm(arguments: &[&str]) -> Result<()> {
    let output = Command::new("udevadm").args(arguments).stdin(Stdio::null()).output().context("udevadm")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "udevadm {arguments:?}: {said}");
    Ok(())
}
