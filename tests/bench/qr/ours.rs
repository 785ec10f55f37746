//! Our decoder alone on the tuning seed: rate, wrong texts and time of each class, for the work on the decoder.
//! Arguments: pictures a class, then classes by name (all without). Prints the pictures missed with `MISSED=1`,
//! looks longer with `STILL=1`. Publishes nothing: the bench has another seed.

mod set;
mod stopwatch;

use qr::{Effort, Picture, read};
use set::{Class, TUNING_SEED, picture};
use stopwatch::worked_ms;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count: usize = arguments.first().and_then(|count| count.parse().ok()).unwrap_or(20);
    let wanted = |class: &Class| arguments.len() < 2 || arguments[1..].contains(&format!("{class:?}"));
    let effort = if std::env::var("STILL").is_ok() { Effort::still() } else { Effort::frame() };
    let (mut all_read, mut all) = (0, 0);
    for class in Class::ALL.into_iter().filter(wanted) {
        let (mut whole, mut wrong) = (0, 0);
        let (mut times_read, mut times_unread, mut missed) = (Vec::new(), Vec::new(), Vec::new());
        let only = std::env::var("ONLY").ok().and_then(|index| index.parse::<usize>().ok());
        for index in (0..count).filter(|index| only.is_none_or(|only| only == *index)) {
            let picture = picture(class, TUNING_SEED, index);
            let from = worked_ms();
            let codes = read(&Picture { width: picture.width, height: picture.height, grey: &picture.grey }, &effort);
            let took = worked_ms() - from;
            wrong += codes.iter().filter(|code| !picture.texts.contains(&code.text)).count();
            let is_whole = picture.texts.iter().all(|text| codes.iter().any(|code| code.text == *text));
            if is_whole && !picture.texts.is_empty() {
                whole += 1;
                times_read.push(took);
            } else {
                times_unread.push(took);
                missed.push(index);
            }
        }
        let (read, unread) = (quantiles(&mut times_read), quantiles(&mut times_unread));
        println!("{:18} {whole:4}/{count}  wrong {wrong}  read {read}  unread {unread}", format!("{class:?}"));
        if std::env::var("MISSED").is_ok() {
            println!("    missed {missed:?}");
        }
        if class != Class::Blank {
            all_read += whole;
            all += count;
        }
    }
    println!("all {:.1} %", 100.0 * all_read as f32 / all.max(1) as f32);
}

/// Median and 95th percentile.
fn quantiles(times: &mut [f32]) -> String {
    times.sort_by(f32::total_cmp);
    let at = |share: f32| times.get(((times.len() as f32 - 1.0) * share).round() as usize).copied().unwrap_or(0.0);
    format!("{:5.1}/{:5.1} ms", at(0.5), at(0.95))
}
