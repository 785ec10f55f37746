//! ID-card readers on FunctionFS, over libusb as shipped.

use super::{card, fails, reader, reads};
use crate::gadget::{hid_reader::HidReaderGadget, reader::ReaderGadget};
use crate::report::{Report, eventually, open_descriptors};
use anyhow::{Result, ensure};
use drivers::{
    DeviceErrorKind::{InUse, Misconfigured, NotFound, Silent, Unplugged},
    hotplug::{Action, Heard, UeventListener},
    id_card_reader::IdCardReader,
    uri::EndpointStyle::{FourPipes, TwoPipes},
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Where libusb opens devices.
const USB_NODES: &str = "/dev/bus/usb";

pub fn run(report: &mut Report) {
    let two = ReaderGadget::plug(0, TwoPipes, "TWO");
    let four = ReaderGadget::plug(1, FourPipes, "FOUR");
    let two = report.made("an ID-card reader with two pipes is made", two);
    let four = report.made("an ID-card reader with four pipes is made", four);
    let (Some(two), Some(four)) = (two, four) else { return };
    report.case("rusb: two readers that are alike are told apart by their serial numbers", || {
        four.knobs.insert_card(card());
        eventually("two are seen", || fails(reader("usb://0400:C35A")?.as_mut(), &[Misconfigured]))?;
        reads(reader("usb://0400:C35A?serial=FOUR")?.as_mut())?;
        ensure!(reader("usb://0400:C35A?serial=TWO")?.read_card(Duration::ZERO)?.is_none(), "the wrong one was read");
        Ok(())
    });
    two.knobs.insert_card(card());
    suite(report, "two pipes", "TWO", &two);
    suite(report, "four pipes", "FOUR", &four);
    report.case("rusb: a reader that another program holds is in use", || {
        let mut first = reader("usb://0400:C35A?serial=TWO")?;
        reads(first.as_mut())?;
        fails(reader("usb://0400:C35A?serial=TWO")?.as_mut(), &[InUse])?;
        drop(first);
        reads(reader("usb://0400:C35A?serial=TWO")?.as_mut())
    });
    if let Some(hid) = report.made("an ID-card reader in HID reports is made", HidReaderGadget::plug(5)) {
        report.case("hidraw: a card is read in reports of 64 bytes; unplugged, back at the same node, read", || {
            hid.knobs.insert_card(card());
            let mut reader = reader("hid://2B8B:2721?serial=HID")?;
            eventually("a card", || reads(reader.as_mut()))?;
            hid.port.unplug()?;
            fails(reader.as_mut(), &[Unplugged, NotFound])?;
            eventually("the reader is gone", || fails(reader.as_mut(), &[NotFound]))?;
            ensure!(open_descriptors("hidraw") == 0, "a descriptor of a reader that is gone");
            hid.port.replug()?;
            eventually("a card", || reads(reader.as_mut()))?;
            ensure!(!Path::new("/dev/hidraw1").exists(), "it got another node");
            Ok(())
        });
    }
    report.case("hot-plug: the kernel says which reader went and came, without udev", || hears(&two));
}

fn suite(report: &mut Report, style: &str, serial: &str, gadget: &ReaderGadget) {
    let uri = format!("usb://0400:C35A?serial={serial}");
    report.case(&format!("rusb, FunctionFS, {style}: a card is read"), || {
        let mut reader = reader(&uri)?;
        ensure!(reader.self_test()?.sam_id == "05.01-20221110-0003351057-2003195204", "another SAM");
        (0..5).try_for_each(|_| reads(reader.as_mut()))
    });
    report.case(&format!("rusb, FunctionFS, {style}: fingerprints of 2,321 bytes in all"), || {
        reads(reader(&format!("{uri}&fingerprints=on"))?.as_mut())
    });
    report.case(&format!("rusb, FunctionFS, {style}: silent, and read again when it speaks"), || {
        let mut reader = reader(&uri)?;
        gadget.knobs.silent(true);
        let silent = fails(reader.as_mut(), &[Silent]);
        gadget.knobs.silent(false);
        silent?;
        eventually("a card", || reads(reader.as_mut()))
    });
    report.case(&format!("rusb, FunctionFS, {style}: unplugged while idle and mid-answer, and back"), || {
        let mut reader = reader(&uri)?;
        reads(reader.as_mut())?;
        gadget.unplug()?;
        recovers(reader.as_mut(), gadget)?;
        gadget.unplug_mid_answer();
        recovers(reader.as_mut(), gadget)
    });
}

/// The same driver object, with the cable out and in again, keeps nothing of the device that went.
fn recovers(reader: &mut dyn IdCardReader, gadget: &ReaderGadget) -> Result<()> {
    fails(reader, &[Unplugged, NotFound])?;
    eventually("the device is gone", || fails(reader, &[NotFound]))?;
    let held = open_descriptors(USB_NODES);
    ensure!(held == 0, "{held} descriptors of a device that is gone");
    gadget.replug()?;
    eventually("a card", || reads(reader))
}

fn hears(gadget: &ReaderGadget) -> Result<()> {
    let listener = UeventListener::open()?;
    gadget.unplug()?;
    hears_of(&listener, Action::Remove)?;
    gadget.replug()?;
    hears_of(&listener, Action::Add)
}

fn hears_of(listener: &UeventListener, action: Action) -> Result<()> {
    let address = "usb://0400:C35A".parse::<drivers::DeviceUri>()?;
    let drivers::Place::Usb(address) = address.place else { anyhow::bail!("not on USB") };
    let end = Instant::now() + Duration::from_secs(10);
    while Instant::now() < end {
        match listener.next(Duration::from_secs(1))? {
            Heard::Event(event) if event.action == action && event.is_about(&address) => return Ok(()),
            _ => {}
        }
    }
    anyhow::bail!("nothing was heard of {action:?}")
}
