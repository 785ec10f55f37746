//! Commands and answers of the GM65 family of reader modules (GM65, GM66, GM861 and their clones): head, type,
//! length, address, data, CRC. Knows the few words that the driver says; what a module is set to is not changed.
//! Source: the maker's manuals (Hangzhou Grow, GM65-S, V1.3, appendix A) and code in public that speaks to it.

/// Head of every command.
const COMMAND_HEAD: [u8; 2] = [0x7E, 0x00];
/// Head of every answer.
pub const ANSWER_HEAD: [u8; 2] = [0x02, 0x00];
/// In place of a CRC: "do not check".
const UNCHECKED: [u8; 2] = [0xAB, 0xCD];
const READ: u8 = 0x07;
const WRITE: u8 = 0x08;

/// What the module answers to a command that it carried out.
pub const ACKNOWLEDGEMENT: [u8; 7] = [0x02, 0x00, 0x00, 0x01, 0x00, 0x33, 0x31];
/// Reads one code now; the CRC is left out, as every clone bears it.
pub const START: &[u8] = &[0x7E, 0x00, 0x08, 0x01, 0x00, 0x02, 0x01, 0xAB, 0xCD];
/// Gives up waiting for a code.
pub const STOP: &[u8] = &[0x7E, 0x00, 0x08, 0x01, 0x00, 0x02, 0x00, 0xAB, 0xCD];
/// Asks for the mode flags (address 0), with the CRC computed.
pub const ASK_MODE: &[u8] = &[0x7E, 0x00, 0x07, 0x01, 0x00, 0x00, 0x01, 0x01, 0x41];

/// CRC of types, length, address and data: CCITT, polynomial 0x1021, from 0, high bit first.
pub fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |c, _| if c & 0x8000 == 0 { c << 1 } else { (c << 1) ^ 0x1021 })
    })
}

/// A command to the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Writes one byte.
    Write {
        /// Where.
        address: u16,
        /// What.
        value: u8,
    },
    /// Asks for so many bytes.
    Read {
        /// From where.
        address: u16,
        /// How many.
        count: u8,
    },
}

impl Command {
    /// The command at the start of `bytes` and its length; `None` while it is not whole or where it is none.
    /// Its CRC is right, or says that it is not to be checked.
    pub fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let rest = bytes.strip_prefix(&COMMAND_HEAD)?;
        let [kind, 1, high, low, value, a, b, ..] = *rest else { return None };
        if [a, b] != UNCHECKED && crc(&rest[..5]).to_be_bytes() != [a, b] {
            return None;
        }
        let address = u16::from_be_bytes([high, low]);
        let command = match kind {
            READ => Self::Read { address, count: value },
            WRITE => Self::Write { address, value },
            _ => return None,
        };
        Some((command, COMMAND_HEAD.len() + 7))
    }
}

/// An answer with these data.
pub fn answer(data: &[u8]) -> Vec<u8> {
    let mut frame = vec![ANSWER_HEAD[0], ANSWER_HEAD[1], 0x00, data.len() as u8];
    frame.extend_from_slice(data);
    let check = crc(&frame[2..]);
    frame.extend_from_slice(&check.to_be_bytes());
    frame
}

/// The data of the first whole answer among `bytes`.
pub fn find_answer(bytes: &[u8]) -> Option<&[u8]> {
    (0..bytes.len()).find_map(|start| {
        let rest = bytes[start..].strip_prefix(&ANSWER_HEAD)?;
        let [0x00, length, ..] = *rest else { return None };
        let end = 2 + usize::from(length);
        let check = rest.get(end..end + 2)?;
        (check == UNCHECKED || crc(&rest[..end]).to_be_bytes() == *check).then(|| &rest[2..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_those_of_the_manual() {
        assert_eq!(crc(&[0x08, 0x01, 0x00, 0x02, 0x01]), 0x02DA);
        assert_eq!(crc(&[0x09, 0x01, 0x00, 0x00, 0x00]), 0xDEC8);
        assert_eq!(crc(&[0x07, 0x01, 0x00, 0x00, 0x01]), 0x0141);
        assert_eq!(answer(&[0]), ACKNOWLEDGEMENT);
    }

    #[test]
    fn commands_are_read_with_their_check_and_with_none() {
        let start = (Command::Write { address: 2, value: 1 }, 9);
        assert_eq!(Command::parse(START), Some(start));
        assert_eq!(Command::parse(&[0x7E, 0x00, 0x08, 0x01, 0x00, 0x02, 0x01, 0x02, 0xDA]), Some(start));
        assert_eq!(Command::parse(&[0x7E, 0x00, 0x08, 0x01, 0x00, 0x02, 0x01, 0x02, 0xDB]), None);
        assert_eq!(Command::parse(ASK_MODE), Some((Command::Read { address: 0, count: 1 }, 9)));
        assert_eq!(Command::parse(&START[..8]), None);
    }

    #[test]
    fn an_answer_is_found_among_other_bytes() {
        let bytes = [&b"A1\r\n"[..], &answer(&[0xD6])].concat();
        assert_eq!(find_answer(&bytes), Some(&[0xD6][..]));
        assert_eq!(find_answer(&[0x02, 0x00, 0x00, 0x01, 0xD6, 0x00, 0x00]), None);
        assert_eq!(find_answer(b"plain"), None);
    }
}
