//! What a HID keyboard wedge types, from the kernel's key events (`struct input_event`) to the bytes of a code:
//! US layout, shift, caps lock, control characters, and Alt with the number pad for what no key has (many readers
//! put Chinese out so, as GBK codes; unverified). Enter ends a code. Opens nothing.

use super::{
    CODE_BYTES_MAX,
    code_wire::{Code, CodeDecoder, DecodeError, Word},
};
use std::time::Duration;
use zeroize::{Zeroize, Zeroizing};

/// Quiet that ends a code of a reader that never pressed enter; between two keys such readers wait up to 50 ms.
const SILENCE_MS: u64 = 150;
/// Quiet in a code that must end with enter.
const MIDWAY_QUIET_MS: u64 = 500;

/// Event types and codes of `linux/input-event-codes.h`.
const EV_SYN: u16 = 0;
const EV_KEY: u16 = 1;
const SYN_DROPPED: u16 = 3;
const KEY_ENTER: u16 = 28;
const KEY_KPENTER: u16 = 96;
const KEY_LEFTCTRL: u16 = 29;
const KEY_RIGHTCTRL: u16 = 97;
const KEY_LEFTSHIFT: u16 = 42;
const KEY_RIGHTSHIFT: u16 = 54;
const KEY_LEFTALT: u16 = 56;
const KEY_RIGHTALT: u16 = 100;
const KEY_CAPSLOCK: u16 = 58;
const PRESSED: i32 = 1;
const RELEASED: i32 = 0;

/// What the kernel says when its buffer ran over.
pub(super) const SYN_DROPPED_EVENT: KeyEvent = KeyEvent { kind: EV_SYN, code: SYN_DROPPED, value: 0 };
/// Events of pressing and releasing enter.
pub(super) const ENTER_EVENTS: usize = 4;

/// Rows of keys: code of the first one, what they type, what they type with shift.
const ROWS: &[(u16, &[u8], &[u8])] = &[
    (2, b"1234567890-=", b"!@#$%^&*()_+"),
    (15, b"\tqwertyuiop[]", b"\tQWERTYUIOP{}"),
    (30, b"asdfghjkl;'`", b"ASDFGHJKL:\"~"),
    (43, b"\\zxcvbnm,./", b"|ZXCVBNM<>?"),
    (55, b"*", b"*"),
    (57, b" ", b" "),
    (71, b"789-456+1230.", b"789-456+1230."),
    (98, b"/", b"/"),
];
/// The number pad among them.
const PAD: std::ops::RangeInclusive<u16> = 71..=82;

/// One event of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyEvent {
    /// Kind of event.
    pub kind: u16,
    /// Which key.
    pub code: u16,
    /// 1 pressed, 0 released, 2 repeated.
    pub value: i32,
}

impl KeyEvent {
    /// Bytes of one event: a time, which is not looked at, then kind, code and value.
    pub const BYTES: usize = size_of::<libc::input_event>();

    /// From the bytes that the kernel gives.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let [.., k0, k1, c0, c1, v0, v1, v2, v3] = *bytes;
        Self {
            kind: u16::from_ne_bytes([k0, k1]),
            code: u16::from_ne_bytes([c0, c1]),
            value: i32::from_ne_bytes([v0, v1, v2, v3]),
        }
    }

    /// The bytes that the kernel would give, at time 0.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[Self::BYTES - 8..Self::BYTES - 6].copy_from_slice(&self.kind.to_ne_bytes());
        bytes[Self::BYTES - 6..Self::BYTES - 4].copy_from_slice(&self.code.to_ne_bytes());
        bytes[Self::BYTES - 4..].copy_from_slice(&self.value.to_ne_bytes());
        bytes
    }
}

/// The events by which a reader types this text and enter; `None` for what no key types.
pub fn type_text(text: &str) -> Option<Vec<KeyEvent>> {
    let key = |code, value| [KeyEvent { kind: EV_KEY, code, value }, KeyEvent { kind: EV_SYN, code: 0, value: 0 }];
    let mut events = Vec::new();
    for byte in text.bytes() {
        let (code, shift) = ROWS.iter().find_map(|(first, plain, shifted)| {
            let at = |row: &[u8]| row.iter().position(|b| *b == byte).map(|i| first + i as u16);
            at(plain).map(|code| (code, false)).or_else(|| at(shifted).map(|code| (code, true)))
        })?;
        let keys = if shift { vec![KEY_LEFTSHIFT, code] } else { vec![code] };
        events.extend(keys.iter().flat_map(|k| key(*k, PRESSED)));
        events.extend(keys.iter().rev().flat_map(|k| key(*k, RELEASED)));
    }
    events.extend([PRESSED, RELEASED].into_iter().flat_map(|value| key(KEY_ENTER, value)));
    Some(events)
}

