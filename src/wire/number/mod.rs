//! 提交编号 and what stands beside it on the slip (rules 7.2): `division6-date8-terminal3-serial5-check1`, the
//! check by ISO 7064 MOD 11-2 over the 22 digits; a six-digit query code; a 128-bit lookup token for the QR.
//! Pure: randomness comes in.

use crate::ids::TerminalNo;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A submission number. Unique in all but accidents; `submission_id` is what decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubmissionNumber(String);

/// A text that is no submission number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not of the shape `411681-20261123-007-00012-6`.
    #[error("a submission number is written 411681-20261123-007-00012-6")]
    Shape,
    /// The last character does not fit the digits before it.
    #[error("the check character does not fit: a digit was misread")]
    Check,
}

/// The serial takes five digits; a sixth would change the shape.
const SERIALS: u64 = 100_000;

impl SubmissionNumber {
    /// Mints a number. The serial wraps after 99,999: a collision is stored and flagged, never refused.
    ///
    /// # Errors
    /// When the division is not six digits.
    pub fn mint(division: &str, date: Date, terminal_no: &TerminalNo, serial: u64) -> Result<Self, NumberError> {
        let day = format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
        let serial = format!("{:05}", serial % SERIALS);
        let body = format!("{division}{day}{terminal_no}{serial}");
        let check = mod_11_2(&body).ok_or(NumberError::Shape)?;
        format!("{division}-{day}-{terminal_no}-{serial}-{check}").parse()
    }

    /// As text, with hyphens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Division and date, shown small: `411681-20261123`.
    #[must_use]
    pub fn small_group(&self) -> &str {
        &self.0[..15]
    }

    /// Terminal, serial and check, shown large: `007-00012-6`.
    #[must_use]
    pub fn large_group(&self) -> &str {
        &self.0[16..]
    }

    /// What a citizen types to find it: the last nine characters without hyphens, `007000126`.
    #[must_use]
    pub fn search_key(&self) -> String {
        self.large_group().chars().filter(|c| *c != '-').collect()
    }
}

impl fmt::Display for SubmissionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SubmissionNumber {
    type Err = NumberError;
    fn from_str(text: &str) -> Result<Self, NumberError> {
        let parts: Vec<&str> = text.split('-').collect();
        let [division, day, terminal, serial, check] = parts[..] else { return Err(NumberError::Shape) };
        let lengths = [(division, 6), (day, 8), (terminal, 3), (serial, 5), (check, 1)];
        if lengths.iter().any(|(part, length)| part.len() != *length) {
            return Err(NumberError::Shape);
        }
        let body = format!("{division}{day}{terminal}{serial}");
        let wanted = mod_11_2(&body).ok_or(NumberError::Shape)?;
        match check.chars().next() {
            Some(check) if check == wanted => Ok(Self(text.to_owned())),
            _ => Err(NumberError::Check),
        }
    }
}

impl TryFrom<String> for SubmissionNumber {
    type Error = NumberError;
    fn try_from(text: String) -> Result<Self, NumberError> {
        text.parse()
    }
}

impl From<SubmissionNumber> for String {
    fn from(number: SubmissionNumber) -> Self {
        number.0
    }
}

/// Six digits from four random bytes.
#[must_use]
pub fn query_code(random: [u8; 4]) -> String {
    format!("{:06}", u32::from_be_bytes(random) % 1_000_000)
}

/// 32 hex digits from 16 random bytes.
#[must_use]
pub fn lookup_token(random: [u8; 16]) -> String {
    random.iter().fold(String::with_capacity(32), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}

/// What a slip's code holds: the hall's look-up page where it has a public name, else number and token, which any
/// terminal understands.
#[must_use]
pub fn slip_code(public_url: Option<&str>, number: &str, token: &str) -> String {
    match public_url {
        Some(url) => format!("{}/s/{token}", url.trim_end_matches('/')),
        None => format!("YIMEN:{number}:{token}"),
    }
}

/// The token in a slip's code of either form, of whatever hall name.
#[must_use]
pub fn token_of_slip_code(text: &str) -> Option<&str> {
    let text = text.trim();
    let token = match text.strip_prefix("YIMEN:") {
        Some(rest) => rest.rsplit(':').next()?,
        None => text.strip_prefix("https://")?.rsplit_once("/s/")?.1,
    };
    (token.len() == 32 && token.bytes().all(|b| b.is_ascii_hexdigit())).then_some(token)
}

/// ISO 7064 MOD 11-2 over digits; `None` if there is anything else in the text.
fn mod_11_2(digits: &str) -> Option<char> {
    let mut product = 0u32;
    for c in digits.chars() {
        let digit = c.to_digit(10).filter(|_| c.is_ascii())?;
        product = (product + digit) * 2 % 11;
    }
    let check = (12 - product) % 11;
    if check == 10 { Some('X') } else { char::from_digit(check, 10) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_vectors_of_the_rules_hold() {
        for (terminal, serial, number) in
            [("007", 12, "411681-20261123-007-00012-6"), ("012", 1, "411681-20261123-012-00001-6")]
        {
            let minted =
                SubmissionNumber::mint("411681", date(2026, 11, 23), &terminal.parse().unwrap(), serial).unwrap();
            assert_eq!(minted.as_str(), number);
            assert_eq!(number.parse::<SubmissionNumber>().unwrap(), minted);
        }
    }

    #[test]
    fn it_stands_in_two_groups() {
        let number: SubmissionNumber = "411681-20261123-007-00012-6".parse().unwrap();
        assert_eq!((number.small_group(), number.large_group()), ("411681-20261123", "007-00012-6"));
        assert_eq!(number.search_key(), "007000126");
    }

    #[test]
    fn both_forms_of_a_slips_code_hold_the_token() {
        let token = lookup_token([7; 16]);
        for url in [None, Some("https://hall.example:8443/")] {
            let code = slip_code(url, "411681-20261123-007-00012-6", &token);
            assert_eq!(token_of_slip_code(&code), Some(token.as_str()), "{code}");
        }
        for other in
            ["", "https://hall.example/s/abc", "YIMEN:1", "http://hall.example/s/00112233445566778899aabbccddeeff"]
        {
            assert_eq!(token_of_slip_code(other), None, "{other}");
        }
    }

    #[test]
    fn a_misread_digit_is_noticed() {
        assert_eq!("411681-20261123-007-00013-6".parse::<SubmissionNumber>(), Err(NumberError::Check));
        assert_eq!("411681-20261123-007-12-6".parse::<SubmissionNumber>(), Err(NumberError::Shape));
        assert_eq!("４11681-20261123-007-00012-6".parse::<SubmissionNumber>(), Err(NumberError::Shape));
    }
}
