"""``transfer``: models fitted on one data set and tested on another, with everything that is lost on the way named."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from emogap.counted_nouns import counted
from emogap.datasets.store import Dataset, open_dataset
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.learning.evaluation.predictions import write_parquet
from emogap.learning.evaluation.protocols import Protocol, open_protocol
from emogap.learning.evaluation.rows import PRIMARY, Scoring
from emogap.learning.evaluation.shared_ground import SharedGround, shared_ground
from emogap.learning.evaluation.transfer import MAJORITY, TransferScores, score_transfer, transfer_predictions
from emogap.learning.experiment import BenchSettings
from emogap.learning.training.config import Preset, RecipeName
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.result_of_run import interval_cell, metric_column, number_cell, text_column, words_cell
from emogap.types.result_table import ResultCell, ResultTable
from emogap.types.scores import ScoreRow

__all__ = ["Options", "also_read", "run"]

CLASS_METRICS = ("uar", "war")
VALUE_METRICS = ("ccc", "mae")


class Options(BaseModel):
    """What is asked, of which other data set."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    protocols: tuple[str, ...] = Field(min_length=1, description="Questions, such as er3.")
    test: str = Field(
        min_length=1,
        description="The data set to test on; a path that is not absolute begins beside the training data.",
    )
    models: tuple[str, ...] = Field(min_length=1, description="Names on the shelf of models, as in a benchmark.")
    preset: Preset = Field(default="evidence", description="Epochs: quick, evidence or protocol.")
    recipe: RecipeName = Field(default="protocol", description="How networks are optimised, as in a benchmark.")
    seeds: int = Field(default=1, ge=1, description="Repetitions, each with its own weights and validation people.")
    folds: int = Field(default=5, ge=2, description="Folds of the test people, for the models fitted within.")
    draws: int = Field(default=10_000, ge=99, description="Resamples of people of every interval.")
    options: dict[str, dict[str, JsonValue]] = Field(
        default_factory=dict, description="Options of a model by its shelf name."
    )


def also_read(options: Options, data: Path) -> tuple[Path, ...]:
    """The data set that is tested on."""
    return (data.resolve().parent / options.test,)


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Fit on the data of the place, test on the other data set, and beside it fit within that.

    Raises
    ------
    UsageError
        If one of the two data sets lacks the labels of a protocol.
    MismatchError
        If both are the same data set, or share no stream.
    """
    train, test = (open_dataset(path) for path in (place.data, *also_read(options, place.data)))
    settings = BenchSettings(
        models=options.models,
        preset=options.preset,
        recipe=options.recipe,
        seeds=options.seeds,
        folds=options.folds,
        options=options.options,
    )
    protocols = [open_protocol(name) for name in options.protocols]
    grounds = [shared_ground(train, test, protocol) for protocol in protocols]
    tables: list[ResultTable] = []
    for protocol, ground in zip(protocols, grounds, strict=True):
        predictions = transfer_predictions(ground, protocol, settings, folder=place.folder / "fits")
        write_parquet(place.folder / f"predictions-{protocol.name}.parquet", predictions)
        scores = score_transfer(predictions, protocol, options.models, scoring=Scoring(draws=options.draws))
        tables += [_table(each, protocol, ground, options, place) for each in scores]
    return ExperimentResult(tables=tuple(tables), notes=tuple(dict.fromkeys(_notes(grounds, train, test))))


def _notes(grounds: list[SharedGround], train: Dataset, test: Dataset) -> list[str]:
    notes = [f"Fitted on {train.name}, tested on {test.name}."]
    for ground in grounds:
        notes += [f"Lost: {one}." for one in ground.lost]
        notes += [f"Doubt: {one}." for one in ground.doubts]
    return notes


def _table(
    scores: TransferScores, protocol: Protocol, ground: SharedGround, options: Options, place: ExperimentPlace
) -> ResultTable:
    metrics = CLASS_METRICS if protocol.space else VALUE_METRICS
    primary = PRIMARY["classification" if protocol.space else "regression"]
    target = "" if protocol.space else f"_{scores.target}"
    columns = [text_column("model", "model")]
    for heading in (f"fitted on {ground.train.name}", f"fitted on other people of {ground.test.name}"):
        columns += [metric_column(metric, heading=heading) for metric in metrics]
    loss = metric_column(primary, heading="within minus across", is_ranked=False)
    loss["name"] = "loss"
    by_name = [{row["model"]: row for row in rows} for rows in (scores.across, scores.within)]
    rows = []
    for name in dict.fromkeys((*options.models, MAJORITY)):
        cells = [cell for rows_of in by_name for cell in _cells(rows_of.get(name), metrics)]
        lost = interval_cell(scores.loss[name]) if name in scores.loss else number_cell(None, note="a fit is missing")
        rows.append([words_cell(name), *cells, lost])
    return ResultTable(
        name=f"{place.name}_{protocol.name}{target}".replace("-", "_"),
        title=f"{place.title}: {protocol.title}{target.replace('_', ', ')}",
        caption=(
            f"{METRIC_TITLES[primary]} and more on {counted(scores.num_clips, 'clip')} of"
            f" {counted(scores.num_people, 'person')} of"
            f" {ground.test.name}, with 95 % intervals over those people; view {protocol.view}, preset"
            f" {options.preset}, streams {', '.join(ground.streams)}. Standardised by the training data alone."
        ),
        columns=[*columns, loss],
        rows=rows,
        row_groups=["models" if row[0]["value"] != MAJORITY else "floors" for row in rows],
        is_simulated=ground.train.simulated or ground.test.simulated,
        notes=[*(f"Lost: {one}." for one in ground.lost), *(f"Doubt: {one}." for one in ground.doubts)],
    )


def _cells(row: ScoreRow | None, metrics: tuple[str, ...]) -> list[ResultCell]:
    if row is None:
        return [number_cell(None, note="a fit is missing") for _ in metrics]
    return [interval_cell(row["metrics"][name]["pooled"], is_ranked=row["role"] == "model") for name in metrics]
