"""Power of planned studies as a table: from stated shares of variance, or from those of a finished run."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from emogap.analysis.power import (
    Design,
    Outcome,
    Power,
    SimulationSize,
    VarianceShares,
    estimate_outcome,
    outcome_with,
    smallest_detectable,
    study_power,
)
from emogap.counted_nouns import counted
from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.experiments.table_cells import plain_cell, plain_column
from emogap.learning.evaluation.aligned import Aligned, align
from emogap.learning.evaluation.predictions import read_predictions
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.results import open_run
from emogap.types.result_table import ResultCell, ResultTable
from emogap.types.scores import ScoreTable

__all__ = ["PowerConfig", "PowerReport", "PowerRow", "plan_power"]

TARGET = 0.8


class PowerConfig(BaseModel):
    """What ``emogap power`` is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: tuple[int, ...] = Field(default=(), description="Numbers of people; those of the run if there is one.")
    stimuli: tuple[int, ...] = Field(default=(), description="Numbers of stimuli; those of the run if there is one.")
    clips: int | None = Field(default=None, ge=2, description="Stimuli that each person sees; all if not given.")
    difference: float = Field(default=0.05, gt=0, lt=1, description="By which one model leads the others.")
    split: Literal["person", "person+stimulus"] = Field(default="person", description="What is to be new.")
    cells: Literal["all", "diagonal"] = Field(default="all", description="Tested cells under person+stimulus.")
    metric: Literal["uar", "war", "ccc"] = Field(default="uar", description="Score that is compared.")
    score: float = Field(default=0.5, gt=0, lt=1, description="Mean score of the two models.")
    models: int = Field(default=2, ge=2, le=10, description="Models in the table; all pairs are tested, with Holm.")
    discordant: float = Field(default=0.2, gt=0, lt=1, description="Clips that one of two equal models gets right.")
    correlation: float = Field(default=0.5, ge=0, lt=1, description="Of two models' errors, for ccc.")
    classes: tuple[float, ...] = Field(default=(1.0, 1.0, 1.0), min_length=2, description="How common classes are.")
    person: float = Field(default=0.1, ge=0, lt=1, description="Share of variance of people.")
    stimulus: float = Field(default=0.1, ge=0, lt=1, description="Share of variance of stimuli.")
    person_by_model: float = Field(default=0.02, ge=0, lt=1, description="Share of people by model.")
    stimulus_by_model: float = Field(default=0.02, ge=0, lt=1, description="Share of stimuli by model.")
    repetitions: int = Field(default=1000, ge=100, le=100_000, description="Simulated studies per row.")
    alpha: float = Field(default=0.05, gt=0, lt=0.5, description="Level of the test.")
    seed: int = Field(default=0, ge=0, description="Of everything that is drawn.")

    @property
    def size(self) -> SimulationSize:
        """How much is simulated."""
        return SimulationSize(self.repetitions, self.models, self.alpha, seed=self.seed)


@dataclass(frozen=True, slots=True)
class PowerRow:
    """One planned study, its power, and the smallest difference that it finds in 80 of 100 (NaN = none)."""

    design: Design
    power: Power
    smallest: float


@dataclass(frozen=True, slots=True)
class PowerReport:
    """What came of ``emogap power``.

    Attributes
    ----------
    config : PowerConfig
    outcome : Outcome
    source : str
        Where the shares of variance come from.
    rows : tuple of PowerRow
    """

    config: PowerConfig
    outcome: Outcome
    source: str
    rows: tuple[PowerRow, ...]

    @property
    def table(self) -> ResultTable:
        """The report as a table of results."""
        return _table(self)

    def as_dict(self) -> dict[str, object]:
        """The report as JSON; a smallest difference that does not exist is null."""
        rows = [{**asdict(row.design), **asdict(row.power), "smallest_at_80": row.smallest} for row in self.rows]
        return {
            "config": self.config.model_dump(),
            "outcome": asdict(self.outcome),
            "source": self.source,
            "rows": rows,
        }


