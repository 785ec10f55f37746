//! What a decoder did with pictures, counted, and the figures that are made of it.

use crate::set::Picture;

/// What one decoder did with one class.
#[derive(Clone, Default)]
pub struct Tally {
    pub read: usize,
    pub wrong: usize,
    /// Panicked, or did not end.
    pub failed: usize,
    pub times_read: Vec<f32>,
    pub times_unread: Vec<f32>,
    /// Of pictures in which there is no code.
    pub times_blank: Vec<f32>,
    /// Read pictures of 1280×720 only.
    pub times_large: Vec<f32>,
}

impl Tally {
    /// Counts an answer: texts and milliseconds, or nothing where the decoder failed.
    pub fn add(&mut self, picture: &Picture, answer: Option<(Vec<String>, f32)>) {
        let Some((texts, took)) = answer else {
            self.failed += 1;
            return;
        };
        self.wrong += usize::from(texts.iter().any(|text| !picture.texts.contains(text)));
        if picture.texts.is_empty() {
            self.times_blank.push(took);
        } else if picture.texts.iter().all(|text| texts.contains(text)) {
            self.read += 1;
            self.times_read.push(took);
            if picture.width == 1280 {
                self.times_large.push(took);
            }
        } else {
            self.times_unread.push(took);
        }
    }

    /// Adds another class; without `counted` its wrong texts and times only.
    pub fn merge(&mut self, other: &Self, counted: bool) {
        self.read += if counted { other.read } else { 0 };
        self.wrong += other.wrong;
        self.failed += other.failed;
        self.times_read.extend(&other.times_read);
        self.times_unread.extend(&other.times_unread);
        self.times_blank.extend(&other.times_blank);
        self.times_large.extend(&other.times_large);
    }
}

/// The 95 % interval of a share, in per cent (Wilson 1927).
pub fn interval(hits: usize, of: usize) -> (f32, f32) {
    let (share, of, z) = (hits as f32 / of as f32, of as f32, 1.96f32);
    let middle = share + z * z / (2.0 * of);
    let reach = z * (share * (1.0 - share) / of + z * z / (4.0 * of * of)).sqrt();
    let scale = 100.0 / (1.0 + z * z / of);
    ((middle - reach) * scale, (middle + reach) * scale)
}

/// The value below which a share of the times lies.
pub fn at(times: &[f32], share: f32) -> f32 {
    let mut times = times.to_vec();
    times.sort_by(f32::total_cmp);
    times.get(((times.len() as f32 - 1.0) * share).round() as usize).copied().unwrap_or(0.0)
}

/// Median and 95th percentile.
pub fn quantiles(times: &[f32]) -> String {
    format!("{:.1} / {:.1}", at(times, 0.5), at(times, 0.95))
}
