"""How probable each expression is in each frame, as a network says, and what that is in the words of the field.

Networks trained on AffectNet know contempt, which emotion7 does not. It is kept, or left out with its probability
reported (``to_emotion7``); it is never counted as another expression.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError, UsageError
from emogap.types import vocabulary

__all__ = ["EXPRESSIONS", "FaceExpressions", "to_emotion7"]

EXPRESSIONS = (*vocabulary("emotion7"), "contempt")
"""Every class that a network may have: emotion7, and the contempt of AffectNet's eight."""

ROW_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class FaceExpressions:
    """What a network says of the expression in F frames; shown expression, nobody's feeling.

    Attributes
    ----------
    classes : tuple of str
        The K expressions, in the network's order or that of ``emotion7``; each one of :data:`EXPRESSIONS`.
    probability : float64 array, shape (F, K)
        In [0, 1], rows summing to 1; NaN rows where there was no face, or where nothing was left.
    left_out : float64 array, shape (F,)
        Probability, in [0, 1], that the network gave to classes that are not in `classes` any more.
    also : mapping from str to float64 array (F,)
        What the network says besides, such as valence and arousal, as it came out: a network that was trained on
        [-1, 1] may go beyond. Empty for most networks.
    """

    classes: tuple[str, ...]
    probability: Float[ndarray, "F K"]
    left_out: Float[ndarray, " F"]
    also: Mapping[str, Float[ndarray, " F"]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wrong = [name for name in self.classes if name not in EXPRESSIONS]
        if wrong or len(set(self.classes)) != len(self.classes):
            raise DataError(
                f"the classes of expressions are {', '.join(self.classes)}",
                fix=f"each of {', '.join(EXPRESSIONS)} at most once",
            )
        if self.probability.shape != (len(self.left_out), len(self.classes)):
            raise DataError(f"{self.probability.shape} probabilities for {len(self.classes)} expressions")
        total = self.probability.sum(axis=1)
        off = np.abs(total - 1) > ROW_SUM_TOLERANCE
        if off.any() or (self.probability < 0).any():
            first = int(np.flatnonzero(off | (self.probability < 0).any(axis=1))[0])
            raise DataError(
                f"probabilities of expressions are negative or do not sum to 1, first in frame {first}:"
                f" sum {total[first]:.4f}",
                fix="say in the network's card whether it gives probabilities or logits",
            )
        for name, values in self.also.items():
            if values.shape != self.left_out.shape:
                raise DataError(f"{len(values)} values of {name} for {counted(len(self.left_out), 'frame')}")
        self.probability.flags.writeable = False
        self.left_out.flags.writeable = False


def to_emotion7(expressions: FaceExpressions) -> FaceExpressions:
    """The same in the classes and order of ``vocabulary("emotion7")``; what has no place there is left out.

    Parameters
    ----------
    expressions : FaceExpressions
        Of a network that knows all seven, and perhaps contempt.

    Returns
    -------
    FaceExpressions
        Rows divided by what is left of them; `left_out` is what they were short of 1. A frame of which less than a
        millionth is left is NaN.

    Raises
    ------
    UsageError
        If the network does not know one of the seven: a probability of 0 would be a guess.

    Examples
    --------
    >>> eight = FaceExpressions(EXPRESSIONS, np.array([[0.3, 0, 0, 0, 0, 0.3, 0, 0.4]]), np.zeros(1))
    >>> seven = to_emotion7(eight)
    >>> seven.probability[0].tolist(), seven.left_out.tolist()
    ([0.5, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0], [0.4])
    """
    emotions = vocabulary("emotion7")
    absent = [name for name in emotions if name not in expressions.classes]
    if absent:
        raise UsageError(
            f"the network does not know {', '.join(absent)}: its probabilities cannot be given in emotion7",
            fix="use its own classes, or another network",
        )
    kept = expressions.probability[:, [expressions.classes.index(name) for name in emotions]]
    total = kept.sum(axis=1, keepdims=True)
    probability = kept / np.where(total > 1e-6, total, np.nan)
    others = [position for position, name in enumerate(expressions.classes) if name not in emotions]
    left_out = expressions.left_out + (1 - expressions.left_out) * expressions.probability[:, others].sum(axis=1)
    return FaceExpressions(emotions, probability, left_out, expressions.also)
