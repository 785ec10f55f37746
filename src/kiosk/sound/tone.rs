//! The tones as notes, and as samples for a loudspeaker. Soft: each note swells and fades, so that nothing clicks.

use crate::session::Sound;

/// Samples a second, one channel, signed 16 bits, little end first.
pub const RATE_HZ: u32 = 22_050;
/// A third of full scale: heard beside the terminal, not across the hall.
const LOUDNESS: f32 = 0.33;
/// A note swells this long.
const SWELL_MS: f32 = 6.0;

/// One note.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Note {
    /// Pitch in hertz; 0 is a rest.
    pub hz: f32,
    /// Length in milliseconds.
    pub ms: u32,
}

const CARD_READ: &[Note] = &[note(988.0, 150)];
const TAKE_IT: &[Note] = &[note(659.0, 160), note(0.0, 40), note(880.0, 260)];
/// Low beside the others, but no lower: small loudspeakers and ears give a fundamental of 233 Hz 9 dB less.
const ERROR: &[Note] = &[note(440.0, 180), note(0.0, 60), note(349.0, 240)];

const fn note(hz: f32, ms: u32) -> Note {
    Note { hz, ms }
}

/// The notes of a sound: one high for a card that was read, two rising to take something, two
/// falling for an error.
#[must_use]
pub const fn notes(sound: Sound) -> &'static [Note] {
    match sound {
        Sound::CardRead => CARD_READ,
        Sound::TakeIt => TAKE_IT,
        Sound::Error => ERROR,
    }
}

/// The samples of a sound.
#[must_use]
pub fn samples(sound: Sound) -> Vec<u8> {
    let mut bytes = Vec::new();
    for note in notes(sound) {
        let count = note.ms * RATE_HZ / 1000;
        for at in 0..count {
            let seconds = at as f32 / RATE_HZ as f32;
            let wave = (seconds * note.hz * std::f32::consts::TAU).sin();
            let swell = (seconds * 1000.0 / SWELL_MS).min(1.0);
            let fade = 1.0 - at as f32 / count as f32;
            #[allow(clippy::cast_possible_truncation)]
            let sample = (wave * swell * fade * LOUDNESS * f32::from(i16::MAX)) as i16;
            bytes.extend(sample.to_le_bytes());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(sound: Sound) -> Vec<i16> {
        samples(sound).chunks(2).map(|two| i16::from_le_bytes([two[0], two[1]])).collect()
    }

    #[test]
    fn every_tone_lasts_as_long_as_its_notes_and_no_sample_jumps_further_than_its_wave() {
        for (sound, ms) in [(Sound::CardRead, 150), (Sound::TakeIt, 460), (Sound::Error, 480)] {
            let samples = played(sound);
            assert!((samples.len() as u32 * 1000 / RATE_HZ).abs_diff(ms) <= 1, "{sound:?}");
            let highest = notes(sound).iter().map(|note| note.hz).fold(0.0, f32::max);
            let steepest = LOUDNESS * f32::from(i16::MAX) * std::f32::consts::TAU * highest / RATE_HZ as f32;
            let jump = samples.windows(2).map(|two| (i32::from(two[1]) - i32::from(two[0])).abs()).max().unwrap();
            assert!(jump as f32 <= steepest + 1.0, "{sound:?} clicks: {jump} of {steepest}");
        }
    }

    /// IEC 61672-1, A: what of a pitch an ear hears, in decibels.
    fn heard_db(hz: f32) -> f32 {
        let (f, a, b, c, d) = (hz * hz, 20.6_f32.powi(2), 107.7_f32.powi(2), 737.9_f32.powi(2), 12_194_f32.powi(2));
        20.0 * (d * f * f / ((f + a) * ((f + b) * (f + c)).sqrt() * (f + d))).log10() + 2.0
    }

    #[test]
    fn no_note_is_heard_much_softer_than_another() {
        let sounds = [Sound::CardRead, Sound::TakeIt, Sound::Error];
        for note in sounds.into_iter().flat_map(notes).filter(|note| note.hz > 0.0) {
            assert!(heard_db(note.hz) > -7.0, "{note:?}: {} dB", heard_db(note.hz));
        }
    }

    #[test]
    fn every_tone_is_heard_soon_ended_and_starts_and_ends_in_silence() {
        for sound in [Sound::CardRead, Sound::TakeIt, Sound::Error] {
            let samples = played(sound);
            let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
            assert!((6_000..=11_000).contains(&loudest), "{sound:?}: {loudest}");
            assert!(samples.len() < RATE_HZ as usize, "{sound:?} is shorter than a second");
            assert!(samples[0] == 0 && samples[samples.len() - 1].abs() < 200, "{sound:?} does not click");
        }
    }

    #[test]
    fn no_two_tones_are_alike() {
        assert_ne!(notes(Sound::CardRead), notes(Sound::TakeIt));
        assert_ne!(notes(Sound::TakeIt), notes(Sound::Error));
        assert_ne!(notes(Sound::CardRead), notes(Sound::Error));
    }
}
