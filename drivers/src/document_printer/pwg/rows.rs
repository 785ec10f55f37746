//! The run lengths of PWG raster (PWG 5102.4 §4.4): a count of equal rows, then runs of equal dots and literals.

/// Most equal rows, equal dots and literal dots in one piece.
const ROWS_MAX: usize = 256;
const DOTS_MAX: usize = 128;

/// Writes one row that stands `times` times (1 to 256).
pub fn encode_row(row: &[u8], dot: usize, times: usize, out: &mut Vec<u8>) {
    debug_assert!((1..=ROWS_MAX).contains(&times) && row.len().is_multiple_of(dot));
    out.push((times - 1) as u8);
    let mut at = 0;
    while at < row.len() {
        let run = run_length(&row[at..], dot);
        if run > 1 || at + dot == row.len() {
            out.push((run - 1) as u8);
            out.extend_from_slice(&row[at..at + dot]);
            at += run * dot;
        } else {
            let literals = literal_length(&row[at..], dot);
            out.push((257 - literals) as u8);
            out.extend_from_slice(&row[at..at + literals * dot]);
            at += literals * dot;
        }
    }
}

/// How often the first row of `rows` stands there one after the other.
pub fn equal_rows(rows: &[u8], row_bytes: usize) -> usize {
    let first = &rows[..row_bytes];
    rows.chunks_exact(row_bytes).take(ROWS_MAX).take_while(|row| *row == first).count().max(1)
}

fn run_length(row: &[u8], dot: usize) -> usize {
    let first = &row[..dot];
    row.chunks_exact(dot).take(DOTS_MAX).take_while(|other| *other == first).count()
}

/// At least 2 dots, no two neighbours equal; a single dot is written as a run of one.
fn literal_length(row: &[u8], dot: usize) -> usize {
    let dots: usize = row.len() / dot;
    let limit = dots.min(DOTS_MAX);
    let same = |a: usize| row[a * dot..(a + 1) * dot] == row[(a + 1) * dot..(a + 2) * dot];
    let end = (1..limit).find(|at| at + 1 < dots && same(*at)).unwrap_or(limit);
    end.max(1).max(2.min(limit))
}

/// Reads one group of equal rows into `row`; says how many rows and how many bytes it was, `None` when it is cut
/// off or runs over the row's end.
pub fn decode_row(bytes: &[u8], dot: usize, row: &mut [u8]) -> Option<(usize, usize)> {
    let times = usize::from(*bytes.first()?) + 1;
    let (mut at, mut filled) = (1, 0);
    while filled < row.len() {
        let count = usize::from(*bytes.get(at)?);
        at += 1;
        match count {
            0..=127 => {
                let pixel = bytes.get(at..at + dot)?;
                let target = row.get_mut(filled..filled + (count + 1) * dot)?;
                target.chunks_exact_mut(dot).for_each(|place| place.copy_from_slice(pixel));
                at += dot;
                filled += (count + 1) * dot;
            }
            // Fills the rest of the row with white.
            128 => {
                row[filled..].fill(0xFF);
                filled = row.len();
            }
            129..=255 => {
                let length = (257 - count) * dot;
                row.get_mut(filled..filled + length)?.copy_from_slice(bytes.get(at..at + length)?);
                at += length;
                filled += length;
            }
            _ => return None,
        }
    }
    Some((times, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(row: &[u8], dot: usize) {
        let mut bytes = Vec::new();
        encode_row(row, dot, 3, &mut bytes);
        let mut read = vec![0; row.len()];
        assert_eq!(decode_row(&bytes, dot, &mut read), Some((3, bytes.len())), "{row:?}");
        assert_eq!(read, row);
        for cut in 0..bytes.len() {
            assert_eq!(decode_row(&bytes[..cut], dot, &mut read), None);
        }
    }

    #[test]
    fn rows_of_all_shapes_come_back() {
        for dot in [1, 3] {
            for length in [1, 2, 3, 127, 128, 129, 130, 255, 256, 257, 300] {
                let all = |f: fn(usize) -> u8| (0..length * dot).map(|at| f(at / dot)).collect::<Vec<_>>();
                there_and_back(&all(|_| 255), dot);
                there_and_back(&all(|at| at as u8), dot);
                there_and_back(&all(|at| (at / 2) as u8), dot);
                there_and_back(&all(|at| u8::from(at % 5 == 0)), dot);
                there_and_back(&all(|at| (at as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0] / 100), dot);
            }
        }
    }

    #[test]
    fn white_rows_cost_little() {
        let mut bytes = Vec::new();
        encode_row(&[255; 2480], 1, 256, &mut bytes);
        assert_eq!(bytes.len(), 1 + 2 * 20);
        assert_eq!(equal_rows(&[7; 600], 2), 256);
    }
}
