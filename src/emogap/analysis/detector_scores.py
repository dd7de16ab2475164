"""Numbers of a gap detector with intervals over people, and differences between two detectors on the same clips."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from emogap.analysis.gap_detector import Detection
from emogap.errors import MismatchError
from emogap.scoring import Interval, cluster_bootstrap
from emogap.scoring.calibration import brier, event_ece
from emogap.scoring.detection import auroc, average_precision, false_flag_rate
from emogap.scoring.sums import ratio

__all__ = ["BINS", "DETECTOR_SCORES", "detector_differences", "detector_scores"]

BINS = 10
"""Bins of the calibration error."""


def _auroc(one: Detection) -> float:
    return auroc(one.event, one.probability, strata=one.cells)


def _average_precision(one: Detection) -> float:
    return average_precision(one.event, one.probability, strata=one.cells)


def _brier(one: Detection) -> float:
    both = np.stack([1 - one.probability, one.probability], axis=1)
    return brier(one.event.astype(np.int64), both)


def _ece(one: Detection) -> float:
    return event_ece(one.event, one.probability, bins=BINS)


def _share(of: Callable[[Detection], ndarray], among: Callable[[Detection], ndarray]) -> Callable[[Detection], float]:
    """Share of the clips of `among` that are in `of`; NaN if there is none."""

    def share(one: Detection) -> float:
        return float(ratio((of(one) & among(one)).sum(), among(one).sum()))

    return share


def _every(one: Detection) -> ndarray:
    return np.ones(len(one.event), bool)


DETECTOR_SCORES: Mapping[str, Callable[[Detection], float]] = {
    "prevalence": _share(lambda one: one.event, _every),
    "auroc": _auroc,
    "auprc": _average_precision,
    "brier": _brier,
    "ece": _ece,
    "coverage": _share(lambda one: one.is_covered, _every),
    "coverage_gap": _share(lambda one: one.is_covered, lambda one: one.event),
    "coverage_no_gap": _share(lambda one: one.is_covered, lambda one: np.logical_not(one.event)),
    "abstained": _share(lambda one: np.all(one.sets, axis=1), _every),
    "empty": _share(lambda one: np.logical_not(np.any(one.sets, axis=1)), _every),
    "flagged": _share(lambda one: one.is_flagged, _every),
    "false_flag_rate": lambda one: false_flag_rate(one.event, one.is_flagged),
    "found": _share(lambda one: one.is_flagged, lambda one: one.event),
    "flags_right": _share(lambda one: one.event, lambda one: one.is_flagged),
}
"""Every number, by name, in the order of the tables.

``prevalence``: share of clips with a gap, which is the ``auprc`` of a detector that guesses. ``auroc`` and ``auprc``:
pairs of clips of the same cell. ``brier``: summed over both answers, so 0 to 2. ``ece``: of the probability of a gap.
``coverage``: sets that hold what is the case; also of the clips with and without a gap. ``abstained``: sets of both;
``empty``: sets of none. ``flagged``: sets of "gap" alone. ``false_flag_rate``: share of the clips without a gap that
are flagged. ``found``: share of those with a gap that are. ``flags_right``: share of the flags that are a gap.
"""


def detector_scores(detection: Detection, *, draws: int, seed: int) -> dict[str, Interval]:
    """Every score of :data:`DETECTOR_SCORES` with its 95 % interval over people.

    Parameters
    ----------
    detection : Detection
    draws : int
        Resamples of people, each with all their clips.
    seed : int
    """
    return {
        name: cluster_bootstrap(
            lambda clips, score=score: score(_chosen(detection, clips)),  # type: ignore[misc]
            detection.people,
            draws=draws,
            seed=seed,
        )
        for name, score in DETECTOR_SCORES.items()
    }


def detector_differences(
    first: Detection, second: Detection, *, draws: int, seed: int, scores: tuple[str, ...] = ("auroc", "brier")
) -> dict[str, Interval]:
    """`first` minus `second` on the same clips, with paired intervals over people.

    Raises
    ------
    MismatchError
        If they are not about the same clips.
    """
    same = np.array_equal(first.people, second.people) and np.array_equal(first.event, second.event)
    if not same:
        raise MismatchError(
            f"two detectors are compared on other clips ({len(first.event)} and {len(second.event)})",
            fix="score both on the clips that both predicted, in one order",
        )
    return {
        name: cluster_bootstrap(
            lambda clips, score=DETECTOR_SCORES[name]: (  # type: ignore[misc]
                score(_chosen(first, clips)) - score(_chosen(second, clips))
            ),
            first.people,
            draws=draws,
            seed=seed,
        )
        for name in scores
    }


def _chosen(detection: Detection, clips: Int[ndarray, " M"]) -> Detection:
    """The clips of a draw, a clip as often as its person was drawn."""
    return replace(
        detection,
        event=detection.event[clips],
        probability=detection.probability[clips],
        sets=detection.sets[clips],
        threshold=detection.threshold[clips],
        people=detection.people[clips],
        cells=detection.cells[clips],
    )
