//! The bench `qr`: our decoder and its peers on the same pictures of the evaluation seed, in one run. Prints for each
//! class and decoder the rate, the texts that were not in the picture, and processor time (median and 95th percentile
//! of read and unread pictures), then the goals. `QR_PICTURES=n` takes n pictures a class instead of 200.

mod peers;
mod set;
mod stopwatch;

use peers::{PEERS, Peer};
use set::{Class, EVALUATION_SEED, PICTURES_A_CLASS, Picture, picture};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use stopwatch::worked_ms;

/// A peer that hangs (rqrr does on some pictures) is left alone after this; the picture counts as unread.
const PATIENCE: Duration = Duration::from_secs(20);

/// What one decoder did with one class.
#[derive(Clone, Default)]
struct Tally {
    read: usize,
    wrong: usize,
    failed: usize,
    times_read: Vec<f32>,
    times_unread: Vec<f32>,
    /// Read pictures of 1280×720 only.
    times_large: Vec<f32>,
}

fn main() {
    let count = std::env::var("QR_PICTURES").ok().and_then(|count| count.parse().ok()).unwrap_or(PICTURES_A_CLASS);
    let ours = Peer { name: "ours", read: |picture| texts_of_ours(picture) };
    let decoders: Vec<&Peer> = std::iter::once(&ours).chain(PEERS).collect();
    let mut rows: Vec<(Class, Vec<Tally>)> = Vec::new();
    std::panic::set_hook(Box::new(|_| {}));
    for class in Class::ALL {
        let mut tallies = vec![Tally::default(); decoders.len()];
        for index in 0..count {
            let picture = Arc::new(picture(class, EVALUATION_SEED, index));
            for (decoder, tally) in decoders.iter().zip(&mut tallies) {
                tally.add(&picture, ask(decoder, &picture));
            }
        }
        print_class(class, &decoders, &tallies, count);
        rows.push((class, tallies));
    }
    print_goals(&decoders, &rows, count);
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

impl Tally {
    fn add(&mut self, picture: &Picture, answer: Option<(Vec<String>, f32)>) {
        let Some((texts, took)) = answer else {
            self.failed += 1;
            return;
        };
        self.wrong += usize::from(texts.iter().any(|text| !picture.texts.contains(text)));
        let whole = !picture.texts.is_empty() && picture.texts.iter().all(|text| texts.contains(text));
        if whole {
            self.read += 1;
            self.times_read.push(took);
            if picture.width == 1280 {
                self.times_large.push(took);
            }
        } else {
            self.times_unread.push(took);
        }
    }
}

fn print_class(class: Class, decoders: &[&Peer], tallies: &[Tally], count: usize) {
    println!("{class:?}");
    for (decoder, tally) in decoders.iter().zip(tallies) {
        println!(
            "  {:10} {:5.1} %  wrong {:3}  failed {:2}  read {}  unread {} ms",
            decoder.name,
            100.0 * tally.read as f32 / count as f32,
            tally.wrong,
            tally.failed,
            quantiles(&tally.times_read),
            quantiles(&tally.times_unread)
        );
    }
}

fn print_goals(decoders: &[&Peer], rows: &[(Class, Vec<Tally>)], count: usize) {
    let coded: Vec<_> = rows.iter().filter(|(class, _)| *class != Class::Blank).collect();
    let all = (coded.len() * count) as f32;
    println!("\nwhole set ({} pictures with codes)", all);
    for (at, decoder) in decoders.iter().enumerate() {
        let read: usize = coded.iter().map(|(_, tallies)| tallies[at].read).sum();
        let wrong: usize = rows.iter().map(|(_, tallies)| tallies[at].wrong).sum();
        let mut large: Vec<f32> = coded.iter().flat_map(|(_, tallies)| tallies[at].times_large.clone()).collect();
        let mut of_read: Vec<f32> = coded.iter().flat_map(|(_, tallies)| tallies[at].times_read.clone()).collect();
        let mut unread: Vec<f32> = rows.iter().flat_map(|(_, tallies)| tallies[at].times_unread.clone()).collect();
        println!(
            "  {:10} {:5.1} %  wrong {wrong:3}  read {}  at 1280x720 {}  unread {} ms",
            decoder.name,
            100.0 * read as f32 / all,
            quantiles(&of_read.split_off(0)),
            quantiles(&large.split_off(0)),
            quantiles(&unread.split_off(0))
        );
    }
    println!("\nclasses in which a peer reads more than ours (* beyond the 95 % interval)");
    for (class, tallies) in &coded {
        for (decoder, tally) in decoders.iter().zip(tallies).skip(1).filter(|(_, tally)| tally.read > tallies[0].read) {
            let (a, b) = (tallies[0].read as f32 / count as f32, tally.read as f32 / count as f32);
            let deviation = ((a * (1.0 - a) + b * (1.0 - b)) / count as f32).sqrt();
            let mark = if b - a > 1.96 * deviation { "*" } else { "" };
            println!("  {class:?}: {} {:.1} % against {:.1} %{mark}", decoder.name, 100.0 * b, 100.0 * a);
        }
    }
}

/// Median and 95th percentile.
fn quantiles(times: &[f32]) -> String {
    let mut times = times.to_vec();
    times.sort_by(f32::total_cmp);
    let at = |share: f32| times.get(((times.len() as f32 - 1.0) * share).round() as usize).copied().unwrap_or(0.0);
    format!("{:5.1}/{:5.1}", at(0.5), at(0.95))
}
