//! Which lights at the slots shine: where the citizen must act on the page that is shown, or take something. Read
//! from the page, so that page and light never differ.

use super::{CardState, Page, ScanStep, Slip, TrackingWay, View, Witness};

/// Lights at the slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lights {
    /// Where the identity card is laid.
    pub card_reader: bool,
    /// Where slips come out.
    pub receipt_printer: bool,
    /// Where pages come out.
    pub document_printer: bool,
    /// The glass of the document scanner.
    pub scanner: bool,
    /// The window for codes.
    pub barcode_reader: bool,
    /// Over the terminal: it is in service.
    pub in_service: bool,
}

impl Lights {
    /// Those of a view; whether a code is wanted it does not say.
    #[must_use]
    pub fn of(view: &View) -> Self {
        let dark = Self { in_service: true, ..Self::default() };
        match &view.page {
            Page::OutOfService(_) => Self::default(),
            Page::Card(card) => {
                let wanted = !matches!(card.state, CardState::Read { .. } | CardState::ReaderFault);
                Self { card_reader: wanted, ..dark }
            }
            Page::Sign(sign) => Self { card_reader: sign.witness == Some(Witness::ApplicantCard), ..dark },
            Page::Outcome(outcome) => Self { receipt_printer: outcome.slip == Slip::Printed, ..dark },
            Page::Scanning(scanning) => {
                Self { scanner: matches!(scanning.step, ScanStep::Lay | ScanStep::Turn), ..dark }
            }
            Page::Printing(printing) => Self { document_printer: printing.printed > 0, ..dark },
            Page::Printed(_) => Self { document_printer: true, ..dark },
            Page::Farewell(left) => {
                Self { card_reader: left.card, receipt_printer: left.slip, document_printer: left.paper, ..dark }
            }
            Page::Tracking(tracking) => Self { card_reader: tracking.card == TrackingWay::Works, ..dark },
            _ => dark,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Card, Farewell, Frame, Language, OutOfService, Staff};

    fn lights(page: Page) -> Lights {
        let frame = Frame {
            language: Language::Zh,
            elder: false,
            hall: String::new(),
            terminal_no: "007".to_owned(),
            offline: false,
            progress: None,
            back: false,
            leave: false,
            today: jiff::civil::date(2026, 11, 24),
            masked: false,
            staff: Staff::Button,
        };
        Lights::of(&View { frame, page, cover: None })
    }

    fn card(state: CardState) -> Page {
        Page::Card(Card {
            role: String::new(),
            title: String::new(),
            state,
            other_way: String::new(),
            large_type: false,
        })
    }

    #[test]
    fn the_place_of_the_card_shines_while_a_card_is_awaited_and_no_longer() {
        assert!(lights(card(CardState::Waiting)).card_reader && lights(card(CardState::LiftedTooEarly)).card_reader);
        let read =
            CardState::Read { name: "王*示".to_owned(), number: "1101****0015".to_owned(), remark: String::new() };
        assert_eq!(lights(card(read)), Lights { in_service: true, ..Lights::default() });
        assert_eq!(lights(card(CardState::ReaderFault)), Lights { in_service: true, ..Lights::default() });
    }

    #[test]
    fn at_the_farewell_each_place_shines_where_something_is_to_be_taken() {
        let left =
            Farewell { card: true, slip: false, paper: true, erased: Vec::new(), kept: String::new(), seconds: 9 };
        let expected = Lights { card_reader: true, document_printer: true, in_service: true, ..Lights::default() };
        assert_eq!(lights(Page::Farewell(left)), expected);
    }

    #[test]
    fn a_terminal_out_of_service_is_dark() {
        let text = String::new;
        let out = OutOfService { reason: text(), since: text(), elsewhere: text(), technician: text() };
        assert_eq!(lights(Page::OutOfService(out)), Lights::default());
    }
}
