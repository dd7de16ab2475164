"""Who trains, who selects the epoch and who is tested: whole people, and no test person whom pre-training saw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from numpy import ndarray

from emogap.errors import MismatchError, UnknownNameError, UsageError
from emogap.learning.finetuning.windows import LabelledWindows
from emogap.learning.pretraining.checkpoint import Pretrained
from emogap.learning.pretraining.unseen_people import require_unseen, seen_people
from emogap.learning.randomness import derived_seed

__all__ = ["PeopleSplit", "split_people"]

FEWEST_TESTED = 2
"""With one test person there is no interval over people."""

Rows = Int[ndarray, " R"]


@dataclass(frozen=True, slots=True, eq=False)
class PeopleSplit:
    """Rows of the windows, ascending: to learn from, to select the epoch on, to be tested on (perhaps none)."""

    training: Rows
    validation: Rows
    test: Rows


def split_people(
    windows: LabelledWindows,
    pretrained: Pretrained,
    *,
    test: Sequence[str] | None = None,
    test_share: float = 0.2,
    validation_share: float = 0.2,
    seed: int = 0,
) -> PeopleSplit:
    """The windows dealt by person.

    Parameters
    ----------
    windows : LabelledWindows
    pretrained : Pretrained
        Decides who may be tested.
    test : sequence of str, optional
        Those who are tested; empty for nobody. If not given, `test_share` of the people is drawn from those whom
        pre-training did not see.
    test_share, validation_share : float
        Of all people, and of those who are left, in (0, 1).
    seed : int

    Raises
    ------
    UnknownNameError
        If a person to be tested has no labelled window.
    MismatchError
        If a person to be tested was seen in pre-training, or fewer than two were not.
    UsageError
        If fewer than two people are left to train and to validate.
    """
    people = sorted(set(windows.people))
    rng = np.random.default_rng(derived_seed(seed, 4))
    if test is None:
        tested = _drawn(windows, pretrained, people, test_share, rng)
    else:
        for name in test:
            if name not in people:
                raise UnknownNameError("labelled participant", name, people)
        tested = tuple(sorted(set(test)))
    if tested:
        require_unseen(pretrained, windows.name, tested)
    left = [name for name in people if name not in tested]
    if len(left) < 2:
        raise UsageError(
            f"{len(left)} of {len(people)} people are left when {len(tested)} are tested: one must train, one validate",
            fix="test fewer people, or label more",
        )
    num_validation = min(max(1, round(validation_share * len(left))), len(left) - 1)
    validating = {left[place] for place in rng.permutation(len(left))[:num_validation].tolist()}
    of_whom = np.array(windows.people)
    training = sorted(set(left) - validating)
    return PeopleSplit(*(np.flatnonzero(np.isin(of_whom, names)) for names in (training, sorted(validating), tested)))


def _drawn(
    windows: LabelledWindows, pretrained: Pretrained, people: list[str], share: float, rng: np.random.Generator
) -> tuple[str, ...]:
    """A share of the people, drawn from those whom pre-training did not see."""
    seen = set(seen_people(pretrained, windows.name, people)) if pretrained.people_known else set(people)
    unseen = [name for name in people if name not in seen]
    num_tested = max(FEWEST_TESTED, round(share * len(people)))
    if len(unseen) < FEWEST_TESTED:
        raise MismatchError(
            f"{len(unseen)} of {len(people)} labelled people are certain not to have been seen in pre-training, and"
            f" {FEWEST_TESTED} are needed to test on",
            fix=f"pre-train with --held-out {','.join(people[:num_tested])}, or fit without a test: --test none",
        )
    return tuple(sorted(unseen[place] for place in rng.permutation(len(unseen))[:num_tested].tolist()))