def plan_power(config: PowerConfig, *, like: Path | None = None, pair: tuple[str, str] | None = None) -> PowerReport:
    """Power of every combination of people and stimuli.

    Parameters
    ----------
    config : PowerConfig
    like : Path, optional
        A finished run: scores, shares of variance, and the numbers of people and stimuli not given are its own.
    pair : two names, optional
        Of the models of the run whose errors are looked at; its two best if not given.

    Raises
    ------
    UsageError
        If a size is too small, or no two models can differ or disagree as stated.
    UnknownNameError
        If the run has no such model.
    DataError
        If the run is damaged.
    """
    if like is None:
        if pair is not None:
            raise UsageError("--pair names models of a run", fix="give the run with --like RUN")
        outcome = _stated(config)
        people, stimuli, clips = config.people or (20, 40, 80), config.stimuli or (14, 28), config.clips
        source = "stated shares of variance; defaults are choices, not findings"
    else:
        outcome, size, source = _of_run(like, config, pair)
        people, stimuli = config.people or size[:1], config.stimuli or size[1:2]
        clips = config.clips or (size[2] if not config.stimuli else None)
    if config.difference >= outcome.largest_difference:
        raise UsageError(
            f"two models with a mean score of {outcome.score:.2f} cannot differ by {config.difference:g}",
            fix=f"give --difference below {outcome.largest_difference:.2f}",
        )
    rows = []
    for number, films in product(people, stimuli):
        design = _design(config, number, films, clips)
        power = study_power(outcome, design, config.difference, config.size)
        smallest = smallest_detectable(outcome, design, config.size, power=TARGET, start=config.difference)
        rows.append(PowerRow(design, power, smallest))
    return PowerReport(config, outcome, source, tuple(rows))


def _stated(config: PowerConfig) -> Outcome:
    if min(config.classes) <= 0:
        raise UsageError(f"a class is {min(config.classes):g} as common as others", fix="give numbers above 0")
    is_value = config.metric == "ccc"
    return outcome_with(
        config.metric,
        score=config.score,
        shares=VarianceShares(
            person=config.person,
            stimulus=config.stimulus,
            person_by_model=config.person_by_model,
            stimulus_by_model=config.stimulus_by_model,
        ),
        discordant=None if is_value else config.discordant,
        correlation=config.correlation if is_value else None,
        class_shares=tuple(share / sum(config.classes) for share in config.classes),
    )


def _design(config: PowerConfig, people: int, stimuli: int, clips: int | None) -> Design:
    least = 5 if config.cells == "diagonal" else 2
    for what, number in (("people", people), ("stimuli", stimuli)):
        if number < least:
            noun = {"people": "person", "stimuli": "stimulus"}[what]
            raise UsageError(
                f"{counted(number, noun, 'is')} too few for a test", fix=f"give --{what} of {least} or more"
            )
    if clips is not None and clips > stimuli:
        raise UsageError(
            f"nobody can see {clips} of {counted(stimuli, 'stimulus')}", fix="give --clips of at most --stimuli"
        )
    return Design(people, stimuli, clips or stimuli, config.split, config.cells)


def _of_run(path: Path, config: PowerConfig, pair: tuple[str, str] | None) -> tuple[Outcome, tuple[int, int, int], str]:
    results = open_run(path)
    table = _table_of(results.scores["tables"], config.metric, path)
    split = next((one for one in table["splits"] if one["split"] == config.split), table["splits"][0])
    first, second = pair or _two_best(table, split["split"], config.metric)
    known = [row["model"] for row in split["rows"] if row["role"] != "oracle"]
    for name in (first, second):
        if name not in known:
            raise UnknownNameError("model in the run", name, known)
    rows = read_predictions(path / "predictions.parquet").filter(
        (pl.col("view") == table["view"]) & (pl.col("target") == table["target"]) & (pl.col("split") == split["split"])
    )
    # Seeds repeat a clip; one of them says how errors hang together.
    aligned = align(
        rows.filter(pl.col("seed") == rows["seed"].min()),
        space=table["space"],
        models=tuple(dict.fromkeys((first, second))),
    )
    if not {first, second} <= set(aligned.raw):
        raise UsageError(f"{first} or {second} lacks clips in this run", where=str(path), fix="name others with --pair")
    outcome = estimate_outcome(
        config.metric,
        aligned.hard_label,
        aligned.output(first),
        aligned.output(second),
        people=aligned.people,
        stimuli=aligned.index["stimulus_id"].to_numpy(),
    )
    if outcome.score <= 0:
        raise UsageError(
            f"{first} and {second} have a mean score of {outcome.score:.2f}", fix="name others with --pair"
        )
    words = f"{first} and {second} in {table['protocol']} under {split['split']} of {path.name}"
    return outcome, _sizes(aligned), f"estimated from {words} ({counted(aligned.num_clips, 'clip')})"


