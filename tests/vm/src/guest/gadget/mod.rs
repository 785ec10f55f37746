//! Devices made of the kernel's gadget functions, each on a `dummy_hcd` bus of its own. A device is unplugged by
//! switching its hub's port off: taking a gadget apart and binding it again corrupts a list of the 6.1 kernel when
//! its character device is still open, and a pull-up taken off by `soft_connect` never comes back on `dummy_hcd`.

pub mod barcode;
pub mod camera;
pub mod hid_reader;
pub mod printer;
pub mod reader;
pub mod stick;

use anyhow::{Result, anyhow};
use std::{fs, path::PathBuf};
use usb_gadget::{Class, Config, Gadget, Id, RegGadget, Strings, function::Handle};

/// A port that a gadget is plugged into.
pub struct Port {
    switch: PathBuf,
    _gadget: RegGadget,
}

/// What a gadget calls itself.
pub struct Identity {
    pub vendor: u16,
    pub product: u16,
    pub serial: &'static str,
}

impl Port {
    /// Plugs functions into the port with a number.
    pub fn plug(number: usize, identity: &Identity, function: Handle) -> Result<Self> {
        let name = format!("dummy_udc.{number}");
        let udc = usb_gadget::udcs()?.into_iter().find(|udc| udc.name() == name.as_str());
        let udc = udc.ok_or_else(|| anyhow!("no {name}"))?;
        let strings = Strings::new("Yimen", "Gadget", identity.serial);
        let gadget = Gadget::new(Class::INTERFACE_SPECIFIC, Id::new(identity.vendor, identity.product), strings)
            .with_config(Config::new("one").with_function(function))
            .bind(&udc)?;
        Ok(Self { switch: switch(number)?, _gadget: gadget })
    }

    /// Pulls the cable.
    pub fn unplug(&self) -> Result<()> {
        Ok(fs::write(&self.switch, "1")?)
    }

    /// Puts it in again.
    pub fn replug(&self) -> Result<()> {
        Ok(fs::write(&self.switch, "0")?)
    }
}

/// The file that switches the only port of a bus off (`usbN/N-0:1.0/usbN-port1/disable`).
fn switch(number: usize) -> Result<PathBuf> {
    let controller = PathBuf::from(format!("/sys/devices/platform/dummy_hcd.{number}"));
    let buses = fs::read_dir(&controller)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let bus = buses.filter_map(|name| name.strip_prefix("usb").map(str::to_owned)).next();
    let bus = bus.ok_or_else(|| anyhow!("no bus below {}", controller.display()))?;
    Ok(controller.join(format!("usb{bus}/{bus}-0:1.0/usb{bus}-port1/disable")))
}
