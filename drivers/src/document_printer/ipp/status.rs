//! Reads from `printer-attributes` how a printer stands. Reasons are matched by their beginning: the same event is
//! `media-empty-report` while idle, `-warning` while printing and `-error` when it stopped. No I/O.

use super::message::{Group, Value};
use crate::PaperSupply;
use crate::document_printer::{
    DocumentPrinterStatus, Level, PrinterState, Severity, StateReason, Supply, Tray, Trouble,
};

/// What is asked.
pub(super) const ASKED: &[&str] = &[
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "queued-job-count",
    "printer-supply",
    "printer-input-tray",
    "marker-names",
    "marker-types",
    "marker-colors",
    "marker-levels",
];

/// Reasons, by their beginning, that keep a printer from printing, in the order in which they are told.
const TROUBLES: &[(&str, Trouble)] = &[
    ("media-jam", Trouble::Jammed),
    ("cover-open", Trouble::CoverOpen),
    ("door-open", Trouble::CoverOpen),
    ("interlock-open", Trouble::CoverOpen),
    ("input-tray-missing", Trouble::TrayMissing),
    ("media-needed", Trouble::PaperOut),
    ("media-empty", Trouble::PaperOut),
    ("output-area-full", Trouble::OutputFull),
    ("output-tray-missing", Trouble::TrayMissing),
    ("toner-empty", Trouble::TonerOut),
    ("marker-supply-empty", Trouble::TonerOut),
    ("developer-empty", Trouble::TonerOut),
    ("marker-supply-missing", Trouble::TonerOut),
    ("paused", Trouble::Paused),
    ("shutdown", Trouble::Paused),
    ("deactivated", Trouble::Paused),
    ("offline", Trouble::Paused),
];
/// Supplies and trays that are kept.
const PARTS_MAX: usize = 32;

/// Reads a printer's attributes.
pub fn read_status(printer: &Group) -> DocumentPrinterStatus {
    let state = match printer.integer("printer-state") {
        Some(4) => PrinterState::Processing,
        Some(5) => PrinterState::Stopped,
        _ => PrinterState::Idle,
    };
    let accepting = !matches!(printer.first("printer-is-accepting-jobs"), Some(Value::Boolean(false)));
    let reasons: Vec<StateReason> = printer.texts("printer-state-reasons").filter_map(reason).collect();
    let trays: Vec<Tray> = parts(printer, "printer-input-tray").map(tray).collect();
    let trouble = trouble(state, accepting, &reasons, &trays);
    DocumentPrinterStatus {
        state,
        accepting,
        paper: paper(&reasons, trouble),
        trouble,
        supplies: supplies(printer),
        trays,
        queued_jobs: printer.integer("queued-job-count").and_then(|n| u32::try_from(n).ok()).unwrap_or_default(),
        reasons,
    }
}

fn reason(text: &str) -> Option<StateReason> {
    let suffixes = [("-report", Severity::Report), ("-warning", Severity::Warning), ("-error", Severity::Error)];
    let suffix = suffixes.into_iter().find_map(|(suffix, severity)| Some((text.strip_suffix(suffix)?, severity)));
    let (keyword, severity) = suffix.unwrap_or((text, Severity::Error));
    (keyword != "none").then(|| StateReason { keyword: keyword.to_owned(), severity })
}

fn trouble(state: PrinterState, accepting: bool, reasons: &[StateReason], trays: &[Tray]) -> Option<Trouble> {
    let stopped = state == PrinterState::Stopped;
    let counts = |reason: &StateReason, trouble: Trouble| {
        let stops = stopped || reason.severity == Severity::Error;
        match trouble {
            // A full tray prints on while another, such as the bypass, is empty.
            Trouble::PaperOut => stops || !trays.iter().any(|tray| tray.level.is_some_left()),
            // One colour used up, or a note about the output, does not stop a black page.
            Trouble::TonerOut | Trouble::OutputFull | Trouble::TrayMissing => stops,
            _ => true,
        }
    };
    let said = TROUBLES.iter().find(|(head, trouble)| {
        reasons.iter().any(|reason| reason.keyword.starts_with(head) && counts(reason, *trouble))
    });
    match said {
        Some((_, trouble)) => Some(*trouble),
        None if stopped => Some(Trouble::Fault),
        None if !accepting => Some(Trouble::Paused),
        None => None,
    }
}

fn paper(reasons: &[StateReason], trouble: Option<Trouble>) -> PaperSupply {
    let said = |head: &str| reasons.iter().any(|reason| reason.keyword.starts_with(head));
    match trouble {
        Some(Trouble::Jammed) => PaperSupply::Jammed,
        Some(Trouble::PaperOut) => PaperSupply::Out,
        _ if said("media-low") || said("media-empty") => PaperSupply::Low,
        _ => PaperSupply::Full,
    }
}

