"""What a consensus method returns."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.scoring.harden import TIE

__all__ = ["Consensus", "State"]

State = Literal["settled", "plurality", "tie", "one rating", "no weight", "no rating"]


@dataclass(frozen=True, slots=True, eq=False)
class Consensus:
    """What I items are, going by A annotators; either shares of K categories or a value per item.

    Attributes
    ----------
    method : str
        Name on the shelf.
    items : tuple of str, length I
    annotators : tuple of str, length A
    categories : tuple of str, length K
        Empty where the scale is not nominal.
    num_ratings : int64 array, shape (I,)
    num_rated : int64 array, shape (A,)
        Items that each annotator rated.
    disagreement : float64 array, shape (I,)
        Categories: probability that two different annotators of the item say different words, in [0, 1].
        Numbers: SD of the ratings in the unit of the scale (n - 1 in the denominator). NaN for fewer than two.
    share : float64 array, shape (I, K), or None
        Soft label; rows sum to 1, NaN where no annotator with weight rated. None for numbers.
    value : float64 array, shape (I,), or None
        In the unit of the scale; NaN as above. None for categories.
    posterior : float64 array, shape (I, K), or None
        Probability of each category given all ratings; None for methods without a model of the truth.
    value_sd : float64 array, shape (I,), or None
        Posterior SD of `value`, the model's parameters taken as known.
    reliability : float64 array, shape (A,), or None
        What each annotator counts, in the sense of the method; NaN for one without ratings.
    confusion : float64 array, shape (A, K, K), or None
        Row = true category, column = what the annotator says; rows sum to 1.
    prevalence : float64 array, shape (K,), or None
        Estimated share of each category among the rated items.
    bias, variance : float64 array, shape (A,), or None
        Of each annotator, in the unit of the scale and its square.
    log_likelihood : float64 array, shape (steps,)
        Natural logarithm of the likelihood of all ratings after each step, plus that of the prior (less a
        constant) where the method has one; empty for methods that count.
    converged : bool
        Whether the last step gained less than the tolerance.
    doubts : tuple of str
        What a reader should know before trusting the numbers, in sentences.
    """

    method: str
    items: tuple[str, ...]
    annotators: tuple[str, ...]
    categories: tuple[str, ...]
    num_ratings: Int[ndarray, " I"]
    num_rated: Int[ndarray, " A"]
    disagreement: Float[ndarray, " I"]
    share: Float[ndarray, "I K"] | None = None
    value: Float[ndarray, " I"] | None = None
    posterior: Float[ndarray, "I K"] | None = None
    value_sd: Float[ndarray, " I"] | None = None
    reliability: Float[ndarray, " A"] | None = None
    confusion: Float[ndarray, "A K K"] | None = None
    prevalence: Float[ndarray, " K"] | None = None
    bias: Float[ndarray, " A"] | None = None
    variance: Float[ndarray, " A"] | None = None
    log_likelihood: Float[ndarray, " steps"] | None = None
    converged: bool = True
    doubts: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str | None, ...]:
        """The category that leads alone; None where several lead together or nothing is known.

        A tie is not broken: ``share`` keeps it. :func:`emogap.scoring.harden.harden` breaks ties where a metric
        needs one class. Empty for numbers.
        """
        if self.share is None:
            return ()
        return tuple(
            self.categories[int(np.argmax(share))] if leads == 1 else None
            for share, leads in zip(self.share, self._num_leading(), strict=True)
        )

    @property
    def states(self) -> tuple[State, ...]:
        """How far each item is settled, by the first rule that holds.

        ``no rating``; ``no weight`` (only annotators with reliability 0 rated it); ``one rating``; for
        categories ``tie`` (several lead together) and ``plurality`` (one leads, with half or less); ``settled``.
        """
        if self.share is None:
            assert self.value is not None
            known, leading, largest = np.isfinite(self.value), np.ones(len(self.items), int), np.ones(len(self.items))
        else:
            known = np.isfinite(self.share).all(axis=1)
            leading, largest = self._num_leading(), np.where(known[:, None], self.share, 0.0).max(axis=1, initial=0.0)
        rules = (
            (self.num_ratings == 0, "no rating"),
            (~known, "no weight"),
            (self.num_ratings == 1, "one rating"),
            (leading > 1, "tie"),
            (largest <= 0.5 + TIE, "plurality"),
        )
        states = np.select([holds for holds, _ in rules], [state for _, state in rules], default="settled")
        return tuple(states.tolist())

    @property
    def unsettled(self) -> tuple[str, ...]:
        """The items that are not settled."""
        return tuple(item for item, state in zip(self.items, self.states, strict=True) if state != "settled")

    def _num_leading(self) -> Int[ndarray, " I"]:
        assert self.share is not None
        known = np.where(np.isnan(self.share), -1.0, self.share)
        leading = (known >= known.max(axis=1, keepdims=True) - TIE).sum(axis=1)
        return np.where(np.isnan(self.share).any(axis=1), 0, leading)
