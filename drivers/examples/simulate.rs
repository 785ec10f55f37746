//! A simulated ID-card reader or receipt printer as a process of its own, for a terminal that shall not hold it.
//!   simulate card      prints the URI to configure; commands on standard input: `insert KEY=VALUE …`, `lift`,
//!                      `silent on|off`, `unplug`, `replug`; the keys are the fields of a plain card
//!   simulate printer   the same with `paper out|in`, `jam on|off`, `unplug`, `replug`, `slips`
//! Ends when standard input ends.

use drivers::{
    id_card_reader::simulator::{self as card, PlainCard, ReaderKnobs, SimulatedCard},
    receipt_printer::simulator::{self as printer, PrinterKnobs},
};
use std::{
    error::Error,
    io::{BufRead, Write},
};

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        Some("card") => {
            let (port, knobs) = card::on_pty()?;
            say(&format!("serial://{}?baud={}", port.path().display(), card::BAUD))?;
            each_line(|words| turn_reader(&knobs, words))
        }
        Some("printer") => {
            let (port, knobs) = printer::on_tcp()?;
            say(&format!("tcp://{}", port.address()))?;
            each_line(|words| turn_printer(&knobs, words))
        }
        _ => Err("usage: simulate card | simulate printer".into()),
    }
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

fn each_line(mut turn: impl FnMut(&[&str]) -> Result<String, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        say(&turn(&words).unwrap_or_else(|error| format!("error: {error}")))?;
    }
    Ok(())
}

fn turn_reader(knobs: &ReaderKnobs, words: &[&str]) -> Result<String, Box<dyn Error>> {
    match words {
        ["insert", fields @ ..] => knobs.insert_card(SimulatedCard::from_plain(&plain(fields)?)?),
        ["lift"] => knobs.lift(),
        ["silent", state] => knobs.silent(*state == "on"),
        ["unplug"] => knobs.unplug(),
        ["replug"] => knobs.replug(),
        _ => return Err("insert KEY=VALUE …, lift, silent on|off, unplug, replug".into()),
    }
    Ok("ok".to_owned())
}

/// Underscores in a value stand for spaces.
fn plain(fields: &[&str]) -> Result<PlainCard, Box<dyn Error>> {
    let mut card = PlainCard { kind: "resident".to_owned(), ..PlainCard::default() };
    for field in fields {
        let (key, value) = field.split_once('=').ok_or("KEY=VALUE")?;
        let place = match key {
            "kind" => &mut card.kind,
            "name" => &mut card.name,
            "chinese_name" => &mut card.chinese_name,
            "sex" => &mut card.sex,
            "nation" => &mut card.nation,
            "birth" => &mut card.birth,
            "address" => &mut card.address,
            "number" => &mut card.number,
            "authority" => &mut card.authority,
            "valid_from" => &mut card.valid_from,
            "valid_until" => &mut card.valid_until,
            "pass_number" => &mut card.pass_number,
            "issue_count" => &mut card.issue_count,
            "country" => &mut card.country,
            other => return Err(format!("no field {other:?}").into()),
        };
        *place = value.replace('_', " ");
    }
    Ok(card)
}

fn turn_printer(knobs: &PrinterKnobs, words: &[&str]) -> Result<String, Box<dyn Error>> {
    match words {
        ["paper", state] => knobs.paper_out(*state == "out"),
        ["jam", state] => knobs.jam(*state == "on"),
        ["unplug"] => knobs.unplug(),
        ["replug"] => knobs.replug(),
        ["slips"] => return Ok(knobs.slip_count().to_string()),
        _ => return Err("paper out|in, jam on|off, unplug, replug, slips".into()),
    }
    Ok("ok".to_owned())
}
