//! Barcode readers: a CDC-ACM module and a keyboard wedge, each found by what it is.

use crate::gadget::barcode::{ModuleGadget, WedgeGadget};
use crate::report::{Report, eventually, open_descriptors};
use anyhow::{Result, anyhow, bail, ensure};
use drivers::{
    DeviceErrorKind::{self, NotFound, Unplugged},
    barcode_reader::{BarcodeReader, open},
};
use std::{
    fs::OpenOptions,
    io::Read,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

const MODULE: &str = "serial://0525:A4A7?serial=GM65&baud=9600&module=gm65";
const WEDGE: &str = "keyboard://1EAB:0022";
const CODE: &str = "XC-2026-000017";
const SOON: Duration = Duration::from_secs(3);

pub fn run(report: &mut Report) {
    if let Some(module) = report.made("a barcode module is made", ModuleGadget::plug(3)) {
        modules(report, &module);
    }
    if let Some(mut wedge) = report.made("a keyboard wedge is made", WedgeGadget::plug(4)) {
        wedges(report, &mut wedge);
    }
}

fn modules(report: &mut Report, module: &ModuleGadget) {
    report.case("CDC-ACM module: a code is read, Chinese too", || {
        let mut reader = reader(MODULE)?;
        eventually("the module answers", || Ok(reader.self_test()?))?;
        for code in [CODE, "政务服务 0017"] {
            module.knobs.show(code.as_bytes());
            ensure!(scans(reader.as_mut())? == code, "another code");
        }
        Ok(())
    });
    report.case("CDC-ACM module: unplugged, and plugged in at the same node", || {
        let mut reader = reader(MODULE)?;
        reader.self_test()?;
        module.port.unplug()?;
        gone(reader.as_mut(), "ttyACM")?;
        module.port.replug()?;
        eventually("the module answers", || Ok(reader.self_test()?))?;
        module.knobs.show(CODE.as_bytes());
        ensure!(scans(reader.as_mut())? == CODE, "another code");
        ensure!(!Path::new("/dev/ttyACM1").exists(), "it got another node");
        Ok(())
    });
}

fn wedges(report: &mut Report, wedge: &mut WedgeGadget) {
    report.case("keyboard wedge: a code is read and types into nothing else", || {
        let mut reader = reader(WEDGE)?;
        eventually("the keyboard is there", || Ok(reader.self_test()?))?;
        let mut other = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(keyboard_node()?)?;
        ensure!(typed(reader.as_mut(), wedge)? == CODE, "another code");
        let mut event = [0; 24];
        ensure!(other.read(&mut event).is_err(), "another program saw the keys");
        Ok(())
    });
    report.case("keyboard wedge: unplugged, and plugged in at the same node", || {
        let mut reader = reader(WEDGE)?;
        reader.self_test()?;
        let node = keyboard_node()?;
        wedge.port.unplug()?;
        gone(reader.as_mut(), "/dev/input")?;
        wedge.port.replug()?;
        eventually("the keyboard is back", || Ok(reader.self_test()?))?;
        ensure!(keyboard_node()? == node, "it got another node");
        ensure!(typed(reader.as_mut(), wedge)? == CODE, "another code");
        Ok(())
    });
}

fn reader(uri: &str) -> Result<Box<dyn BarcodeReader>> {
    Ok(open(&uri.parse()?)?)
}

fn scans(reader: &mut dyn BarcodeReader) -> Result<String> {
    let scan = reader.scan(SOON)?.ok_or_else(|| anyhow!("no code came"))?;
    Ok(scan.text().ok_or_else(|| anyhow!("a code that is no text"))?.to_string())
}

/// What is typed while a code is waited for: what was typed before would belong to somebody else.
fn typed(reader: &mut dyn BarcodeReader, wedge: &mut WedgeGadget) -> Result<String> {
    ensure!(reader.scan(Duration::from_millis(1))?.is_none(), "a code that nobody showed");
    std::thread::scope(|scope| {
        let typing = scope.spawn(|| wedge.types(CODE));
        let code = scans(reader);
        typing.join().map_err(|_| anyhow!("typing panicked"))??;
        code
    })
}

/// The device is unplugged, then gone, and nothing of it is held.
fn gone(reader: &mut dyn BarcodeReader, nodes: &str) -> Result<()> {
    let fails =
        |reader: &mut dyn BarcodeReader, kinds: &[DeviceErrorKind]| match reader.scan(Duration::from_millis(100)) {
            Err(error) if kinds.contains(&error.kind) => Ok(()),
            other => bail!("{kinds:?} expected, came {other:?}"),
        };
    eventually("it breaks", || fails(reader, &[Unplugged, NotFound]))?;
    eventually("it is gone", || fails(reader, &[NotFound]))?;
    let held = open_descriptors(nodes);
    ensure!(held == 0, "{held} descriptors of a device that is gone");
    Ok(())
}

/// The only keyboard here is the gadget's.
fn keyboard_node() -> Result<PathBuf> {
    let entries = std::fs::read_dir("/sys/class/input")?.filter_map(Result::ok);
    let named = |path: PathBuf| std::fs::read_to_string(path.join("device/name")).is_ok_and(|n| n.contains("Gadget"));
    let node = entries.into_iter().find(|e| e.file_name().to_string_lossy().starts_with("event") && named(e.path()));
    let node = node.ok_or_else(|| anyhow!("no node of the keyboard"))?;
    Ok(Path::new("/dev/input").join(node.file_name()))
}
