// One clip to judge: plays its stretch of the face video; keys choose, the pad places, a trace is drawn along.

import { eachFrame } from "/static/frames.js";

const judging = document.getElementById("judging");
const form = document.getElementById("answer");
const clip = document.getElementById("clip");
const pad = document.getElementById("pad");
const ranges = { valence: document.getElementById("valence-range"), arousal: document.getElementById("arousal-range") };
const values = { valence: document.getElementById("valence"), arousal: document.getElementById("arousal") };
const tracing = document.getElementById("tracing"); // absent where the clocks' relation is not known
const from = judging.dataset.from === "" ? 0 : Number(judging.dataset.from);
const to = judging.dataset.to === "" ? Infinity : Number(judging.dataset.to);
const TRACE_STEP_S = 0.05;
const SPACE_PRESSES = "button, a, input:not([type=radio]), input:not(:checked)"; // elsewhere it plays the clip again
let trace = [];

function play() {
  if (!clip) return;
  clip.currentTime = Math.max(0, from);
  if (tracing?.checked) { trace = []; keepTrace(); }
  clip.play().catch(() => {});
}

if (clip) {
  clip.addEventListener("loadedmetadata", play, { once: true });
  eachFrame(clip, (time) => {
    if (time >= to) clip.pause();
    else if (tracing?.checked && !clip.paused) tracePoint(time - from);
  });
  document.getElementById("replay").addEventListener("click", play);
  if (clip.readyState >= 1) play();
}

function tracePoint(time) {
  if (time < 0 || (trace.length && time < trace[trace.length - 1][0] + TRACE_STEP_S)) return;
  trace.push([Number(time.toFixed(3)), Number(ranges.valence.value), Number(ranges.arousal.value)]);
  keepTrace();
}

function keepTrace() {
  document.getElementById("trace").value = trace.length ? JSON.stringify(trace) : "";
  document.getElementById("trace-length").textContent = trace.length ? `${(trace[trace.length - 1][0] - trace[0][0]).toFixed(1)} s` : "";
  drawPad();
}

// A place on the pad is an answer only once somebody has put it there, and no longer once it was taken back.
function place(valence, arousal) {
  ranges.valence.value = valence;
  ranges.arousal.value = arousal;
  for (const name of ["valence", "arousal"]) values[name].value = ranges[name].value;
  drawPad();
}

function leaveOpen() {
  for (const name of ["valence", "arousal"]) {
    ranges[name].value = 0;
    values[name].value = "";
  }
  drawPad();
}
document.getElementById("leave-open").addEventListener("click", leaveOpen);

const placeByRanges = () => place(ranges.valence.value, ranges.arousal.value);
for (const range of Object.values(ranges)) range.addEventListener("input", placeByRanges);

function fromPointer(event) {
  const share = (at, size) => Math.min(1, Math.max(-1, (2 * at) / size - 1));
  place(share(event.offsetX, pad.clientWidth), -share(event.offsetY, pad.clientHeight));
}
pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); fromPointer(event); });
pad.addEventListener("pointermove", (event) => { if (event.buttons) fromPointer(event); });

function drawPad() {
  const pen = pad.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const size = pad.width;
  const x = (valence) => ((Number(valence) + 1) / 2) * size;
  const y = (arousal) => ((1 - Number(arousal)) / 2) * size;
  pen.clearRect(0, 0, size, size);
  pen.strokeStyle = colour("line");
  pen.beginPath();
  pen.moveTo(size / 2, 0); pen.lineTo(size / 2, size); pen.moveTo(0, size / 2); pen.lineTo(size, size / 2);
  pen.stroke();
  pen.fillStyle = colour("soft");
  pen.font = "12px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.fillText(pad.dataset.excited, size / 2, 14);
  pen.fillText(pad.dataset.calm, size / 2, size - 6);
  pen.textAlign = "left";
  pen.fillText(pad.dataset.unpleasant, 4, size / 2 - 5);
  pen.textAlign = "right";
  pen.fillText(pad.dataset.pleasant, size - 4, size / 2 - 5);
  if (trace.length) {
    pen.strokeStyle = colour("shown");
    pen.beginPath();
    for (const [, valence, arousal] of trace) pen.lineTo(x(valence), y(arousal));
    pen.stroke();
  }
  const said = document.getElementById("pad-value");
  if (values.valence.value === "") {
    said.textContent = said.dataset.notSet;
    return;
  }
  pen.fillStyle = colour("accent");
  pen.beginPath();
  pen.arc(x(values.valence.value), y(values.arousal.value), 7, 0, 2 * Math.PI);
  pen.fill();
  said.textContent = `${Number(values.valence.value).toFixed(2)}, ${Number(values.arousal.value).toFixed(2)}`;
}
document.addEventListener("themechange", drawPad);
drawPad();
// Moved while this script was on its way; less than half a step is rounding.
if (Object.values(ranges).some((range) => Math.abs(range.value - range.defaultValue) > range.step / 2)) placeByRanges();

// Enter pressed twice is one answer, not a second round.
let isSent = false;
form.addEventListener("submit", (event) => {
  if (isSent) event.preventDefault();
  isSent = true;
});
addEventListener("pageshow", () => { isSent = false; });

window.answerKeys((event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("textarea, select")) return;
  const chosen = form.querySelector(`input[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (chosen) { chosen.checked = true; chosen.focus(); }
  else if (event.key === " " && !event.target.closest(SPACE_PRESSES)) play();
  else if (event.key === "Enter" && !event.target.closest("button, a")) form.requestSubmit(document.getElementById("send"));
  else if (event.key === "n") document.getElementById("skip").click();
  else if (event.key === "x") leaveOpen();
  else if (event.key === "u") document.getElementById("undo").click();
  else return;
  event.preventDefault();
});
