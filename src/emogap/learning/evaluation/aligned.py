"""The predictions of several models for the same clips, side by side as arrays.

Shapes: N labelled clips (a clip once per seed), K classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import NDArray

from emogap.learning.evaluation.predictions import KEY_COLUMNS
from emogap.scoring import harden
from emogap.types import vocabulary

__all__ = ["Aligned", "align", "on_clips_of"]

INDEX = ("seed", *KEY_COLUMNS)


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """What every model says of the same N clips of one view, target and split.

    Attributes
    ----------
    index : polars.DataFrame, N rows
        ``seed``, the key columns and ``cell``, sorted by seed and key.
    space : str or None
        Label space; None for values.
    label : float64 array, shape (N, K) or (N,)
        Vote shares or values.
    raw : mapping from model to float64 array, shape (N, K) or (N,)
        Probabilities or values.
    incomplete : tuple of str
        Models that lack clips which others predicted; they are not in `raw`.
    unlabelled : int
        Clips left out because this view does not label them.
    """

    index: pl.DataFrame
    space: str | None
    label: Float[ndarray, "N ..."]
    raw: Mapping[str, Float[ndarray, "N ..."]]
    incomplete: tuple[str, ...]
    unlabelled: int

    @property
    def num_clips(self) -> int:
        """Rows (N)."""
        return self.index.height

    @property
    def people(self) -> NDArray[np.str_]:
        """Participant of each row."""
        return self.index["participant_id"].to_numpy()

    @property
    def groups(self) -> NDArray[np.str_]:
        """Stimulus group of each row: the unit that a blocked split deals."""
        return self.index["stimulus_group"].to_numpy()

    @property
    def cells(self) -> NDArray[np.str_]:
        """Seed and cell of each row: which fit held it out."""
        return (self.index["seed"].cast(pl.String) + "/" + self.index["cell"]).to_numpy()

    @property
    def hard_label(self) -> Int[ndarray, " N"] | Float[ndarray, " N"]:
        """Class indices, or the values."""
        return self.label if self.space is None else harden(self.label)

    def output(self, model: str) -> Int[ndarray, " N"] | Float[ndarray, " N"]:
        """Class indices, or the values, that `model` gives."""
        return self.raw[model] if self.space is None else harden(self.raw[model])


def align(predictions: pl.DataFrame, *, space: str | None, models: Sequence[str]) -> Aligned:
    """Put the predictions of one view, target and split side by side.

    Parameters
    ----------
    predictions : polars.DataFrame
        Rows of one view, target and split.
    space : str or None
        Label space; None for values.
    models : sequence of str
        In the order of the table; those that are not in `predictions` are left out.
    """
    unlabelled = predictions.filter(pl.col("label").is_null()).select(KEY_COLUMNS).n_unique()
    labelled = predictions.filter(pl.col("label").is_not_null())
    index = labelled.select(*INDEX, "cell", "label").unique(subset=INDEX).sort(INDEX)
    by_model = {name[0]: rows.sort(INDEX) for name, rows in labelled.group_by("model")}
    present = [model for model in models if model in by_model]
    complete = [model for model in present if by_model[model].height == index.height]
    output = "value" if space is None else "probability"
    return Aligned(
        index=index.drop("label"),
        space=space,
        label=_array(index["label"], space),
        raw={model: _array(by_model[model][output], space) for model in complete},
        incomplete=tuple(model for model in present if model not in complete),
        unlabelled=unlabelled,
    )


def on_clips_of(wanted: Aligned, other: Aligned) -> Aligned:
    """`other` restricted to the clips (and seeds) of `wanted`, in the same order."""
    positions = other.index.with_row_index("position").select("position", *INDEX)
    rows = wanted.index.select(INDEX).join(positions, on=INDEX, how="inner", maintain_order="left")["position"]
    where = rows.to_numpy()
    return Aligned(
        index=other.index[where],
        space=other.space,
        label=other.label[where],
        raw={model: output[where] for model, output in other.raw.items()},
        incomplete=other.incomplete,
        unlabelled=other.unlabelled,
    )


def _array(column: pl.Series, space: str | None) -> Float[ndarray, "N ..."]:
    if space is None:
        return column.to_numpy().astype(np.float64)
    return column.list.to_array(len(vocabulary(space))).to_numpy().astype(np.float64)
