"""A session's samples as Tobii Pro Lab exports them: TSV with a byte order mark, event rows between the samples."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.simulation.session import SCREEN_MM, SCREEN_PX, Timeline
from emogap.simulation.tracker import FIXATION, LOST, SACCADE, Measured

__all__ = ["RecordingFacts", "tobii_table", "write_tobii_tsv"]

EYES = ("left", "right")
MOVEMENT_NAMES = {FIXATION: "Fixation", SACCADE: "Saccade", LOST: "EyesNotFound"}
COMPUTER_CLOCK_US = 1_772_438_400_000_000
TRACKER_CLOCK_US = 86_400_000_000
TIME = "Recording timestamp [\u03bcs]"

COLUMNS = (
    TIME,
    "Computer timestamp [\u03bcs]",
    "Sensor",
    "Project name",
    "Export date",
    "Participant name",
    "Recording name",
    "Recording date",
    "Recording start time",
    "Recording duration [ms]",
    "Recording resolution height [px]",
    "Recording resolution width [px]",
    "Eyetracker timestamp [\u03bcs]",
    "Event",
    "Event value",
    *(f"Gaze point {axis} [DACS px]" for axis in "XY"),
    *(f"Gaze point {eye} {axis} [DACS px]" for eye in EYES for axis in "XY"),
    *(f"Gaze direction {eye} {axis} [DACS norm]" for eye in EYES for axis in "XYZ"),
    *(f"Pupil diameter {eye} [mm]" for eye in EYES),
    *(f"Validity {eye}" for eye in EYES),
    *(f"Eye position {eye} {axis} [DACS mm]" for eye in EYES for axis in "XYZ"),
    *(f"Gaze point {eye} {axis} [DACS mm]" for eye in EYES for axis in "XY"),
    "Presented Stimulus name",
    "Presented Media name",
    "Eye movement type",
    "Gaze event duration [ms]",
    "Eye movement type index",
    *(f"Fixation point {axis} [DACS px]" for axis in "XY"),
)


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What every row repeats; `rate_hz` gives the length of one sample."""

    project: str
    participant: str
    recording: str
    start_time: str
    rate_hz: int
    date: str = "2026-03-02"
    export_date: str = "2026-03-30"


def tobii_table(
    measured: Measured, timeline: Timeline, stimulus_ids: tuple[str, ...], facts: RecordingFacts
) -> pl.DataFrame:
    """All rows in the order of the file; null = empty cell.

    Parameters
    ----------
    measured : Measured
    timeline : Timeline
    stimulus_ids : tuple of str
        By the index that the trials use.
    facts : RecordingFacts
    """
    samples = _sample_rows(measured, timeline, stimulus_ids, facts)
    events = _event_rows(timeline, stimulus_ids)
    rows = pl.concat([events, samples], how="diagonal").sort(TIME, "_order", maintain_order=True)
    fixed = {
        "Computer timestamp [\u03bcs]": pl.col(TIME) + COMPUTER_CLOCK_US,
        "Project name": pl.lit(facts.project),
        "Export date": pl.lit(facts.export_date),
        "Participant name": pl.lit(facts.participant),
        "Recording name": pl.lit(facts.recording),
        "Recording date": pl.lit(facts.date),
        "Recording start time": pl.lit(facts.start_time),
        "Recording duration [ms]": pl.lit(round(timeline.length_s * 1000)),
        "Recording resolution height [px]": pl.lit(SCREEN_PX[1]),
        "Recording resolution width [px]": pl.lit(SCREEN_PX[0]),
    }
    return rows.with_columns(**fixed).select(COLUMNS)


def write_tobii_tsv(path: Path, table: pl.DataFrame) -> None:
    """Write the rows of :func:`tobii_table`."""
    table.write_csv(path, separator="\t", include_bom=True, null_value="")


def _sample_rows(
    measured: Measured, timeline: Timeline, stimulus_ids: tuple[str, ...], facts: RecordingFacts
) -> pl.DataFrame:
    gaze_px = _to_px(measured.gaze_mm)
    both_px = _mean_of_eyes(gaze_px, measured.valid)
    columns: dict[str, pl.Series] = {
        TIME: pl.Series(measured.time_us),
        "Sensor": pl.repeat("Eye Tracker", len(measured.time_us), eager=True),
        "Eyetracker timestamp [\u03bcs]": pl.Series(measured.time_us + TRACKER_CLOCK_US),
        "Gaze point X [DACS px]": _integers(both_px[:, 0]),
        "Gaze point Y [DACS px]": _integers(both_px[:, 1]),
    }
    direction = _directions(measured)
    for number, eye in enumerate(EYES):
        for axis, name in enumerate("XY"):
            columns[f"Gaze point {eye} {name} [DACS px]"] = _integers(gaze_px[:, number, axis])
            columns[f"Gaze point {eye} {name} [DACS mm]"] = _decimals(measured.gaze_mm[:, number, axis], 2)
        for axis, name in enumerate("XYZ"):
            columns[f"Gaze direction {eye} {name} [DACS norm]"] = _decimals(direction[:, number, axis], 5)
            columns[f"Eye position {eye} {name} [DACS mm]"] = _decimals(measured.origin_mm[:, number, axis], 2)
        columns[f"Pupil diameter {eye} [mm]"] = _decimals(measured.pupil_mm[:, number], 3)
        columns[f"Validity {eye}"] = pl.Series(np.where(measured.valid[:, number], "Valid", "Invalid"))
    shown = _presented(measured.time_us, timeline, stimulus_ids)
    columns["Presented Stimulus name"] = shown
    columns["Presented Media name"] = shown + ".mp4"
    columns |= _movements(measured, both_px, facts.rate_hz)
    return pl.DataFrame(columns).with_columns(_order=pl.lit(1))


