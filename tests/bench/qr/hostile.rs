//! Throws hostile pictures at our decoder: 100,000, or the number that is given, from the first or from the one that
//! is given behind it. Ends with an error where it panics, or works for longer than twice its budget; prints what it
//! took. Built with `--profile hostile`: overflow is checked.

mod set;
mod stopwatch;

use qr::{Effort, Picture, read};
use set::{HOSTILE_SEED, hostile};
use std::panic::catch_unwind;
use std::process::ExitCode;
use stopwatch::worked_ms;

const PICTURES: usize = 100_000;
/// A step that began within the budget may end behind it, but not so far.
const OVERRUN: f32 = 2.0;

fn main() -> ExitCode {
    let number = |place| std::env::args().nth(place).and_then(|number| number.parse::<usize>().ok());
    let (count, first) = (number(1).unwrap_or(PICTURES), number(2).unwrap_or(0));
    let effort = Effort::frame();
    let budget = effort.budget.as_secs_f32() * 1e3;
    let (mut panics, mut overruns, mut codes, mut most) = (Vec::new(), Vec::new(), 0, 0.0f32);
    let mut times = Vec::with_capacity(count);
    std::panic::set_hook(Box::new(|_| {}));
    for index in first..first + count {
        let picture = hostile(HOSTILE_SEED, index);
        let seen = Picture { width: picture.width, height: picture.height, grey: &picture.grey };
        let from = worked_ms();
        match catch_unwind(|| read(&seen, &effort)) {
            Ok(read) => codes += read.len(),
            Err(_) => panics.push(index),
        }
        let took = worked_ms() - from;
        most = most.max(took);
        times.push(took);
        if took > budget * OVERRUN {
            overruns.push(index);
        }
    }
    times.sort_by(f32::total_cmp);
    let at = |share: f32| times.get(((times.len() as f32 - 1.0) * share) as usize).copied().unwrap_or(0.0);
    println!("{count} hostile pictures, {codes} codes read: {} panics {panics:?}", panics.len());
    println!("{} beyond {OVERRUN} times the budget of {budget} ms {overruns:?}", overruns.len());
    println!("median {:.1} ms, 99th percentile {:.1} ms, most {most:.1} ms", at(0.5), at(0.99));
    if panics.is_empty() && overruns.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
