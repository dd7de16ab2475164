"""Maps between vocabularies: versioned, with their loss stated; what would be a guess is left to the user."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.sam import sam_to_unit
from emogap.annotation.vocabularies import Vocabulary, open_vocabulary, vocabulary_file
from emogap.errors import DataError, UnknownNameError, UsageError

__all__ = ["DROP", "NumberMap", "WordMap", "list_maps", "map_numbers", "map_words"]

DROP = "drop"
"""Decision to leave a word out, its share spread over the rest and reported as lost."""

NUMBER_MAP_VERSION = 1

SAM = {"sam5": 5, "sam7": 7, "sam9": 9}
UNIT = ("valence", "arousal", "dominance")


@dataclass(frozen=True, slots=True)
class WordMap:
    """A map from the words of one vocabulary to those of another.

    Attributes
    ----------
    source, target : Vocabulary
    pairs : mapping from word to word or None
        Every word of the source; None = left out.
    decided : mapping from word to word
        What the user decided, ``drop`` included.
    version : int
    loss : str
        What the target cannot say any more.
    """

    source: Vocabulary
    target: Vocabulary
    pairs: Mapping[str, str | None]
    decided: Mapping[str, str]
    version: int
    loss: str

    @property
    def label(self) -> str:
        """Name, version and decisions, to be kept with what was mapped: ``emer7 1 > emer3 1, map 1, surprise=drop``."""
        decisions = "".join(f", {word}={place}" for word, place in sorted(self.decided.items()))
        return f"{self.source.label} > {self.target.label}, map {self.version}{decisions}"

    def word(self, word: str) -> str | None:
        """The word of the target; None if it is left out.

        Raises
        ------
        UnknownNameError
            If it is no word of the source.
        """
        if word not in self.pairs:
            raise UnknownNameError(f"word of {self.source.name}", word, self.source.words)
        return self.pairs[word]

    def share(self, share: Float[ndarray, "*I K"]) -> tuple[Float[ndarray, "*I M"], Float[ndarray, "*I"]]:
        """Shares over the words of the target, and the share that was lost.

        Parameters
        ----------
        share : float64 array, shape (..., K)
            Over the K words of the source; sums to 1 along the last axis, or is NaN.

        Returns
        -------
        share : float64 array, shape (..., M)
            Over the M words of the target, renormalised to sum 1; NaN where everything was lost.
        lost : float64 array, shape (...)
            Share of the words left out, in [0, 1].

        Raises
        ------
        DataError
            If the last axis is not as long as the source has words.

        Examples
        --------
        >>> share, lost = map_words("affectnet8", "emer7", decide={"contempt": "drop"}).share(
        ...     np.array([0.0, 0.0, 0.0, 0.0, 0.6, 0.0, 0.0, 0.4])
        ... )
        >>> share.tolist(), float(lost)
        ([0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], 0.4)
        """
        if share.shape[-1:] != (len(self.source.words),):
            raise DataError(
                f"shares over {self.source.name} have {len(self.source.words)} columns, these have shape {share.shape}",
                fix=f"order them as {', '.join(self.source.words)}",
            )
        weight = np.zeros((len(self.source.words), len(self.target.words)))
        for row, word in enumerate(self.source.words):
            place = self.pairs[word]
            if place is not None:
                weight[row, self.target.words.index(place)] = 1.0
        kept = share @ weight
        total = kept.sum(axis=-1)
        dropped = [row for row, word in enumerate(self.source.words) if self.pairs[word] is None]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(total[..., None] > 0, kept / total[..., None], np.nan), share[..., dropped].sum(axis=-1)


@dataclass(frozen=True, slots=True, eq=False)
class NumberMap:
    """A map from numbers on one scale to another.

    Attributes
    ----------
    source, target : Vocabulary
    formula : str
        In words of x, the number on the source's scale.
    version : int
    loss : str
    """

    source: Vocabulary
    target: Vocabulary
    formula: str
    version: int
    loss: str
    _apply: Callable[[float], float]

    @property
    def label(self) -> str:
        """Name, version and formula, to be kept with what was mapped: ``sam9 1 > valence 1, map 1: (x - 5) / 4``."""
        return f"{self.source.label} > {self.target.label}, map {self.version}: {self.formula}"

    def value(self, number: float) -> float:
        """The number on the scale of the target.

        Raises
        ------
        DataError
            If it is off the scale of the source.
        """
        return self._apply(self.source.value(repr(float(number)), question=self.source.name))


def list_maps() -> tuple[tuple[str, str], ...]:
    """All pairs of source and target that there is a map for, words first."""
    words = tuple((entry["source"], entry["target"]) for entry in vocabulary_file()["map"])
    forms = tuple((source, target) for source in (*SAM, "glass-vad") for target in UNIT)
    return words + forms + tuple((target, source) for source, target in forms)


def map_words(source: str, target: str, *, decide: Mapping[str, str] | None = None) -> WordMap:
    """The map from one vocabulary of words to another.

    Parameters
    ----------
    source, target : str
    decide : mapping from word to word or ``"drop"``, optional
        Where the words go that the map leaves undecided, such as surprise in emer3. Nobody else decides it. Contempt is
        never counted as fear, whoever decides it: it is kept (in affectnet8), or left out with the loss reported.

    Raises
    ------
    UsageError
        If there is no such map, an undecided word was not decided, a decided word was not undecided, or a decision is
        one that the map never permits.
    UnknownNameError
        If a decision names no word of the target.

    Examples
    --------
    >>> coarse = map_words("emer7", "emer3", decide={"surprise": "drop"})
    >>> coarse.word("fear"), coarse.word("surprise"), coarse.label
    ('negative', None, 'emer7 1 > emer3 1, map 1, surprise=drop')
    """
    before, after = open_vocabulary(source), open_vocabulary(target)
    found = [entry for entry in vocabulary_file()["map"] if (entry["source"], entry["target"]) == (source, target)]
    if not found:
        raise _no_map(source, target)
    entry, decided = found[0], dict(decide or {})
    open_words = [word for word in entry["undecided"] if word not in decided]
    if open_words:
        word = open_words[0]
        raise UsageError(
            f"where '{word}' of {source} goes in {target} would be a guess",
            fix=f"name it: decide={{'{word}': ...}} (--decide {word}=...) with one of"
            f" {', '.join(_permitted(entry, word, after))}, or '{DROP}' to leave it out",
        )
    for word, place in decided.items():
        if word not in entry["undecided"]:
            raise UsageError(
                f"'{word}' is not open to decision in the map from {source} to {target}",
                fix=f"undecided are: {', '.join(entry['undecided']) or 'none'}",
            )
        if place != DROP and place not in after.words:
            raise UnknownNameError(f"word of {target}", place, (*_permitted(entry, word, after), DROP))
        if place != DROP and place not in _permitted(entry, word, after):
            raise UsageError(
                f"{word} of {source} is never counted as {place}: {entry['never'][word][place]}",
                fix=f"'{DROP}' leaves it out and reports the share lost; or keep the answers in {source}",
            )
    pairs = {word: entry["pairs"].get(word, decided.get(word)) for word in before.words}
    placed = {word: None if place == DROP else place for word, place in pairs.items()}
    return WordMap(before, after, placed, decided, entry["version"], entry["loss"])


def map_numbers(source: str, target: str) -> NumberMap:
    """The map from one scale of numbers to another; the direction is that of the scales: low is unpleasant or calm.

    Raises
    ------
    UsageError
        If there is no such map.

    Notes
    -----
    Points of a manikin of P points to [-1, 1]: v = (x - m) / (m - 1), m = (P + 1) / 2; back, x = m + v (m - 1)
    rounded to the nearest point, the lower of two equally near. GLASS to [-1, 1]: v = 2 x - 1; back, x = (v + 1) / 2.

    Examples
    --------
    >>> map_numbers("sam9", "valence").value(7), map_numbers("valence", "glass-vad").value(-0.5)
    (0.5, 0.25)
    """
    before, after = open_vocabulary(source), open_vocabulary(target)
    if (source, target) not in list_maps() or before.words:
        raise _no_map(source, target)
    if source in SAM:
        points, middle = SAM[source], (SAM[source] + 1) // 2
        formula = f"(x - {middle}) / {middle - 1}"
        loss = "nothing"
        return NumberMap(before, after, formula, NUMBER_MAP_VERSION, loss, lambda x: sam_to_unit(x, points=points))
    if target in SAM:
        middle = (SAM[target] + 1) // 2
        formula = f"{middle} + {middle - 1} x, to the nearest point"
        loss = f"what lies between two points: up to {0.5 / (middle - 1):g}"
        return NumberMap(
            before, after, formula, NUMBER_MAP_VERSION, loss, lambda x: float(np.ceil(middle + (middle - 1) * x - 0.5))
        )
    if source == "glass-vad":
        return NumberMap(before, after, "2 x - 1", NUMBER_MAP_VERSION, "nothing", lambda x: 2 * x - 1)
    return NumberMap(before, after, "(x + 1) / 2", NUMBER_MAP_VERSION, "nothing", lambda x: (x + 1) / 2)


def _permitted(entry: Mapping[str, Any], word: str, target: Vocabulary) -> tuple[str, ...]:
    """Where an undecided word may go."""
    return tuple(place for place in target.words if place not in entry.get("never", {}).get(word, {}))


def _no_map(source: str, target: str) -> UsageError:
    known = [f"{before} > {after}" for before, after in list_maps() if source in (before, after)]
    return UsageError(
        f"there is no map from {source} to {target}: it would be a guess",
        fix=f"known with {source}: {', '.join(known) or 'none'}; or ask the question itself",
    )
