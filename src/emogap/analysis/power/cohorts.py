"""Simulated studies: people crossed with stimuli, many at once.

Shapes: M models, R studies, P people, S stimuli.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from scipy.special import ndtri

from emogap.analysis.power.outcome import Outcome

__all__ = ["Cells", "Cohorts", "Design", "Split", "draw_cohorts"]

Split = Literal["person", "person+stimulus"]
Cells = Literal["all", "diagonal"]

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Design:
    """How large a study is and how it is tested.

    Attributes
    ----------
    people, stimuli : int
    clips : int
        Stimuli that each person sees, drawn anew for each.
    split : Split
        ``person``: the question is about other people with these stimuli; ``person+stimulus``: about other people with
        other stimuli.
    cells : Cells
        Under ``person+stimulus``: ``diagonal`` tests a clip only if its person and its stimulus are in the same of five
        folds, about a fifth of the clips.
    """

    people: int
    stimuli: int
    clips: int
    split: Split = "person"
    cells: Cells = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Cohorts:
    """The tested clips of R studies.

    Attributes
    ----------
    label : float array, shape (R, P, S)
        Class index, or value.
    output : float array, shape (M, R, P, S)
        1 = the class is right, 0 = it is not; or the value.
    is_tested : bool array, shape (R, P, S)
    """

    label: Float[ndarray, "R P S"]
    output: Float[ndarray, "M R P S"]
    is_tested: Bool[ndarray, "R P S"]


def draw_cohorts(
    outcome: Outcome,
    design: Design,
    *,
    difference: float,
    num_models: int = 2,
    repetitions: int,
    rng: np.random.Generator,
) -> Cohorts:
    """Studies in which the first model leads all others, which are equally good, by `difference`.

    Under the split ``person`` the stimuli are those at hand, and what they add to the lead is part of it: the share
    ``stimulus_by_model`` then is noise of single clips.
    """
    shape = (repetitions, design.people, design.stimuli)
    shares = outcome.shares
    by_stimulus = shares.stimulus_by_model if design.split == "person+stimulus" else 0.0
    rest = shares.rest + shares.stimulus_by_model - by_stimulus
    shared = _effects(shape, shares.person, shares.stimulus, shares.clip, rng)
    own = _effects((num_models, *shape), shares.person_by_model, by_stimulus, rest, rng)
    error = shared + own
    scores = np.full((num_models, 1, 1, 1), outcome.score - difference / 2)
    scores[0] = outcome.score + difference / 2
    is_tested = _tested(design, shape, rng)
    if outcome.metric == "ccc":
        label = _effects(shape, shares.person, shares.stimulus, 1 - shares.person - shares.stimulus, rng)
        return Cohorts(label, scores * label + np.sqrt(1 - scores**2) * error, is_tested)
    label = rng.choice(len(outcome.class_shares), size=shape, p=outcome.class_shares).astype(np.float64)
    return Cohorts(label, (error < ndtri(scores)).astype(np.float64), is_tested)


def _effects(
    shape: tuple[int, ...], person: float, stimulus: float, clip: float, rng: np.random.Generator
) -> Float[ndarray, "... P S"]:
    """Normal effects with these variances; each person, each stimulus and each clip has one."""
    *leading, people, stimuli = shape
    drawn = np.asarray(np.sqrt(clip) * rng.standard_normal(shape), np.float64)
    drawn += np.sqrt(person) * rng.standard_normal((*leading, people, 1))
    drawn += np.sqrt(stimulus) * rng.standard_normal((*leading, 1, stimuli))
    return drawn


def _tested(design: Design, shape: tuple[int, int, int], rng: np.random.Generator) -> Bool[ndarray, "R P S"]:
    is_tested = np.ones(shape, bool)
    if design.clips < design.stimuli:
        # A person's stimuli are those with the smallest of as many random numbers.
        is_tested = rng.random(shape).argsort(axis=-1).argsort(axis=-1) < design.clips
    if design.split == "person+stimulus" and design.cells == "diagonal":
        people, stimuli = np.indices(shape[1:])
        is_tested &= people % FOLDS == stimuli % FOLDS
    return is_tested
