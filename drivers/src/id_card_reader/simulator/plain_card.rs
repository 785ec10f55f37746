//! Simulated cards: the chip's 256 bytes made from a person's plain data, cut and padded as chips do it.

use crate::id_card_reader::{
    Nation, TEXT_BYTES,
    card_text::{
        ADDRESS, AUTHORITY, BIRTH, COUNTRY_2023, ISSUE_COUNT, NAME, NATION, NUMBER, PASS_NUMBER, SEX, TYPE, VALID_FROM,
        VALID_UNTIL, edition_2017,
    },
};
use std::ops::Range;
use zeroize::Zeroizing;

/// A demo person's card in plain words, as the catalogue writes them; what a kind of card does not hold
/// stays empty.
#[derive(Clone, Default)]
pub struct PlainCard {
    /// `resident`, `J`, `Y` or `I`.
    pub kind: String,
    /// Name; Latin for Y and I.
    pub name: String,
    /// Chinese name, for Y and I.
    pub chinese_name: String,
    /// 男 or 女.
    pub sex: String,
    /// Nationality with or without 族, for residents.
    pub nation: String,
    /// `YYYYMMDD`.
    pub birth: String,
    /// Address, for residents and J.
    pub address: String,
    /// Number of the card.
    pub number: String,
    /// Issuing authority.
    pub authority: String,
    /// `YYYYMMDD`.
    pub valid_from: String,
    /// `YYYYMMDD` or 长期.
    pub valid_until: String,
    /// Number of the travel permit, for J.
    pub pass_number: String,
    /// How many times it was issued, for J.
    pub issue_count: String,
    /// Three letters, for Y and I.
    pub country: String,
}

/// A card that cannot be made from plain data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlainCardError {
    /// The kind is none of the four.
    #[error("kind of card: resident, J, Y or I")]
    Kind,
    /// The nationality is not in GB/T 3304.
    #[error("nationality is not in GB/T 3304")]
    Nation,
}

/// A card to lay on the simulated reader. Zeroized when dropped.
#[derive(Clone)]
pub struct SimulatedCard {
    text: Zeroizing<[u8; TEXT_BYTES]>,
}

impl SimulatedCard {
    /// A card from a chip's text block.
    pub fn from_text(text: [u8; TEXT_BYTES]) -> Self {
        Self { text: Zeroizing::new(text) }
    }

    /// A card from plain data.
    pub fn from_plain(card: &PlainCard) -> Result<Self, PlainCardError> {
        let mut text = Zeroizing::new([0; TEXT_BYTES]);
        for pair in text.chunks_exact_mut(2) {
            pair[0] = b' ';
        }
        match card.kind.as_str() {
            "resident" => {
                let nation = Nation::from_name(&card.nation).ok_or(PlainCardError::Nation)?;
                write_common(&mut text, card);
                write(&mut text, NATION, &nation.code());
            }
            "J" => {
                write_common(&mut text, card);
                write(&mut text, PASS_NUMBER, &card.pass_number);
                write(&mut text, ISSUE_COUNT, &card.issue_count);
                write(&mut text, TYPE, "J");
            }
            "Y" => write_2023(&mut text, card),
            "I" => write_2017(&mut text, card),
            _ => return Err(PlainCardError::Kind),
        }
        Ok(Self { text })
    }

    /// The chip's text block.
    pub fn text(&self) -> &[u8; TEXT_BYTES] {
        &self.text
    }

    /// What a read answers after the status: lengths, text, photo, and fingerprints if asked for.
    pub(super) fn content(&self, fingerprints: bool) -> Zeroizing<Vec<u8>> {
        let mut data = Zeroizing::new(Vec::with_capacity(6 + TEXT_BYTES + 1_024 + 1_024));
        data.extend_from_slice(&[0x01, 0x00, 0x04, 0x00]);
        if fingerprints {
            data.extend_from_slice(&[0x04, 0x00]);
        }
        data.extend_from_slice(self.text.as_slice());
        data.extend((0..1_024usize).map(|i| (7 * i + 3) as u8));
        if fingerprints {
            for finger in [11, 16] {
                data.extend_from_slice(&[b'C', 1, 0x10, 1, 1, finger]);
                data.extend_from_slice(&[0; 506]);
            }
        }
        data
    }
}

fn write_common(text: &mut [u8; TEXT_BYTES], card: &PlainCard) {
    write(text, NAME, &card.name);
    write(text, SEX, sex(card));
    write(text, BIRTH, &card.birth);
    write(text, ADDRESS, &card.address);
    write(text, NUMBER, &card.number);
    write(text, AUTHORITY, &card.authority);
    write(text, VALID_FROM, &card.valid_from);
    write(text, VALID_UNTIL, &card.valid_until);
}

fn write_2023(text: &mut [u8; TEXT_BYTES], card: &PlainCard) {
    write_common(text, card);
    write(text, NAME, &card.chinese_name);
    write(text, ADDRESS, &card.name);
    write(text, NATION, "00");
    write(text, AUTHORITY, "");
    write(text, COUNTRY_2023, &card.country);
    write(text, TYPE, "Y");
    write(text, TYPE.end..TEXT_BYTES, "000");
}

fn write_2017(text: &mut [u8; TEXT_BYTES], card: &PlainCard) {
    use edition_2017::{BIRTH, CHINESE_NAME, COUNTRY, NAME, NUMBER, OFFICE, SEX, VERSION};
    write(text, NAME, &card.name);
    write(text, SEX, sex(card));
    write(text, NUMBER, &card.number);
    write(text, COUNTRY, &card.country);
    write(text, CHINESE_NAME, &card.chinese_name);
    write(text, VALID_FROM, &card.valid_from);
    write(text, VALID_UNTIL, &card.valid_until);
    write(text, BIRTH, &card.birth);
    write(text, VERSION, "01");
    write(text, OFFICE, "1100");
    write(text, TYPE, "I");
}

fn sex(card: &PlainCard) -> &'static str {
    match card.sex.as_str() {
        "男" => "1",
        "女" => "2",
        _ => "9",
    }
}

/// Writes a field; what does not fit is cut, as on the chip.
fn write(text: &mut [u8; TEXT_BYTES], place: Range<usize>, value: &str) {
    let mut units = value.encode_utf16();
    for pair in text[place].chunks_exact_mut(2) {
        pair.copy_from_slice(&units.next().unwrap_or(0x20).to_le_bytes());
    }
}
