// The player. One clock: that of the gaze file. The face video leads where there is one, everything else follows the
// frame that is really shown; without one, time passes by itself.

import { eachFrame } from "/static/frames.js";
import { Gaze, Row, ask } from "/static/signals.js";
import { Timeline, clockTime, paintCurves, paintIntervals, paintSignal, paintWords } from "/static/timeline.js";

const root = document.getElementById("player");
const name = root.dataset.session;
const word = (key) => root.getAttribute(`data-word-${key}`);
const element = (id) => document.getElementById(id);
const api = `/api/session/${encodeURIComponent(name)}`;
let face = element("face");
const film = element("film");
const TRAIL_S = 0.7;
const HEAT_S = 3;
const LAG_S = 0.04;
const SAME_S = 5e-6; // browsers round to microseconds
const INTO_S = 0.05; // where the addresses of clips lead to, after the onset of the stimulus
const LONGEST_FRAME_S = 1; // of a face video: a frame that is shown shortly after an onset may be from before

const state = { time: 0, playing: false, trial: null, frame: 0, linked: null, towards: null };
let facts;
let timeline;
let gaze;

const toFace = (time) => (time - facts.face.offset_s) / (1 + facts.face.drift_ppm * 1e-6);
const toGaze = (time) => facts.face.offset_s + time * (1 + facts.face.drift_ppm * 1e-6);
const clamp = (time) => Math.min(Math.max(time, facts.start_s), facts.stop_s);

// Once each, under the time line: what is doubtful, and what could not be read.
function doubt(text) {
  if ([...element("doubts").children].some((item) => item.textContent === text)) return;
  const item = document.createElement("li");
  item.textContent = text;
  element("doubts").append(item);
}

async function start() {
  try {
    facts = await (await ask(api)).json();
  } catch (problem) {
    element("card").textContent = problem.message;
    return;
  }
  if (!facts.face && face) {
    // A video that cannot be played leads nothing, and would stand there black; why is told under the time line.
    face.closest("figure").remove();
    face = null;
  }
  state.time = facts.start_s;
  gaze = new Gaze(`${api}/gaze`, () => drawGaze(), doubt);
  const [width, height] = facts.screen_px ?? [16, 9];
  // As wide as its height allows: a picture out of proportion would move the dot off what was looked at.
  element("stimulus").style.aspectRatio = `${width} / ${height}`;
  element("stimulus").style.setProperty("--shape", width / height);
  fillModels();
  timeline = new Timeline(element("timeline"), facts, rows(), (time) => goTo(time));
  fillClips();
  facts.doubts.forEach(doubt);
  if (face) {
    // While it seeks and shortly after, a frame of the place that it left may still arrive; that of the new one may have
    // come before, or its news be missed: then the app tells which frame lies there.
    const isHere = () => face.currentTime - state.frame > -SAME_S && face.currentTime - state.frame < LONGEST_FRAME_S;
    eachFrame(face, (time) => {
      state.frame = time;
      if (!face.seeking && (!face.paused || isHere())) settle();
    });
    face.addEventListener("seeked", () => {
      if (!isHere()) state.frame = face.currentTime;
      settle();
    });
    face.addEventListener("pause", () => setPlaying(false));
    face.addEventListener("ended", () => setPlaying(false));
  }
  const asked = Number(new URLSearchParams(location.search).get("t") ?? NaN);
  await goTo(await inTrial(Number.isFinite(asked) ? asked : facts.trials[0] ? facts.trials[0].onset_s + INTO_S : facts.start_s));
  for (const control of document.querySelectorAll(".controls [disabled]")) control.disabled = false;
  root.dataset.ready = "yes";
}

function rows() {
  const redraw = () => timeline.draw();
  const list = [{ label: word("trials"), height: 22, paint: paintWords(facts.trials, (trial) => trial.stimulus_id, "soft") }];
  const some = (key) => facts.trials.some((trial) => Object.keys(trial[key]).length);
  if (some("felt")) list.push({ label: word("felt"), height: 22, paint: paintWords(facts.trials, (trial) => answerOf(trial.felt), "felt") });
  if (some("shown")) list.push({ label: word("shown"), height: 22, paint: paintWords(facts.trials, (trial) => answerOf(trial.shown), "shown") });
  if (some("machine")) {
    list.push({ label: word("machine"), height: 22, paint: paintWords(facts.trials, (trial) => Object.values(trial.machine).map(answerOf).join(" / "), "soft") });
  }
  if (facts.trials.some((trial) => trial.models.some((says) => says.level !== null))) {
    list.push({ label: word("models"), height: 64, paint: paintCurves(facts.trials, saysOf) });
  }
  for (const signal of facts.signals) {
    const row = new Row(`${api}/signal/${signal.name}`, "signal", redraw, doubt);
    const label = `${word(signal.name) ?? signal.name} ${signal.unit === "screen" ? "" : signal.unit}`;
    list.push({ label, height: signal.name === "pupil" ? 64 : 36, paint: paintSignal(row, signal.low, signal.high, "accent") });
  }
  // Where no gaze was recorded, empty rows would say that there was no blink and no loss.
  for (const [kind, colour] of facts.rate_hz === 0 ? [] : [["fixation", "accent"], ["blink", "text"], ["loss", "wrong"]]) {
    const row = new Row(`${api}/intervals/${kind}`, "intervals", redraw, doubt);
    list.push({ label: word(kind), height: 18, paint: paintIntervals(row, colour) });
  }
  return list;
}

