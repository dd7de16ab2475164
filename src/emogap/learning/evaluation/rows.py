"""One row of a table: every number of one model under one split.

Shapes: N clips, K classes.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.learning.evaluation.aligned import Aligned
from emogap.scoring import EMER_METRICS, METRICS, Interval, bootstrap_metric, brier, ece, emer_batch16, harden
from emogap.scoring.calibration import BINS
from emogap.scoring.intervals import DRAWS
from emogap.scoring.sims import SIMS_METRICS, read_as_sims, shelf_metric
from emogap.scoring.sums import codes_of, confusion_sums, metric_sums
from emogap.types import vocabulary
from emogap.types.scores import (
    CalibrationRecord,
    IntervalRecord,
    MetricRecord,
    PersonRecord,
    Role,
    ScoreRow,
    SpreadRecord,
)

__all__ = [
    "CLASS_METRICS",
    "PRIMARY",
    "VALUE_METRICS",
    "Scoring",
    "expected_row",
    "interval_record",
    "metrics_of",
    "number",
    "score_row",
    "without_interval",
]

CLASS_METRICS = ("uar", "war", "f1_weighted", "f1_macro")
VALUE_METRICS = ("ccc", "mae", "rmse", "mse", "pearson_r", "r2")

PRIMARY = {"classification": "uar", "regression": "ccc"}
"""What tables are sorted out by: not moved by unequal class shares, nor by a constant prediction."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """Options of every number.

    Attributes
    ----------
    draws : int
        Resamples of an interval, and exchanges of a test.
    seed : int
        Of both.
    compat : bool
        Whether to add the averages of EMER's public code.
    """

    draws: int = DRAWS
    seed: int = 0
    compat: bool = False


def metrics_of(space: str | None) -> tuple[str, ...]:
    """Names of the metrics of a table, the primary one first."""
    return VALUE_METRICS if space is None else CLASS_METRICS


def score_row(
    model: str,
    raw: Float[ndarray, "N ..."],
    aligned: Aligned,
    *,
    role: Role,
    note: str,
    two_way: bool,
    scoring: Scoring,
    more_metrics: tuple[str, ...] = (),
) -> ScoreRow:
    """Every number of one model.

    Parameters
    ----------
    model : str
    raw : float64 array, shape (N, K) or (N,)
        Probabilities, or values.
    aligned : Aligned
        The clips with their labels.
    role : Role
    note : str
        What a reader must know about the row; may be empty.
    two_way : bool
        Whether stimulus groups are drawn too.
    scoring : Scoring
    more_metrics : tuple of str
        Scores of the protocol beside the usual ones.
    """
    output = raw if aligned.space is None else harden(raw)
    label = aligned.hard_label
    recall, confusion = _per_class(label, output, aligned.space)
    calibration: CalibrationRecord | None = None
    if aligned.space is not None:
        calibration = {"ece": ece(label, raw), "bins": BINS, "brier": brier(label, raw)}
    return {
        "model": model,
        "role": role,
        "note": note,
        "metrics": {
            metric: _metric(metric, label, output, aligned, two_way=two_way, scoring=scoring)
            for metric in (*metrics_of(aligned.space), *more_metrics)
        },
        "recall": recall,
        "confusion": confusion,
        "per_person": _per_person(label, output, aligned),
        "calibration": calibration,
        "letters": "",
    }


def expected_row(model: str, confusion: Float[ndarray, "K K"], *, space: str, note: str) -> ScoreRow:
    """A floor of which only the expected confusion matrix is known; its numbers have no interval."""
    clips = confusion.sum(axis=1)
    recall = np.divide(np.diagonal(confusion), clips, out=np.full(len(clips), np.nan), where=clips > 0)
    return {
        "model": model,
        "role": "floor",
        "note": note,
        "metrics": {
            metric: {
                "pooled": without_interval(float(METRICS.open(metric).from_sums(confusion))),
                "percentile": [None, None],
                "per_cell": {"mean": None, "sd": None, "cells": 0},
                "emer_batch16": None,
            }
            for metric in CLASS_METRICS
        },
        "recall": dict(zip(vocabulary(space), map(number, recall), strict=True)),
        "confusion": confusion.tolist(),
        "per_person": [],
        "calibration": None,
        "letters": "",
    }


def interval_record(interval: Interval) -> IntervalRecord:
    """`interval` as JSON: what does not exist is null."""
    return {
        "estimate": number(interval.estimate),
        "low": number(interval.low),
        "high": number(interval.high),
        "level": interval.level,
        "method": interval.method,
        "clusters": interval.clusters,
        "draws": interval.draws,
        "undefined_draws": interval.undefined_draws,
    }


def number(value: float) -> float | None:
    """`value` for JSON, which knows no NaN."""
    return float(value) if math.isfinite(value) else None


def without_interval(estimate: float) -> IntervalRecord:
    """A number of which no interval can be given, as JSON."""
    return {
        "estimate": number(estimate),
        "low": None,
        "high": None,
        "level": 0.95,
        "method": "none",
        "clusters": "",
        "draws": 0,
        "undefined_draws": 0,
    }


def _metric(
    name: str, label: ndarray, output: ndarray, aligned: Aligned, *, two_way: bool, scoring: Scoring
) -> MetricRecord:
    metric = shelf_metric(name)
    if name in SIMS_METRICS:
        label, output = read_as_sims(name, label), read_as_sims(name, output)
    stimuli = aligned.groups if two_way and len(np.unique(aligned.groups)) > 1 else None
    limits: list[float | None] = [None, None]
    pooled = without_interval(METRICS.open(metric).score(label, output))
    if len(np.unique(aligned.people)) > 1:
        bca, percentile = (
            bootstrap_metric(
                metric,
                label,
                output,
                people=aligned.people,
                stimuli=stimuli,
                method=method,
                draws=scoring.draws,
                seed=scoring.seed,
            )
            for method in ("bca", "percentile")
        )
        pooled, limits = interval_record(bca), [number(percentile.low), number(percentile.high)]
    is_published = scoring.compat and name in EMER_METRICS
    return {
        "pooled": pooled,
        "percentile": limits,
        "per_cell": _per_cell(metric, label, output, aligned.cells),
        "emer_batch16": number(emer_batch16(label, output, metric, folds=aligned.cells)) if is_published else None,
    }


def _per_cell(metric: str, label: ndarray, output: ndarray, cells: ArrayLike) -> SpreadRecord:
    codes, num_cells = codes_of(cells)
    entry = METRICS.open(metric)
    scores = np.array([entry.score(label[codes == cell], output[codes == cell]) for cell in range(num_cells)])
    scores = scores[np.isfinite(scores)]
    return {
        "mean": number(scores.mean()) if len(scores) else None,
        "sd": number(scores.std(ddof=1)) if len(scores) > 1 else None,
        "cells": len(scores),
    }


def _per_class(
    label: Int[ndarray, " N"] | Float[ndarray, " N"], output: ndarray, space: str | None
) -> tuple[dict[str, float | None], list[list[float]]]:
    if space is None:
        return {}, []
    words = vocabulary(space)
    confusion = confusion_sums(label, output, num_classes=len(words))[0]
    clips = confusion.sum(axis=1)
    recall = np.divide(np.diagonal(confusion), clips, out=np.full(len(words), np.nan), where=clips > 0)
    return dict(zip(words, map(number, recall), strict=True)), confusion.tolist()


def _per_person(label: ndarray, output: ndarray, aligned: Aligned) -> list[PersonRecord]:
    metric = "mae" if aligned.space is None else "war"
    entry = METRICS.open(metric)
    codes, num_people = codes_of(aligned.people)
    sums = metric_sums(entry.KIND, label, output, groups=codes, num_groups=num_people)
    names = np.unique(aligned.people)
    clips = np.bincount(codes)
    scores = np.asarray(entry.from_sums(sums))
    return [
        {"participant_id": str(name), "num_clips": int(count), "score": number(score)}
        for name, count, score in zip(names, clips, scores, strict=True)
    ]
