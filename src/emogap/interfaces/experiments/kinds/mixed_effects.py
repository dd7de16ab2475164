"""``mixed_effects``: differences of models by the bootstrap, by a mixed model, and whether they lie within a margin."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import polars as pl
from pydantic import Field

from emogap.analysis.mixed_effects import mixed_difference
from emogap.interfaces.experiments.benchmarks import open_asked, result_of_runs, run_protocols
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.table_cells import interval_cell, plain_cell, plain_column
from emogap.learning.evaluation.aligned import Aligned, align
from emogap.learning.evaluation.predictions import read_predictions
from emogap.learning.experiment import BenchSettings
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.results import RunResults
from emogap.scoring import Interval, bootstrap_difference, holm
from emogap.scoring.equivalence import MARGIN, equivalence_groups, equivalence_p
from emogap.types.result_table import ResultCell, ResultTable
from emogap.types.scores import ScoreTable

__all__ = ["Options", "run"]

THINNED = "person-thinned"


class Options(BenchSettings):
    """Which models are compared, and what counts as alike."""

    protocols: tuple[str, ...] = Field(min_length=1, description="Questions, such as er3.")
    models: tuple[str, ...] = Field(min_length=2, description="Models; every pair is compared.")
    margin: float = Field(default=MARGIN, gt=0, description="Largest difference in WAR or MAE that counts as alike.")
    draws: int = Field(default=10_000, ge=99, description="Resamples of an interval.")


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Bench the models on every protocol and compare each pair in two ways.

    Raises
    ------
    UsageError
        If the data do not label the view of a protocol, or there are fewer than two people or stimuli.
    """
    done = run_protocols(options, options.protocols, place)
    return result_of_runs(done, (table for one in done for table in _tables(open_asked(one), options, place)))


def _tables(results: RunResults, options: Options, place: ExperimentPlace) -> Iterator[ResultTable]:
    predictions = read_predictions(results.path / "predictions.parquet")
    for table in results.scores["tables"]:
        rows: list[list[ResultCell]] = []
        headings: list[str] = []
        notes: list[str] = []
        metric = "mae" if table["space"] is None else "war"
        for split in (split["split"] for split in table["splits"] if split["split"] != THINNED):
            own = predictions.filter(
                (pl.col("view") == table["view"]) & (pl.col("target") == table["target"]) & (pl.col("split") == split)
            )
            # A mixed model takes a clip once; seeds repeat it.
            aligned = align(
                own.filter(pl.col("seed") == own["seed"].min()), space=table["space"], models=options.models
            )
            found, alike = _compared(aligned, metric, options)
            rows += found
            headings += [split] * len(found)
            if alike:
                groups = "; ".join(", ".join(group) for group in alike)
                notes.append(f"Alike within {_within(options, table)} under {split}: {groups}.")
        if rows:
            yield _table(table, metric, rows, headings, notes, options, results, place)


def _compared(
    aligned: Aligned, metric: str, options: Options
) -> tuple[list[list[ResultCell]], tuple[tuple[str, ...], ...]]:
    """A row for each pair that differs anywhere, and the groups of models that are alike."""
    stimuli = aligned.index["stimulus_id"].to_numpy()
    pairs = list(combinations(aligned.raw, 2))
    rows = []
    p: list[float] = []
    for first, second in pairs:
        one, two = (_per_clip(aligned, model) for model in (first, second))
        if np.array_equal(one, two):
            p.append(0.0)
            said = plain_cell("the same on every clip")
            rows.append(
                [plain_cell(f"{first} minus {second}"), *[interval_cell(None)] * 2, *[plain_cell("")] * 3, said]
            )
            continue
        drawn = bootstrap_difference(
            metric,
            aligned.hard_label,
            aligned.output(first),
            aligned.output(second),
            people=aligned.people,
            stimuli=stimuli,
            draws=options.draws,
        )
        mixed = mixed_difference(one, two, people=aligned.people, stimuli=stimuli)
        few = min(mixed.num_people, mixed.num_stimuli)
        p.append(equivalence_p(mixed.difference, mixed.standard_error, num_people=few, margin=options.margin))
        limits = Interval(mixed.difference, mixed.low, mixed.high, 0.95, "percentile", True, drawn.clusters, 0)
        variances = (mixed.person_variance, mixed.stimulus_variance, mixed.rest_variance)
        total = sum(variances)
        shares = [plain_cell(variance / total) for variance in variances]
        rows.append([plain_cell(f"{first} minus {second}"), interval_cell(drawn), interval_cell(limits), *shares])
    adjusted = holm(p) if p else np.zeros(0)
    for row, value in zip(rows, adjusted, strict=True):
        if len(row) == 6:
            row.append(plain_cell(float(value)))
    return rows, equivalence_groups(tuple(aligned.raw), dict(zip(pairs, adjusted.tolist(), strict=True)))


def _per_clip(aligned: Aligned, model: str) -> np.ndarray:
    """1 for a right clip; the absolute error of a value."""
    output = aligned.output(model)
    if aligned.space is None:
        return np.asarray(np.abs(output - aligned.hard_label))
    return np.asarray((output == aligned.hard_label).astype(np.float64))


def _within(options: Options, table: ScoreTable) -> str:
    """The margin in the unit of the table: points of a share that is printed in percent, or the value itself."""
    return f"{100 * options.margin:g} points" if table["space"] else f"{options.margin:g}"


def _table(
    table: ScoreTable,
    metric: str,
    rows: list[list[ResultCell]],
    headings: list[str],
    notes: list[str],
    options: Options,
    results: RunResults,
    place: ExperimentPlace,
) -> ResultTable:
    title = METRIC_TITLES[metric]
    target = "" if table["space"] else f"_{table['target']}"
    shares = "of the variance of the difference"
    unit, decimals = ("percent", 1) if table["space"] else ("", 3)
    return ResultTable(
        name=f"{place.name}_{table['protocol']}{target}".replace("-", "_"),
        title=f"{table['protocol']}: differences of models in {title}, by bootstrap and by mixed model",
        caption=f"Difference in {title} on the same clips, with 95 % intervals about other people and other stimuli."
        " Bootstrap: people and stimuli drawn. Mixed model: the difference of each clip with crossed random effects of"
        " people and stimuli (linear, REML). Alike: p of two one-sided tests that the difference lies beyond"
        f" {_within(options, table)}, Holm over the pairs of a split.",
        columns=[
            plain_column("pair", "pair"),
            plain_column("bootstrap", "bootstrap", unit=unit, decimals=decimals),
            plain_column("mixed", "mixed model", unit=unit, decimals=decimals),
            plain_column("people", "people", heading=shares, unit="percent"),
            plain_column("stimuli", "stimuli", heading=shares, unit="percent"),
            plain_column("rest", "rest", heading=shares, unit="percent"),
            plain_column("alike", "p alike", unit="p", decimals=3),
        ],
        rows=rows,
        row_groups=headings,
        is_simulated=results.record["dataset"]["simulated"],
        notes=[
            *notes,
            "Where both intervals agree, neither is an accident of its assumptions. First seed of each clip.",
        ],
    )
