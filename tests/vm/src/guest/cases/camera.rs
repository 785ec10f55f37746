//! A camera that shows a QR code: `vivid`, read by the shipped driver for cameras as readers of codes.

use crate::gadget::camera::{NODE, ShownCode};
use crate::report::{Report, eventually};
use anyhow::{Result, anyhow, ensure};
use drivers::barcode_reader::BarcodeReader;
use drivers::camera::{self, CameraReader};
use drivers::{DeviceUri, Place};
use std::time::Duration;

const CODE: &str = "https://hall.example/s/0123456789abcdef0123456789abcdef";
/// A first frame comes at once from vivid.
const LOOK: Duration = Duration::from_secs(1);

pub fn run(report: &mut Report) {
    report.case("V4L2: a code before vivid's camera is read by the camera driver, and again", || {
        let _shown = ShownCode::show(CODE)?;
        let DeviceUri { place: Place::V4l(address), .. } = format!("v4l://{NODE}").parse()? else {
            return Err(anyhow!("no camera's address"));
        };
        let mut camera = camera::open(&address);
        eventually("a picture", || Ok(camera.self_test()?))?;
        for _ in 0..2 {
            eventually("the code", || {
                ensure!(code_before(&mut camera)? == CODE, "another code");
                Ok(())
            })?;
            // A camera that rested opens its stream anew.
            camera.rest();
        }
        Ok(())
    });
}

/// What the camera reads. Emulated, the budget of a frame may be too short for it: then the same picture is read
/// within that of a still.
fn code_before(camera: &mut CameraReader) -> Result<String> {
    if let Some(scan) = camera.scan(LOOK)? {
        return scan.text().map(|text| text.to_string()).ok_or_else(|| anyhow!("no text"));
    }
    let frame = camera.still()?;
    let picture = qr::Picture { width: frame.width, height: frame.height, grey: &frame.pixels };
    let code = qr::read(&picture, &qr::Effort::still()).into_iter().next();
    let tone = frame.pixels.iter().map(|pixel| u64::from(*pixel)).sum::<u64>() / frame.pixels.len().max(1) as u64;
    let seen = || anyhow!("no code in a frame of {} x {}, mean {tone}", frame.width, frame.height);
    Ok(code.ok_or_else(seen)?.text)
}
