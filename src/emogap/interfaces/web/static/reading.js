// Signs of life while a recording is read: after a moment, why it takes long. A file that was opened on its own is read
// here; then the page is asked for again, which is at once that of its player.

import { ask } from "/static/signals.js";

const LONG_MS = 2000;
const card = document.getElementById("card");

setTimeout(() => {
  const more = document.getElementById("reading-more");
  if (more) more.hidden = false;
}, LONG_MS);

if (card.dataset.reloads) {
  ask("/api/sessions").then(() => location.reload(), (problem) => {
    card.className = "what";
    card.textContent = problem.message;
  });
}
