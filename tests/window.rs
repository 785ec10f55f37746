//! The program in a window: started under a display of its own (Xvfb), looked at and touched. Without Xvfb, xdotool
//! and ImageMagick the test says by name that it is skipped.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for a condition; only a broken program reaches it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(200);

/// A child that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A display of the test's own: number and server.
fn display() -> Option<(String, Running)> {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut number = String::new();
    BufReader::new(server.stdout.take()?).read_line(&mut number).ok()?;
    Some((format!(":{}", number.trim()), Running(server)))
}

fn ask(display: &str, program: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new(program).args(arguments).env("DISPLAY", display).output().ok()?;
    output.status.success().then_some(output.stdout)
}

/// The whole display as it looks now.
fn picture(display: &str) -> image::RgbImage {
    let png = ask(display, "import", &["-window", "root", "png:-"]).expect("a picture of the display");
    image::load_from_memory(&png).unwrap().to_rgb8()
}

/// Waits until the display looks as wanted; the picture.
fn until(display: &str, what: &str, wanted: impl Fn(&image::RgbImage) -> bool) -> image::RgbImage {
    let end = Instant::now() + PATIENCE;
    loop {
        let now = picture(display);
        if wanted(&now) {
            return now;
        }
        if Instant::now() > end {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screens/window-failed.png");
            let _ = now.save(&path);
            panic!("waited in vain for {what}: {}", path.display());
        }
        std::thread::sleep(LOOK);
    }
}

/// How many pixels have just this colour.
fn count(picture: &image::RgbImage, colour: [u8; 3]) -> usize {
    picture.pixels().filter(|pixel| pixel.0 == colour).count()
}

/// The colour of what can be touched first, and of the page.
const PRIMARY: [u8; 3] = [0x0B, 0x4A, 0x8F];
const PAGE: [u8; 3] = [0xF3, 0xF6, 0xFA];

#[test]
fn the_program_opens_windows_where_there_is_a_display_and_a_touch_leads_on() {
    let name = "the_program_opens_windows_where_there_is_a_display_and_a_touch_leads_on";
    let (Some((display, _server)), true, true) =
        (display(), ask(":0", "xdotool", &["--version"]).is_some(), ask(":0", "import", &["-version"]).is_some())
    else {
        println!("SKIPPED {name}: it needs Xvfb, xdotool and ImageMagick (apt-get install xvfb xdotool imagemagick)");
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_kiosk"))
        .arg("--data")
        .arg(data.path())
        .env("DISPLAY", &display)
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut program = Running(child);
    let idle = until(&display, "the idle page", |now| count(now, PRIMARY) > 20_000 && count(now, PAGE) > 20_000);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    std::fs::create_dir_all(&folder).unwrap();
    idle.save(folder.join("window-idle.png")).unwrap();
    // The middle of the large button, half as large as on the terminal.
    let (x, y) = middle(&idle, PRIMARY);
    let (x, y) = (x.to_string(), y.to_string());
    ask(&display, "xdotool", &["mousemove", &x, &y, "click", "1"]).expect("a touch");
    let home = until(&display, "the first page", |now| count(now, PRIMARY) * 2 < count(&idle, PRIMARY));
    home.save(folder.join("window-home.png")).unwrap();
    assert!(program.0.try_wait().unwrap().is_none(), "it goes on running");
}

/// Middle of the tallest run of rows that hold much of a colour.
fn middle(picture: &image::RgbImage, colour: [u8; 3]) -> (u32, u32) {
    let much = |y: u32| (0..picture.width()).filter(|&x| picture.get_pixel(x, y).0 == colour).count() > 200;
    let (mut best, mut from) = ((0, 0), None);
    for y in 0..=picture.height() {
        match (y < picture.height() && much(y), from) {
            (true, None) => from = Some(y),
            (false, Some(start)) => {
                if y - start > best.1 - best.0 {
                    best = (start, y);
                }
                from = None;
            }
            _ => {}
        }
    }
    let y = (best.0 + best.1) / 2;
    let row: Vec<u32> = (0..picture.width()).filter(|&x| picture.get_pixel(x, y).0 == colour).collect();
    (row[row.len() / 2], y)
}
