//! A camera that shows a QR code: `vivid`, read frame by frame as V4L2 gives them.

use crate::gadget::camera::{HEIGHT, NODE, ShownCode, WIDTH};
use crate::report::{Report, eventually};
use anyhow::{Context, Result, anyhow, ensure};
use std::process::{Command, Stdio};

const CODE: &str = "https://hall.example/t/XC-2026-000017";

pub fn run(report: &mut Report) {
    report.case("V4L2: a code before vivid's camera is in its frames", || {
        let _shown = ShownCode::show(CODE)?;
        eventually("the code", || {
            ensure!(decode(&frame()?)? == CODE, "another code");
            Ok(())
        })
    });
}

/// One frame in YUYV, the first ones after the start left out.
fn frame() -> Result<Vec<u8>> {
    let file = std::env::temp_dir().join("seen.yuyv");
    let to = format!("--stream-to={}", file.display());
    let mut capture = Command::new("v4l2-ctl");
    capture.args(["-d", NODE, "--stream-mmap", "--stream-skip=2", "--stream-count=1", &to]);
    let status = capture.stdout(Stdio::null()).stderr(Stdio::null()).status().context("v4l2-ctl")?;
    ensure!(status.success(), "no frame");
    let frame = std::fs::read(file)?;
    ensure!(frame.len() == WIDTH * HEIGHT * 2, "a frame of {} bytes", frame.len());
    Ok(frame)
}

fn decode(frame: &[u8]) -> Result<String> {
    let grey: Vec<u8> = frame.iter().step_by(2).copied().collect();
    let picture = qr::Picture { width: WIDTH, height: HEIGHT, grey: &grey };
    // Emulated: the shipped budget of a frame is too short here.
    let code = qr::read(&picture, &qr::Effort::still()).into_iter().next();
    Ok(code.ok_or_else(|| anyhow!("no code in the frame"))?.text)
}
