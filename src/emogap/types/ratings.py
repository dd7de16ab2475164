"""Who rated what."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.types._check import freeze, require, require_shape

__all__ = ["RatingTable", "Scale"]

Scale = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True, slots=True, eq=False)
class RatingTable:
    """Ratings of I items by A annotators on one question.

    Attributes
    ----------
    items : tuple of str, length I
    annotators : tuple of str, length A
    rating : float64 array, shape (I, A)
        NaN = not rated. On a nominal scale: index into `categories`.
    scale : Scale
    categories : tuple of str
        Names of a nominal scale; empty otherwise.
    limits : (float, float) or None
        Lowest and highest permitted rating of an ordinal or interval scale.
    """

    items: tuple[str, ...]
    annotators: tuple[str, ...]
    rating: Float[ndarray, "I A"]
    scale: Scale
    categories: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        require_shape("rating", self.rating, (len(self.items), len(self.annotators)))
        require(
            (self.scale == "nominal") == bool(self.categories),
            "a nominal scale, and only that, has categories",
        )
        given = self.rating[~np.isnan(self.rating)]
        if self.scale == "nominal":
            off = (given != np.round(given)) | (given < 0) | (given >= len(self.categories))
        else:
            low, high = self.limits or (-np.inf, np.inf)
            off = (given < low) | (given > high)
        require(not off.any(), f"{int(off.sum())} ratings are off the scale, first: {given[off][:1]}")
        freeze(self.rating)
