"""``nuisances.parquet`` of a data set: what is no emotion and might give it away, one row for each clip.

Nothing here is part of the data set's fingerprint, and no model is given it: a probe asks how much it alone says of the
labels. A fact that is not known of a clip is NaN.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from emogap.datasets.stimulus_facts import STIMULUS_FACTS
from emogap.datasets.store import KEY_COLUMNS, Dataset
from emogap.errors import DataError
from emogap.files import write_aside

__all__ = ["NUISANCES_FILE", "nuisance_title", "nuisances_of", "read_nuisances", "write_nuisances"]

NUISANCES_FILE = "nuisances.parquet"

LENGTH = "duration_s"
LOSS = "loss_share"
LOST_STEPS = "_lost_share"
"""End of the columns with the share of a stream's steps that hold nothing."""


def nuisance_title(name: str) -> str:
    """A column in the words of tables.

    Examples
    --------
    >>> nuisance_title("eye_lost_share"), nuisance_title("duration_s")
    ('steps lost, eye (share)', 'clip length (s)')
    """
    if name.endswith(LOST_STEPS):
        return f"steps lost, {name.removesuffix(LOST_STEPS)} (share)"
    return {LENGTH: "clip length (s)", LOSS: "gaze lost as recorded (share)"}.get(name) or STIMULUS_FACTS[name]


def nuisances_of(dataset: Dataset, quality: pl.DataFrame, stimuli: Mapping[str, Mapping[str, float]]) -> pl.DataFrame:
    """The nuisance facts of every clip of a data set.

    Parameters
    ----------
    dataset : Dataset
    quality : polars.DataFrame
        ``quality.parquet``, in the order of the samples.
    stimuli : mapping from stimulus_id to mapping
        Facts of stimuli (:data:`emogap.datasets.stimulus_facts.STIMULUS_FACTS`), as far as they are known.

    Returns
    -------
    polars.DataFrame, N rows
        Key columns, then float64: ``duration_s``, ``loss_share`` as recorded, ``<stream>_lost_share`` for each stream,
        and the facts of the stimulus. NaN = not known.
    """
    facts = {LENGTH: np.array([key.stop_s - key.start_s for key in dataset.keys])}
    has_loss = LOSS in quality.columns
    facts[LOSS] = (
        quality[LOSS].cast(pl.Float64).fill_null(np.nan).to_numpy() if has_loss else np.full(len(dataset.keys), np.nan)
    )
    for stream, mask in dataset.masks.items():
        facts[f"{stream}{LOST_STEPS}"] = 1 - np.asarray(mask).mean(axis=1)
    for name in STIMULUS_FACTS:
        facts[name] = np.array([stimuli.get(key.stimulus_id, {}).get(name, np.nan) for key in dataset.keys])
    return dataset.samples.select(KEY_COLUMNS).with_columns(
        pl.Series(name, values, pl.Float64) for name, values in facts.items()
    )


def write_nuisances(dataset: Dataset, stimuli: Mapping[str, Mapping[str, float]]) -> None:
    """Write the table of :func:`nuisances_of` into the data set's folder.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    table = nuisances_of(dataset, pl.read_parquet(dataset.path / "quality.parquet"), stimuli)
    with write_aside(dataset.path / NUISANCES_FILE) as partial:
        table.write_parquet(partial, compression="zstd", compression_level=3, statistics=True)


def read_nuisances(dataset: Dataset) -> pl.DataFrame:
    """The nuisance facts of every clip, in the order of the samples.

    A data set that was built without the file has what can be told from its samples: the stimuli are not known.

    Raises
    ------
    DataError
        If the file is damaged, or of other samples.
    """
    path = dataset.path / NUISANCES_FILE
    fix = "remove the file and run the same 'emogap build' again: it writes this file anew"
    if not path.is_file():
        return nuisances_of(dataset, pl.read_parquet(dataset.path / "quality.parquet"), {})
    try:
        table = pl.read_parquet(path)
    except (OSError, PolarsError) as error:
        raise DataError(f"the nuisance facts cannot be read: {error}", where=str(path), fix=fix) from error
    if table.columns[: len(KEY_COLUMNS)] != list(KEY_COLUMNS) or not table.select(KEY_COLUMNS).equals(
        dataset.samples.select(KEY_COLUMNS)
    ):
        raise DataError("the clips in it are not those of the data set", where=str(path), fix=fix)
    return table