/// Collects key events until they make a code.
pub struct KeyDecoder {
    bytes: Zeroizing<Vec<u8>>,
    code: Zeroizing<Vec<u8>>,
    held: Held,
    /// Number typed on the pad while Alt is held.
    pad: u32,
    is_lost: bool,
    presses_enter: bool,
}

#[derive(Default)]
struct Held {
    shift: bool,
    control: bool,
    alt: bool,
    caps: bool,
}

impl Default for KeyDecoder {
    fn default() -> Self {
        Self {
            bytes: Zeroizing::new(Vec::with_capacity(2 * 512)),
            code: Zeroizing::new(Vec::with_capacity(CODE_BYTES_MAX + 4)),
            held: Held::default(),
            pad: 0,
            is_lost: false,
            presses_enter: false,
        }
    }
}

impl KeyDecoder {
    /// Takes one event; `true` when the code is whole.
    fn take(&mut self, event: KeyEvent) -> bool {
        let is_down = event.value != RELEASED;
        match (event.kind, event.code) {
            // The kernel's buffer ran over: what was typed is not what came.
            (EV_SYN, SYN_DROPPED) => self.is_lost = true,
            (EV_KEY, KEY_LEFTSHIFT | KEY_RIGHTSHIFT) => self.held.shift = is_down,
            (EV_KEY, KEY_LEFTCTRL | KEY_RIGHTCTRL) => self.held.control = is_down,
            (EV_KEY, KEY_LEFTALT | KEY_RIGHTALT) => self.alt(is_down),
            (EV_KEY, _) if event.value != PRESSED => {}
            (EV_KEY, KEY_CAPSLOCK) => self.held.caps = !self.held.caps,
            (EV_KEY, KEY_ENTER | KEY_KPENTER) => return true,
            (EV_KEY, code) => return self.press(code),
            _ => {}
        }
        false
    }

    fn press(&mut self, code: u16) -> bool {
        let Some((plain, shifted)) = ROWS.iter().find_map(|(first, plain, shifted)| {
            let at = usize::from(code.checked_sub(*first)?);
            Some((*plain.get(at)?, *shifted.get(at)?))
        }) else {
            return false;
        };
        if self.held.alt && PAD.contains(&code) && plain.is_ascii_digit() {
            self.pad = (self.pad * 10 + u32::from(plain - b'0')).min(u32::from(u16::MAX));
            return false;
        }
        let is_upper = self.held.shift != (self.held.caps && plain.is_ascii_alphabetic());
        let byte = if is_upper { shifted } else { plain };
        // Group separator and its like come as Ctrl and a key; Ctrl with M or J is enter.
        let byte = if self.held.control { byte & 0x1F } else { byte };
        if self.held.control && matches!(byte, b'\r' | b'\n') {
            return true;
        }
        self.code.push(byte);
        false
    }

    /// Alt pressed begins a number, Alt released ends it.
    fn alt(&mut self, is_down: bool) {
        if !is_down && self.pad > 0 {
            let [high, low] = (self.pad as u16).to_be_bytes();
            if high > 0 {
                self.code.push(high);
            }
            self.code.push(low);
        }
        self.held.alt = is_down;
        self.pad = 0;
    }

    fn end(&mut self) -> Result<Option<Word>, DecodeError> {
        let code = Code::new(self.code.to_vec());
        self.code.zeroize();
        if std::mem::take(&mut self.is_lost) {
            return Err(DecodeError::Lost);
        }
        Ok((!code.is_empty()).then_some(Word::Code(code)))
    }
}

impl CodeDecoder for KeyDecoder {
    fn push(&mut self, bytes: &[u8]) -> Result<Option<Word>, DecodeError> {
        self.bytes.extend_from_slice(bytes);
        while let Some(event) = self.bytes.first_chunk() {
            let event = KeyEvent::from_bytes(event);
            self.bytes.drain(..KeyEvent::BYTES);
            if self.take(event) {
                self.presses_enter = true;
                if let Some(word) = self.end()? {
                    return Ok(Some(word));
                }
            }
            if self.code.len() > CODE_BYTES_MAX {
                self.clear();
                return Err(DecodeError::TooLong);
            }
        }
        Ok(None)
    }

