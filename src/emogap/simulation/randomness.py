"""One stream of random numbers for each thing that is drawn, so that no order of work changes the result."""

from typing import Literal

import numpy as np

__all__ = ["Purpose", "stream"]

Purpose = Literal[
    "deal", "participant", "stimulus", "clip", "order", "eyes", "tracker", "face", "clock", "ratings", "halves", "shown"
]

_NUMBER: dict[str, int] = {
    "deal": 1,
    "participant": 2,
    "stimulus": 3,
    "clip": 4,
    "order": 5,
    "eyes": 6,
    "tracker": 7,
    "face": 8,
    "clock": 9,
    "ratings": 10,
    "halves": 11,
    "shown": 12,
}


def stream(seed: int, purpose: Purpose, *index: int) -> np.random.Generator:
    """The generator for one purpose and one thing, such as participant 3 or the clip of participant 3 and stimulus 1.

    Notes
    -----
    ``SeedSequence(seed, spawn_key=(purpose, *index))``: independent of every other stream, whichever was drawn
    from first and in whichever process.

    Examples
    --------
    >>> stream(0, "clip", 3, 1).random() == stream(0, "clip", 3, 1).random()
    True
    >>> stream(0, "clip", 3, 1).random() == stream(0, "clip", 1, 3).random()
    False
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_NUMBER[purpose], *index)))
