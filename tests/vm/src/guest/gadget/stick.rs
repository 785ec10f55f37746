//! A stick on `usb_f_mass_storage`: a file with the bytes of one behind a block device of the kernel's `usb-storage`.

use super::{Identity, Port};
use anyhow::Result;
use std::path::Path;
use usb_gadget::function::msd::Msd;

/// Where its bytes lie.
const FILE: &str = "/tmp/stick.img";

/// The gadget.
pub struct StickGadget(Port);

impl StickGadget {
    /// Makes a stick with these bytes and plugs it into a port.
    pub fn plug(number: usize, image: &[u8]) -> Result<Self> {
        std::fs::write(FILE, image)?;
        let (_, function) = Msd::new(Path::new(FILE))?;
        Ok(Self(Port::plug(number, &Identity { vendor: 0x0781, product: 0x5567, serial: "STICK" }, function)?))
    }

    /// What lies on it now.
    pub fn image(&self) -> Result<Vec<u8>> {
        Ok(std::fs::read(FILE)?)
    }

    /// Pulls it out.
    pub fn pull_out(&self) -> Result<()> {
        self.0.unplug()
    }

    /// Plugs it in again.
    pub fn plug_in(&self) -> Result<()> {
        self.0.replug()
    }
}