const emotions = JSON.parse(root.dataset.emotions);
const inWords = (said) => said.split("/").map((each) => emotions[each] ?? each).join("/");

const answerOf = (said) => said.emotion7 || said.emotion3 ? inWords(said.emotion7 ?? said.emotion3) : (said.valence === undefined ? "" : Number(said.valence).toFixed(2));

// A model is one of a run: runs may have models of the same name.
const modelOf = (says) => `${says.run}/${says.model} ${says.target}`;
const saysOf = (trial, view) => trial.models.find((says) => modelOf(says) === element("model-choice").value && says.view === view);

function fillModels() {
  const choice = element("model-choice");
  const says = facts.trials.flatMap((trial) => trial.models.filter((each) => each.level !== null));
  const models = new Map(says.map((each) => [modelOf(each), each]));
  const isOneRun = new Set(says.map((each) => each.run)).size < 2;
  for (const [model, each] of models) choice.add(new Option(`${each.model} ${each.target}${isOneRun ? "" : ` (${each.run})`}`, model));
  choice.closest(".legend").hidden = facts.trials.every((trial) => trial.gap === null && !trial.models.length);
  element("curves").hidden = models.size === 0;
  choice.addEventListener("change", () => { timeline.draw(); describe(); });
}

function fillClips() {
  for (const trial of facts.trials) {
    const row = element("clip-rows").insertRow();
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = clockTime(trial.onset_s);
    button.addEventListener("click", () => goToTrial(trial));
    row.insertCell().append(button);
    row.insertCell().textContent = trial.stimulus_id;
    row.insertCell().textContent = answerOf(trial.felt);
    row.insertCell().textContent = answerOf(trial.shown);
    const gap = row.insertCell();
    gap.className = "number";
    gap.textContent = trial.gap === null ? "" : trial.gap.toFixed(2);
  }
}

// To a moment of the gaze clock. The face video is moved first; what is shown then is the frame that it has there.
async function goTo(time) {
  state.towards = null;
  const wanted = clamp(time);
  if (!face) return show(wanted);
  const at = toFace(wanted);
  if (at < 0 || at > facts.face.duration_s) return show(wanted);
  const arrived = new Promise((resolve) => face.addEventListener("seeked", resolve, { once: true }));
  // A little behind the beginning of the frame: browsers round.
  face.currentTime = at + 1e-4;
  show(wanted);
  await arrived;
}

// Where it leads is asked first; of what is pressed meanwhile the last counts.
async function goToTrial(trial) {
  state.towards = trial;
  const time = await inTrial(trial.onset_s + INTO_S);
  if (state.towards !== trial) return;
  state.towards = null;
  await goTo(time);
}

const frameAt = async (time, step = 0) => (await ask(`${api}/frame?${new URLSearchParams({ at_s: time, step })}`)).json();

// A moment in a trial whose face frame began before the stimulus appeared: the next frame's, which belongs to it.
async function inTrial(time) {
  const trial = facts.trials.find((each) => time >= each.onset_s && time < each.onset_s + Math.min(each.duration_s, LONGEST_FRAME_S));
  if (!face || !trial) return time;
  try {
    if ((await frameAt(time)).gaze_s >= trial.onset_s) return time;
    const next = (await frameAt(time, 1)).gaze_s;
    return next >= trial.onset_s && next < trial.onset_s + trial.duration_s ? next : time;
  } catch (problem) {
    doubt(problem.message);
    return time;
  }
}

