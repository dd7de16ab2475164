"""Some of the windows of an index, and orders of them, without a list of them.

Millions of window numbers would fill memory, and their random order again. The windows of a segment follow each
other, so a choice of segments is a list of ranges; and a random order is a function of the place, computed where it
is asked for.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray

from emogap.datasets.gaze_index.index import GazeIndex
from emogap.errors import UsageError

__all__ = ["WindowRows", "shuffled_places", "window_rows"]

ROUNDS = 6
"""Of the Feistel network; four make it a good permutation of words of this size (Luby and Rackoff 1988)."""


@dataclass(frozen=True, slots=True, eq=False)
class WindowRows:
    """The numbers of the windows of some segments, ascending; read like an int64 array by places or slices.

    Attributes
    ----------
    first : int64 array, shape (K,)
        Number of the first window of each of K ranges.
    before : int64 array, shape (K + 1,)
        How many windows all ranges before it hold; the last is the number of all.
    """

    first: Int[ndarray, " K"]
    before: Int[ndarray, " K+1"]

    def __len__(self) -> int:
        return int(self.before[-1])

    def __getitem__(self, places: Int[ndarray, " B"] | slice) -> Int[ndarray, " B"]:
        """Window numbers at `places`, each in [0, len(self)); a negative place is an IndexError."""
        wanted = np.arange(*places.indices(len(self))) if isinstance(places, slice) else np.asarray(places, np.int64)
        if wanted.size and (wanted.min() < 0 or wanted.max() >= len(self)):
            raise IndexError(f"places run from 0 to {len(self) - 1}, asked for {wanted.min()} to {wanted.max()}")
        part = np.searchsorted(self.before, wanted, side="right") - 1
        numbers: Int[ndarray, " B"] = self.first[part] + wanted - self.before[part]
        return numbers


def window_rows(index: GazeIndex, segments: Bool[ndarray, " S"]) -> WindowRows:
    """The numbers of the windows in the segments where `segments` is True.

    The result holds two numbers per segment, however many windows there are.
    """
    bounds = np.searchsorted(index.starts, np.append(index.segment_start, len(index.values)))
    chosen = np.flatnonzero(segments)
    count = bounds[chosen + 1] - bounds[chosen]
    return WindowRows(bounds[chosen].astype(np.int64), np.concatenate([[0], np.cumsum(count)]).astype(np.int64))


def shuffled_places(
    num_places: int, *, seed: int, start: int = 0, stop: int | None = None
) -> Int[ndarray, " stop-start"]:
    """The entries `start` to before `stop` of a random order of 0 to `num_places` - 1.

    Parameters
    ----------
    num_places : int
    seed : int
        Decides the order: one for every pass over the windows.
    start, stop : int
        Of the order; all of it if not given.

    Returns
    -------
    int64 array
        Every place is at exactly one entry of the order. Memory is that of the entries asked for.

    Raises
    ------
    UsageError
        If the entries are not all within the order.

    Notes
    -----
    A Feistel network of 6 rounds permutes the words of 2 b bits, the least that hold all places; a word that is no
    place is permuted again until it is one (cycle walking), which keeps it a permutation.

    References
    ----------
    Luby and Rackoff (1988), SIAM J. Comput. 17(2), doi:10.1137/0217022. Black and Rogaway (2002), "Ciphers with
    arbitrary finite domains", method 2, doi:10.1007/3-540-45760-7_9.

    Examples
    --------
    >>> sorted(shuffled_places(5, seed=3).tolist())
    [0, 1, 2, 3, 4]
    """
    stop = num_places if stop is None else stop
    if not 0 <= start <= stop <= num_places:
        raise UsageError(f"entries {start} to {stop} are not all within an order of {num_places}", fix="ask for less")
    keys = np.random.SeedSequence(seed).generate_state(ROUNDS, np.uint64)
    half_bits = max(1, (max(num_places - 1, 1).bit_length() + 1) // 2)
    places = _permuted(np.arange(start, stop, dtype=np.uint64), keys, half_bits)
    while (outside := places >= num_places).any():
        places[outside] = _permuted(places[outside], keys, half_bits)
    return places.astype(np.int64)


def _permuted(words: Int[ndarray, " B"], keys: Int[ndarray, " 6"], half_bits: int) -> Int[ndarray, " B"]:
    """Each word of 2 x `half_bits` bits as another one, each of them once."""
    bits, mask = np.uint64(half_bits), np.uint64((1 << half_bits) - 1)
    high, low = words >> bits, words & mask
    for key in keys:
        high, low = low, high ^ (_mixed(low ^ key) & mask)
    permuted: Int[ndarray, " B"] = (high << bits) | low
    return permuted


def _mixed(words: Int[ndarray, " B"]) -> Int[ndarray, " B"]:
    """64-bit words whose every bit depends on every bit given: the finaliser of SplitMix64 (Steele et al. 2014)."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        words = (words ^ (words >> np.uint64(shift))) * np.uint64(factor)
    mixed: Int[ndarray, " B"] = words ^ (words >> np.uint64(31))
    return mixed
