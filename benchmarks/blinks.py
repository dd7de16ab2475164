"""Our blinks and pymovements' against the simulator's true ones, and the marks of two real recordings.

The truth is that of the simulation in memory: when the lid covers the pupil. The marks of the recordings (IER 2023, a
VR headset) are the output of their authors' script, which looks at the right pupil alone and marks runs of two lost
samples (10 ms) too: agreement with them is agreement with that rule, not with a person.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy import ndarray

from emogap.preprocessing import BlinkConfig, detect_blinks
from emogap.preprocessing._pymovements import blinks as pymovements_blinks
from emogap.preprocessing.runs import sample_ends_s
from emogap.recording import open_recording
from emogap.simulation import SimulationConfig
from emogap.simulation.cohort import draw_cohort
from emogap.simulation.randomness import stream
from emogap.simulation.session import plan_session, run_session
from emogap.simulation.tracker import Measured, measure
from emogap.types import GazeSeries

DATA = Path(__file__).parents[2] / "shared" / "data" / "exports" / "ier2023_vr"
RATES_HZ = (60, 120, 300)
COHORT = SimulationConfig(participants=12, stimuli=14, seed=100, video=False)
SHORTEST_MARK_S = 0.075

Intervals = tuple[ndarray, ndarray]
"""Onset and offset of every blink in s."""


@dataclass
class Tally:
    """Counts of one detector, added up over sessions; errors of matched blinks in ms, positive = late."""

    found: int = 0
    true: int = 0
    matched: int = 0
    onset_ms: list[float] = field(default_factory=list)
    offset_ms: list[float] = field(default_factory=list)

    def add(self, found: Intervals, true: Intervals) -> None:
        rows, columns = match(found, true)
        self.found += len(found[0])
        self.true += len(true[0])
        self.matched += len(rows)
        self.onset_ms += (1000 * (found[0][rows] - true[0][columns])).tolist()
        self.offset_ms += (1000 * (found[1][rows] - true[1][columns])).tolist()

    def summary(self) -> dict[str, float]:
        """Precision, recall, F1, and the median of the absolute error at either edge."""
        return {
            "found": self.found,
            "precision": self.matched / self.found if self.found else float("nan"),
            "recall": self.matched / self.true if self.true else float("nan"),
            "f1": 2 * self.matched / (self.found + self.true) if self.found + self.true else float("nan"),
            "onset_error_ms": float(np.median(np.abs(self.onset_ms))) if self.matched else float("nan"),
            "offset_error_ms": float(np.median(np.abs(self.offset_ms))) if self.matched else float("nan"),
        }


def match(found: Intervals, true: Intervals) -> tuple[ndarray, ndarray]:
    """Indices of the blinks on either side that have their largest overlap with each other: one to one."""
    if not len(found[0]) or not len(true[0]):
        return np.zeros(0, int), np.zeros(0, int)
    overlap = np.minimum(found[1][:, None], true[1]) - np.maximum(found[0][:, None], true[0])
    column, row = overlap.argmax(axis=1), overlap.argmax(axis=0)
    rows = np.arange(len(found[0]))
    together = (row[column] == rows) & (overlap[rows, column] > 0)
    return rows[together], column[together]


def by_pymovements(gaze: GazeSeries, pupil: ndarray) -> Intervals:
    """With its defaults, on the pupil of one eye or the mean of both."""
    start, stop = pymovements_blinks(pupil, gaze.time_s)
    return gaze.time_s[start], sample_ends_s(gaze.time_s, gaze.rate_hz)[stop - 1]


def mean_pupil(gaze: GazeSeries) -> ndarray:
    """Mean of the eyes that have a pupil; NaN where none has."""
    assert gaze.pupil is not None
    known = np.isfinite(gaze.pupil)
    count = known.sum(axis=1)
    return np.where(known, gaze.pupil, 0.0).sum(axis=1) / np.where(count, count, np.nan)


def one_pupil(gaze: GazeSeries) -> ndarray:
    """Of the right eye, which the marks of IER go by."""
    assert gaze.pupil is not None
    return gaze.pupil[:, gaze.eyes.index("right")]


DETECTORS: dict[str, Callable[[GazeSeries], Intervals]] = {
    "ours": detect_blinks,
    "ours, 50-500 ms": lambda gaze: detect_blinks(gaze, BlinkConfig(shortest_s=0.05, longest_s=0.5)),
    "pymovements, mean pupil": lambda gaze: by_pymovements(gaze, mean_pupil(gaze)),
    "pymovements, right pupil": lambda gaze: by_pymovements(gaze, one_pupil(gaze)),
}


def simulated_sessions(config: SimulationConfig) -> Iterator[tuple[GazeSeries, Intervals]]:
    """What the tracker measured of every person, and when the pupil was covered in truth."""
    cohort = draw_cohort(config)
    for number, person in enumerate(cohort.people):
        eyes = run_session(cohort, number, plan_session(config, number))
        measured = measure(eyes, person, config, stream(config.seed, "tracker", number))
        yield as_series(measured, config.rate_hz), (eyes.blinks.onset_s, eyes.blinks.offset_s)


def as_series(measured: Measured, rate_hz: int) -> GazeSeries:
    """Samples as a reader would give them."""
    return GazeSeries(
        time_s=measured.time_us / 1e6,
        position=measured.gaze_mm,
        frame="screen_mm",
        valid=measured.valid,
        altered=np.zeros_like(measured.valid),
        eyes=("left", "right"),
        rate_hz=float(rate_hz),
        pupil=measured.pupil_mm,
        pupil_unit="mm",
        pupil_altered=np.zeros_like(measured.valid),
    )


def against_simulation(config: SimulationConfig = COHORT, rates_hz: tuple[int, ...] = RATES_HZ) -> dict[str, object]:
    """Every detector against the true blinks, per sampling rate."""
    rows: dict[str, object] = {}
    for rate_hz in rates_hz:
        tallies = {name: Tally() for name in DETECTORS}
        for gaze, true in simulated_sessions(config.model_copy(update={"rate_hz": rate_hz})):
            for name, tally in tallies.items():
                tally.add(DETECTORS[name](gaze), true)
        rows[f"{rate_hz} Hz"] = {
            "blinks": tallies["ours"].true,
            "detectors": {name: tally.summary() for name, tally in tallies.items()},
        }
    return rows


def against_marks(folder: Path = DATA) -> dict[str, object]:
    """Every detector against the marks of the IER recordings: all of them, and those of 75 ms and more."""
    rows: dict[str, object] = {}
    for shortest_s, label in ((0.0, "all marks"), (SHORTEST_MARK_S, "marks of 75 ms and more")):
        tallies = {name: Tally() for name in DETECTORS}
        for path in sorted(folder.glob("*/*_blinks.csv")):
            recording = open_recording(path)
            marks = recording.events[0]
            assert recording.gaze is not None
            chosen = marks.offset_s - marks.onset_s >= shortest_s - 1e-9
            for name, tally in tallies.items():
                tally.add(DETECTORS[name](recording.gaze), (marks.onset_s[chosen], marks.offset_s[chosen]))
        rows[label] = {
            "blinks": tallies["ours"].true,
            "detectors": {name: tally.summary() for name, tally in tallies.items()},
        }
    return rows


def print_table(rows: dict[str, object]) -> None:
    """One block per condition, one line per detector."""
    for label, row in rows.items():
        assert isinstance(row, dict)
        print(f"{label}: {row['blinks']} blinks")
        for name, values in row["detectors"].items():
            shares = "  ".join(f"{key} {values[key]:.3f}" for key in ("precision", "recall", "f1"))
            edges = f"edges off by {values['onset_error_ms']:.1f} and {values['offset_error_ms']:.1f} ms (median)"
            print(f"  {name:<25}{values['found']:>4} found  {shares}  {edges}")


def run() -> None:
    """Print both comparisons; the real one only where the recordings are."""
    print(f"simulated: {COHORT.participants} people x {COHORT.stimuli} films, truth = the lid covers the pupil")
    print_table(against_simulation())
    if not DATA.is_dir():
        print(f"the IER recordings are not here ({DATA})")
        return
    print("IER 2023, two people in a VR headset: marks of a script, no gold standard")
    print_table(against_marks())
