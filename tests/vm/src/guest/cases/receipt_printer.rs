//! Receipt printers on `usb_f_printer`, through the kernel's `usblp` and over libusb.

use crate::gadget::printer::PrinterGadget;
use crate::report::{Report, eventually, open_descriptors};
use anyhow::{Result, anyhow, bail, ensure};
use drivers::{
    DeviceErrorKind::{self, NotFound, Unplugged},
    PaperSupply,
    receipt_printer::{
        Bitmap, PAPER_DOTS,
        PrintFailure::{self, Device},
        PrintOutcome::{NotCertain, NotPrinted, Printed},
        ReceiptPrinter, Trouble, connector, open,
    },
};
use std::{path::Path, sync::atomic::Ordering, time::Duration};

const USBLP: &str = "usblp://0416:5011";
const RUSB: &str = "usb://0416:5011?serial=SLIP";
const NODE: &str = "/dev/usb/lp0";

pub fn run(report: &mut Report) {
    let Some(gadget) = report.made("a receipt printer is made", PrinterGadget::plug(2)) else { return };
    report.case("usblp: the node appears, the port says who it is and how it stands", || {
        eventually("the node", || Path::new(NODE).exists().then_some(()).ok_or_else(|| anyhow!("no {NODE}")))?;
        identity(USBLP)
    });
    suite(report, "usblp", USBLP, &gadget);
    report.case("usblp: the printer gets its old node back", || {
        ensure!(Path::new(NODE).exists(), "{NODE} is gone");
        ensure!(!Path::new("/dev/usb/lp1").exists(), "a second node");
        Ok(())
    });
    report.case("rusb: taken from usblp, and given back", || {
        identity(RUSB)?;
        let printer = open(&RUSB.parse()?)?;
        prints(printer, &gadget)?;
        eventually("usblp has it again", || identity(USBLP))
    });
    suite(report, "rusb", RUSB, &gadget);
    report.case("usblp: has the printer again after all", || eventually("the node", || identity(USBLP)));
}

fn suite(report: &mut Report, way: &str, uri: &str, gadget: &PrinterGadget) {
    report.case(&format!("{way}: a slip comes out, said by the fence"), || prints(open(&uri.parse()?)?, gadget));
    report.case(&format!("{way}: no paper, no byte, and nothing comes out when paper returns"), || {
        let mut printer = open(&uri.parse()?)?;
        ensure!(printer.status()?.paper == PaperSupply::Full, "no paper to begin with");
        gadget.paper_out(true)?;
        let without_paper = refuses_without_paper(printer.as_mut(), gadget);
        gadget.paper_out(false)?;
        without_paper?;
        let late = gadget.knobs.wait_for_slips(1, Duration::from_millis(300));
        ensure!(!late && gadget.knobs.uncut().height() == 0, "something came out later");
        prints(printer, gadget)
    });
    report.case(&format!("{way}: what a printer does not take in time is taken back"), || {
        let mut printer = open(&uri.parse()?)?;
        printer.status()?;
        let before = gadget.knobs.bytes_taken();
        gadget.takes_nothing.store(true, Ordering::Release);
        let outcome = printer.print(&slip());
        drop(printer);
        gadget.takes_nothing.store(false, Ordering::Release);
        ensure!(matches!(&outcome, NotPrinted(Device(_))), "{outcome:?}");
        let late = gadget.knobs.wait_for_slips(1, Duration::from_millis(300));
        let taken = gadget.knobs.bytes_taken() - before;
        ensure!(!late && taken <= 3, "{taken} bytes came later");
        prints(open(&uri.parse()?)?, gadget)
    });
    report.case(&format!("{way}: unplugged while idle and mid-slip, and back"), || {
        let mut printer = open(&uri.parse()?)?;
        printer.status()?;
        gadget.unplug()?;
        recovers(printer.as_mut(), gadget)?;
        gadget.knobs.hold(true);
        let held = gadget.knobs.clone();
        let printing = std::thread::spawn(move || (printer.print(&slip()), printer));
        let began = held.wait_for_waiting_bytes(Duration::from_secs(10));
        gadget.unplug()?;
        held.hold(false);
        let (outcome, mut printer) = printing.join().map_err(|_| anyhow!("printing panicked"))?;
        ensure!(began && matches!(outcome, NotCertain(_)), "mid-slip: {outcome:?}");
        recovers(printer.as_mut(), gadget)
    });
}

fn slip() -> Bitmap {
    let mut slip = Bitmap::new(PAPER_DOTS, 300);
    for y in 0..300 {
        slip.set(y, y);
        slip.set(PAPER_DOTS - 1, y);
    }
    slip
}

fn prints(mut printer: Box<dyn ReceiptPrinter>, gadget: &PrinterGadget) -> Result<()> {
    gadget.knobs.take_slips();
    let outcome = printer.print(&slip());
    ensure!(matches!(outcome, Printed), "{outcome:?}");
    let slips = gadget.knobs.slips();
    ensure!(slips.len() == 1, "{} slips", slips.len());
    ensure!((0..300).all(|y| slips[0].row(y) == slip().row(y)), "another slip than was sent");
    gadget.knobs.take_slips();
    Ok(())
}

fn refuses_without_paper(printer: &mut dyn ReceiptPrinter, gadget: &PrinterGadget) -> Result<()> {
    let before = gadget.knobs.bytes_taken();
    let outcome = printer.print(&slip());
    ensure!(matches!(outcome, NotPrinted(PrintFailure::Trouble(Trouble::PaperOut))), "{outcome:?}");
    ensure!(printer.status()?.paper == PaperSupply::Out, "the paper is said to be there");
    ensure!(gadget.knobs.bytes_taken() == before, "bytes were sent");
    Ok(())
}

fn recovers(printer: &mut dyn ReceiptPrinter, gadget: &PrinterGadget) -> Result<()> {
    let fails = |printer: &mut dyn ReceiptPrinter, kinds: &[DeviceErrorKind]| match printer.status() {
        Err(error) if kinds.contains(&error.kind) => Ok(()),
        other => bail!("{kinds:?} expected, came {other:?}"),
    };
    fails(printer, &[Unplugged, NotFound])?;
    eventually("the printer is gone", || fails(printer, &[NotFound]))?;
    let held = open_descriptors("/dev/usb/lp") + open_descriptors("/dev/bus/usb");
    ensure!(held == 0, "{held} descriptors of a printer that is gone");
    gadget.replug()?;
    eventually("the printer is back", || Ok(printer.status()?))?;
    gadget.knobs.take_slips();
    let outcome = printer.print(&slip());
    ensure!(matches!(outcome, Printed), "after the replug: {outcome:?}");
    gadget.knobs.take_slips();
    Ok(())
}

fn identity(uri: &str) -> Result<()> {
    let mut link = connector(&uri.parse()?)?.open(0)?;
    let port = link.printer_port().ok_or_else(|| anyhow!("the port says nothing"))?;
    let (id, status) = (port.device_id()?, port.status()?);
    ensure!((id.manufacturer.as_str(), id.model.as_str()) == ("Yimen", "Gadget 80"), "{id:?}");
    ensure!(id.command_set == "ESC/POS", "{id:?}");
    ensure!(!status.is_paper_empty() && !status.has_error() && status.is_selected(), "{status:?}");
    Ok(())
}
