"""The probability that felt and shown differ in a clip, from what models say, and how far it can be trusted.

Read in this order: :func:`independent_gap` and :func:`gap_from_shown` make one number per clip of a model's outputs,
:func:`calibrated` turns that number into a probability and a set on people that the model did not see, and
:mod:`emogap.analysis.detector_scores` judges both.

Shapes: N test clips, C calibration clips, M models, K classes.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from numpy.typing import NDArray

from emogap.errors import UsageError
from emogap.scoring.conformal import ROUNDING, ConformalSets, cross_conformal, fit_conformal
from emogap.scoring.seated_conformal import seated_conformal
from emogap.scoring.temperature import Recalibration, fit_recalibration, fit_temperature, temper

__all__ = [
    "CellOutputs",
    "Detection",
    "TwoHeads",
    "calibrated",
    "fit_two_heads",
    "flag_threshold",
    "gap_from_shown",
    "gap_rates",
    "independent_gap",
    "pooled",
]


def independent_gap(felt: Float[ndarray, "N K"], shown: Float[ndarray, "N K"]) -> Float[ndarray, " N"]:
    """Probability that two classes differ if, for a clip, they have nothing to do with each other.

    Parameters
    ----------
    felt, shown : float array, shape (N, K)
        Class probabilities of the two heads, rows summing to 1.

    Notes
    -----
    ``p(gap) = 1 - sum_k p_felt(k) p_shown(k)``. The assumption is that felt and shown are independent *given what the
    model saw*. It is false wherever people show what they feel and the model is unsure which emotion that is: two heads
    that both say "fear or surprise, half and half" give 0.5, though felt and shown may be the same in every such clip.
    So the number is too large, the more so the less the model sees; its order may still be right.

    Raises
    ------
    UsageError
        If the shapes differ.

    Examples
    --------
    >>> independent_gap(np.array([[0.5, 0.5, 0.0]]), np.array([[0.2, 0.6, 0.2]])).round(3).tolist()
    [0.6]
    """
    if felt.shape != shown.shape or felt.ndim != 2:
        raise UsageError(
            f"felt probabilities of shape {felt.shape} do not fit shown ones of shape {shown.shape}",
            fix="give both heads of the same clips in the same label space",
        )
    return np.asarray(np.clip(1 - (felt * shown).sum(axis=1), 0.0, 1.0))


def gap_rates(event: Bool[ndarray, " C"], shown: Int[ndarray, " C"], *, num_classes: int) -> Float[ndarray, " K"]:
    """How often there was a gap among the clips judged to show each class, with one clip's worth of the overall share.

    Examples
    --------
    >>> gap_rates(np.array([True, False, False, False]), np.array([0, 0, 1, 1]), num_classes=3).round(3).tolist()
    [0.417, 0.083, 0.25]
    """
    events = np.bincount(shown, weights=event, minlength=num_classes)
    return np.asarray((events + event.mean()) / (np.bincount(shown, minlength=num_classes) + 1))


def gap_from_shown(shown: Float[ndarray, "*N K"], rates: Float[ndarray, " K"]) -> Float[ndarray, "*N"]:
    """What a model of the face alone can say: which expression it is, and how often such expressions are a gap.

    Notes
    -----
    ``p(gap) = sum_k p_shown(k) r_k``, r from :func:`gap_rates` on calibration people. A face alone tells nothing of a
    feeling that it does not show; a rule that takes the expression for the feeling never finds a gap.
    """
    return np.asarray(shown @ rates)


@dataclass(frozen=True, slots=True)
class TwoHeads:
    """Temperatures of the two heads of a model, fitted on people that it was not trained on."""

    felt_temperature: float
    shown_temperature: float

    def apply(self, felt: Float[ndarray, "N K"], shown: Float[ndarray, "N K"]) -> Float[ndarray, " N"]:
        """:func:`independent_gap` of the tempered probabilities."""
        return independent_gap(temper(felt, self.felt_temperature), temper(shown, self.shown_temperature))


def fit_two_heads(
    felt_label: Int[ndarray, " C"],
    shown_label: Int[ndarray, " C"],
    felt: Float[ndarray, "C K"],
    shown: Float[ndarray, "C K"],
) -> TwoHeads:
    """The temperature of each head from calibration clips.

    Notes
    -----
    Labels are hard. A head that was trained on vote shares says how votes spread, while a gap is one of the most
    frequent vote; the temperature takes that step too.
    """
    return TwoHeads(fit_temperature(felt_label, felt), fit_temperature(shown_label, shown))


@dataclass(frozen=True, slots=True, eq=False)
class CellOutputs:
    """What one detector says in one cell of a split, before it is calibrated.

    Attributes
    ----------
    event, said, people : arrays, shape (C,)
        Calibration clips: whether there is a gap, the detector's number in [0, 1], and whose clip it is.
    models : int array, shape (C,)
        The model, 0 to M - 1, that said it: one that has not seen this person.
    test_event, test_people : arrays, shape (N,)
        The same of the test clips; not used until the scores.
    test_said : float array, shape (M, N)
        What every model says of the test clips.
    cell : str
    """

    event: Bool[ndarray, " C"]
    said: Float[ndarray, " C"]
    people: NDArray[np.str_]
    models: Int[ndarray, " C"]
    test_event: Bool[ndarray, " N"]
    test_said: Float[ndarray, "M N"]
    test_people: NDArray[np.str_]
    cell: str

    def __post_init__(self) -> None:
        shared = sorted(set(self.people.tolist()) & set(self.test_people.tolist()))
        if shared:
            raise UsageError(
                f"{len(shared)} test people are among those of the calibration, first {shared[0]}",
                where=f"cell {self.cell}",
                fix="calibrate on people who are neither tested nor trained on",
            )


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """Calibrated probabilities and sets of N test clips.

    Attributes
    ----------
    event : bool array, shape (N,)
    probability : float64 array, shape (N,)
        That felt and shown differ; the mean over the models of a cell.
    sets : bool array, shape (N, 2)
        Whether the conformal set holds "no gap" and "gap". Both = the detector abstains; none = the clip looks like
        neither.
    threshold : float64 array, shape (N,)
        Probability above which a clip of this cell is flagged, infinite if none can be. With several models it is that
        of all their calibration clips together, and the sets, which compare ranks within each model, may differ.
    people, cells : str arrays, shape (N,)
    """

    event: Bool[ndarray, " N"]
    probability: Float[ndarray, " N"]
    sets: Bool[ndarray, "N 2"]
    threshold: Float[ndarray, " N"]
    people: NDArray[np.str_]
    cells: NDArray[np.str_]

    @property
    def is_flagged(self) -> Bool[ndarray, " N"]:
        """Whether the set is "gap" alone."""
        return np.asarray(self.sets[:, 1] & ~self.sets[:, 0])

    @property
    def is_covered(self) -> Bool[ndarray, " N"]:
        """Whether the set holds what is the case."""
        return np.asarray(self.sets[np.arange(len(self.event)), self.event.astype(np.int64)])


def calibrated(
    outputs: CellOutputs,
    *,
    level: float,
    by_people: bool = True,
    by_class: bool = True,
    by_one_model: bool = True,
    recalibrate: bool = True,
    seed: int = 0,
) -> tuple[Detection, Recalibration, ConformalSets]:
    """Probabilities and sets of the test clips of one cell.

    Parameters
    ----------
    outputs : CellOutputs
    level : float
        Coverage of the sets.
    by_people : bool
        Whether people, not clips, are what is exchangeable; see :func:`emogap.scoring.conformal.conformal_threshold`.
    by_class : bool
        Whether clips with and without a gap are each covered so often; then at most ``1 - level`` of the clips without
        a gap are flagged.
    by_one_model : bool
        Whether the set of a test person is made by one model, that of the seat the person is dealt
        (:func:`emogap.scoring.seated_conformal.seated_conformal`), and holds the truth as often as stated; else by all
        of them (:func:`emogap.scoring.conformal.cross_conformal`), and more often where they disagree.
    recalibrate : bool
        Whether slope and intercept of the logit are fitted to the calibration clips. By class the sets do not depend
        on it, as it leaves the order of the clips alone, unless its slope is 0: then no clip is told from another.
    seed : int
        Of the deal of seats; probabilities do not depend on it.

    Returns
    -------
    Detection, Recalibration, ConformalSets
        The last of the calibration clips of all models together, as a single threshold needs it.
    """
    line = fit_recalibration(outputs.event, outputs.said) if recalibrate else Recalibration(1.0, 0.0)
    known, new = (
        line.apply(said) if recalibrate else np.asarray(said, np.float64) for said in (outputs.said, outputs.test_said)
    )
    event, groups = outputs.event.astype(np.int64), outputs.people if by_people else None
    conformal = fit_conformal(event, _both(known), level=level, groups=groups, by_class=by_class)
    said = event, _both(known), outputs.models, _both(new)
    if by_one_model:
        sets = seated_conformal(
            *said,
            level=level,
            rng=np.random.default_rng(seed),
            groups=groups,
            new_groups=outputs.test_people if by_people else None,
            by_class=by_class,
        )
    else:
        sets = cross_conformal(*said, level=level, groups=groups, by_class=by_class)
    detection = Detection(
        event=outputs.test_event,
        probability=new.mean(axis=0),
        sets=sets,
        threshold=np.full(len(sets), flag_threshold(conformal)),
        people=outputs.test_people,
        cells=np.full(len(sets), outputs.cell),
    )
    return detection, line, conformal


def flag_threshold(conformal: ConformalSets) -> float:
    """The probability of a gap above which "no gap" is excluded and "gap" is not; infinite if that never happens.

    Parameters
    ----------
    conformal : ConformalSets
        Of the classes "no gap" and "gap".
    """
    without, with_gap = conformal.threshold.tolist()
    return max(without + ROUNDING, 1 - with_gap) if without < 1 else np.inf


def pooled(detections: "list[Detection]") -> Detection:
    """The clips of several cells together."""
    return Detection(
        *(
            np.concatenate([getattr(each, name) for each in detections])
            for name in ("event", "probability", "sets", "threshold", "people", "cells")
        )
    )


def _both(probability: Float[ndarray, "*N"]) -> Float[ndarray, "*N 2"]:
    return np.stack([1 - probability, probability], axis=-1)
