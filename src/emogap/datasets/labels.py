"""Labels of a data set as arrays, and the columns they are stored in."""

import numpy as np
import polars as pl
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.types import EmotionLabel, LabelView, Target, vocabulary

__all__ = ["label_array", "label_cells", "label_columns", "one_hot"]

SPACES = ("emotion7", "emotion3")


def label_array(dataset: Dataset, view: LabelView, target: Target, space: str | None = None) -> Float[ndarray, "N ..."]:
    """Labels of all N samples: vote shares (N, K) for the target class, values (N,) otherwise.

    Parameters
    ----------
    dataset : Dataset
    view : LabelView
        Whose statement is asked for.
    target : Target
        ``class``, ``valence``, ``arousal`` or ``intensity``.
    space : str, optional
        Label space, for the target ``class`` and only there.

    Returns
    -------
    float64 array, shape (N, K) or (N,)
        NaN rows = unlabelled; all rows are NaN if the data set carries no such label.

    Raises
    ------
    UsageError
        If a space is given without the target ``class``, or lacking with it.
    UnknownNameError
        If there is no such label space.
    """
    if (target == "class") != (space is not None):
        raise UsageError(
            f"the target {target} {'needs' if target == 'class' else 'has no'} label space, got {space}",
            fix="give space='emotion3' with the target class, and no space with any other",
        )
    shape = (dataset.samples.height,) if space is None else (dataset.samples.height, len(vocabulary(space)))
    labels = np.full(shape, np.nan)
    column = f"{LabelView(view)}_{space or target}"
    if column in dataset.samples.columns:
        for row, value in enumerate(dataset.samples[column].to_list()):
            if value is not None:
                labels[row] = value
    return labels


def label_columns(*, quadrant: bool) -> dict[str, pl.DataType]:
    """Label columns of ``samples.parquet`` in their order; ``felt_quadrant`` only where `quadrant`."""
    share = pl.List(pl.Float64())
    columns: dict[str, pl.DataType] = {}
    for view in LabelView:
        columns |= {f"{view}_{space}": share for space in SPACES}
        if view is LabelView.FELT and quadrant:
            columns["felt_quadrant"] = share
        columns |= {f"{view}_valence": pl.Float64(), f"{view}_arousal": pl.Float64()}
    return columns | {"shown_intensity": pl.Float64()}


def label_cells(labels: tuple[EmotionLabel, ...]) -> dict[str, list[float] | float | None]:
    """The cells of one sample's label columns; what is not labelled is not among them."""
    cells: dict[str, list[float] | float | None] = {}
    for label in labels:
        cells |= {f"{label.view}_{space}": share.tolist() for space, share in label.share.items()}
        for name in ("valence", "arousal", "intensity"):
            value = getattr(label, name)
            if value is not None:
                cells[f"{label.view}_{name}"] = value
    return cells


def one_hot(space: str, word: str) -> Float[ndarray, " K"]:
    """One answer as vote shares: 1 at `word`, float64, shape (K,).

    Examples
    --------
    >>> one_hot("emotion3", "negative").tolist()
    [0.0, 1.0, 0.0]
    """
    return np.array([float(word == other) for other in vocabulary(space)])
