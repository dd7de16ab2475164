"""Every row of a comparison scored on the test windows, with intervals over people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import polars as pl
from jaxtyping import Int
from numpy import ndarray

from emogap.learning.evaluation.rows import interval_record
from emogap.learning.finetuning.comparison import ROWS, Compared
from emogap.learning.finetuning.people import PeopleSplit
from emogap.learning.finetuning.windows import LabelledWindows
from emogap.scoring import bootstrap_difference, bootstrap_metric, harden
from emogap.scoring.intervals import DRAWS
from emogap.types.scores import IntervalRecord

__all__ = ["CLASS_METRICS", "VALUE_METRICS", "RowScores", "predictions_table", "score_rows"]

VALUE_METRICS = ("pearson_r", "ccc", "r2", "mae")
CLASS_METRICS = ("f1_macro", "uar", "war")

BASELINE, CANDIDATE = "random", "pretrained"
"""The pair whose difference says whether pre-training helps."""

Intervals = dict[str, dict[str, IntervalRecord]]


class RowScores(TypedDict):
    """One row: output (or ``class``) to metric to number with interval; the last two are empty but for one row."""

    row: str
    meaning: str
    num_seeds: int
    metrics: Intervals
    confusion: list[list[int]]
    """Classes only: rows are labels, columns outputs."""
    gain: Intervals
    """``pretrained`` only: its metric minus that of ``random``, on the same windows."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One thing that is scored: its name, metrics, labels and what each row says."""

    name: str
    metrics: tuple[str, ...]
    label: ndarray
    told: Mapping[str, ndarray]


def score_rows(
    compared: Compared, windows: LabelledWindows, split: PeopleSplit, *, draws: int = DRAWS, seed: int = 0
) -> list[RowScores]:
    """The scores of every row, in the order of :data:`~emogap.learning.finetuning.comparison.ROWS`.

    Parameters
    ----------
    compared : Compared
        What is told is the mean over its seeds.
    windows : LabelledWindows
    split : PeopleSplit
    draws, seed : int
        Of the bootstrap over people.
    """
    people = np.array(windows.people)[split.test]
    asked = _asked(compared, windows, split)
    rows: list[RowScores] = []
    for row in (name for name in ROWS if name in compared.told):
        metrics: Intervals = {}
        gain: Intervals = {}
        for each in asked:
            metrics[each.name] = {
                metric: interval_record(
                    bootstrap_metric(metric, each.label, each.told[row], people=people, draws=draws, seed=seed)
                )
                for metric in each.metrics
            }
            if row == CANDIDATE and BASELINE in each.told:
                gain[each.name] = {
                    metric: interval_record(
                        bootstrap_difference(
                            metric, each.label, each.told[row], each.told[BASELINE],
                            people=people, draws=draws, seed=seed,
                        )
                    )
                    for metric in each.metrics
                }  # fmt: skip
        confusion = _confusion(asked[0], row, len(windows.question.outputs)) if asked[0].name == "class" else []
        rows.append(
            {
                "row": row,
                "meaning": ROWS[row],
                "num_seeds": len(compared.told[row]),
                "metrics": metrics,
                "confusion": confusion,
                "gain": gain,
            }
        )
    return rows


def predictions_table(compared: Compared, windows: LabelledWindows, split: PeopleSplit) -> pl.DataFrame:
    """What every row and fit says of every output of every test window: one line each, with the label."""
    outputs = windows.question.outputs
    frames = []
    for row, told in compared.told.items():
        for number, seed_told in enumerate(told):
            for place, output in enumerate(outputs):
                frames.append(
                    pl.DataFrame(
                        {
                            "row": row,
                            "fit": number,
                            "recording_id": [windows.recordings[test] for test in split.test],
                            "participant_id": [windows.people[test] for test in split.test],
                            "start_s": windows.start_s[split.test],
                            "stop_s": windows.stop_s[split.test],
                            "output": output,
                            "label": windows.label[split.test, place],
                            "told": seed_told[:, place],
                        }
                    )
                )
    return pl.concat(frames)


def _asked(compared: Compared, windows: LabelledWindows, split: PeopleSplit) -> tuple[_Asked, ...]:
    mean_told = {row: told.mean(axis=0) for row, told in compared.told.items()}
    label = windows.label[split.test]
    if windows.question.kind == "classes":
        return (_Asked("class", CLASS_METRICS, harden(label), {row: harden(told) for row, told in mean_told.items()}),)
    return tuple(
        _Asked(name, VALUE_METRICS, label[:, place], {row: told[:, place] for row, told in mean_told.items()})
        for place, name in enumerate(windows.question.outputs)
    )


def _confusion(asked: _Asked, row: str, num_classes: int) -> list[list[int]]:
    counts: Int[ndarray, "K K"] = np.zeros((num_classes, num_classes), np.int64)
    np.add.at(counts, (asked.label, asked.told[row]), 1)
    rows: list[list[int]] = counts.tolist()
    return rows
