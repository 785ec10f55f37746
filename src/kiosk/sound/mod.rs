//! The three tones of a session made audible: on the machine's loudspeaker, or in the browser that shows the
//! screen. Where neither is, nothing is heard and nothing fails. Never speaks a name or a number.

mod loudspeaker;
mod tone;

pub use tone::{Note, notes};

use crate::session::Sound;
use std::sync::{Arc, Mutex, PoisonError};

/// Where tones go; the same for as long as the program runs, whoever plays them.
#[derive(Clone)]
pub struct Tones(Arc<Mutex<Player>>);

type Player = Box<dyn Fn(Sound) + Send>;

impl Tones {
    /// On the machine's loudspeaker.
    #[must_use]
    pub fn on_loudspeaker() -> Self {
        let speaker = loudspeaker::Loudspeaker::start();
        Self(Arc::new(Mutex::new(Box::new(move |sound| speaker.play(sound)))))
    }

    /// From now on somebody else plays them.
    pub fn hand_to(&self, player: impl Fn(Sound) + Send + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(player);
    }

    /// Plays one; does not wait for its end.
    pub fn play(&self, sound: Sound) {
        (self.0.lock().unwrap_or_else(PoisonError::into_inner))(sound);
    }
}
