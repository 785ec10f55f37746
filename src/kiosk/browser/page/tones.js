// The terminal's tones: notes of a pitch (0 is a rest) and a length, each swelling and fading. A browser that lets no
// page sound before it was touched stays silent; that is no error.
const LOUDNESS = 0.33;
let context;

export function play(notes) {
  document.documentElement.dataset.tones = Number(document.documentElement.dataset.tones ?? 0) + 1;
  try {
    context ??= new AudioContext();
    context.resume();
    let at = context.currentTime;
    for (const { hz, ms } of notes) {
      const end = at + ms / 1000;
      if (hz > 0) {
        const tone = new OscillatorNode(context, { frequency: hz });
        const loud = new GainNode(context, { gain: 0 });
        loud.gain.setValueAtTime(0, at);
        loud.gain.linearRampToValueAtTime(LOUDNESS, at + 0.006);
        loud.gain.linearRampToValueAtTime(0, end);
        tone.connect(loud).connect(context.destination);
        tone.start(at);
        tone.stop(end);
      }
      at = end;
    }
  } catch { /* no sound device */ }
}
