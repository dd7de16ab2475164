// Windows of signals, intervals and gaze, asked for by what is seen and kept until something else is.

const MARGIN = 1.0; // windows are this many times wider on either side than what is seen

// An answer of the app; what it refuses, and that it does not answer at all, is an error in the reader's language.
export async function ask(address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw new Error(document.body.dataset.noAnswer);
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Error([said.error ?? answer.statusText, said.where, said.fix].filter(Boolean).join(" · "));
}

// One row of the time line: what was fetched last is drawn until what fits better is there.
export class Row {
  constructor(address, kind, arrived, failed) {
    this.address = address;
    this.kind = kind; // "signal" or "intervals"
    this.arrived = arrived;
    this.failed = failed;
    this.have = null;
    this.asking = false;
    this.next = null;
  }

  want(from, to, cells) {
    const have = this.have;
    const fits = have && from >= have.from && to <= have.to && have.span <= (to - from) * 2 && have.span >= (to - from) / 2;
    if (fits) return;
    this.next = { from, to, cells };
    if (!this.asking) this.ask();
  }

  async ask() {
    this.asking = true;
    while (this.next) {
      const { from, to, cells } = this.next;
      this.next = null;
      const span = to - from;
      const wide = { from: from - span * MARGIN, to: to + span * MARGIN };
      const query = new URLSearchParams({ from_s: wide.from, to_s: wide.to, cells: Math.min(8192, Math.ceil(cells * (1 + 2 * MARGIN))) });
      try {
        const answer = await ask(`${this.address}?${query}`);
        const bytes = await answer.arrayBuffer();
        const fetched = { ...wide, span };
        if (this.kind === "signal") {
          const all = new Float32Array(bytes);
          fetched.start = Number(answer.headers.get("x-start-s"));
          fetched.step = Number(answer.headers.get("x-step-s"));
          fetched.low = all.subarray(0, all.length / 2);
          fetched.high = all.subarray(all.length / 2);
        } else {
          fetched.pairs = new Float64Array(bytes);
        }
        this.have = fetched;
        this.arrived();
      } catch (problem) {
        this.failed(problem.message);
        break;
      }
    }
    this.asking = false;
  }
}

// Gaze sample by sample around the moment that is shown.
export class Gaze {
  constructor(address, arrived, failed) {
    this.address = address;
    this.arrived = arrived;
    this.failed = failed;
    this.rows = new Float64Array(0);
    this.from = Infinity;
    this.to = -Infinity;
    this.asking = false;
  }

  async want(time) {
    if (this.asking || (time - 2 >= this.from && time + 1 <= this.to)) return;
    this.asking = true;
    const from = time - 15;
    const to = time + 45;
    try {
      const answer = await ask(`${this.address}?${new URLSearchParams({ from_s: from, to_s: to })}`);
      this.rows = new Float64Array(await answer.arrayBuffer());
      this.from = from;
      this.to = to;
      this.asking = false;
      this.arrived();
    } catch (problem) {
      this.asking = false;
      this.failed(problem.message);
    }
  }

  // Index of the last sample at or before a time; -1 if there is none.
  at(time) {
    let low = 0;
    let high = this.rows.length / 3;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[3 * middle] <= time + 1e-6) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
