// A session: camera check, then clip, questions and rest until the end; the server says what comes next.

import { Camera, Refused, now, send } from "/static/record_camera.js";

const runner = document.getElementById("runner");
const stage = document.getElementById("stage");
const film = document.getElementById("film");
const cross = document.getElementById("cross");
const questions = document.getElementById("questions");
const skipButton = document.getElementById("skip");
const stopButton = document.getElementById("stop");
const beginButton = document.getElementById("begin");
const base = `/api/record/sessions/${runner.dataset.participant}`;
const camera = new Camera(base, document.getElementById("preview"));
const LOOK_EVERY_MS = 1500;

let isChecking = true;
let stopNow;
const stopped = new Promise((done) => { stopNow = () => done("stopped"); });

const post = (what, body) => send(`${base}/${what}`, JSON.stringify(body));
const mark = (kind, at, stimulus) => post("marks", { kind, stimulus_id: stimulus ?? null, at_s: at });

function trouble(problem) {
  document.getElementById("trouble").textContent = problem instanceof Refused ? problem.message : runner.dataset.lost;
  // The stage covers the page: what went wrong must be seen.
  stage.hidden = true;
  film.pause();
  if (camera.recorder?.state === "recording") camera.recorder.stop();
  leaveFullScreen();
}

function leaveFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
}

async function check() {
  try {
    await camera.open();
  } catch {
    document.getElementById("trouble").textContent = runner.dataset.noCamera;
    return;
  }
  beginButton.disabled = false;
  while (isChecking) {
    const seen = await camera.look().catch(() => null);
    if (seen) {
      const key = `advice${seen.advice.split("_").map((word) => word[0].toUpperCase() + word.slice(1)).join("")}`;
      const advice = document.getElementById("advice");
      if (advice.textContent !== runner.dataset[key]) advice.textContent = runner.dataset[key];
      advice.dataset.advice = seen.advice;
    }
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

function show(...parts) {
  for (const part of [film, cross, questions, document.getElementById("keeping")]) part.hidden = !parts.includes(part);
  skipButton.hidden = !parts.includes(film);
}

// The clip as it was on the screen: first frame expected by the display, last frame gone.
function playClip(stimulus) {
  return new Promise((done) => {
    const rules = new AbortController();
    const end = (how) => { rules.abort(); film.pause(); done(how); };
    const on = (name, act) => film.addEventListener(name, act, { signal: rules.signal });
    let onset;
    const began = (at) => {
      if (onset !== undefined) return;
      onset = at;
      mark("onset", at, stimulus).catch(trouble);
    };
    film.requestVideoFrameCallback((_, frame) => began(now(frame.expectedDisplayTime)));
    on("ended", () => { began(now() - film.duration); end({ onset, offset: now() }); });
    on("error", () => end("broken"));
    skipButton.addEventListener("click", () => end("skipped"), { signal: rules.signal });
    stopped.then(() => end("stopped"));
    film.src = `/record/film/${stimulus}`;
    film.play().catch(() => {});
  });
}

async function clip(next) {
  show(film);
  const seen = await playClip(next.stimulus_id);
  if (seen === "stopped") return next;
  if (seen === "broken") throw new Refused(runner.dataset.broken.replace("%1", next.stimulus_id));
  if (seen === "skipped") return post("skips", { what: "clip", stimulus_id: next.stimulus_id, at_s: now() });
  mark("offset", seen.offset, next.stimulus_id).catch(trouble);
  return post("shown", { stimulus_id: next.stimulus_id, onset_s: seen.onset, offset_s: seen.offset });
}

function answers() {
  const given = new FormData(questions);
  const numbers = Object.fromEntries(["pleasure", "arousal", "dominance"].filter((name) => given.has(name)).map((name) => [name, Number(given.get(name))]));
  const words = Object.fromEntries(["emotion7", "emotion3"].filter((name) => given.has(name)).map((name) => [name, given.get(name)]));
  return { ...numbers, ...words };
}

async function ask(next) {
  questions.reset();
  show(questions);
  questions.querySelector("input").focus();
  stage.scrollTop = 0;
  mark("questions", now(), next.stimulus_id).catch(trouble);
  const rules = new AbortController();
  const how = await Promise.race([
    stopped,
    new Promise((done) => {
      questions.addEventListener("submit", (event) => { event.preventDefault(); done("kept"); }, { signal: rules.signal });
      document.getElementById("no-answer").addEventListener("click", () => done("left"), { signal: rules.signal });
    }),
  ]);
  rules.abort();
  if (how === "stopped") return next;
  const given = answers();
  if (how === "left" || !Object.keys(given).length) {
    return post("skips", { what: "questions", stimulus_id: next.stimulus_id, at_s: now() });
  }
  return post("answers", { stimulus_id: next.stimulus_id, ...given, answered_s: now() });
}

async function rest(seconds) {
  if (!seconds) return;
  show(cross);
  mark("rest", now()).catch(trouble);
  await Promise.race([stopped, new Promise((wake) => setTimeout(wake, 1000 * seconds))]);
}

async function run() {
  let next = await (await fetch(base)).json();
  let isStopped = false;
  stopped.then(() => { isStopped = true; });
  for (let isFirst = true; !isStopped && (next.step === "clip" || next.step === "questions"); isFirst = false) {
    document.getElementById("progress").textContent = runner.dataset.clip.replace("%1", Math.min(next.num_done + (next.step === "clip"), next.num_clips)).replace("%2", next.num_clips);
    if (next.step === "questions") { next = await ask(next); continue; }
    const isRelieved = next.is_negative && next.purpose === "study";
    if (!isFirst || next.num_done) await rest(Number(isRelieved ? runner.dataset.negativeRest : runner.dataset.rest));
    if (!isStopped) next = await clip(next);
  }
  if (isStopped) await mark("stop", now());
  show(document.getElementById("keeping"));
  document.getElementById("leaving").hidden = true;
  await camera.close();
  await send(`${base}/finish`, "");
  leaveFullScreen();
  location.reload();
}

beginButton.addEventListener("click", async () => {
  beginButton.disabled = true;
  isChecking = false;
  try {
    await camera.record(trouble);
    document.getElementById("check").hidden = true;
    stage.hidden = false;
    await stage.requestFullscreen?.().catch(() => {});
    await run();
  } catch (problem) {
    trouble(problem);
  }
});

stopButton.addEventListener("click", () => { if (confirm(runner.dataset.stopSure)) stopNow(); });

// A digit answers the question that is looked at, and goes on to the next.
function choose(digit) {
  const group = document.activeElement.closest?.("fieldset") ?? questions.querySelector("fieldset");
  const chosen = group?.querySelectorAll("input")[digit - 1];
  if (!chosen) return;
  chosen.checked = true;
  const following = group.nextElementSibling?.querySelector("input, #keep");
  (following ?? chosen).focus();
  following?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (stage.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "s" && !skipButton.hidden) skipButton.click();
  else if (event.key === "x") stopButton.click();
  else if (!questions.hidden && /^[1-9]$/.test(event.key)) choose(Number(event.key));
  else if (!questions.hidden && event.key === "Enter" && !event.target.closest("button")) questions.requestSubmit();
  else return;
  event.preventDefault();
});

check();
