// The time line: rows on one axis of time; wheel and + - zoom, dragging moves, a click goes there.

const LABEL = 120;
const AXIS = 22;
const SHORTEST = 0.05; // seconds that may fill the picture

export class Timeline {
  constructor(canvas, facts, rows, seek) {
    Object.assign(this, { canvas, facts, rows, seek });
    this.from = facts.start_s;
    this.to = facts.stop_s;
    this.time = facts.start_s;
    this.height = AXIS + rows.reduce((sum, row) => sum + row.height, 0);
    canvas.style.height = `${this.height}px`;
    this.listen();
    new ResizeObserver(() => this.draw()).observe(canvas);
    document.addEventListener("themechange", () => this.draw());
  }

  listen() {
    const canvas = this.canvas;
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        this.move(((event.deltaX || event.deltaY) / this.width()) * (this.to - this.from));
      } else {
        this.zoom(Math.exp(event.deltaY * 0.002), this.timeAt(event.offsetX));
      }
    }, { passive: false });
    const down = new Map();
    let moved = 0;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      down.set(event.pointerId, event.offsetX);
      moved = 0;
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!down.has(event.pointerId)) return;
      const before = [...down.values()];
      const by = event.offsetX - down.get(event.pointerId);
      moved += Math.abs(by);
      down.set(event.pointerId, event.offsetX);
      if (down.size === 1) {
        if (moved > 3) this.move((-by / this.width()) * (this.to - this.from));
      } else {
        const after = [...down.values()];
        const apart = Math.max(8, Math.abs(after[0] - after[1]));
        this.zoom(Math.max(8, Math.abs(before[0] - before[1])) / apart, this.timeAt((after[0] + after[1]) / 2));
      }
    });
    for (const kind of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(kind, (event) => {
        if (kind === "pointerup" && down.size === 1 && moved <= 3 && event.offsetX > LABEL) this.seek(this.timeAt(event.offsetX));
        down.delete(event.pointerId);
      });
    }
  }

  width() { return Math.max(1, this.canvas.clientWidth - LABEL); }

  timeAt(x) { return this.from + ((x - LABEL) / this.width()) * (this.to - this.from); }

  xAt(time) { return LABEL + ((time - this.from) / (this.to - this.from)) * this.width(); }

  zoom(factor, around = this.time) {
    const { start_s: start, stop_s: stop } = this.facts;
    const span = Math.min(stop - start, Math.max(SHORTEST, (this.to - this.from) * factor));
    const share = (around - this.from) / (this.to - this.from);
    this.show(around - share * span, span);
  }

  move(by) { this.show(this.from + by, this.to - this.from); }

  whole() { this.show(this.facts.start_s, this.facts.stop_s - this.facts.start_s); }

  show(from, span) {
    const { start_s: start, stop_s: stop } = this.facts;
    this.from = Math.min(Math.max(from, start), Math.max(start, stop - span));
    this.to = this.from + span;
    this.draw();
  }

  // The moment that is shown; the picture follows it.
  set(time) {
    this.time = time;
    const span = this.to - this.from;
    if (time < this.from || time > this.to) this.show(time - span * 0.1, span);
    else this.draw();
  }

  draw() {
    if (!this.waiting) this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.paint(); });
  }

  paint() {
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, this.height];
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const colours = getComputedStyle(document.documentElement);
    const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "12px system-ui, sans-serif";
    pen.textBaseline = "middle";
    let top = 0;
    for (const row of this.rows) {
      pen.save();
      pen.beginPath();
      pen.rect(LABEL, top, width - LABEL, row.height);
      pen.clip();
      row.paint({ pen, colour, top, height: row.height, timeline: this });
      pen.restore();
      pen.fillStyle = colour("ground");
      pen.fillRect(0, top, LABEL, row.height);
      pen.fillStyle = colour("text");
      pen.fillText(row.label, 6, top + row.height / 2, LABEL - 10);
      top += row.height;
      pen.strokeStyle = colour("line");
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(0, top - 0.5);
      pen.lineTo(width, top - 0.5);
      pen.stroke();
    }
    this.paintAxis(pen, colour, top);
    const x = this.xAt(this.time);
    if (x >= LABEL) {
      pen.strokeStyle = colour("text");
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.moveTo(x, 0);
      pen.lineTo(x, height);
      pen.stroke();
    }
  }

  paintAxis(pen, colour, top) {
    const span = this.to - this.from;
    const least = (span * 80) / this.width();
    const ten = 10 ** Math.floor(Math.log10(least));
    const step = least > 30 ? [60, 120, 300, 600, 1200, 3600].find((each) => each >= least) ?? 7200 : [1, 2, 5, 10].find((each) => each * ten >= least) * ten;
    pen.fillStyle = colour("soft");
    pen.textAlign = "center";
    for (let time = Math.ceil(this.from / step) * step; time <= this.to; time += step) {
      const x = this.xAt(time);
      if (x < LABEL + 20) continue;
      pen.fillRect(x, top, 1, 4);
      pen.fillText(clockTime(time, step), x, top + 13);
    }
    pen.textAlign = "left";
  }
}