// The frame that is shown. Some browsers (Firefox) tell of a video that stands where it was sent to, and not when the
// frame that it shows there begins: the app knows.
async function settle() {
  const asked = toGaze(state.frame);
  show(asked);
  if (!face.paused || Math.abs(state.frame - face.currentTime) > SAME_S) return;
  try {
    const frame = await frameAt(asked);
    if (face.paused && !face.seeking && toGaze(state.frame) === asked) {
      state.frame = frame.face_s;
      show(frame.gaze_s);
    }
  } catch (problem) {
    doubt(problem.message);
  }
}

async function step(by) {
  setPlaying(false);
  if (!face) return goTo(state.time + by / 25);
  try {
    await goTo((await frameAt(state.time, by)).gaze_s);
  } catch (problem) {
    doubt(problem.message);
  }
}

function setPlaying(playing) {
  if (state.playing === playing) return;
  state.playing = playing;
  const button = element("play");
  button.textContent = playing ? button.dataset.pause : button.dataset.play;
  if (face) {
    if (playing) face.play();
    else face.pause();
  } else if (playing) {
    let before = performance.now();
    const pass = (now) => {
      if (!state.playing) return;
      show(state.time + (now - before) / 1000);
      before = now;
      if (state.time >= facts.stop_s) setPlaying(false);
      else requestAnimationFrame(pass);
    };
    requestAnimationFrame(pass);
  }
  if (!playing) film.pause();
}

// Everything follows this moment.
function show(time) {
  state.time = clamp(time);
  root.dataset.timeS = state.time;
  if (state.linked !== null && state.linked !== state.time) {
    state.linked = null;
    element("link").textContent = element("link").dataset.word;
  }
  element("time").textContent = `${clockTime(state.time, 0.001)} s`;
  const trial = facts.trials.find((each) => state.time >= each.onset_s && state.time < each.onset_s + each.duration_s) ?? null;
  if (trial !== state.trial || !state.described) changeTrial(trial);
  followFilm();
  timeline.set(state.time);
  const slider = element("timeline");
  slider.setAttribute("aria-valuemin", facts.start_s.toFixed(1));
  slider.setAttribute("aria-valuemax", facts.stop_s.toFixed(1));
  slider.setAttribute("aria-valuenow", state.time.toFixed(1));
  slider.setAttribute("aria-valuetext", clockTime(state.time));
  drawGaze();
}

function changeTrial(trial) {
  state.trial = trial;
  state.described = true;
  film.hidden = !trial?.has_film;
  if (trial?.has_film) film.src = `/media/film/${encodeURIComponent(name)}/${encodeURIComponent(trial.stimulus_id)}`;
  else film.removeAttribute("src");
  element("no-film").textContent = trial ? (trial.has_film ? "" : `${trial.stimulus_id}: ${word("no-film")}`) : word("between");
  describe();
}

function describe() {
  const trial = state.trial;
  const card = element("card");
  card.replaceChildren();
  if (!trial) { card.textContent = word("between"); return; }
  const say = (key, text, by = "") => {
    if (!text) return;
    const part = document.createElement("span");
    part.className = key;
    part.textContent = `${word(key)}${by && `, ${word("predicted-by")} ${by}`}: ${text}`;
    card.append(card.childNodes.length ? " · " : "", part);
  };
  card.append(trial.stimulus_id);
  say("felt", answerOf(trial.felt));
  say("shown", answerOf(trial.shown) && `${answerOf(trial.shown)} (${trial.num_raters} ${word("votes")})`);
  say("gap", trial.gap === null ? "" : trial.gap.toFixed(2));
  for (const view of ["felt", "shown"]) {
    const says = saysOf(trial, view);
    if (says) say(view, `${says.word ? `${inWords(says.word)} ${says.probability.toFixed(2)}` : `${says.level.toFixed(2)} ± ${says.spread?.toFixed(2) ?? "?"}`}`, says.model);
  }
}

function followFilm() {
  if (!state.trial?.has_film || film.readyState < 1) return;
  const at = Math.min(state.time - state.trial.onset_s, film.duration || Infinity);
  const lag = Math.abs(film.currentTime - at);
  if (state.playing && film.paused && at < film.duration) film.play();
  if (lag > (state.playing ? LAG_S : 1e-3)) film.currentTime = at;
}

function drawGaze() {
  const canvas = element("gaze");
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  if (!facts.has_place) return;
  gaze.want(state.time);
  const last = gaze.at(state.time);
  const { rows: all } = gaze;
  if (last < 0) { root.dataset.gaze = ""; return; }
  if (element("heat").checked) paintHeat(pen, all, last, width, height);
  else paintTrail(pen, all, last, width, height);
  const [time, x, y] = all.subarray(3 * last, 3 * last + 3);
  // A sample holds until the next one is due; then the eye is lost, and no dot is drawn where it was.
  const isKnown = Number.isFinite(x) && state.time - time < 2.5 / facts.rate_hz;
  root.dataset.gaze = isKnown ? `${time} ${x} ${y}` : "";
  if (!isKnown) return;
  pen.beginPath();
  pen.arc(x * width, y * height, 9, 0, 2 * Math.PI);
  pen.fillStyle = "rgb(255 210 0 / .85)";
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = "#000";
  pen.stroke();
}

