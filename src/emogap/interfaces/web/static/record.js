// A session: camera check, then clip, questions and rest until the end; the server says what comes next.

import { Camera, Refused, now, send } from "/static/record_camera.js";
import { playClip } from "/static/record_clip.js";
import { answerByKey, askQuestions } from "/static/record_questions.js";

const runner = document.getElementById("runner");
const stage = document.getElementById("stage");
const film = document.getElementById("film");
const cross = document.getElementById("cross");
const questions = document.getElementById("questions");
const keeping = document.getElementById("keeping");
const skipButton = document.getElementById("skip");
const stopButton = document.getElementById("stop");
const playButton = document.getElementById("play");
const beginButton = document.getElementById("begin");
const withoutButton = document.getElementById("without");
const sure = document.getElementById("sure");
const base = `/api/record/sessions/${runner.dataset.participant}`;
const isFilmed = runner.dataset.filmed === "yes";
const camera = new Camera(base, document.getElementById("preview"), isFilmed);
const LOOK_EVERY_MS = 1500;

let isChecking = true;
let isRunning = false;
let shown = null;
let asked = Promise.resolve();
let stopNow;
const stopped = new Promise((done) => { stopNow = () => done("stopped"); });
const marks = [];

const post = (what, body) => send(`${base}/${what}`, JSON.stringify(body));

function mark(kind, at, stimulus) {
  const body = () => JSON.stringify({ kind, stimulus_id: stimulus ?? null, at_s: at, age_s: now() - at });
  const sent = send(`${base}/marks`, body);
  marks.push(sent.catch(() => {}));
  return sent;
}

const note = (kind, at = now(), stimulus = shown) => { mark(kind, at, stimulus).catch(trouble); };

class Broken extends Refused {
  constructor(stimulus) {
    super(runner.dataset.broken.replace("%1", stimulus));
    this.stimulus = stimulus;
  }
}

// The first that went wrong is said; what follows from it is not.
function trouble(problem) {
  if (!document.getElementById("ways").hidden) return;
  isRunning = false;
  document.getElementById("trouble").textContent = problem instanceof Refused ? problem.message : runner.dataset.lost;
  document.getElementById("ways").hidden = false;
  if (problem instanceof Broken) {
    withoutButton.hidden = false;
    withoutButton.addEventListener("click", async () => {
      await post("skips", { what: "clip", stimulus_id: problem.stimulus, at_s: now() }).catch(() => {});
      location.reload();
    }, { once: true });
  }
  // The stage covers the page: what went wrong must be seen.
  if (sure.open) sure.close();
  stage.hidden = true;
  film.pause();
  if (camera.recorder?.state === "recording") camera.recorder.stop();
  leaveFullScreen();
  document.getElementById("again").focus();
}

function leaveFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
}

async function fillScreen() {
  if (!document.fullscreenElement) await stage.requestFullscreen?.().catch(() => {});
}

async function check() {
  try {
    if (isFilmed) await camera.open();
  } catch {
    document.getElementById("trouble").textContent = runner.dataset.noCamera;
    return;
  }
  beginButton.disabled = false;
  while (isFilmed && isChecking) {
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
  for (const part of [film, cross, questions, keeping]) part.hidden = !parts.includes(part);
  skipButton.hidden = !parts.includes(film);
  playButton.hidden = true;
}

async function clip(next) {
  const stimulus = next.stimulus_id;
  show(film);
  shown = stimulus;
  const refused = () => { playButton.hidden = false; playButton.focus(); };
  const seen = await playClip(film, `/record/film/${stimulus}`, { note, refused, skip: skipButton, stopped });
  shown = null;
  if (seen.how === "stopped") return next;
  if (seen.how === "broken") throw new Broken(stimulus);
  if (seen.how === "skipped") return post("skips", { what: "clip", stimulus_id: stimulus, at_s: now() });
  note("offset", seen.offset, stimulus);
  return post("shown", { stimulus_id: stimulus, onset_s: seen.onset, offset_s: seen.offset });
}

async function ask(next) {
  show(questions);
  stage.scrollTop = 0;
  note("questions", now(), next.stimulus_id);
  const given = await Promise.race([stopped, askQuestions({ open: runner.dataset.open })]);
  if (given === "stopped") return next;
  fillScreen();
  if (!Object.keys(given).length) {
    return post("skips", { what: "questions", stimulus_id: next.stimulus_id, at_s: now() });
  }
  return post("answers", { stimulus_id: next.stimulus_id, ...given, answered_s: now() });
}

async function rest(seconds) {
  if (!seconds) return;
  show(cross);
  note("rest");
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
    // Whoever is being asked whether to stop sees nothing new until it is said.
    await asked;
    if (!isStopped) next = await clip(next);
  }
  if (isStopped) await mark("stop", now());
  show(keeping);
  document.getElementById("leaving").hidden = true;
  await camera.close();
  await Promise.all(marks);
  await send(`${base}/finish`, "");
  isRunning = false;
  leaveFullScreen();
  location.reload();
}

beginButton.addEventListener("click", async () => {
  beginButton.disabled = true;
  isChecking = false;
  isRunning = true;
  try {
    await camera.record(trouble);
    document.getElementById("check").hidden = true;
    stage.hidden = false;
    await fillScreen();
    if (!document.fullscreenElement) note("window");
    navigator.wakeLock?.request("screen").catch(() => {});
    await run();
  } catch (problem) {
    trouble(problem);
  }
});

// The film waits while the participant is asked; the marks tell that it did.
stopButton.addEventListener("click", () => {
  if (sure.open) return;
  const wasPlaying = !film.hidden && !film.paused;
  if (wasPlaying) { film.pause(); note("pause"); }
  sure.returnValue = "";
  sure.showModal();
  asked = new Promise((done) => {
    sure.addEventListener("close", () => {
      if (sure.returnValue === "stop") stopNow();
      else if (wasPlaying && isRunning) { note("resume"); film.play().catch(() => { playButton.hidden = false; }); }
      done();
    }, { once: true });
  });
});

playButton.addEventListener("click", () => { playButton.hidden = true; film.play().catch(() => {}); });
document.getElementById("again").addEventListener("click", () => location.reload());

document.addEventListener("keydown", (event) => {
  if (stage.hidden || sure.open || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  // A key that is held down is one press, not many answers.
  if (event.repeat) { if (!questions.hidden && /^(enter|[0-9])$/.test(key)) event.preventDefault(); return; }
  if (key === "s" && !skipButton.hidden) skipButton.click();
  else if (key === "x") stopButton.click();
  else if (questions.hidden || !answerByKey(event)) return;
  event.preventDefault();
});

document.addEventListener("fullscreenchange", () => { if (isRunning) note(document.fullscreenElement ? "full-screen" : "window"); });
document.addEventListener("visibilitychange", () => { if (isRunning) note(document.hidden ? "hidden" : "visible"); });
document.addEventListener("keepersilent", () => { document.getElementById("silent").textContent = runner.dataset.silent; });
document.addEventListener("keeperheard", () => { document.getElementById("silent").textContent = ""; });
addEventListener("beforeunload", (event) => { if (isRunning) event.preventDefault(); });

check();
