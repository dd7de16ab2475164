"""Who trains, who validates and who is kept out of sight: always whole people."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from emogap.datasets.gaze_index.index import GazeIndex
from emogap.errors import UnknownNameError, UsageError

__all__ = ["people_split"]


def people_split(
    index: GazeIndex, *, share: float = 0.05, seed: int = 0, held_out: Sequence[str] = ()
) -> tuple[Bool[ndarray, " S"], Bool[ndarray, " S"]]:
    """The segments of the people who train and of those who validate.

    Parameters
    ----------
    index : GazeIndex
    share : float
        Share of the people, not of the windows, who validate, in (0, 1); rounded, at least one. 0.05 as in the
        authors' code of arXiv 2601.12534.
    seed : int
        Decides who validates.
    held_out : sequence of str
        People who are in neither: those of a test fold.

    Returns
    -------
    train, validation : bool array, shape (S,)
        No person has segments in both; held out people in neither.

    Raises
    ------
    UnknownNameError
        If somebody in `held_out` is not in the index.
    UsageError
        If `share` is not between 0 and 1, or fewer than two people are left.
    """
    if not 0 < share < 1:
        raise UsageError(f"a share of {share:g} of the people cannot validate", fix="give a share between 0 and 1")
    people = sorted(set(index.participants))
    for name in held_out:
        if name not in people:
            raise UnknownNameError("participant of this index", name, people)
    left = [name for name in people if name not in set(held_out)]
    if len(left) < 2:
        raise UsageError(
            f"{len(left)} of {len(people)} people are left when {len(set(held_out))} are held out: somebody must"
            " train and somebody else validate",
            where=str(index.path),
            fix="hold out fewer people, or index more recordings",
        )
    num_validation = min(max(1, round(share * len(left))), len(left) - 1)
    order = np.random.default_rng(seed).permutation(len(left))
    validating = {left[place] for place in order[:num_validation].tolist()}
    training = set(left) - validating
    participants = np.array(index.participants)
    return np.isin(participants, sorted(training)), np.isin(participants, sorted(validating))