    fn patience(&self) -> Option<Duration> {
        let is_midway = !self.code.is_empty() || self.is_lost;
        is_midway.then(|| Duration::from_millis(if self.presses_enter { MIDWAY_QUIET_MS } else { SILENCE_MS }))
    }

    fn quiet(&mut self) -> Result<Option<Word>, DecodeError> {
        if self.presses_enter {
            self.clear();
            return Err(DecodeError::Truncated);
        }
        self.end()
    }

    fn clear(&mut self) {
        self.bytes.zeroize();
        self.code.zeroize();
        self.is_lost = false;
        self.pad = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(decoder: &mut KeyDecoder, events: &[KeyEvent]) -> Result<Option<String>, DecodeError> {
        let bytes: Vec<u8> = events.iter().flat_map(|e| e.to_bytes()).collect();
        for chunk in bytes.chunks(7) {
            if let Some(Word::Code(code)) = decoder.push(chunk)? {
                return Ok(Some(String::from_utf8_lossy(&code).into_owned()));
            }
        }
        Ok(None)
    }

    fn keys(codes: &[(u16, i32)]) -> Vec<KeyEvent> {
        codes.iter().map(|(code, value)| KeyEvent { kind: EV_KEY, code: *code, value: *value }).collect()
    }

    #[test]
    fn every_character_of_ascii_that_has_a_key_comes_back() {
        let text: String = (b' '..=b'~').map(char::from).collect();
        let typed = type_text(&text).unwrap();
        assert_eq!(decode(&mut KeyDecoder::default(), &typed), Ok(Some(text)));
        assert!(type_text("办").is_none());
    }

    #[test]
    fn repeats_are_not_typed_and_caps_lock_turns_letters_only() {
        let mut events = keys(&[(30, 1), (30, 2), (30, 0), (58, 1), (58, 0), (30, 1), (2, 1)]);
        events.extend(keys(&[(42, 1), (31, 1), (42, 0), (28, 1)]));
        assert_eq!(decode(&mut KeyDecoder::default(), &events), Ok(Some("aA1s".into())));
    }

    #[test]
    fn control_and_alt_type_what_no_key_has() {
        let group_separator = keys(&[(29, 1), (27, 1), (29, 0)]);
        // Alt 5 4 9 9 2 is D6 D0, 中 in GBK; Alt 0 4 8 is a zero.
        let alt = keys(&[(56, 1), (76, 1), (75, 1), (73, 1), (73, 1), (80, 1), (56, 0), (56, 1), (82, 1), (75, 1)]);
        let rest = keys(&[(72, 1), (56, 0), (28, 1)]);
        let bytes: Vec<u8> = [group_separator, alt, rest].concat().iter().flat_map(|event| event.to_bytes()).collect();
        let Ok(Some(Word::Code(code))) = KeyDecoder::default().push(&bytes) else { panic!("no code") };
        assert_eq!(*code, [0x1D, 0xD6, 0xD0, b'0']);
    }

    #[test]
    fn what_the_kernel_dropped_is_damage() {
        let mut events = keys(&[(30, 1)]);
        events.push(KeyEvent { kind: EV_SYN, code: SYN_DROPPED, value: 0 });
        events.extend(keys(&[(28, 1)]));
        let mut decoder = KeyDecoder::default();
        assert_eq!(decode(&mut decoder, &events), Err(DecodeError::Lost));
        assert_eq!(decode(&mut decoder, &type_text("B").unwrap()), Ok(Some("B".into())));
    }

    #[test]
    fn two_codes_in_one_read_come_one_after_the_other() {
        let typed = [type_text("A").unwrap(), type_text("B").unwrap()].concat();
        let bytes: Vec<u8> = typed.iter().flat_map(|event| event.to_bytes()).collect();
        let mut decoder = KeyDecoder::default();
        for expected in [b"A", b"B"] {
            let Ok(Some(Word::Code(code))) = decoder.push(&[]).and_then(|w| match w {
                None => decoder.push(if *expected == *b"A" { &bytes } else { &[] }),
                some => Ok(some),
            }) else {
                panic!("no code")
            };
            assert_eq!(*code, *expected);
        }
    }

    #[test]
    fn a_reader_that_types_without_end_is_stopped() {
        let events: Vec<u8> = keys(&[(30, 1); 5_000]).iter().flat_map(|event| event.to_bytes()).collect();
        assert_eq!(KeyDecoder::default().push(&events), Err(DecodeError::TooLong));
    }
}