def _sizes(aligned: Aligned) -> tuple[int, int, int]:
    """People, stimuli, and clips per person, rounded."""
    people, stimuli = aligned.index["participant_id"].n_unique(), aligned.index["stimulus_id"].n_unique()
    return people, stimuli, min(stimuli, max(2, round(aligned.num_clips / people)))


def _table_of(tables: list[ScoreTable], metric: str, path: Path) -> ScoreTable:
    found = next((table for table in tables if metric in table["metrics"]), None)
    if found is None:
        raise UsageError(f"the run has no table with {metric}", where=str(path), fix="give --metric uar, war or ccc")
    return found


def _two_best(table: ScoreTable, split: str, metric: str) -> tuple[str, str]:
    rows = next(one for one in table["splits"] if one["split"] == split)["rows"]
    scored = {
        row["model"]: estimate
        for row in rows
        if row["role"] == "model" and (estimate := row["metrics"][metric]["pooled"]["estimate"]) is not None
    }
    if len(scored) < 2:
        raise UsageError("the run has fewer than two models with a score", fix="name two rows with --pair a,b")
    best = sorted(scored, key=lambda name: -scored[name])[:2]
    return best[0], best[1]


def _table(report: PowerReport) -> ResultTable:
    config = report.config
    metric = METRIC_TITLES[config.metric]
    lead = f"one model leads the other {config.models - 1}" if config.models > 2 else "one model leads the other"
    columns = [
        plain_column("people", "people"),
        plain_column("stimuli", "stimuli"),
        plain_column("clips", "clips"),
        plain_column("power", "power", decimals=2),
        *([plain_column("over_all", "over all others", decimals=2)] if config.models > 2 else []),
        plain_column("smallest", "smallest at 80 %", decimals=3),
    ]
    return ResultTable(
        name="power",
        title=f"Power: how often a study finds a difference of {config.difference:g} in {metric}",
        caption=f"{config.repetitions} simulated studies per row in which {lead} by {config.difference:g}, with 95 %"
        f" Monte Carlo intervals. {_test_words(config)} Smallest: the difference that is found in 80 of 100 studies.",
        columns=columns,
        rows=[_cells(row, config) for row in report.rows],
        row_groups=[""] * len(report.rows),
        is_simulated=False,
        notes=list(_notes(report)),
    )


def _test_words(config: PowerConfig) -> str:
    holm = "" if config.models == 2 else f", Holm over {counted(config.size.num_pairs, 'pair')}"
    level = f"{100 * config.alpha:g} %{holm}"
    if config.split == "person":
        return f"Split person: other people, these stimuli; paired permutation test over people, {level}."
    cells = "" if config.cells == "all" else ", diagonal cells only"
    return (
        f"Split person+stimulus{cells}: other people and other stimuli; the interval over both leaves 0 out, {level}."
    )


def _cells(row: PowerRow, config: PowerConfig) -> list[ResultCell]:
    power: ResultCell = {**plain_cell(row.power.power), "low": row.power.low, "high": row.power.high}
    smallest = plain_cell(row.smallest)
    if math.isnan(row.smallest):
        smallest = {**smallest, "note": "no difference that two such models can have is found in 80 of 100 studies"}
    return [
        *(plain_cell(number) for number in (row.design.people, row.design.stimuli, row.power.num_clips)),
        power,
        *([plain_cell(row.power.over_all)] if config.models > 2 else []),
        smallest,
    ]


def _notes(report: PowerReport) -> Iterator[str]:
    shares = report.outcome.shares
    yield (
        f"Mean score {report.outcome.score:.2f}. Variance of the latent errors: people {shares.person:.1%}, stimuli"
        f" {shares.stimulus:.1%}, clips {shares.clip:.1%} (felt by all models alike); people by model"
        f" {shares.person_by_model:.1%}, stimuli by model {shares.stimulus_by_model:.1%}, rest {shares.rest:.1%}:"
        f" {report.source}."
    )
    if any(row.design.clips < row.design.stimuli for row in report.rows):
        yield "Each person sees some of the stimuli, drawn anew for each."
    if report.config.split == "person+stimulus" and min(row.design.stimuli for row in report.rows) < 20:
        yield "Where stimuli are the few, more people hardly help: the limit is how a model suits the stimuli."
