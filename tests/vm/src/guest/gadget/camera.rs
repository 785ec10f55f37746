//! A camera: `vivid`, whose video output is looped into its capture device, shows a QR code.

use anyhow::{Context, Result, ensure};
use std::process::{Child, Command, Stdio};

/// Capture device of vivid, the only camera of the machine.
pub const NODE: &str = "/dev/video0";
const OUTPUT: &str = "/dev/video1";
/// Size of a frame.
const WIDTH: usize = 1280;
/// Size of a frame.
const HEIGHT: usize = 720;
/// Points of a QR code's module, and light modules around it (ISO/IEC 18004).
const MODULE: usize = 12;
const QUIET_MODULES: usize = 4;
/// White and black of video.
const WHITE: u8 = 235;
const BLACK: u8 = 16;

/// The code that is shown as long as this lives.
pub struct ShownCode(Child);

impl ShownCode {
    /// Shows a code. The order matters: the output's format and the loop before the stream, the stream before the
    /// capture device takes over its timings.
    pub fn show(text: &str) -> Result<Self> {
        let frame = std::env::temp_dir().join("frame.grey");
        std::fs::write(&frame, picture(text)?)?;
        let format = format!("width={WIDTH},height={HEIGHT},pixelformat=GREY");
        v4l2(&["-d", NODE, "-i", "1"])?;
        v4l2(&["-d", OUTPUT, &format!("--set-fmt-video-out={format}")])?;
        v4l2(&["-d", NODE, "-c", "loop_video=1"])?;
        let from = format!("--stream-from={}", frame.display());
        let mut stream = Command::new("v4l2-ctl");
        stream.args(["-d", OUTPUT, "--stream-out-mmap", &from, "--stream-loop", "--stream-count=100000"]);
        let stream = stream.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("v4l2-ctl")?;
        let shown = Self(stream);
        v4l2(&["-d", NODE, "--set-dv-bt-timings", "query"])?;
        v4l2(&["-d", NODE, &format!("--set-fmt-video={format}")])?;
        Ok(shown)
    }
}

impl Drop for ShownCode {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn v4l2(arguments: &[&str]) -> Result<()> {
    let output = Command::new("v4l2-ctl").args(arguments).output().context("v4l2-ctl")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "v4l2-ctl {arguments:?}: {said}");
    Ok(())
}

/// A frame in GREY, the code in its middle: the format that the driver chooses first, for vivid loops only between
/// two sides of one format.
fn picture(text: &str) -> Result<Vec<u8>> {
    let code = qrcode::QrCode::new(text)?;
    let side = (code.width() + 2 * QUIET_MODULES) * MODULE;
    ensure!(side <= HEIGHT, "the code does not fit");
    let (left, top) = ((WIDTH - side) / 2, (HEIGHT - side) / 2);
    let colours = code.to_colors();
    let is_dark = |x: usize, y: usize| {
        let module = |at: usize, from: usize| at.checked_sub(from)?.checked_div(MODULE)?.checked_sub(QUIET_MODULES);
        match (module(x, left), module(y, top)) {
            (Some(x), Some(y)) if x < code.width() && y < code.width() => {
                colours[y * code.width() + x] == qrcode::Color::Dark
            }
            _ => false,
        }
    };
    let points = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
    Ok(points.map(|(x, y)| if is_dark(x, y) { BLACK } else { WHITE }).collect())
}
