"""The best possible score on a simulated cohort.

What the ceiling assumes
------------------------
The rule that it scores is the Bayes rule of someone who

* knows the generative model and all its parameters (:mod:`emogap.simulation.config`), that is, has seen infinitely
  many training clips,
* is given the latent cues of one clip exactly (``eye_cue`` and ``face_cue``), that is, sees through noise, lost track,
  drawing, sampling and cleaning,
* knows nothing of this clip's person or stimulus beyond those cues (``knows="neither"``), or also the effects and the
  target of the stimulus (``"stimulus"``), or of person and stimulus (``"both"``, an oracle).

Why no model can exceed it on average
-------------------------------------
Given the cues, the streams are independent of the labels: gaze, pupil, lids and face are made from the cues, the
clock and random numbers of their own. A model sees streams, so it knows no more of the label than the cues do (data
processing inequality), and among all rules that see the cues the Bayes rule has the highest expected accuracy, and,
with classes weighted by their frequency, the highest expected UAR. Effects on labels and effects on streams are drawn
independently, so nothing in the streams of an unseen person or stimulus tells of its labels.

``"neither"`` is the bound under the split ``person+stimulus``, ``"stimulus"`` under ``person``, where the stimulus of a
test clip was seen with others. A finite cohort is one draw: a model may beat the expected score there by luck, which
is why the score that the same rule really reaches on the same clips stands beside it. The rule judges each clip by
itself; a model that guesses from which stimuli its training set lacks what target the test stimuli have (they are
dealt evenly) uses knowledge that the rule does not have.
"""

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.simulation.cue_evidence import Knowledge
from emogap.simulation.posterior import Cues, label_posterior
from emogap.simulation.raters import tone_probability
from emogap.simulation.truth import Truth, read_truth
from emogap.simulation.votes import voted_emotion, voted_tone
from emogap.types import LabelView, vocabulary

__all__ = ["Ceiling", "bayes_ceiling", "ceiling_table"]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The score of the Bayes rule.

    Attributes
    ----------
    war, uar : float
        Expected over labels, given the cues of these clips.
    war_reached, uar_reached : float
        On the labels as they were drawn.
    num_clips : int
    """

    war: float
    uar: float
    war_reached: float
    uar_reached: float
    num_clips: int


def bayes_ceiling(
    truth: Path | Truth, view: LabelView, space: str, *, knows: Knowledge = "neither", cues: Cues = "all"
) -> Ceiling:
    """The best possible WAR and UAR of a simulated cohort for one view and label space.

    Parameters
    ----------
    truth : Path or Truth
        The study folder, its ``truth.parquet``, or what was read from it.
    view : LabelView
        FELT or SHOWN; shown labels are the experts' votes with ties to the first class, as scores harden them.
    space : str
        ``emotion7`` or ``emotion3``.
    knows : {"neither", "stimulus", "both"}
        What is known of the clip's person and stimulus.
    cues : {"all", "eyes", "face"}
        Which cues are seen. The drawn face also shows lids and iris, so "face" is no bound of the stream ``face``: it
        is what the expression tells.

    Notes
    -----
    WAR is the mean over clips of the largest posterior probability. UAR is reached by choosing the class with the
    largest posterior relative to its mean over the clips; the expected recall of class k is the sum of its posterior
    over the clips where it is chosen, divided by that over all clips.

    Raises
    ------
    UsageError
        If there is no ceiling for this view and space.
    DataError
        If the truth is absent.
    """
    known = read_truth(truth) if isinstance(truth, Path) else truth
    posterior = label_posterior(known, view, space, knows=knows, cues=cues)
    label = _label_index(known, view, space)
    frequency = posterior.mean(axis=0)
    likeliest = posterior.argmax(axis=1)
    balanced = (posterior / np.where(frequency > 0, frequency, 1)).argmax(axis=1)
    rows = np.arange(len(posterior))
    return Ceiling(
        war=float(posterior[rows, likeliest].mean()),
        uar=_expected_uar(posterior, balanced),
        war_reached=float(label[rows, likeliest].mean()),
        uar_reached=_expected_uar(label, balanced),
        num_clips=len(posterior),
    )


def ceiling_table(truth: Truth) -> dict[str, dict[str, float]]:
    """Aggregate ceilings of a cohort, ``{"felt/emotion3": {"war": ..., "uar": ...}}``, as ``study.toml`` states them.

    Beside ``war`` and ``uar`` (nothing known of person and stimulus): ``_stimulus_known``, ``_oracle`` (both known),
    ``_eyes`` and ``_face`` (some of the cues), ``_reached`` (on the labels as drawn). Four digits. A study without
    videos shows no face, so its numbers are those of the eye cues.
    """
    seen: Cues = "all" if truth.config.video else "eyes"
    variants: dict[str, tuple[Knowledge, Cues]] = {
        "": ("neither", seen),
        "_stimulus_known": ("stimulus", seen),
        "_oracle": ("both", seen),
    }
    if truth.config.video:
        variants |= {"_eyes": ("neither", "eyes"), "_face": ("neither", "face")}
    table: dict[str, dict[str, float]] = {}
    for view, space in product((LabelView.FELT, LabelView.SHOWN), ("emotion3", "emotion7")):
        numbers: dict[str, float] = {}
        for suffix, (knows, cues) in variants.items():
            ceiling = bayes_ceiling(truth, view, space, knows=knows, cues=cues)
            numbers[f"war{suffix}"], numbers[f"uar{suffix}"] = ceiling.war, ceiling.uar
            if not suffix:
                numbers["war_reached"], numbers["uar_reached"] = ceiling.war_reached, ceiling.uar_reached
        table[f"{view}/{space}"] = {name: round(value, 4) for name, value in numbers.items()}
    return table


def _label_index(truth: Truth, view: LabelView, space: str) -> Float[ndarray, "N K"]:
    """The labels as drawn; shown labels as the chance of each outcome of the vote, since votes are not in the truth."""
    if view is LabelView.FELT:
        words = truth.columns[f"felt_{space}"].to_list()
        index = np.array([vocabulary(space).index(word) for word in words])
        certain: Float[ndarray, "N K"] = np.eye(len(vocabulary(space)))[index]
        return certain
    shown = truth.emotions("shown_emotion7")
    if space == "emotion7":
        voted: Float[ndarray, "N K"] = voted_emotion(truth.config)[shown]
        return voted
    raters = truth.config.raters
    strengths = truth.values("strength")
    tones = [tone_probability(emotion, strengths[[row]], raters) for row, emotion in enumerate(shown.tolist())]
    return voted_tone(np.concatenate(tones), len(raters.expert_accuracy))


def _expected_uar(probability: Float[ndarray, "N K"], choice: Int[ndarray, " N"]) -> float:
    """Mean over the classes present of the share of each class that `choice` gets right."""
    total = probability.sum(axis=0)
    right = np.array([probability[choice == k, k].sum() for k in range(probability.shape[1])])
    return float((right[total > 0] / total[total > 0]).mean())
