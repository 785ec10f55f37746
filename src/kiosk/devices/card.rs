//! From a card as the reader's driver gives it to a card as a session holds it.

use crate::session::HeldCard;
use crate::session::card::CardKind;
use drivers::id_card_reader::{self as reader, CardDate, Details, IdCard, Sex, ValidUntil};
use jiff::civil::Date;

/// The session's card; `None` where the end of validity cannot be read: such a card must not count as valid for ever.
#[must_use]
pub fn held(card: &IdCard) -> Option<HeldCard> {
    let (valid_to, valid_to_text) = match card.valid_until {
        ValidUntil::Day(day) => (Some(date(day)?), format!("{:04}{:02}{:02}", day.year, day.month, day.day)),
        ValidUntil::LongTerm => (None, "长期".to_owned()),
        ValidUntil::Unknown => return None,
    };
    let nation = match &card.details {
        Details::Resident { nation: Some(nation), .. } => nation.full_name().to_owned(),
        _ => String::new(),
    };
    Some(HeldCard {
        kind: match card.kind() {
            reader::CardKind::Resident => CardKind::Resident,
            reader::CardKind::J => CardKind::J,
            reader::CardKind::I => CardKind::I,
            reader::CardKind::Y => CardKind::Y,
        },
        number: card.number.to_string(),
        name: card.name.text.to_string(),
        name_raw: card.name.raw.to_vec(),
        name_cut: card.name.may_be_cut,
        name_unmapped: card.name.has_unmapped,
        sex: match card.sex {
            Sex::Male => "男".to_owned(),
            Sex::Female => "女".to_owned(),
            Sex::Unstated => String::new(),
        },
        birth: card.birth.and_then(date),
        address: card.address().map(|text| text.text.to_string()).unwrap_or_default(),
        ethnic: nation,
        valid_to,
        valid_to_text,
        photo: card.photo.bytes().to_vec(),
    })
}

fn date(day: CardDate) -> Option<Date> {
    Date::new(i16::try_from(day.year).ok()?, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use drivers::id_card_reader::parse_text;
    use drivers::id_card_reader::simulator::{PlainCard, SimulatedCard};

    const KINDS: [&str; 4] = ["resident", "J", "Y", "I"];

    fn held_until(kind: &str, end: &str) -> Option<HeldCard> {
        let plain = PlainCard {
            kind: kind.into(),
            nation: "汉".into(),
            number: "110100199003070015".into(),
            valid_until: end.into(),
            ..PlainCard::default()
        };
        let chip = SimulatedCard::from_plain(&plain).unwrap();
        held(&parse_text(chip.text(), &[]).unwrap())
    }

    #[test]
    fn a_card_whose_end_of_validity_cannot_be_read_is_no_card_and_never_one_for_ever() {
        for kind in KINDS {
            for end in ["", "20251301", "20250230", "2025", "00000000", "长长"] {
                assert!(held_until(kind, end).is_none(), "{kind} until {end:?}");
            }
        }
    }

    #[test]
    fn only_what_says_so_is_valid_for_ever() {
        for kind in KINDS {
            let card = held_until(kind, "长期").unwrap();
            assert_eq!((card.valid_to, card.valid_to_text.as_str()), (None, "长期"), "{kind}");
        }
    }

    #[test]
    fn a_card_issued_on_a_leap_day_ends_with_february() {
        for kind in KINDS {
            let card = held_until(kind, "20250229").unwrap();
            assert_eq!(card.valid_to_text, "20250228", "{kind}");
            assert!(!card.expired_on(Date::constant(2025, 2, 28)), "{kind}");
            assert!(card.expired_on(Date::constant(2025, 3, 1)), "{kind}");
        }
    }
}
