"""Out-of-fold predictions: the one thing every number is computed from."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.types._check import freeze, require, require_shape
from emogap.types.labels import LabelView, vocabulary
from emogap.types.sample import SampleKey
from emogap.types.task import Target

__all__ = ["Prediction"]


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What one trained model said of N held-out clips, for one view and one target.

    Attributes
    ----------
    keys : tuple of SampleKey, length N
    view : LabelView
    target : Target
    space : str or None
        Label space if `target` is ``class``.
    output : float64 array, shape (N, K) or (N,)
        Class probabilities (rows sum to 1) or values.
    label : float64 array, shape (N, K) or (N,)
        Vote shares or values; NaN rows = unlabelled.
    model : str
        Shelf name.
    split, cell : str
        Which split, and which cell (fold) of it held these clips out.
    seed : int
    """

    keys: tuple[SampleKey, ...]
    view: LabelView
    target: Target
    space: str | None
    output: Float[ndarray, "N ..."]
    label: Float[ndarray, "N ..."]
    model: str
    split: str
    cell: str
    seed: int

    def __post_init__(self) -> None:
        shape = (len(self.keys), len(vocabulary(self.space))) if self.space is not None else (len(self.keys),)
        require((self.target == "class") == (self.space is not None), "a label space belongs to the target class")
        require_shape("output", self.output, shape)
        require_shape("label", self.label, shape)
        require(bool(np.isfinite(self.output).all()), f"{self.model} predicted values that are not finite")
        if self.space is not None:
            off = np.abs(self.output.sum(axis=1) - 1) > 1e-4
            require(
                not off.any(),
                f"{int(off.sum())} rows of probabilities do not sum to 1, first {int(off.argmax())}",
            )
        freeze(self.output)
        freeze(self.label)
