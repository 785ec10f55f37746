//! Our decoder on grey PNM files (P5), for the work on the decoder: a line a file with name, milliseconds of processor
//! time and texts. `BUDGET=ms` sets the budget, 400 if not said; `FIRST=1` stops at the first answer.

#[path = "../../../tests/bench/qr/stopwatch.rs"]
mod stopwatch;

use qr::{Effort, Picture, read};
use std::time::Duration;
use stopwatch::worked_ms;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let budget = std::env::var("BUDGET").ok().map_or(Ok(400), |budget| budget.parse())?;
    let effort = Effort { budget: Duration::from_millis(budget), thorough: std::env::var("FIRST").is_err() };
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let head = bytes.split(|byte| byte.is_ascii_whitespace()).take(4);
        let at: usize = head.clone().map(|word| word.len() + 1).sum();
        let numbers: Vec<usize> =
            head.skip(1).filter_map(|word| std::str::from_utf8(word).ok()?.parse().ok()).collect();
        let [width, height, 255] = numbers[..] else { return Err("no P5 file of one byte a pixel".into()) };
        let from = worked_ms();
        let codes = read(&Picture { width, height, grey: &bytes[at..] }, &effort);
        let texts: Vec<&str> = codes.iter().map(|code| code.text.as_str()).collect();
        println!("{path}\t{:.1}\t{texts:?}", worked_ms() - from);
    }
    Ok(())
}
