// A clip on the screen: when it began and ended, and what came between.

import { now } from "/static/record_camera.js";

// A film that hangs after its first frame begins, for whatever is compared with it, when it runs.
const HUNG_S = 0.05;

// Plays a film and tells how it went: { how: "seen", onset, offset }, or how: "skipped", "stopped" or "broken".
// note(kind, at) is called for its onset and for stalls; refused() if the browser wants to be asked to play.
export function playClip(film, source, { note, refused, skip, stopped }) {
  return new Promise((done) => {
    const rules = new AbortController();
    const end = (how, times = {}) => { rules.abort(); film.pause(); done({ how, ...times }); };
    const on = (name, act) => film.addEventListener(name, act, { signal: rules.signal });
    let first;
    let onset;
    const began = (at) => {
      if (onset !== undefined || at === undefined) return;
      onset = at;
      note("onset", at);
    };
    // A frame is on the screen when the display is to show it, and as long after the onset as its place in the film
    // tells: a busy machine shows not the first one first. The second tells whether the film ran on.
    const watch = (_, frame) => {
      if (rules.signal.aborted) return;
      const zero = now(frame.expectedDisplayTime) - frame.mediaTime;
      if (first === undefined) {
        first = { zero, media: frame.mediaTime };
      } else if (frame.mediaTime > first.media) {
        began(zero - first.zero > HUNG_S ? zero : first.zero);
        return;
      }
      film.requestVideoFrameCallback(watch);
    };
    film.requestVideoFrameCallback(watch);
    on("waiting", () => { if (onset !== undefined) note("stall", now()); });
    on("ended", () => { began(first?.zero ?? now() - film.duration); end("seen", { onset, offset: now() }); });
    on("error", () => end("broken"));
    const leave = (how) => { if (!rules.signal.aborted) { began(first?.zero); end(how); } };
    skip.addEventListener("click", () => leave("skipped"), { signal: rules.signal });
    stopped.then(() => leave("stopped"));
    film.src = source;
    film.play().catch((problem) => { if (problem.name === "NotAllowedError" && !rules.signal.aborted) refused(); });
  });
}

// The films among `names` that this browser cannot show; told(number) is called before each.
export async function unplayable(names, told) {
  const bad = [];
  for (const [number, name] of names.entries()) {
    told(number + 1);
    if (!(await canShow(`/record/film/${name}`))) bad.push(name);
  }
  return bad;
}

function canShow(source) {
  return new Promise((done) => {
    const film = document.createElement("video");
    const end = (can) => { film.removeAttribute("src"); film.load(); done(can); };
    film.muted = true;
    film.preload = "auto";
    film.addEventListener("loadeddata", () => end(film.videoWidth > 0), { once: true });
    film.addEventListener("error", () => { if (film.hasAttribute("src")) done(false); });
    film.src = source;
  });
}
