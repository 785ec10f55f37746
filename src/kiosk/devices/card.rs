//! From a card as the reader's driver gives it to a card as a session holds it.

use crate::session::HeldCard;
use crate::session::card::CardKind;
use drivers::id_card_reader::{self as reader, CardDate, Details, IdCard, Sex, ValidUntil};
use jiff::civil::Date;

/// The session's card.
#[must_use]
pub fn held(card: &IdCard) -> HeldCard {
    let nation = match &card.details {
        Details::Resident { nation: Some(nation), .. } => nation.full_name().to_owned(),
        _ => String::new(),
    };
    HeldCard {
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
        valid_to: match card.valid_until {
            ValidUntil::Day(day) => date(day),
            ValidUntil::LongTerm | ValidUntil::Unknown => None,
        },
        valid_to_text: match card.valid_until {
            ValidUntil::Day(day) => format!("{:04}{:02}{:02}", day.year, day.month, day.day),
            ValidUntil::LongTerm => "长期".to_owned(),
            ValidUntil::Unknown => String::new(),
        },
        photo: card.photo.bytes().to_vec(),
    }
}

fn date(day: CardDate) -> Option<Date> {
    Date::new(i16::try_from(day.year).ok()?, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?).ok()
}
