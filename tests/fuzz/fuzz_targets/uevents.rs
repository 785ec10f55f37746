//! Whatever comes over the kernel's netlink socket, nothing panics and no more is kept than came.
#![no_main]

use drivers::{UsbAddress, hotplug::Uevent};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(event) = Uevent::parse(data) {
        let kept = event.devpath.len() + event.subsystem.len() + event.node.as_ref().map_or(0, String::len);
        assert!(kept <= data.len());
        let address = UsbAddress { vendor: 0x0400, product: 0xC35A, serial: None, port: Some("1-2".into()) };
        let _ = event.is_about(&address);
    }
});
