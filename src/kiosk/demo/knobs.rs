//! What the dev dock turns: cards on the reader, faults of reader and printer, the file that stands in for the
//! camera. The simulators answer bytes; these are their knobs.

use super::paper::PaperKnobs;
use super::{DockCapture, SlotKnobs};
use drivers::document_printer::simulator::DocumentPrinterKnobs;
use drivers::document_scanner::simulator::ScannerKnobs;
use drivers::id_card_reader::simulator::{PlainCard, PlainCardError, ReaderKnobs, SimulatedCard};
use drivers::receipt_printer::Bitmap;
use drivers::receipt_printer::simulator::PrinterKnobs;
use drivers::usb_stick::simulator::StickKnobs;
use std::path::PathBuf;
use std::sync::Arc;
use wire::catalogue::DemoPerson;
use wire::form::CardKind;

/// The knobs; clones share them.
#[derive(Clone)]
pub struct Knobs {
    /// The ID-card reader's.
    pub reader: ReaderKnobs,
    /// The receipt printer's.
    pub printer: PrinterKnobs,
    /// The document printer's.
    pub document_printer: DocumentPrinterKnobs,
    /// The document scanner's.
    pub document_scanner: ScannerKnobs,
    /// Those of barcode reader, camera and lights.
    pub slots: SlotKnobs,
    /// The stick's slot's.
    pub stick: StickKnobs,
    capture: Arc<DockCapture>,
}

/// A card in the dock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoCard {
    /// Id of the demo person.
    pub demo_id: String,
    /// Fictional name, shown in the dock.
    pub name: String,
    /// What is special.
    pub note: String,
}

impl Knobs {
    pub(super) fn new(
        (reader, printer): (ReaderKnobs, PrinterKnobs),
        (document_printer, document_scanner, stick): PaperKnobs,
        slots: SlotKnobs,
        capture: Arc<DockCapture>,
    ) -> Self {
        Self { reader, printer, document_printer, document_scanner, slots, stick, capture }
    }

    /// The demo people whose cards lie in the dock.
    #[must_use]
    pub fn cards() -> Vec<DemoCard> {
        people()
            .iter()
            .map(|person| DemoCard {
                demo_id: person.demo_id.clone(),
                name: person.name.clone(),
                note: person.note.clone(),
            })
            .collect()
    }

    /// Puts a demo person's card on the reader. `false` when there is no such person.
    #[must_use]
    pub fn insert(&self, demo_id: &str) -> bool {
        let person = people().into_iter().find(|person| person.demo_id == demo_id);
        match person.map(|person| simulated(&person)) {
            Some(Ok(card)) => {
                self.reader.insert_card(card);
                true
            }
            _ => false,
        }
    }

    /// The image that the next captured page shows; none is a sample page.
    pub fn page_from(&self, file: Option<PathBuf>) {
        self.capture.set_file(file);
    }

    /// Whether a camera is there.
    pub fn camera(&self, there: bool) {
        self.capture.set_ready(there);
    }

    /// Whether staff cards can be read here.
    pub fn staff_cards(&self, read: bool) {
        self.capture.set_staff_cards(read);
    }

    /// The slips that came out so far.
    #[must_use]
    pub fn slips(&self) -> Vec<Bitmap> {
        self.printer.slips()
    }
}

/// A demo person's card as the simulator lays it on the reader.
///
/// # Errors
/// When a value does not fit the chip.
pub fn simulated(person: &DemoPerson) -> Result<SimulatedCard, PlainCardError> {
    SimulatedCard::from_plain(&PlainCard {
        kind: match person.card {
            CardKind::Resident => "resident",
            CardKind::J => "J",
            CardKind::Y => "Y",
            CardKind::I => "I",
        }
        .to_owned(),
        name: person.name.clone(),
        chinese_name: person.name_zh.clone().unwrap_or_default(),
        sex: person.sex.clone(),
        nation: person.ethnic.clone().unwrap_or_default(),
        birth: person.birth.clone(),
        address: person.address.clone().unwrap_or_default(),
        number: person.id_no.clone(),
        authority: person.issued_by.clone(),
        valid_from: person.valid_from.clone(),
        valid_until: person.valid_to.clone(),
        pass_number: person.pass_no.clone().unwrap_or_default(),
        issue_count: person.issue_count.clone().unwrap_or_default(),
        country: person.nation.clone().unwrap_or_default(),
    })
}

fn people() -> Vec<DemoPerson> {
    let json = include_str!("../../../assets/catalogue/catalogue.json");
    wire::catalogue::Catalogue::load(json)
        .ok()
        .and_then(|loaded| loaded.catalogue.demo)
        .map(|demo| demo.people)
        .unwrap_or_default()
}
