"""What a model of a run says of each clip, for the time line: always out of fold, always with its uncertainty."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from emogap.learning.evaluation.predictions import read_predictions
from emogap.types import vocabulary

__all__ = ["ModelSays", "curves_of_run"]

SIGNS = {"positive": 1.0, "neutral": 0.0, "negative": -1.0}
"""emotion3 on a line."""


@dataclass(frozen=True, slots=True)
class ModelSays:
    """One model's prediction of one clip in one view, made without having seen the participant.

    Attributes
    ----------
    model, split, view, target : str
    word : str or None
        The most probable class; None for values.
    probability : float or None
        Of that class.
    level : float or None
        On the line from -1 to 1: probability of positive minus that of negative, or the value; None where the classes
        have no order.
    spread : float or None
        Standard deviation of the level: of the predicted distribution over the classes, or for a value the root mean
        square error of the model on all other clips of the run.
    """

    model: str
    split: str
    view: str
    target: str
    word: str | None
    probability: float | None
    level: float | None
    spread: float | None


def curves_of_run(run: Path, participant_id: str, *, split: str = "person") -> dict[str, tuple[ModelSays, ...]]:
    """The predictions of `run` for one participant, by stimulus; several seeds are averaged.

    Parameters
    ----------
    run : Path
    participant_id : str
    split : str

    Raises
    ------
    DataError
        If the predictions are damaged.
    """
    everything = read_predictions(run / "predictions.parquet").filter(pl.col("split") == split)
    mine = everything.filter(pl.col("participant_id") == participant_id)
    keys = ("model", "split", "view", "target", "stimulus_id")
    errors = _errors(everything) if "value" in everything.columns else {}
    said: dict[str, list[ModelSays]] = {}
    for (model, _, view, target, stimulus), rows in mine.group_by(keys, maintain_order=True):
        where = (str(model), split, str(view), str(target))
        if rows["probability"].null_count() < rows.height if "probability" in rows.columns else False:
            said.setdefault(str(stimulus), []).append(_classes(where, rows))
        else:
            level = float(rows["value"].mean())  # type: ignore[arg-type]
            spread = errors.get((str(model), str(view), str(target)))
            said.setdefault(str(stimulus), []).append(ModelSays(*where, None, None, level, spread))
    return {stimulus: tuple(each) for stimulus, each in said.items()}


def _classes(where: tuple[str, str, str, str], rows: pl.DataFrame) -> ModelSays:
    columns = zip(*rows["probability"].to_list(), strict=True)
    mean = [sum(column) / rows.height for column in columns]
    names = next(vocabulary(space) for space in ("emotion7", "emotion3", "quadrant", "gap") if _fits(space, mean))
    best = max(range(len(mean)), key=mean.__getitem__)
    level = spread = None
    if set(names) == set(SIGNS):
        level = sum(SIGNS[name] * share for name, share in zip(names, mean, strict=True))
        square = sum(SIGNS[name] ** 2 * share for name, share in zip(names, mean, strict=True))
        spread = math.sqrt(max(square - level**2, 0.0))
    return ModelSays(*where, names[best], mean[best], level, spread)


def _fits(space: str, probability: list[float]) -> bool:
    return len(vocabulary(space)) == len(probability)


def _errors(predictions: pl.DataFrame) -> Mapping[tuple[str, str, str], float]:
    """Root mean square error of every model, view and target with values."""
    known = predictions.filter(pl.col("label").is_not_null() & pl.col("value").is_not_null())
    table = known.group_by("model", "view", "target").agg(
        ((pl.col("value") - pl.col("label")) ** 2).mean().sqrt().alias("error")
    )
    return {(model, view, target): float(error) for model, view, target, error in table.iter_rows()}
