"""Out-of-fold predictions as a table: written once, and every number is computed from it afterwards.

One row per clip, view, target, split, cell, seed and model. Columns: the sample's key, then ``protocol view target
split cell fold seed model``, then ``probability`` and ``label`` (vote shares, lists in vocabulary order) for
classes, or ``value`` and ``label`` for values. A clip without a label has a null label.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from emogap.errors import DataError
from emogap.files import write_aside
from emogap.types import Prediction, SampleKey

__all__ = ["FIT_COLUMNS", "KEY_COLUMNS", "prediction_frame", "read_predictions", "sorted_predictions", "write_parquet"]

KEY_COLUMNS = tuple(field.name for field in fields(SampleKey))
"""The columns of a sample's key."""

FIT_COLUMNS = ("protocol", "view", "target", "split", "cell", "fold", "seed", "model")
"""The columns that say which fit a prediction comes from, and what of."""


def prediction_frame(prediction: Prediction, *, protocol: str, fold: int) -> pl.DataFrame:
    """The rows of one fit for one view and target.

    Parameters
    ----------
    prediction : Prediction
    protocol : str
        The protocol that scores this view.
    fold : int
        The fold of people that the cell holds out.
    """
    keys = {name: [getattr(key, name) for key in prediction.keys] for name in KEY_COLUMNS}
    fit: dict[str, object] = {
        "protocol": protocol,
        "view": prediction.view.value,
        "target": prediction.target,
        "split": prediction.split,
        "cell": prediction.cell,
        "fold": fold,
        "seed": prediction.seed,
        "model": prediction.model,
    }
    number = pl.Float64 if prediction.space is None else pl.List(pl.Float64)
    known = np.isfinite(prediction.label).reshape(len(prediction.keys), -1).all(axis=1)
    labels = [label if is_known else None for label, is_known in zip(prediction.label.tolist(), known, strict=True)]
    output = "value" if prediction.space is None else "probability"
    return (
        pl.DataFrame(keys)
        .with_columns(
            *(pl.lit(value).alias(name) for name, value in fit.items()),
            pl.Series(output, prediction.output.tolist(), number),
            pl.Series("label", labels, number),
        )
        .with_columns(pl.col("fold", "seed").cast(pl.Int64))
    )


def sorted_predictions(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All rows in an order that does not depend on the order in which the fits were finished."""
    order: Sequence[str] = ("protocol", "view", "target", "split", "seed", "fold", "cell", "model", *KEY_COLUMNS)
    return pl.concat(list(frames)).sort(order)


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write `frame`, whole or not at all.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    with write_aside(path) as partial:
        frame.write_parquet(partial)


def read_predictions(path: Path) -> pl.DataFrame:
    """The table in `path`.

    Raises
    ------
    DataError
        If the file is damaged, or lacks a column.
    """
    try:
        frame = pl.read_parquet(path)
    except (OSError, PolarsError) as error:
        raise DataError(
            f"the predictions cannot be read: {error}",
            where=str(path),
            fix="remove the file and run the same 'emogap bench' again",
        ) from error
    absent = [name for name in (*KEY_COLUMNS, *FIT_COLUMNS, "label") if name not in frame.columns]
    if absent:
        raise DataError(
            f"the predictions lack the columns {', '.join(absent)}",
            where=str(path),
            fix="give the predictions.parquet of a run",
        )
    return frame
