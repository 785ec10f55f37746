//! A slip as dots: one bit a dot, the leftmost in the highest bit. Zeroized when dropped, since a slip
//! carries a citizen's number and query code.

use std::fmt;
use zeroize::Zeroizing;

/// Black dots on paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    bits: Zeroizing<Vec<u8>>,
}

impl Bitmap {
    /// White paper; the width is rounded up to a multiple of 8.
    pub fn new(width: usize, height: usize) -> Self {
        let width = width.next_multiple_of(8).max(8);
        Self { width, bits: Zeroizing::new(vec![0; width / 8 * height]) }
    }

    /// Dots across.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.bits.len() / self.row_bytes()
    }

    /// Bytes a row.
    pub fn row_bytes(&self) -> usize {
        self.width / 8
    }

    /// One row.
    pub fn row(&self, y: usize) -> &[u8] {
        let from = y * self.row_bytes();
        self.bits.get(from..from + self.row_bytes()).unwrap_or(&[])
    }

    /// Adds a row below; it is cut or padded to the width.
    pub fn push_row(&mut self, row: &[u8]) {
        let bytes = self.row_bytes();
        let taken = row.len().min(bytes);
        self.bits.extend_from_slice(&row[..taken]);
        let end = self.bits.len() + bytes - taken;
        self.bits.resize(end, 0);
    }

    /// Whether a dot is black; outside it is not.
    pub fn get(&self, x: usize, y: usize) -> bool {
        x < self.width && self.row(y).get(x / 8).is_some_and(|b| b & (0x80 >> (x % 8)) != 0)
    }

    /// Makes a dot black; outside nothing happens.
    pub fn set(&mut self, x: usize, y: usize) {
        let index = y * self.row_bytes() + x / 8;
        if x < self.width
            && let Some(byte) = self.bits.get_mut(index)
        {
            *byte |= 0x80 >> (x % 8);
        }
    }

    /// The paper as grey bytes, 0 for black, row by row, for pictures and decoders.
    pub fn to_luma(&self) -> Vec<u8> {
        let mut luma = Vec::with_capacity(self.width * self.height());
        for byte in self.bits.iter() {
            luma.extend((0..8).map(|bit| if byte & (0x80 >> bit) != 0 { 0 } else { 255 }));
        }
        luma
    }
}

impl fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bitmap({} × {})", self.width, self.height())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_that_was_set_is_black_and_no_other() {
        let mut paper = Bitmap::new(10, 3);
        paper.set(9, 1);
        paper.set(99, 1);
        paper.set(1, 99);
        let black: Vec<_> =
            (0..3).flat_map(|y| (0..16).map(move |x| (x, y))).filter(|(x, y)| paper.get(*x, *y)).collect();
        assert_eq!((paper.width(), paper.height(), black), (16, 3, vec![(9, 1)]));
        assert_eq!(paper.to_luma().iter().filter(|l| **l == 0).count(), 1);
    }
}
