"""Models against each other on the same clips, and one model under three ways of training."""

from itertools import combinations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.learning.evaluation.aligned import Aligned, on_clips_of
from emogap.learning.evaluation.rows import PRIMARY, Scoring, interval_record, number
from emogap.scoring import (
    Interval,
    PairedTest,
    bootstrap_difference,
    bootstrap_metric,
    holm,
    indistinguishable_groups,
    permutation_test,
    two_way_test,
)
from emogap.types.scores import PairRecord, PartsRecord

__all__ = ["compare_pairs", "groups_of", "pair_test", "parts_of"]


def compare_pairs(aligned: Aligned, *, two_way: bool, scoring: Scoring) -> list[PairRecord]:
    """Every pair of models tested in the primary metric, p adjusted by Holm over all pairs of the split.

    With `two_way` the test is about other people and other stimuli, as the interval beside it is; otherwise, or with
    one group of stimuli, about other people alone, by exchanging the predictions of whole people.

    One family for all pairs: whichever model turns out best, and whichever is of interest, is compared with the
    rest without a further adjustment. Two models that say the same of every clip are no test; their p is null.
    Fewer than two participants allow no test at all.
    """
    if len(np.unique(aligned.people)) < 2:
        return []
    outputs = {model: aligned.output(model) for model in aligned.raw}
    tests = {
        (first, second): pair_test(aligned, outputs[first], outputs[second], two_way=two_way, scoring=scoring)
        for first, second in combinations(outputs, 2)
    }
    is_same = {pair: bool(np.array_equal(outputs[pair[0]], outputs[pair[1]])) for pair in tests}
    adjusted = holm([np.nan if is_same[pair] else test.p for pair, test in tests.items()])
    return [
        {
            "first": first,
            "second": second,
            "difference": number(test.difference),
            "p": None if is_same[first, second] else number(test.p),
            "p_holm": number(p),
            "method": test.method,
            "num_people": test.num_people,
            "standard_error": None if is_same[first, second] else number(test.standard_error),
            "num_stimuli": test.num_stimuli,
        }
        for ((first, second), test), p in zip(tests.items(), adjusted, strict=True)
    ]


def pair_test(
    aligned: Aligned,
    first: Float[ndarray, " B *K"],
    second: Float[ndarray, " B *K"],
    *,
    two_way: bool,
    scoring: Scoring,
) -> PairedTest:
    """Test of no difference between two outputs for the clips of `aligned`, in the primary metric.

    With `two_way` about other people and other stimuli, which takes more than one group of stimuli; otherwise about
    other people alone, by exchanging the outputs of whole people.
    """
    pair = (_primary(aligned), aligned.hard_label, first, second)
    if two_way and len(np.unique(aligned.groups)) > 1:
        return two_way_test(*pair, people=aligned.people, stimuli=aligned.groups)
    return permutation_test(*pair, people=aligned.people, draws=scoring.draws, seed=scoring.seed)


def groups_of(models: list[str], pairs: list[PairRecord]) -> list[list[str]]:
    """The largest groups of `models` within which no pair differs at 5 %."""
    if not pairs:
        return []
    adjusted = {(pair["first"], pair["second"]): pair["p_holm"] for pair in pairs}
    known = {pair: p for pair, p in adjusted.items() if p is not None}
    return [list(group) for group in indistinguishable_groups(models, known)]


def parts_of(blocked: Aligned, person: Aligned, thinned: Aligned, *, scoring: Scoring) -> list[PartsRecord]:
    """What becomes of each model's score when the stimuli are unseen too, on the same test clips.

    ``person - blocked = (person - thinned) + (thinned - blocked)``: the first part is what the smaller training
    set costs, and only the second is the stimulus.

    Parameters
    ----------
    blocked, person, thinned : Aligned
        The splits ``person+stimulus``, ``person`` and ``person-thinned``.
    scoring : Scoring
    """
    same, small = on_clips_of(blocked, person), on_clips_of(blocked, thinned)
    if len(np.unique(blocked.people)) < 2 or not (same.num_clips == small.num_clips == blocked.num_clips):
        return []
    return [
        _parts(model, blocked, same, small, scoring)
        for model in blocked.raw
        if model in same.raw and model in small.raw
    ]


def _parts(model: str, blocked: Aligned, same: Aligned, small: Aligned, scoring: Scoring) -> PartsRecord:
    metric = _primary(blocked)
    outputs = [aligned.output(model) for aligned in (same, small, blocked)]
    stimuli = blocked.groups if len(np.unique(blocked.groups)) > 1 else None

    def alone(output: np.ndarray) -> Interval:
        return bootstrap_metric(
            metric,
            blocked.hard_label,
            output,
            people=blocked.people,
            stimuli=stimuli,
            draws=scoring.draws,
            seed=scoring.seed,
        )

    def minus(first: np.ndarray, second: np.ndarray) -> Interval:
        return bootstrap_difference(
            metric,
            blocked.hard_label,
            first,
            second,
            people=blocked.people,
            stimuli=stimuli,
            draws=scoring.draws,
            seed=scoring.seed,
        )

    return {
        "model": model,
        "person": interval_record(alone(outputs[0])),
        "thinned": interval_record(alone(outputs[1])),
        "blocked": interval_record(alone(outputs[2])),
        "size_part": interval_record(minus(outputs[0], outputs[1])),
        "stimulus_part": interval_record(minus(outputs[1], outputs[2])),
    }


def _primary(aligned: Aligned) -> str:
    return PRIMARY["regression" if aligned.space is None else "classification"]
