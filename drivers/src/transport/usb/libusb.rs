//! The real bus: libusb, built into the program. Every opening looks at the bus anew and holds a context of its
//! own, so nothing of a device that is gone stays behind.

use super::{Choose, ClassRequest, InterfaceShape, UsbBus, UsbInterface};
use crate::{DeviceError, DeviceErrorKind, UsbAddress};
use rusb::{
    Context, Device, DeviceHandle, Direction, Error, Recipient, RequestType, TransferType, UsbContext, request_type,
};
use std::{io, path::Path, time::Duration};

/// Where the kernel shows USB devices by bus and port.
const DEVICES: &str = "/sys/bus/usb/devices";

/// The machine's USB bus.
pub struct LibUsb;

struct Claimed {
    handle: DeviceHandle<Context>,
    shape: InterfaceShape,
}

impl UsbBus for LibUsb {
    fn open(&self, address: &UsbAddress, choose: Choose) -> Result<Box<dyn UsbInterface>, DeviceError> {
        // A machine without USB has no device either.
        let context = Context::new().map_err(|e| DeviceError::because(DeviceErrorKind::NotFound, e))?;
        let device = find(&context, address)?;
        let shapes = shapes(&device).map_err(open_error)?;
        let missing = || DeviceError::because(DeviceErrorKind::WrongModel, "it has no interface of the kind needed");
        let shape = choose(&shapes).ok_or_else(missing)?.clone();
        let handle = device.open().map_err(open_error)?;
        // Detaches at the claim and attaches when the claim ends; where the system cannot, no driver holds it.
        let _ = handle.set_auto_detach_kernel_driver(true);
        handle.claim_interface(shape.number).map_err(open_error)?;
        if shape.setting != 0 {
            handle.set_alternate_setting(shape.number, shape.setting).map_err(open_error)?;
        }
        Ok(Box::new(Claimed { handle, shape }))
    }
}

/// The device; several that are alike and that the address does not tell apart are no answer.
fn find(context: &Context, address: &UsbAddress) -> Result<Device<Context>, DeviceError> {
    let devices = context.devices().map_err(open_error)?;
    let found: Vec<_> = devices
        .iter()
        .filter(|device| {
            device
                .device_descriptor()
                .is_ok_and(|d| (d.vendor_id(), d.product_id()) == (address.vendor, address.product))
        })
        .map(|device| (port_path(&device), device))
        .filter(|(port, _)| address.port.as_ref().is_none_or(|wanted| port == wanted))
        .filter(|(port, _)| address.serial.as_ref().is_none_or(|wanted| serial(port).as_ref() == Some(wanted)))
        .collect();
    if found.len() > 1 {
        let ports: Vec<&str> = found.iter().map(|(port, _)| port.as_str()).collect();
        let which = format!("several devices are {address}; say which by serial=… or port=… ({})", ports.join(", "));
        return Err(DeviceError::because(DeviceErrorKind::Misconfigured, which));
    }
    let only = found.into_iter().next().map(|(_, device)| device);
    only.ok_or_else(|| DeviceError::because(DeviceErrorKind::NotFound, format!("no USB device {address}")))
}

/// Bus and ports as the kernel writes them.
fn port_path(device: &Device<Context>) -> String {
    let ports: Vec<String> = device.port_numbers().unwrap_or_default().iter().map(u8::to_string).collect();
    format!("{}-{}", device.bus_number(), ports.join("."))
}

/// The serial number as the kernel read it when the device was plugged in: no device is opened to ask.
fn serial(port: &str) -> Option<String> {
    let text = std::fs::read_to_string(Path::new(DEVICES).join(port).join("serial")).ok()?;
    Some(text.trim_end_matches('\n').to_owned())
}

