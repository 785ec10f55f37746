//! Which forms of address each device can have. Held against the settings before anything starts, so that a scanner's
//! address at a printer's key is told by that key and not by a driver later on.

use super::Devices;
use drivers::DeviceUri;

/// Every device's address is one that its driver can open.
pub(super) fn check(devices: &Devices) -> Result<(), String> {
    let addresses: [(&str, &str, &[&str]); 8] = [
        ("id_card_reader", &devices.id_card_reader, &["serial", "tcp", "usb", "hid"]),
        ("receipt_printer", &devices.receipt_printer, &["serial", "tcp", "usb", "usblp"]),
        ("document_printer", &devices.document_printer, &["ipp", "ipps"]),
        ("document_scanner", &devices.document_scanner, &["escl", "escls", "sane"]),
        // A camera alone may stand at the barcode reader's key.
        ("barcode_reader", &devices.barcode_reader, &["serial", "tcp", "keyboard", "hid", "v4l"]),
        ("camera", &devices.camera, &["v4l"]),
        ("indicator", &devices.indicator, &["serial", "tcp"]),
        ("stick", &devices.stick, &["stick"]),
    ];
    addresses.iter().try_for_each(|(key, address, schemes)| check_one(key, address, schemes))
}

fn check_one(key: &str, address: &str, schemes: &[&str]) -> Result<(), String> {
    let must_be_there = matches!(key, "id_card_reader" | "receipt_printer");
    if address.is_empty() && !must_be_there {
        return Ok(());
    }
    let scheme = address.split([':', '?']).next().unwrap_or_default();
    if scheme != SIMULATOR && !schemes.contains(&scheme) {
        let forms: Vec<String> = schemes.iter().map(|scheme| form(scheme)).collect();
        return Err(format!(
            "devices.{key}: {scheme:?} does not lead to this device, write {} or {SIMULATOR}:",
            forms.join(", ")
        ));
    }
    address.parse::<DeviceUri>().map(|_| ()).map_err(|error| format!("devices.{key}: {error}"))
}

/// Stands for any device; the demo starts one.
const SIMULATOR: &str = "simulator";

/// How an address of a scheme is written, as the drivers say it.
fn form(scheme: &str) -> String {
    let known = drivers::uri::SCHEMES.iter().find(|(name, _)| *name == scheme);
    known.map_or_else(|| format!("{scheme}:"), |(_, form)| (*form).to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn said(key: &str, address: &str) -> Result<(), String> {
        let mut devices = Config::load(None).unwrap().devices;
        let slot = match key {
            "id_card_reader" => &mut devices.id_card_reader,
            "receipt_printer" => &mut devices.receipt_printer,
            "document_printer" => &mut devices.document_printer,
            "document_scanner" => &mut devices.document_scanner,
            "barcode_reader" => &mut devices.barcode_reader,
            "camera" => &mut devices.camera,
            "indicator" => &mut devices.indicator,
            _ => &mut devices.stick,
        };
        *slot = address.to_owned();
        check(&devices)
    }

    #[test]
    fn an_address_of_another_kind_of_device_is_refused_by_its_key_with_the_forms_it_takes() {
        for (key, address, form) in [
            ("document_printer", "serial:///dev/ttyS9", "ipp://HOST"),
            ("id_card_reader", "ipp://192.0.2.7/ipp/print", "usb://VID:PID"),
            ("id_card_reader", "keyboard://1EAB:0022", "hid://VID:PID"),
            ("receipt_printer", "stick:", "usblp://VID:PID"),
            ("document_scanner", "tcp://192.0.2.7:80", "sane:NAME"),
            ("barcode_reader", "usblp://0416:5011", "keyboard://VID:PID"),
            ("camera", "serial:///dev/ttyS9", "v4l://VID:PID"),
            ("indicator", "hid://2B8B:2721", "tcp://HOST:PORT"),
            ("stick", "serial:///dev/ttyS9", "stick:///PATH"),
        ] {
            let message = said(key, address).unwrap_err();
            assert!(message.starts_with(&format!("devices.{key}: ")), "{message}");
            assert!(message.contains(form) && message.contains("simulator:"), "{message}");
        }
    }

    #[test]
    fn every_form_that_a_driver_opens_is_taken() {
        let wires = ["serial:///dev/serial/by-id/x?baud=9600", "serial://1EAB:1D06", "tcp://192.0.2.7:9100"];
        let taken: [(&str, &[&str]); 8] = [
            ("id_card_reader", &["usb://0400:C35A", "hid://0400:C35A", wires[0], wires[1], wires[2]]),
            ("receipt_printer", &["usb://0416:5011", "usblp://0416:5011", wires[0], wires[1], wires[2]]),
            ("document_printer", &["ipp://192.0.2.7", "ipps://printer.hall/ipp/print", ""]),
            ("document_scanner", &["escl://192.0.2.7", "escls://scanner.hall", "sane:airscan:e0:Scanner", ""]),
            ("barcode_reader", &["keyboard://1EAB:0022", "hid://1EAB:0022", "v4l://046D:0825", wires[1], ""]),
            ("camera", &["v4l://046D:0825", "v4l:///dev/v4l/by-id/x", ""]),
            ("indicator", &[wires[0], wires[1], "tcp://192.0.2.7:502?unit=2", ""]),
            ("stick", &["stick:", "stick:?port=1-2", "stick:///srv/a.img", ""]),
        ];
        for (key, own) in taken {
            for address in own.iter().chain(&["simulator:"]) {
                assert_eq!(said(key, address), Ok(()), "{key}");
            }
        }
    }

    #[test]
    fn card_reader_and_slip_printer_must_be_there() {
        assert!(said("id_card_reader", "").unwrap_err().contains("devices.id_card_reader"));
        assert!(said("receipt_printer", "").unwrap_err().contains("devices.receipt_printer"));
    }

    #[test]
    fn an_address_of_the_right_kind_that_is_not_complete_is_told_by_its_key_too() {
        let message = said("camera", "v4l:video0").unwrap_err();
        assert!(message.starts_with("devices.camera: ") && message.contains("v4l://VID:PID"), "{message}");
    }
}
