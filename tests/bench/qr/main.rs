//! The bench `qr`: our decoder and its peers on the same pictures, in one run. Prints tables: the share of each class
//! that a decoder reads with its 95 % interval, the texts that were not in the picture, processor time (median and 95th
//! percentile of read and unread pictures), then the goals. `QR_PICTURES=n` takes n pictures a class instead of 200,
//! `QR_SEED=tuning` the seed of the tuning instead of the evaluation's.

mod peers;
mod set;
mod stopwatch;
mod tally;

use peers::{PEERS, Peer};
use set::{Class, EVALUATION_SEED, PICTURES_A_CLASS, Picture, TUNING_SEED, picture};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use stopwatch::worked_ms;
use tally::{Tally, interval, quantiles};

/// A peer that hangs (rqrr does on some pictures) is left alone after this; the picture counts as unread.
const PATIENCE: Duration = Duration::from_secs(20);
/// By so many points ours is to be above the best peer over the whole set.
const POINTS_ABOVE: f32 = 6.0;
/// So many times zxing-cpp's the median of a read frame of 1280×720 may take.
const TIMES_ZXING: f32 = 1.5;
/// What a frame without a code may take, in milliseconds.
const BLANK_MS: f32 = 30.0;

fn main() {
    let count = std::env::var("QR_PICTURES").ok().and_then(|count| count.parse().ok()).unwrap_or(PICTURES_A_CLASS);
    let is_tuning = std::env::var("QR_SEED").is_ok_and(|seed| seed == "tuning");
    let seed = if is_tuning { TUNING_SEED } else { EVALUATION_SEED };
    let ours = Peer { name: "ours", read: texts_of_ours };
    let decoders: Vec<&Peer> = std::iter::once(&ours).chain(PEERS).collect();
    std::panic::set_hook(Box::new(|_| {}));
    println!("Seed {seed:#x}, {count} pictures a class; per cent read (95 % interval), wrong texts after a slash\n");
    println!("| class | {} |", names(&decoders).join(" | "));
    println!("|---|{}", "---|".repeat(decoders.len()));
    let mut rows: Vec<(Class, Vec<Tally>)> = Vec::new();
    for class in Class::ALL {
        let tallies = tallies(class, (seed, count), &decoders);
        println!("| {class:?} | {} |", cells(&tallies, count).join(" | "));
        rows.push((class, tallies));
    }
    print_whole(&decoders, &rows, count);
    print_lost(&decoders, &rows, count);
}

/// All pictures of a class shown to all decoders. Time is processor time of the thread that decodes, so that pictures
/// may be worked on side by side.
fn tallies(class: Class, (seed, count): (u64, usize), decoders: &[&Peer]) -> Vec<Tally> {
    let tallies = Mutex::new(vec![Tally::default(); decoders.len()]);
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let picture = Arc::new(picture(class, seed, index));
            let answers: Vec<_> = decoders.iter().map(|decoder| ask(decoder, &picture)).collect();
            let mut tallies = tallies.lock().unwrap_or_else(PoisonError::into_inner);
            tallies.iter_mut().zip(answers).for_each(|(tally, answer)| tally.add(&picture, answer));
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, |count| count.get());
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    tallies.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn texts_of_ours(picture: &Picture) -> Vec<String> {
    let seen = qr::Picture { width: picture.width, height: picture.height, grey: &picture.grey };
    qr::read(&seen, &qr::Effort::frame()).into_iter().map(|code| code.text).collect()
}

/// Texts and milliseconds; nothing where the decoder panicked or does not end.
fn ask(decoder: &Peer, picture: &Arc<Picture>) -> Option<(Vec<String>, f32)> {
    let (send, answer) = mpsc::channel();
    let (read, picture) = (decoder.read, picture.clone());
    std::thread::spawn(move || {
        let from = worked_ms();
        let texts = read(&picture);
        let _ = send.send((texts, worked_ms() - from));
    });
    answer.recv_timeout(PATIENCE).ok()
}

fn names(decoders: &[&Peer]) -> Vec<String> {
    decoders.iter().map(|decoder| decoder.name.to_owned()).collect()
}

fn cells(tallies: &[Tally], count: usize) -> Vec<String> {
    let cell = |tally: &Tally| {
        let (low, high) = interval(tally.read, count);
        let failed = if tally.failed > 0 { format!(", {} failed", tally.failed) } else { String::new() };
        format!("{:.1} ({low:.0}–{high:.0}) / {}{failed}", 100.0 * tally.read as f32 / count as f32, tally.wrong)
    };
    tallies.iter().map(cell).collect()
}

fn print_whole(decoders: &[&Peer], rows: &[(Class, Vec<Tally>)], count: usize) {
    let whole: Vec<Tally> = (0..decoders.len())
        .map(|at| {
            let mut sum = Tally::default();
            rows.iter().for_each(|(class, tallies)| sum.merge(&tallies[at], *class != Class::Blank));
            sum
        })
        .collect();
    let all = (rows.len() - 1) * count;
    println!("| **whole** | {} |", cells(&whole, all).join(" | "));
    let row = |name: &str, of: &dyn Fn(&Tally) -> String| {
        println!("| {name} | {} |", whole.iter().map(of).collect::<Vec<_>>().join(" | "));
    };
    row("read, ms median / p95", &|tally| quantiles(&tally.times_read));
    row("read at 1280×720", &|tally| quantiles(&tally.times_large));
    row("unread", &|tally| quantiles(&tally.times_unread));
    row("without a code", &|tally| quantiles(&tally.times_blank));
    let rate = |tally: &Tally| 100.0 * tally.read as f32 / all as f32;
    let best = whole[1..].iter().map(rate).fold(0.0, f32::max);
    let verdict = |reached: bool| if reached { "reached" } else { "MISSED" };
    let above = rate(&whole[0]) - best;
    println!("\nabove the best peer by {above:.1} points (goal {POINTS_ABOVE}: {})", verdict(above >= POINTS_ABOVE));
    println!("wrong texts {} (goal 0: {})", whole[0].wrong, verdict(whole[0].wrong == 0));
    let (ours, zxing) = (tally::at(&whole[0].times_large, 0.5), tally::at(&whole[1].times_large, 0.5));
    let ratio = ours / zxing.max(0.001);
    println!(
        "median of a read frame {ratio:.2} times zxing-cpp's (goal {TIMES_ZXING}: {})",
        verdict(ratio <= TIMES_ZXING)
    );
    let blank = tally::at(&whole[0].times_blank, 0.95);
    println!("a frame without a code {blank:.1} ms at p95 (goal {BLANK_MS}: {})", verdict(blank <= BLANK_MS * 1.05));
}

fn print_lost(decoders: &[&Peer], rows: &[(Class, Vec<Tally>)], count: usize) {
    println!("\nclasses in which a peer reads more than ours (* beyond the 95 % interval):");
    for (class, tallies) in rows.iter().filter(|(class, _)| *class != Class::Blank) {
        for (decoder, tally) in decoders.iter().zip(tallies).skip(1).filter(|(_, tally)| tally.read > tallies[0].read) {
            let (a, b) = (tallies[0].read as f32 / count as f32, tally.read as f32 / count as f32);
            let deviation = ((a * (1.0 - a) + b * (1.0 - b)) / count as f32).sqrt();
            let mark = if b - a > 1.96 * deviation { "*" } else { "" };
            println!("  {class:?}: {} {:.1} % against {:.1} %{mark}", decoder.name, 100.0 * b, 100.0 * a);
        }
    }
}
