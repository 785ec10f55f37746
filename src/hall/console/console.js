// Sound for staff calls, and a fresh list when something changed. Reading and answering work without it.
"use strict";
(() => {
  const page = document.querySelector("[data-calls]");
  if (!page) return;
  let known = page.dataset.calls;
  let audio;
  const bell = document.querySelector("[data-bell]");
  const ring = () => {
    if (!audio) return;
    [0, 0.35, 0.7].forEach((at) => {
      const tone = audio.createOscillator();
      const level = audio.createGain();
      tone.frequency.value = at === 0.35 ? 660 : 880;
      level.gain.value = 0.3;
      tone.connect(level).connect(audio.destination);
      tone.start(audio.currentTime + at);
      tone.stop(audio.currentTime + at + 0.25);
    });
  };
  // Browsers play nothing before the first touch; the button is that touch.
  if (bell) {
    bell.hidden = false;
    bell.addEventListener("click", () => { audio = new AudioContext(); ring(); bell.textContent = "✓ 声音已开"; });
  }
  const open = Number(page.dataset.open);
  if (open > 0) setInterval(ring, 5000);
  const watch = async () => {
    for (;;) {
      try {
        const answer = await fetch("/calls/changes?known=" + encodeURIComponent(known), { cache: "no-store" });
        if (answer.status === 401) { location.reload(); return; }
        const now = await answer.json();
        if (now.mark !== known) {
          known = now.mark;
          if (now.open > 0) ring();
          const fresh = await (await fetch("/calls", { cache: "no-store" })).text();
          const list = new DOMParser().parseFromString(fresh, "text/html").querySelector("[data-list]");
          if (list) document.querySelector("[data-list]").replaceWith(list);
        }
      } catch { await new Promise((later) => setTimeout(later, 3000)); }
    }
  };
  watch();
})();
