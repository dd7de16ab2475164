// Before a session: whether this browser shows every film, and whether the screen is the one that the study names.

import { unplayable } from "/static/record_clip.js";

const place = document.getElementById("films");
const status = document.getElementById("films-status");
const problem = document.getElementById("films-problem");

const wanted = [Number(place.dataset.width), Number(place.dataset.height)];
const here = [screen.width, screen.height].map((side) => Math.round(side * devicePixelRatio));
if (here.some((side, axis) => side !== wanted[axis])) {
  document.getElementById("screen-problem").textContent = place.dataset.screenDiffers.replace("%1", here.join(" × ")).replace("%2", wanted.join(" × "));
}

const names = place.dataset.films.split(" ").filter(Boolean);
unplayable(names, (number) => { status.textContent = place.dataset.looking.replace("%1", number).replace("%2", names.length); }).then((bad) => {
  status.textContent = bad.length ? "" : place.dataset.allShown;
  if (bad.length) problem.textContent = place.dataset.notShown.replace("%1", bad.join(", "));
});
