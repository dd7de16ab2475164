"""``measures.parquet``: what the eyes did in each clip, one row per sample in the order of ``samples.parquet``."""

from collections.abc import Sequence
from dataclasses import asdict, fields

import polars as pl

from emogap.counted_nouns import counted
from emogap.datasets.store import KEY_COLUMNS, Dataset
from emogap.errors import DataError
from emogap.preprocessing.eye_measures import EyeMeasures
from emogap.types import SampleKey

__all__ = ["MEASURES", "MEASURES_FILE", "measure_table", "read_measures"]

MEASURES_FILE = "measures.parquet"

MEASURES = tuple(field.name for field in fields(EyeMeasures))
"""Columns after the key; :class:`emogap.preprocessing.eye_measures.EyeMeasures` says what they are."""


def measure_table(rows: Sequence[tuple[SampleKey, EyeMeasures | None]]) -> pl.DataFrame:
    """The table of N clips: their keys and, as float64, their measures; NaN where a measure cannot be known.

    Parameters
    ----------
    rows : sequence of (key, measures), length N
        None where no eyes were recorded.
    """
    keys = {name: [getattr(key, name) for key, _ in rows] for name in KEY_COLUMNS}
    known = [{} if measures is None else asdict(measures) for _, measures in rows]
    values = {
        name: pl.Series([cells.get(name, float("nan")) for cells in known], dtype=pl.Float64) for name in MEASURES
    }
    return pl.DataFrame(keys).with_columns(**values)


def read_measures(dataset: Dataset) -> pl.DataFrame:
    """The eye measures of a data set: one row per sample, in the order of ``dataset.samples``.

    Raises
    ------
    DataError
        If the data set was built before there were any, or the table is not of these samples.
    """
    path = dataset.path / MEASURES_FILE
    fix = "build the data set again into a new folder: 'emogap build SRC OUT'"
    if not path.is_file():
        raise DataError(
            f"the data set has no eye measures ({MEASURES_FILE}): it was built by an earlier version",
            where=str(dataset.path),
            fix=fix,
        )
    try:
        table = pl.read_parquet(path)
        keys = table.select(KEY_COLUMNS)
        table.select(MEASURES)
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{MEASURES_FILE} is damaged: {error}", where=str(dataset.path), fix=fix) from error
    if not keys.equals(dataset.samples.select(KEY_COLUMNS)):
        raise DataError(
            f"{MEASURES_FILE} is not of these {counted(dataset.samples.height, 'sample')}",
            where=str(dataset.path),
            fix=fix,
        )
    return table
