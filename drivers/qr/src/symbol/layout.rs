//! What stands where in a symbol of a version (ISO/IEC 18004:2015, 6.3): function patterns with their colour, where
//! format and version information lie, and the order of the data modules.

/// A version from 1 to 40.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u8);

impl Version {
    pub fn new(number: usize) -> Option<Self> {
        (1..=40).contains(&number).then_some(Self(number as u8))
    }

    /// Of a side in modules: 21, 25, … 177. Nothing for any other, which no decoder is to be given.
    pub fn of_side(side: usize) -> Option<Self> {
        let number = side.checked_sub(17).filter(|rest| rest % 4 == 0)? / 4;
        Self::new(number)
    }

    pub fn number(self) -> usize {
        usize::from(self.0)
    }

    /// Modules a side.
    pub fn side(self) -> usize {
        17 + 4 * self.number()
    }

    /// Rows and columns of the alignment patterns' middles (Annex E).
    pub fn alignment_rows(self) -> Vec<usize> {
        let number = self.number();
        if number == 1 {
            return Vec::new();
        }
        let count = number / 7 + 2;
        let last = self.side() - 7;
        let step = if number == 32 { 26 } else { (number * 4 + count * 2 + 1) / (count * 2 - 2) * 2 };
        let mut rows: Vec<usize> = (0..count - 1).map(|at| last - at * step).chain([6]).collect();
        rows.sort_unstable();
        rows
    }

    /// Middles of the alignment patterns, (column, row), without those that would lie on a finder.
    pub fn alignments(self) -> Vec<(usize, usize)> {
        let rows = self.alignment_rows();
        let last = self.side() - 7;
        let on_finder = |&(x, y): &(usize, usize)| (x == 6 && (y == 6 || y == last)) || (x == last && y == 6);
        let all = rows.iter().flat_map(|&y| rows.iter().map(move |&x| (x, y)));
        all.filter(|place| !on_finder(place)).collect()
    }

    /// Codewords, data and check words together.
    pub fn codewords(self) -> usize {
        let number = self.number();
        let mut modules = (16 * number + 128) * number + 64;
        if number >= 2 {
            let count = number / 7 + 2;
            modules -= (25 * count - 10) * count - 55;
        }
        if number >= 7 {
            modules -= 36;
        }
        modules / 8
    }
}

/// A module whose colour is the same in every symbol of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub x: u16,
    pub y: u16,
    pub dark: bool,
}

/// Function patterns of a version.
pub struct Layout {
    pub version: Version,
    /// Finders with separators, timing, alignment, version information and the one dark module.
    pub known: Vec<Known>,
    /// Column and row of the data modules in the order of their bits.
    pub data: Vec<(u16, u16)>,
}

impl Layout {
    pub fn new(version: Version) -> Self {
        let side = version.side();
        let mut taken = vec![false; side * side];
        let mut known = Vec::new();
        let mut put = |x: usize, y: usize, dark: bool, taken: &mut Vec<bool>| {
            if !std::mem::replace(&mut taken[y * side + x], true) {
                known.push(Known { x: x as u16, y: y as u16, dark });
            }
        };
        for (left, top) in [(0, 0), (side - 7, 0), (0, side - 7)] {
            for (x, y) in square(left.saturating_sub(1), top.saturating_sub(1), 8) {
                let ring = x.abs_diff(left + 3).max(y.abs_diff(top + 3));
                if ring <= 4 && x < side && y < side {
                    put(x, y, ring != 2 && ring != 4, &mut taken);
                }
            }
        }
        for (column, row) in version.alignments() {
            for (x, y) in square(column - 2, row - 2, 5) {
                put(x, y, x.abs_diff(column).max(y.abs_diff(row)) != 1, &mut taken);
            }
        }
        for at in 8..side - 8 {
            put(at, 6, at % 2 == 0, &mut taken);
            put(6, at, at % 2 == 0, &mut taken);
        }
        put(8, side - 8, true, &mut taken);
        if version.number() >= 7 {
            let bits = version_bits(version.number());
            for at in 0..18 {
                let (long, short) = (at / 3, side - 11 + at % 3);
                put(short, long, bits >> at & 1 == 1, &mut taken);
                put(long, short, bits >> at & 1 == 1, &mut taken);
            }
        }
        for (x, y) in format_places(side).into_iter().flatten() {
            taken[y * side + x] = true;
        }
        let data = data_order(side, &taken);
        Self { version, known, data }
    }
}

