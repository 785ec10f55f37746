//! ESC/POS commands out of a printer's buffer: as many as a slip needs, the rest is counted as unknown.

use std::collections::VecDeque;

/// One command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// `ESC @`.
    Initialise,
    /// `GS v 0`: a picture, `width` bytes a row.
    Raster { width: usize, data: Vec<u8> },
    /// `GS V`: feed so many rows and cut.
    Cut { feed: usize },
    /// `GS r 1`: say the paper status when it is this command's turn.
    Fence,
    /// `ESC a n`, `GS a n`: no effect on dots.
    Setting,
    /// A byte that starts no known command.
    Unknown,
}

/// Takes the next command that is whole.
pub(super) fn next(buffer: &mut VecDeque<u8>) -> Option<Command> {
    let byte = |i: usize| buffer.get(i).copied();
    let (length, command) = match (byte(0)?, byte(1)) {
        (0x1B | 0x1D, None) => return None,
        (0x1B, Some(0x40)) => (2, Command::Initialise),
        (0x1B | 0x1D, Some(0x61)) => (3, Command::Setting),
        (0x1D, Some(0x72)) => (3, if byte(2)? == 1 { Command::Fence } else { Command::Unknown }),
        (0x1D, Some(0x56)) => match byte(2)? {
            0x41 | 0x42 => (4, Command::Cut { feed: usize::from(byte(3)?) }),
            _ => (3, Command::Cut { feed: 0 }),
        },
        (0x1D, Some(0x76)) => return raster(buffer),
        _ => (1, Command::Unknown),
    };
    if buffer.len() < length {
        return None;
    }
    buffer.drain(..length);
    Some(command)
}

fn raster(buffer: &mut VecDeque<u8>) -> Option<Command> {
    let number = |i: usize| Some(usize::from(*buffer.get(i)?) | usize::from(*buffer.get(i + 1)?) << 8);
    let (width, height) = (number(4)?, number(6)?);
    let end = 8 + width * height;
    if buffer.len() < end {
        return None;
    }
    let data = buffer.drain(..end).skip(8).collect();
    Some(Command::Raster { width, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_comes_out_only_when_it_is_whole() {
        let bytes = [0x1D, 0x76, 0x30, 0, 1, 0, 2, 0, 0xAA, 0x55];
        let mut buffer = VecDeque::new();
        for byte in &bytes[..9] {
            buffer.push_back(*byte);
            assert_eq!(next(&mut buffer), None);
        }
        buffer.push_back(0x55);
        assert_eq!(next(&mut buffer), Some(Command::Raster { width: 1, data: vec![0xAA, 0x55] }));
        assert_eq!(next(&mut buffer), None);
    }
}