/// `printer-supply` (PWG 5100.13), else the `marker-…` lists of CUPS.
fn supplies(printer: &Group) -> Vec<Supply> {
    let said: Vec<Supply> = parts(printer, "printer-supply").map(supply).collect();
    if !said.is_empty() {
        return said;
    }
    let levels = printer.values("marker-levels").iter().take(PARTS_MAX).enumerate();
    let text =
        |name: &str, at: usize| printer.values(name).get(at).and_then(Value::as_text).unwrap_or_default().to_owned();
    levels
        .map(|(at, level)| Supply {
            kind: text("marker-types", at),
            colorant: text("marker-names", at),
            level: level_of(level.as_integer(), Some(100), false),
        })
        .collect()
}

/// The octet strings of an attribute, as the pairs that they hold: `type=toner;level=3;…`.
fn parts<'a>(printer: &'a Group, name: &str) -> impl Iterator<Item = String> + 'a {
    let octets = printer.values(name).iter().take(PARTS_MAX).filter_map(|value| match value {
        Value::Other(_, bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::Text(_, text) => Some(text.clone()),
        _ => None,
    });
    octets.collect::<Vec<_>>().into_iter()
}

fn pair<'a>(part: &'a str, key: &str) -> Option<&'a str> {
    part.split(';').find_map(|pair| pair.trim().strip_prefix(key)?.strip_prefix('='))
}

fn number(part: &str, key: &str) -> Option<i32> {
    pair(part, key).and_then(|text| text.trim().parse().ok())
}

fn supply(part: String) -> Supply {
    let text = |key: &str| pair(&part, key).unwrap_or_default().to_owned();
    // RFC 3805: 19 is percent; what has no maximum is taken for percent as well, as small printers mean it.
    let most = number(&part, "maxcapacity").filter(|most| *most > 0).or(Some(100));
    Supply { kind: text("type"), colorant: text("colorantname"), level: level_of(number(&part, "level"), most, false) }
}

fn tray(part: String) -> Tray {
    let most = number(&part, "maxcapacity").filter(|most| *most > 0);
    let name = pair(&part, "name").unwrap_or_default().to_owned();
    Tray { name, level: level_of(number(&part, "level"), most, true) }
}

/// RFC 3805: -3 is "some", -2 "unknown", -1 "no restriction".
fn level_of(level: Option<i32>, most: Option<i32>, sheets: bool) -> Level {
    match (level, most) {
        (Some(-3), _) => Level::Some,
        (Some(left @ 0..), _) if sheets => Level::Sheets(left.unsigned_abs()),
        (Some(left @ 0..), Some(most)) => Level::Percent((i64::from(left) * 100 / i64::from(most)).min(100) as u8),
        _ => Level::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document_printer::ipp::message::{Attribute, group, tag};

    fn status(state: i32, reasons: &[&str], trays: &[&str]) -> DocumentPrinterStatus {
        let octets = |text: &&str| Value::Other(tag::OCTETS, text.as_bytes().to_vec());
        read_status(&Group {
            tag: group::PRINTER,
            attributes: vec![
                Attribute::one("printer-state", Value::Enum(state)),
                Attribute::set("printer-state-reasons", reasons.iter().map(Value::keyword)),
                Attribute::set("printer-input-tray", trays.iter().map(octets)),
            ],
        })
    }

    #[test]
    fn the_same_reason_is_known_with_every_ending() {
        for ending in ["", "-report", "-warning", "-error"] {
            let jam = status(3, &[&format!("media-jam{ending}")], &[]);
            assert_eq!((jam.trouble, jam.paper), (Some(Trouble::Jammed), PaperSupply::Jammed));
            assert_eq!(status(4, &[&format!("media-empty{ending}")], &[]).trouble, Some(Trouble::PaperOut));
        }
    }

    #[test]
    fn an_empty_bypass_stops_nothing_while_another_tray_holds_paper() {
        let trays = ["type=sheetFeedAutoRemovableTray;level=120;name=main", "type=other;level=0;name=bypass;"];
        let note = status(3, &["media-empty-report"], &trays);
        assert_eq!((note.trouble, note.paper), (None, PaperSupply::Low));
        assert_eq!(note.trays[0], Tray { name: "main".into(), level: Level::Sheets(120) });
        assert_eq!(status(3, &["media-empty-report"], &trays[1..]).trouble, Some(Trouble::PaperOut));
        assert_eq!(status(5, &["media-empty-error"], &trays).trouble, Some(Trouble::PaperOut));
    }

    #[test]
    fn a_stop_without_a_reason_is_a_fault() {
        assert_eq!(status(5, &["none"], &[]).trouble, Some(Trouble::Fault));
        assert_eq!(status(3, &["none"], &[]).trouble, None);
        assert_eq!(status(3, &["toner-empty-warning"], &[]).trouble, None);
        assert!(status(3, &["toner-low-report"], &[]).supply_is_low());
    }
}