fn shapes(device: &Device<Context>) -> Result<Vec<InterfaceShape>, Error> {
    let configuration = device.active_config_descriptor()?;
    let settings = configuration.interfaces().flat_map(|interface| interface.descriptors().collect::<Vec<_>>());
    Ok(settings
        .map(|setting| {
            let pipes = |direction: Direction| {
                let bulk = setting.endpoint_descriptors().filter(|e| e.transfer_type() == TransferType::Bulk);
                let mut pipes: Vec<u8> = bulk.filter(|e| e.direction() == direction).map(|e| e.address()).collect();
                pipes.sort_unstable();
                pipes
            };
            InterfaceShape {
                number: setting.interface_number(),
                setting: setting.setting_number(),
                class: setting.class_code(),
                bulk_in: pipes(Direction::In),
                bulk_out: pipes(Direction::Out),
            }
        })
        .collect())
}

impl UsbInterface for Claimed {
    fn shape(&self) -> &InterfaceShape {
        &self.shape
    }

    fn write(&mut self, endpoint: u8, bytes: &[u8], timeout: Duration) -> io::Result<usize> {
        self.handle.write_bulk(endpoint, bytes, at_least_a_moment(timeout)).map_err(|e| self.broken(endpoint, e))
    }

    fn read(&mut self, endpoint: u8, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.handle.read_bulk(endpoint, buffer, at_least_a_moment(timeout)).map_err(|e| self.broken(endpoint, e))
    }

    fn control_read(&mut self, request: ClassRequest, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let kind = request_type(Direction::In, RequestType::Class, Recipient::Interface);
        let timeout = at_least_a_moment(timeout);
        self.handle.read_control(kind, request.request, 0, request.index, buffer, timeout).map_err(wire_error)
    }
}

impl Claimed {
    /// A halted endpoint is freed at once, or the next dialogue would find it halted.
    fn broken(&self, endpoint: u8, error: Error) -> io::Error {
        if error == Error::Pipe {
            let _ = self.handle.clear_halt(endpoint);
        }
        wire_error(error)
    }
}

/// libusb takes 0 for "without end".
fn at_least_a_moment(timeout: Duration) -> Duration {
    timeout.max(Duration::from_millis(1))
}

/// At unplug Linux says `Io` for the transfer under way and `NoDevice` for the next one; a device that only
/// stopped answering shows as `Timeout`.
fn wire_error(error: Error) -> io::Error {
    let kind = match error {
        Error::Timeout => io::ErrorKind::TimedOut,
        Error::Io | Error::NoDevice => io::ErrorKind::BrokenPipe,
        Error::Pipe => io::ErrorKind::ConnectionReset,
        Error::Access => io::ErrorKind::PermissionDenied,
        Error::Busy => io::ErrorKind::ResourceBusy,
        Error::Overflow | Error::BadDescriptor => io::ErrorKind::InvalidData,
        Error::Interrupted => io::ErrorKind::Interrupted,
        Error::NoMem => io::ErrorKind::OutOfMemory,
        Error::NotSupported | Error::InvalidParam => io::ErrorKind::Unsupported,
        Error::NotFound | Error::Other => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

fn open_error(error: Error) -> DeviceError {
    let kind = match error {
        Error::Access => DeviceErrorKind::AccessDenied,
        Error::Busy => DeviceErrorKind::InUse,
        Error::NotFound | Error::BadDescriptor => DeviceErrorKind::WrongModel,
        // It went away between the look at the bus and the opening.
        _ => DeviceErrorKind::NotFound,
    };
    DeviceError::because(kind, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_an_unplugged_device_are_told_from_one_that_is_silent() {
        let kind = |error| DeviceError::from(wire_error(error)).kind;
        assert_eq!(kind(Error::Io), DeviceErrorKind::Unplugged);
        assert_eq!(kind(Error::NoDevice), DeviceErrorKind::Unplugged);
        assert_eq!(kind(Error::Timeout), DeviceErrorKind::Silent);
        assert_eq!(kind(Error::Access), DeviceErrorKind::AccessDenied);
        assert_eq!(kind(Error::Busy), DeviceErrorKind::InUse);
    }

    #[test]
    fn a_device_that_is_not_plugged_in_is_not_found() {
        let address = UsbAddress { vendor: 0xFFFF, product: 0xFFFE, serial: None, port: None };
        let error = LibUsb.open(&address, |shapes| shapes.first()).err().unwrap();
        assert_eq!(error.kind, DeviceErrorKind::NotFound);
    }
}
