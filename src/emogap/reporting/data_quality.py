"""What a data set says of its own quality, gathered for a page: quality.parquet and excluded.parquet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from emogap.errors import DataError
from emogap.reporting.id_order import id_order

__all__ = ["DataQuality", "Exclusion", "Measure", "PersonQuality", "read_data_quality"]

MEASURES = {
    "loss_share": ("data loss", "%", 100.0),
    "rms_s2s_deg": ("precision (RMS-S2S)", "deg", 1.0),
    "sd_deg": ("precision (SD)", "deg", 1.0),
    "bcea_deg2": ("precision (BCEA)", "deg\u00b2", 1.0),
    "effective_rate_hz": ("effective rate", "Hz", 1.0),
    "longest_gap_s": ("longest gap", "s", 1.0),
    "altered_share": ("gaze altered by cleaning", "%", 100.0),
    "pupil_altered_share": ("pupil altered by cleaning", "%", 100.0),
    "face_found_share": ("frames with a face", "%", 100.0),
    "num_fixations": ("fixations per clip", "", 1.0),
}
"""Column, its title, unit and factor; columns that a data set lacks are left out."""

MOST_IDS = 12
"""So many excluded clips are named for one reason."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure over all clips: median, and the middle 90 %."""

    title: str
    unit: str
    median: float
    low: float
    high: float
    clips: int


@dataclass(frozen=True, slots=True)
class PersonQuality:
    """One participant's clips: how many were kept and left out, and the median data loss in percent."""

    participant_id: str
    kept: int
    excluded: int
    loss_percent: float | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Clips left out for one reason at one stage."""

    stage: str
    reason: str
    clips: int
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Everything a page shows of a data set's quality.

    Attributes
    ----------
    measures : tuple of Measure
    people : tuple of PersonQuality
        In the order of their ids.
    exclusions : tuple of Exclusion
    steps : tuple of (str, str)
        Name and parameters of each step of cleaning, as applied to the first clip; its own times are left out.
    """

    measures: tuple[Measure, ...]
    people: tuple[PersonQuality, ...]
    exclusions: tuple[Exclusion, ...]
    steps: tuple[tuple[str, str], ...]


def read_data_quality(dataset: Path) -> DataQuality | None:
    """What the folder of a data set says; None if the folder is no longer there.

    Raises
    ------
    DataError
        If one of the two files is absent or damaged.
    """
    if not dataset.is_dir():
        return None
    quality, excluded = _table(dataset / "quality.parquet"), _table(dataset / "excluded.parquet")
    return DataQuality(_measures(quality), _people(quality, excluded), _exclusions(excluded), _steps(quality))


def _table(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (OSError, PolarsError) as error:
        raise DataError(
            f"the file cannot be read: {error}", where=str(path), fix="build the data set again into a new folder"
        ) from error


def _measures(quality: pl.DataFrame) -> tuple[Measure, ...]:
    measures = []
    for column, (title, unit, factor) in MEASURES.items():
        if column not in quality.columns:
            continue
        values = quality[column].cast(pl.Float64).drop_nulls().drop_nans() * factor
        limits = [values.quantile(share, "linear") for share in (0.5, 0.05, 0.95)]
        median, low, high = (limit for limit in limits)
        if median is not None and low is not None and high is not None:
            measures.append(Measure(title, unit, median, low, high, len(values)))
    return tuple(measures)


def _people(quality: pl.DataFrame, excluded: pl.DataFrame) -> tuple[PersonQuality, ...]:
    kept = dict(quality.group_by("participant_id").len().iter_rows())
    # What merely lacks one of several labels is still in the data set.
    keys = ["recording_id", "stimulus_id", "start_s"]
    left_out = excluded.join(quality, on=keys, how="anti")
    lost = dict(left_out.group_by("participant_id").len().iter_rows())
    loss: Mapping[str, float | None] = {}
    if "loss_share" in quality.columns:
        loss = dict(quality.group_by("participant_id").agg(pl.col("loss_share").fill_nan(None).median()).iter_rows())
    return tuple(
        PersonQuality(person, kept.get(person, 0), lost.get(person, 0), _percent(loss.get(person)))
        for person in sorted({*kept, *lost}, key=id_order)
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _exclusions(excluded: pl.DataFrame) -> tuple[Exclusion, ...]:
    groups = excluded.group_by("stage", "reason", maintain_order=True).agg(
        pl.len().alias("clips"), (pl.col("participant_id") + "/" + pl.col("stimulus_id")).alias("named")
    )
    return tuple(
        Exclusion(stage, reason, clips, tuple(named[:MOST_IDS]))
        for stage, reason, clips, named in groups.sort("stage", "reason").iter_rows()
    )


def _steps(quality: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    if "steps" not in quality.columns or not quality.height or quality["steps"][0] is None:
        return ()
    steps = json.loads(quality["steps"][0])
    return tuple((step["name"], _parameters(step["parameters"])) for step in steps if step["name"] != "trim")


def _parameters(parameters: Mapping[str, object]) -> str:
    flat = []
    for name, value in parameters.items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        flat += [f"{name}{'.' if key else ''}{key} = {content}" for key, content in inner]
    return ", ".join(flat)