export function clockTime(time, step = 1) {
  const decimals = step < 1 ? Math.min(3, Math.ceil(-Math.log10(step))) : 0;
  // Rounded before it is parted: 59.7 s are 1:00, not 0:60.
  const rounded = Number(time.toFixed(decimals));
  const minutes = Math.floor(rounded / 60);
  const seconds = (rounded - 60 * minutes).toFixed(decimals).padStart(decimals ? 3 + decimals : 2, "0");
  return `${minutes}:${seconds}`;
}

export function paintSignal(row, low, high, name) {
  return ({ pen, colour, top, height, timeline }) => {
    row.want(timeline.from, timeline.to, timeline.width());
    const have = row.have;
    if (!have) return;
    const y = (value) => top + height - 4 - ((value - low) / (high - low || 1)) * (height - 8);
    const first = Math.max(0, Math.floor((timeline.from - have.start) / have.step) - 1);
    const stop = Math.min(have.low.length, Math.ceil((timeline.to - have.start) / have.step) + 1);
    pen.strokeStyle = colour(name);
    pen.lineWidth = 1.2;
    pen.beginPath();
    let drawing = false;
    for (let cell = first; cell < stop; cell += 1) {
      if (Number.isNaN(have.low[cell])) { drawing = false; continue; }
      const x = timeline.xAt(have.start + cell * have.step);
      if (drawing) pen.lineTo(x, y(have.low[cell]));
      else pen.moveTo(x, y(have.low[cell]));
      pen.lineTo(x, y(have.high[cell]) - 0.5);
      drawing = true;
    }
    pen.stroke();
  };
}

export function paintIntervals(row, name) {
  return ({ pen, colour, top, height, timeline }) => {
    row.want(timeline.from, timeline.to, timeline.width());
    if (!row.have) return;
    pen.fillStyle = colour(name);
    const pairs = row.have.pairs;
    for (let index = 0; index < pairs.length; index += 2) {
      const x = timeline.xAt(pairs[index]);
      const width = timeline.xAt(pairs[index + 1]) - x;
      if (x + width >= LABEL) pen.fillRect(x, top + 4, Math.max(1, width - 0.5), height - 8);
    }
  };
}

export function paintWords(trials, wordOf, name) {
  return ({ pen, colour, top, height, timeline }) => {
    for (const trial of trials) {
      const x = timeline.xAt(trial.onset_s);
      const right = timeline.xAt(trial.onset_s + trial.duration_s);
      const text = wordOf(trial);
      if (right < LABEL || x > LABEL + timeline.width() || !text) continue;
      pen.fillStyle = colour("raised");
      pen.fillRect(x, top + 2, right - x, height - 4);
      pen.fillStyle = colour(name);
      pen.fillRect(x, top + 2, 2, height - 4);
      const from = Math.max(x, LABEL) + 6;
      if (right - from > 14) {
        pen.save();
        pen.beginPath();
        pen.rect(from, top, right - from - 2, height);
        pen.clip();
        pen.fillText(text, from, top + height / 2);
        pen.restore();
      }
    }
  };
}

// Felt and shown of one model as levels with their spread, and the gap between them shaded.
export function paintCurves(trials, saysOf) {
  return ({ pen, colour, top, height, timeline }) => {
    const y = (level) => top + height / 2 - (Math.max(-1, Math.min(1, level)) * (height - 10)) / 2;
    pen.strokeStyle = colour("line");
    pen.beginPath();
    pen.moveTo(LABEL, y(0));
    pen.lineTo(LABEL + timeline.width(), y(0));
    pen.stroke();
    for (const trial of trials) {
      const x = timeline.xAt(trial.onset_s);
      const width = timeline.xAt(trial.onset_s + trial.duration_s) - x;
      if (x + width < LABEL || x > LABEL + timeline.width()) continue;
      const levels = {};
      for (const view of ["felt", "shown"]) {
        const says = saysOf(trial, view);
        if (!says || says.level === null) continue;
        levels[view] = says.level;
        pen.fillStyle = colour(view);
        pen.globalAlpha = 0.18;
        pen.fillRect(x, y(says.level + says.spread), width, y(says.level - says.spread) - y(says.level + says.spread));
        pen.globalAlpha = 1;
        pen.fillRect(x, y(says.level) - 1.5, width, 3);
      }
      if (levels.felt !== undefined && levels.shown !== undefined) {
        pen.fillStyle = colour("gap");
        pen.globalAlpha = 0.3;
        const [above, below] = [y(Math.max(levels.felt, levels.shown)), y(Math.min(levels.felt, levels.shown))];
        pen.fillRect(x + width * 0.3, above, width * 0.4, below - above);
        pen.globalAlpha = 1;
      }
    }
  };
}