function paintTrail(pen, all, last, width, height) {
  pen.lineWidth = 2;
  for (let index = last; index > 0 && state.time - all[3 * index] < TRAIL_S; index -= 1) {
    const [x, y, beforeX, beforeY] = [all[3 * index + 1], all[3 * index + 2], all[3 * index - 2], all[3 * index - 1]];
    if (![x, y, beforeX, beforeY].every(Number.isFinite)) continue;
    pen.strokeStyle = `rgb(255 210 0 / ${1 - (state.time - all[3 * index]) / TRAIL_S})`;
    pen.beginPath();
    pen.moveTo(beforeX * width, beforeY * height);
    pen.lineTo(x * width, y * height);
    pen.stroke();
  }
}

function paintHeat(pen, all, last, width, height) {
  const radius = width / 18;
  const least = 4 / facts.rate_hz;
  let before = Infinity;
  pen.globalCompositeOperation = "lighter";
  for (let index = last; index >= 0 && state.time - all[3 * index] < HEAT_S; index -= 1) {
    const [time, x, y] = all.subarray(3 * index, 3 * index + 3);
    if (before - time < least || !Number.isFinite(x)) continue;
    before = time;
    const spot = pen.createRadialGradient(x * width, y * height, 0, x * width, y * height, radius);
    spot.addColorStop(0, "rgb(255 120 0 / .12)");
    spot.addColorStop(1, "rgb(255 120 0 / 0)");
    pen.fillStyle = spot;
    pen.fillRect(x * width - radius, y * height - radius, 2 * radius, 2 * radius);
  }
  pen.globalCompositeOperation = "source-over";
}

// Forward to the next clip with a gap of at least 0.5; after the last the first comes again.
function nextGap() {
  const gaps = facts.trials.filter((trial) => trial.gap !== null && trial.gap >= 0.5).sort((one, other) => one.onset_s - other.onset_s);
  if (!gaps.length) return;
  const next = gaps.find((trial) => trial.onset_s > from() + 1e-3) ?? gaps[0];
  goToTrial(next);
}

// Where one is, or will be at once.
const from = () => (state.towards ? state.towards.onset_s + INTO_S : state.time);

function toTrial(by) {
  const index = facts.trials.findIndex((trial) => trial.onset_s > from() - 0.5);
  const at = by > 0 ? facts.trials.findIndex((trial) => trial.onset_s > from() + 1e-3) : (index < 0 ? facts.trials.length : index) - 1;
  if (facts.trials[at]) goToTrial(facts.trials[at]);
}

const KEYS = {
  " ": () => setPlaying(!state.playing),
  ArrowLeft: () => goTo(state.time - 1),
  ArrowRight: () => goTo(state.time + 1),
  ArrowUp: () => toTrial(-1),
  ArrowDown: () => toTrial(1),
  Home: () => goTo(facts.start_s),
  End: () => goTo(facts.stop_s),
  ",": () => step(-1),
  ".": () => step(1),
  g: nextGap,
  G: nextGap,
  "+": () => timeline.zoom(0.5),
  "-": () => timeline.zoom(2),
  0: () => timeline.whole(),
  "?": () => element("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea, dialog");
  const pressing = event.key === " " && event.target.closest("button, summary, a, input");
  if (typing || pressing || event.ctrlKey || event.metaKey || event.altKey || !facts || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

element("play").addEventListener("click", KEYS[" "]);
element("back").addEventListener("click", KEYS[","]);
element("on").addEventListener("click", KEYS["."]);
element("next-gap").addEventListener("click", nextGap);
element("help").addEventListener("click", KEYS["?"]);
element("heat").addEventListener("change", drawGaze);
element("session-choice").addEventListener("change", (event) => { location.href = `/player/${encodeURIComponent(event.target.value)}`; });
element("link").addEventListener("click", async () => {
  const address = new URL(location.href);
  // To the microsecond: rounded to less, the beginning of a frame would fall into the frame before.
  address.search = new URLSearchParams({ t: state.time.toFixed(6) });
  history.replaceState(null, "", address);
  await navigator.clipboard?.writeText(address.href).catch(() => {});
  element("link").textContent = word("copied");
  state.linked = state.time;
});

start();
