"""From a cell of a run's table to the clips behind it: which clips, what was said of each, and where to see them."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from emogap.errors import UnknownNameError
from emogap.files import fingerprint_bytes
from emogap.learning.evaluation.predictions import read_predictions
from emogap.reporting.results import RunResults, open_run
from emogap.scoring import harden
from emogap.types.scores import ScoreTable

__all__ = ["PredictedClip", "RunBook", "clips_behind", "named_runs"]

MARK = 8
"""Digits of the mark."""


@dataclass(frozen=True, slots=True)
class PredictedClip:
    """One held-out clip and what a model said of it.

    `label` and `said` are words, or numbers; `certainty` is the probability of the word, or how far the number is off.
    """

    participant_id: str
    stimulus_id: str
    onset_s: float
    label: str | float
    said: str | float
    certainty: float
    cell: str
    seed: int

    @property
    def address(self) -> str:
        """Where the player shows it."""
        return f"/player/{self.participant_id}?t={self.onset_s + 0.05:.3f}"


def named_runs(runs: Sequence[Path]) -> dict[str, Path]:
    """Runs by a name of their own: that of the folder; where several share it, with a mark made of the whole path.

    Examples
    --------
    >>> sorted(named_runs([Path("/a/run"), Path("/a/other")]))
    ['other', 'run']
    >>> [name.partition("~")[0] for name in named_runs([Path("/a/run"), Path("/b/run")])]
    ['run', 'run']
    """
    shared = Counter(run.name for run in runs)
    return {run.name if shared[run.name] == 1 else _marked(run): run for run in runs}


def _marked(run: Path) -> str:
    return f"{run.name}~{fingerprint_bytes([str(run).encode()])[:MARK]}"


class RunBook:
    """The finished runs by names of their own; the name with its mark leads to a run for as long as it lies there.

    Parameters
    ----------
    runs : tuple of Path
    """

    def __init__(self, runs: tuple[Path, ...]) -> None:
        self._places: Mapping[str, Path] = named_runs(runs)
        self._marked: Mapping[str, Path] = {_marked(run): run for run in runs}
        self._opened: dict[Path, RunResults] = {}
        self._predicted: dict[Path, frozenset[tuple[str, str, str, str]]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the runs that are still there, sorted."""
        return tuple(sorted(name for name, place in self._places.items() if place.is_dir()))

    def place(self, name: str) -> str:
        """Where the run `name` lies, from the folder that holds all runs."""
        above = Path(os.path.commonpath([run.parent for run in self._places.values()]))
        return self._path(name).relative_to(above).as_posix()

    def results(self, name: str) -> RunResults:
        """The record and scores of the run `name`.

        Raises
        ------
        UnknownNameError
            If there is no such run.
        DataError
            If it is damaged.
        """
        path = self._path(name)
        if path not in self._opened:
            self._opened[path] = open_run(path)
        return self._opened[path]

    def predicted(self, name: str) -> frozenset[tuple[str, str, str, str]]:
        """View, target, split and model of every row whose clips can be shown; what is only reckoned has none.

        Raises
        ------
        UnknownNameError
            If there is no such run.
        DataError
            If its predictions are damaged.
        """
        path = self._path(name)
        if path not in self._predicted:
            rows = read_predictions(path / "predictions.parquet").filter(pl.col("label").is_not_null())
            self._predicted[path] = frozenset(rows.select("view", "target", "split", "model").unique().iter_rows())
        return self._predicted[path]

    def _path(self, name: str) -> Path:
        path = self._places.get(name) or self._marked.get(name)
        if path is None or not path.is_dir():
            raise UnknownNameError("run", name, self.names)
        return path

    def table(self, name: str, view: str, target: str) -> ScoreTable:
        """One table of the run.

        Raises
        ------
        UnknownNameError
            If there is no such run, or it has no such table.
        """
        tables = {f"{table['view']}/{table['target']}": table for table in self.results(name).scores["tables"]}
        if f"{view}/{target}" not in tables:
            raise UnknownNameError("table", f"{view}/{target}", tables)
        return tables[f"{view}/{target}"]


def clips_behind(
    run: Path, table: ScoreTable, *, split: str, model: str, label: str = "", said: str = ""
) -> tuple[PredictedClip, ...]:
    """The clips that a model's score under a split was computed from; the surest mistakes first.

    Parameters
    ----------
    run : Path
    table : ScoreTable
    split, model : str
    label, said : str
        Only clips with this label, and of which this was said; empty = any.

    Raises
    ------
    UnknownNameError
        If the run has no such model or split.
    DataError
        If its predictions are damaged.
    """
    rows = read_predictions(run / "predictions.parquet").filter(
        (pl.col("view") == table["view"]) & (pl.col("target") == table["target"]) & pl.col("label").is_not_null()
    )
    for column, wanted in (("split", split), ("model", model)):
        known = sorted(rows[column].unique())
        if wanted not in known:
            raise UnknownNameError(column, wanted, known)
        rows = rows.filter(pl.col(column) == wanted)
    clips = [_clip(row, table["classes"]) for row in rows.iter_rows(named=True)]
    chosen = [clip for clip in clips if label in ("", clip.label) and said in ("", clip.said)]
    return tuple(sorted(chosen, key=lambda clip: (clip.label == clip.said, -clip.certainty, clip.participant_id)))


def _clip(row: dict[str, object], classes: list[str]) -> PredictedClip:
    where = (str(row["participant_id"]), str(row["stimulus_id"]), float(str(row["start_s"])))
    fit = (str(row["cell"]), int(str(row["seed"])))
    if not classes:
        label, value = float(str(row["label"])), float(str(row["value"]))
        return PredictedClip(*where, label, value, abs(value - label), *fit)
    probability, share = (np.asarray(row[column], float) for column in ("probability", "label"))
    said = int(probability.argmax())
    label_at = int(harden(share[None, :])[0])
    return PredictedClip(*where, classes[label_at], classes[said], float(probability[said]), *fit)