def _event_rows(timeline: Timeline, stimulus_ids: tuple[str, ...]) -> pl.DataFrame:
    rows: list[tuple[int, str, str | None]] = [(0, "RecordingStart", None)]
    for trial in timeline.trials:
        name = stimulus_ids[trial.stimulus]
        rows.append((round(trial.onset_s * 1e6), "VideoStimulusStart", name))
        rows.append((round(trial.offset_s * 1e6), "VideoStimulusEnd", name))
    rows.append((round(timeline.length_s * 1e6), "RecordingEnd", None))
    schema = {TIME: pl.Int64, "Event": pl.String, "Event value": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(_order=pl.lit(0))


def _to_px(gaze_mm: Float[ndarray, "T E 2"]) -> Float[ndarray, "T E 2"]:
    """Millimetres from the bottom left, y up, as whole pixels from the top left, y down."""
    share = gaze_mm / np.array(SCREEN_MM)
    share[..., 1] = 1 - share[..., 1]
    px: Float[ndarray, "T E 2"] = np.rint(share * np.array(SCREEN_PX))
    return px


def _mean_of_eyes(gaze_px: Float[ndarray, "T E 2"], valid: Bool[ndarray, "T E"]) -> Float[ndarray, "T 2"]:
    """Mean of the eyes that are there; NaN where neither is."""
    number = valid.sum(axis=1)[:, None]
    total = np.where(valid[..., None], gaze_px, 0).sum(axis=1)
    mean: Float[ndarray, "T 2"] = np.where(number > 0, np.rint(total / np.maximum(number, 1)), np.nan)
    return mean


def _directions(measured: Measured) -> Float[ndarray, "T E 3"]:
    """Unit vectors from each eye to its point of gaze on the screen plane z = 0."""
    point = np.concatenate([measured.gaze_mm, np.zeros((*measured.valid.shape, 1))], axis=2)
    way = point - measured.origin_mm
    direction: Float[ndarray, "T E 3"] = way / np.linalg.norm(way, axis=2, keepdims=True)
    return direction


def _presented(time_us: Int[ndarray, " T"], timeline: Timeline, stimulus_ids: tuple[str, ...]) -> pl.Series:
    """The stimulus on the screen at each sample, null in the pauses."""
    names = np.full(len(time_us), None, dtype=object)
    for trial in timeline.trials:
        here = slice(*np.searchsorted(time_us, [round(trial.onset_s * 1e6), round(trial.offset_s * 1e6)]))
        names[here] = stimulus_ids[trial.stimulus]
    return pl.Series(names.tolist(), dtype=pl.String)


def _movements(measured: Measured, both_px: Float[ndarray, "T 2"], rate_hz: int) -> dict[str, pl.Series]:
    """Eye movement type, its duration and number among its kind, and the centre of fixations."""
    _, first, event, count = np.unique(measured.event, return_index=True, return_inverse=True, return_counts=True)
    kind = measured.kind[first]
    index = np.array([int((kind[: number + 1] == here).sum()) for number, here in enumerate(kind)])
    seen = np.isfinite(both_px[:, 0])
    number_seen = np.maximum(np.bincount(event, weights=seen), 1)
    fixating = measured.kind == FIXATION
    columns = {
        "Eye movement type": pl.Series([MOVEMENT_NAMES[each] for each in measured.kind.tolist()]),
        "Gaze event duration [ms]": pl.Series(np.rint(count * 1000 / rate_hz).astype(np.int64)[event]),
        "Eye movement type index": pl.Series(index[event]),
    }
    for axis, name in enumerate("XY"):
        total = np.bincount(event, weights=np.where(seen, both_px[:, axis], 0))
        centre = np.where(fixating, np.rint(total / number_seen)[event], np.nan)
        columns[f"Fixation point {name} [DACS px]"] = _integers(centre)
    return columns


def _integers(values: Float[ndarray, " T"]) -> pl.Series:
    return pl.Series(values, nan_to_null=True).cast(pl.Int64)


def _decimals(values: Float[ndarray, " T"], digits: int) -> pl.Series:
    return pl.Series(np.round(values, digits), nan_to_null=True)
