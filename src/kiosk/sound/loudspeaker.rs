//! The machine's loudspeaker, through ALSA's own player `aplay` as a child: nothing of a sound library is needed
//! to build, and a machine without player or sound device is only silent.

use super::tone::{RATE_HZ, samples};
use crate::session::Sound;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Tones that may wait; a later one is dropped rather than heard late.
const WAITING_MAX: usize = 2;
/// A player that has not ended by then hangs on its device.
const PLAYING_MAX: Duration = Duration::from_secs(3);
/// Between two looks whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The thread that plays.
pub(super) struct Loudspeaker(SyncSender<Sound>);

impl Loudspeaker {
    /// Starts the thread; it ends with the handle.
    pub(super) fn start() -> Self {
        let (sender, wanted) = sync_channel(WAITING_MAX);
        let started = std::thread::Builder::new().name("sound".to_owned()).spawn(move || {
            let mut silent = false;
            while let Ok(sound) = wanted.recv() {
                if let Err(error) = play(sound)
                    && !std::mem::replace(&mut silent, true)
                {
                    tracing::info!(%error, "sound.silent: tones need the program aplay (package alsa-utils)");
                }
            }
        });
        if let Err(error) = started {
            tracing::info!(%error, "sound.silent");
        }
        Self(sender)
    }

    /// Plays it soon, or not at all.
    pub(super) fn play(&self, sound: Sound) {
        let _ = self.0.try_send(sound);
    }
}

fn play(sound: Sound) -> std::io::Result<()> {
    let rate = RATE_HZ.to_string();
    let mut child = Command::new("aplay")
        .args(["-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", rate.as_str(), "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let written = match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(&samples(sound)),
        None => Ok(()),
    };
    ended(&mut child)?;
    written
}

fn ended(child: &mut Child) -> std::io::Result<()> {
    let end = Instant::now() + PLAYING_MAX;
    while Instant::now() < end {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        std::thread::sleep(LOOK_EVERY);
    }
    child.kill()?;
    child.wait().map(drop)
}
