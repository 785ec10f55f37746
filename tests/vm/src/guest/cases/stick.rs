//! A stick on `usb_f_mass_storage`: told by the kernel, found behind USB, read without being mounted, pulled out while it
//! is read.

use crate::gadget::stick::StickGadget;
use crate::report::{Report, eventually, open_descriptors};
use anyhow::{Result, anyhow, bail, ensure};
use drivers::hotplug::{Action, Hotplug, Occasion};
use drivers::usb_stick::{Stick, StickSlot, open};
use std::time::{Duration, Instant};
use volume::simulator::{FatKind, fat, in_mbr};
use volume::{Fault, Volume, What};

/// Bytes' worth of work for one question.
const WORK: u64 = 64 << 20;
/// More than any cache between the stick and this program holds for it.
const FILE_BYTES: usize = 12 << 20;

pub fn run(report: &mut Report) {
    let content: Vec<u8> = (0..FILE_BYTES).map(|at| (at / 7 * 31) as u8).collect();
    let made = fat(Some(FatKind::Fat32), 40, &[("材料/通知.pdf", &content)]);
    let image = in_mbr(&made.unwrap_or_default());
    let mut hotplug = Hotplug::start();
    let Some(gadget) = report.made("a stick is made", StickGadget::plug(6, &image)) else { return };
    let Some(slot) = report.made("the slot", slot()) else { return };
    report.case("stick: the kernel tells of its disk, and the slot finds it", || {
        told(&mut hotplug, Action::Add)?;
        eventually("the stick", || found(&slot)).map(drop)
    });
    report.case("stick: its file is read as it is, without being mounted or changed", || {
        let volume = volume(&eventually("the stick", || found(&slot))?)?;
        ensure!(first_file(&volume, content.len())? == content, "other bytes");
        ensure!(gadget.image()? == image, "the stick was written to");
        let mounts = std::fs::read_to_string("/proc/mounts")?;
        ensure!(!mounts.contains("/dev/sd"), "it was mounted: {mounts}");
        Ok(())
    });
    report.case("stick: pulled out it is gone at once, and another life when it is back", || {
        let before = eventually("the stick", || found(&slot))?;
        let volume = volume(&before)?;
        gadget.pull_out()?;
        told(&mut hotplug, Action::Remove)?;
        eventually("an empty slot", || slot.look().is_none().then_some(()).ok_or_else(|| anyhow!("still there")))?;
        match first_file(&volume, content.len()) {
            Err(error) if error.downcast_ref() == Some(&Fault::Gone) => {}
            other => bail!("read from a stick that is gone: {:?}", other.map(|bytes| bytes.len())),
        }
        drop(volume);
        ensure!(open_descriptors("/dev/sd") == 0, "a descriptor is left");
        gadget.plug_in()?;
        let after = eventually("the stick again", || found(&slot))?;
        ensure!(after != before, "it counts as never gone");
        ensure!(first_file(&self::volume(&after)?, content.len())? == content, "other bytes after the replug");
        Ok(())
    });
}

fn slot() -> Result<StickSlot> {
    Ok(open(&"stick:".parse()?)?)
}

fn found(slot: &StickSlot) -> Result<Stick> {
    slot.look().ok_or_else(|| anyhow!("no stick"))
}

fn volume(stick: &Stick) -> Result<Volume> {
    let volume = Volume::open(Box::new(stick.open()?))?;
    volume.allow(WORK);
    Ok(volume)
}

/// The bytes of the only file, in the only folder.
fn first_file(volume: &Volume, length: usize) -> Result<Vec<u8>> {
    volume.allow(WORK);
    let folder = volume.root()?.entries()?.next().ok_or_else(|| anyhow!("an empty stick"))??;
    let What::Folder(folder) = folder.what else { bail!("no folder") };
    let file = folder.entries()?.next().ok_or_else(|| anyhow!("an empty folder"))??;
    ensure!(*file.name == "通知.pdf", "another name");
    let What::File(mut file) = file.what else { bail!("no file") };
    let mut bytes = vec![0; length];
    file.read_at(0, &mut bytes)?;
    Ok(bytes)
}

/// Waits for the kernel's word about a disk.
fn told(hotplug: &mut Hotplug, action: Action) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        if let Occasion::Event(event) = hotplug.next(Duration::from_secs(1))
            && event.subsystem == "block"
            && event.action == action
        {
            return Ok(());
        }
    }
    bail!("the kernel told of no disk")
}
