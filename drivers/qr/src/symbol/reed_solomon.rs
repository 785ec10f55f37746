//! Reed–Solomon over GF(256) with erasures (ISO/IEC 18004:2015, 7.5 and Annex B): syndromes, Berlekamp–Massey started
//! from the erasures' locator, Chien's search and Forney's values. A result is proved by its syndromes.

use std::sync::OnceLock;

/// x⁸ + x⁴ + x³ + x² + 1.
const FIELD: u16 = 0x11d;
/// Check words of the largest block are 30; a polynomial of twice that is never reached.
const TERMS: usize = 64;

struct Tables {
    exp: [u8; 512],
    log: [u8; 256],
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let (mut exp, mut log) = ([0; 512], [0; 256]);
        let mut value = 1u16;
        for power in 0..255 {
            exp[power] = value as u8;
            exp[power + 255] = value as u8;
            log[usize::from(value)] = power as u8;
            value <<= 1;
            if value > 255 {
                value ^= FIELD;
            }
        }
        Tables { exp, log }
    })
}

impl Tables {
    fn times(&self, a: u8, b: u8) -> u8 {
        if a == 0 || b == 0 {
            return 0;
        }
        self.exp[usize::from(self.log[usize::from(a)]) + usize::from(self.log[usize::from(b)])]
    }

    fn inverse(&self, a: u8) -> u8 {
        self.exp[255 - usize::from(self.log[usize::from(a)])]
    }

    /// α to a power.
    fn power(&self, power: usize) -> u8 {
        self.exp[power % 255]
    }

    /// The value of a polynomial, lowest coefficient first.
    fn value(&self, polynomial: &[u8], at: u8) -> u8 {
        polynomial.iter().rev().fold(0, |sum, coefficient| self.times(sum, at) ^ coefficient)
    }
}

/// Corrects `block`, whose last `check` words are check words, in place. `erased` are places that are not to be
/// trusted. The answer is how many words outside of `erased` were wrong; nothing, where the block cannot be mended.
pub fn correct(block: &mut [u8], check: usize, erased: &[usize]) -> Option<usize> {
    let t = tables();
    if check > 30 || check == 0 || block.len() > 255 || erased.len() > check {
        return None;
    }
    let syndromes = syndromes(t, block, check);
    if syndromes[..check].iter().all(|s| *s == 0) {
        return Some(0);
    }
    let (locator, degree) = locator(t, &syndromes[..check], block.len(), erased)?;
    let evaluator = product(t, &syndromes[..check], &locator[..=degree], check);
    // The formal derivative keeps the odd terms.
    let derivative: Vec<u8> = (1..=degree).map(|at| if at % 2 == 1 { locator[at] } else { 0 }).collect();
    let (mut found, mut wrong) = (0, 0);
    let mut mended = block.to_vec();
    for (place, word) in mended.iter_mut().enumerate() {
        let power = block.len() - 1 - place;
        let inverse = t.power(255 - power % 255);
        if t.value(&locator[..=degree], inverse) != 0 {
            continue;
        }
        let slope = t.value(&derivative, inverse);
        if slope == 0 {
            return None;
        }
        let value = t.times(t.times(t.power(power), t.value(&evaluator, inverse)), t.inverse(slope));
        *word ^= value;
        found += 1;
        wrong += usize::from(!erased.contains(&place));
    }
    if found != degree || self::syndromes(t, &mended, check)[..check].iter().any(|s| *s != 0) {
        return None;
    }
    block.copy_from_slice(&mended);
    Some(wrong)
}

fn syndromes(t: &Tables, block: &[u8], check: usize) -> [u8; TERMS] {
    let mut syndromes = [0; TERMS];
    for (power, syndrome) in syndromes[..check].iter_mut().enumerate() {
        let root = t.power(power);
        *syndrome = block.iter().fold(0, |sum, word| t.times(sum, root) ^ word);
    }
    syndromes
}

/// The polynomial whose roots are the places in error, erased ones included, and its degree.
fn locator(t: &Tables, syndromes: &[u8], length: usize, erased: &[usize]) -> Option<([u8; TERMS], usize)> {
    let mut locator = [0; TERMS];
    locator[0] = 1;
    for (count, place) in erased.iter().enumerate() {
        let root = t.power(length.checked_sub(1 + place)?);
        for at in (1..=count + 1).rev() {
            locator[at] ^= t.times(root, locator[at - 1]);
        }
    }
    let mut previous = locator;
    let mut degree = erased.len();
    for step in erased.len()..syndromes.len() {
        let discrepancy = (0..=degree.min(step)).fold(0, |sum, at| sum ^ t.times(locator[at], syndromes[step - at]));
        // x · previous
        previous.copy_within(0..TERMS - 1, 1);
        previous[0] = 0;
        if discrepancy == 0 {
            continue;
        }
        let former = locator;
        for (term, shifted) in locator.iter_mut().zip(&previous) {
            *term ^= t.times(discrepancy, *shifted);
        }
        if 2 * degree <= step + erased.len() {
            degree = step + 1 + erased.len() - degree;
            let inverse = t.inverse(discrepancy);
            previous = former.map(|term| t.times(term, inverse));
        }
    }
    // More errors than check words can tell.
    let fits = 2 * degree.saturating_sub(erased.len()) + erased.len() <= syndromes.len();
    (fits && degree < TERMS && locator[degree] != 0).then_some((locator, degree))
}

/// The lowest `terms` terms of a product.
fn product(t: &Tables, a: &[u8], b: &[u8], terms: usize) -> Vec<u8> {
    let mut out = vec![0; terms];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate().take(terms.saturating_sub(i)) {
            out[i + j] ^= t.times(*x, *y);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Vec<u8> {
        let data: Vec<u8> = (0..40u8).map(|at| at.wrapping_mul(37) ^ 0x5a).collect();
        let check = qrcode::ec::create_error_correction_code(&data, 18);
        [data, check].concat()
    }

    #[test]
    fn errors_up_to_half_the_check_words_are_mended() {
        let clean = block();
        for count in 0..=9 {
            let mut spoiled = clean.clone();
            (0..count).for_each(|at| spoiled[at * 6 + 1] ^= 0x80 | at as u8);
            assert_eq!(correct(&mut spoiled, 18, &[]), Some(count));
            assert_eq!(spoiled, clean);
        }
    }

    #[test]
    fn erasures_count_half_and_a_true_word_may_be_erased() {
        let clean = block();
        let mut spoiled = clean.clone();
        let erased: Vec<usize> = (0..12).map(|at| at * 4).collect();
        erased.iter().skip(1).for_each(|&at| spoiled[at] ^= 0x3c);
        [1, 22, 57].iter().for_each(|&at| spoiled[at] ^= 0x11);
        assert_eq!(correct(&mut spoiled, 18, &erased), Some(3));
        assert_eq!(spoiled, clean);
    }

    #[test]
    fn more_errors_than_that_are_not_mended_silently() {
        let clean = block();
        let mut spoiled = clean.clone();
        (0..10).for_each(|at| spoiled[at * 5] ^= 0x77);
        assert_ne!(correct(&mut spoiled, 18, &[]).map(|_| spoiled == clean), Some(true));
    }
}
