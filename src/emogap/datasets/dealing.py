"""Who goes into which fold: people by their number of clips, stimuli by what they were meant to elicit.

Names are sorted before a seed shuffles them, so that a deal does not depend on the order of the rows.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.types import SampleKey

__all__ = ["deal_people", "deal_stimulus_groups", "strata_note", "validation_people"]

VALIDATION_SHARE = 0.2
"""Share of the training people that an epoch is selected on."""

PEOPLE, STIMULI, VALIDATION = range(3)
"""Each use of a seed draws from its own stream of random numbers."""


def deal_people(keys: Sequence[SampleKey], *, folds: int, seed: int) -> dict[str, int]:
    """Fold of each participant, near equal numbers of clips per fold.

    Parameters
    ----------
    keys : sequence of SampleKey
    folds : int
    seed : int

    Returns
    -------
    mapping from participant_id to fold in 0..folds-1

    Raises
    ------
    UsageError
        If there are fewer people than folds, or too few to train and select on.

    Notes
    -----
    People are sorted, shuffled by the seed and, those with most clips first, each put into the fold with fewest
    clips so far (longest processing time first: Graham 1969, SIAM J. Appl. Math. 17(2), doi:10.1137/0117039).
    """
    clips = Counter(key.participant_id for key in keys)
    _require_people(len(clips), folds)
    fold_of: dict[str, int] = {}
    size = [0] * folds
    for person in sorted(_shuffled(clips, (seed, PEOPLE)), key=lambda person: -clips[person]):
        fold_of[person] = min(range(folds), key=lambda fold: (size[fold], fold))
        size[fold_of[person]] += clips[person]
    return fold_of


def deal_stimulus_groups(
    keys: Sequence[SampleKey], *, folds: int, seed: int, strata: Sequence[str] | None = None
) -> dict[str, int]:
    """Fold of each stimulus group, every target class as evenly over the folds as the groups allow.

    Parameters
    ----------
    keys : sequence of SampleKey
    folds : int
        There are ``min(folds, number of groups)`` stimulus folds.
    seed : int
    strata : sequence of str, optional
        Target class of each row's stimulus; empty = none.

    Returns
    -------
    mapping from stimulus_group to fold

    Raises
    ------
    UsageError
        If there is one group only, or a stimulus has two target classes.

    Notes
    -----
    Groups are sorted, shuffled by the seed and, those with most stimuli first, each put into the fold where it
    adds least to the sum over classes and folds of the squared number of stimuli; ties go to the fold with
    fewest stimuli.
    """
    held = _held_classes(keys, strata)
    if len(held) < 2:
        raise UsageError(
            f"all clips belong to one stimulus group ({', '.join(held)}), so that no stimulus can be unseen",
            fix="use the split 'person'",
        )
    num_folds = min(folds, len(held))
    fold_of: dict[str, int] = {}
    count = [Counter[str]() for _ in range(num_folds)]

    def cost(group: str, fold: int) -> tuple[int, int, int]:
        by_class = sum(2 * count[fold][name] * number for name, number in held[group].items() if name)
        return by_class, count[fold].total(), fold

    shuffled = _shuffled(held, (seed, STIMULI))
    for group in sorted(shuffled, key=lambda group: (-held[group].total(), sorted(held[group]))):
        fold_of[group] = min(range(num_folds), key=lambda fold: cost(group, fold))
        count[fold_of[group]] += held[group]
    return fold_of


def strata_note(keys: Sequence[SampleKey], fold_of: Mapping[str, int], strata: Sequence[str]) -> str | None:
    """A sentence on how the target classes lie over the stimulus folds; None if they lie evenly."""
    held = _held_classes(keys, strata)
    table: dict[str, list[int]] = defaultdict(lambda: [0] * (max(fold_of.values()) + 1))
    for group, classes in held.items():
        for name, number in classes.items():
            if name:
                table[name][fold_of[group]] += number
    if all(min(counts) == max(counts) for counts in table.values()):
        return None
    listed = "; ".join(f"{name} {' '.join(map(str, counts))}" for name, counts in sorted(table.items()))
    return f"the stimuli do not allow equal folds; stimuli of each target class by fold: {listed}"


def validation_people(people: Sequence[str], *, seed: int, fold: int) -> frozenset[str]:
    """The 20 % of the training people, at least one, that the epoch is selected on.

    Parameters
    ----------
    people : sequence of str
        Training people, at least two.
    seed, fold : int
        The same people come first for all cells of one fold of people, whatever stimuli are held out.
    """
    number = max(1, int(VALIDATION_SHARE * len(people) + 0.5))
    return frozenset(_shuffled(people, (seed, VALIDATION, fold))[:number])


def _shuffled(names: Mapping[str, object] | Sequence[str], seed: tuple[int, ...]) -> list[str]:
    """Names in the order of random numbers of their own: leaving one out does not move the others."""
    order = {name: np.random.default_rng([*seed, *name.encode()]).random() for name in names}
    return sorted(order, key=lambda name: (order[name], name))


def _held_classes(keys: Sequence[SampleKey], strata: Sequence[str] | None) -> dict[str, Counter[str]]:
    """How many stimuli of each target class every group holds."""
    class_of: dict[tuple[str, str], str] = {}
    for key, name in zip(keys, strata if strata is not None else [""] * len(keys), strict=True):
        stimulus = (key.stimulus_group, key.stimulus_id)
        known = class_of.get(stimulus) or name
        class_of[stimulus] = known
        if name and known != name:
            raise UsageError(
                f"the stimulus {key.stimulus_id} has the target classes '{known}' and '{name}'",
                fix="a target belongs to a stimulus: give every clip of it the same",
            )
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for (group, _), name in class_of.items():
        held[group][name] += 1
    return dict(held)


def _require_people(num_people: int, folds: int) -> None:
    if folds < 2:
        raise UsageError(
            f"a split needs at least 2 folds, got {folds}", fix="use 5 (--folds 5, or folds = 5 in an experiment)"
        )
    if num_people < folds:
        raise UsageError(
            f"{counted(num_people, 'person')} cannot be dealt into {counted(folds, 'fold')}",
            fix=f"use {num_people} (--folds {num_people}, or folds = {num_people} in an experiment)"
            if num_people > 2
            else "record more people: at least three are needed",
        )
    if num_people < 3:
        raise UsageError(
            f"{counted(num_people, 'person', 'is')} too few: one each is needed to test, to train and to select"
            " the epoch on",
            fix="record more people",
        )