fn square(left: usize, top: usize, size: usize) -> impl Iterator<Item = (usize, usize)> {
    (top..top + size).flat_map(move |y| (left..left + size).map(move |x| (x, y)))
}

/// Two columns at a time from the right, upwards and downwards in turn, past the column of the timing pattern.
fn data_order(side: usize, taken: &[bool]) -> Vec<(u16, u16)> {
    let mut order = Vec::with_capacity(side * side);
    let mut upwards = true;
    let mut right = side - 1;
    while right > 0 {
        if right == 6 {
            right = 5;
        }
        for step in 0..side {
            let y = if upwards { side - 1 - step } else { step };
            for x in [right, right - 1] {
                if !taken[y * side + x] {
                    order.push((x as u16, y as u16));
                }
            }
        }
        upwards = !upwards;
        right = right.saturating_sub(2);
    }
    order
}

/// Column and row of the fifteen format bits, the most significant first, in both copies (7.9.1).
pub fn format_places(side: usize) -> [[(usize, usize); 15]; 2] {
    let first = std::array::from_fn(|at| match at {
        0..=5 => (at, 8),
        6 => (7, 8),
        7 => (8, 8),
        8 => (8, 7),
        _ => (8, 14 - at),
    });
    let second = std::array::from_fn(|at| if at < 7 { (8, side - 1 - at) } else { (side - 15 + at, 8) });
    [first, second]
}

/// Format information of a number from 0 to 31 (level and mask) with check bits and mask (Annex C).
pub fn format_bits(number: u16) -> u16 {
    let mut rest = number << 10;
    for bit in (10..15).rev() {
        if rest >> bit & 1 == 1 {
            rest ^= 0b101_0011_0111 << (bit - 10);
        }
    }
    (number << 10 | rest) ^ 0b101_0100_0001_0010
}

/// Version information with check bits (Annex D).
pub fn version_bits(number: usize) -> u32 {
    let number = number as u32;
    let mut rest = number << 12;
    for bit in (12..18).rev() {
        if rest >> bit & 1 == 1 {
            rest ^= 0b1_1111_0010_0101 << (bit - 12);
        }
    }
    number << 12 | rest
}

/// Whether a mask turns the module over (7.8.2).
pub fn is_masked(mask: u8, x: usize, y: usize) -> bool {
    match mask {
        0 => (x + y).is_multiple_of(2),
        1 => y.is_multiple_of(2),
        2 => x.is_multiple_of(3),
        3 => (x + y).is_multiple_of(3),
        4 => (y / 2 + x / 3).is_multiple_of(2),
        5 => x * y % 2 + x * y % 3 == 0,
        6 => (x * y % 2 + x * y % 3).is_multiple_of(2),
        _ => ((x + y) % 2 + x * y % 3).is_multiple_of(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_modules_hold_all_codewords_and_at_most_seven_bits_more() {
        for number in 1..=40 {
            let version = Version::new(number).unwrap();
            let rest = Layout::new(version).data.len() - version.codewords() * 8;
            assert!(rest < 8, "version {number}: {rest}");
        }
    }

    #[test]
    fn format_and_version_information_of_the_standards_examples() {
        // Annex C: level M (00), mask 101. Annex D: version 7.
        assert_eq!(format_bits(0b00101), 0b100_0000_1100_1110);
        assert_eq!(version_bits(7), 0b00_0111_1100_1001_0100);
    }

    #[test]
    fn a_side_that_no_version_has_is_refused() {
        assert_eq!(Version::of_side(20), None);
        assert_eq!(Version::of_side(17), None);
        assert_eq!(Version::of_side(181), None);
        assert_eq!(Version::of_side(177).map(Version::number), Some(40));
    }
}
