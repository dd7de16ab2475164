"""Scores of subgroups from the stored predictions of a run, as tables of results: never of one person."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from emogap.analysis.subgroups import (
    AGE_LIMITS,
    LEAST_CLIPS,
    LEAST_PEOPLE,
    NOT_STATED,
    Subgroup,
    SubgroupDifference,
    SubgroupScores,
    adjusted_over,
    subgroup_scores,
)
from emogap.counted_nouns import counted
from emogap.datasets.participants import read_participants
from emogap.interfaces.subgroup_traits import Trait, traits_of
from emogap.learning.evaluation.aligned import Aligned, align
from emogap.learning.evaluation.predictions import read_predictions
from emogap.learning.evaluation.rows import interval_record, number
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.result_of_run import interval_cell, metric_column, number_cell, text_column, words_cell
from emogap.reporting.results import RunResults
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable
from emogap.types.scores import ScoreTable

__all__ = ["SubgroupChoice", "subgroup_tables"]

THINNED = "person-thinned"

MOST_SILENT = 4
"""So many silent groups of words are named; more are counted, for a rare word may point at a person."""


@dataclass(frozen=True, slots=True)
class SubgroupChoice:
    """Of whom, of what and how carefully.

    Attributes
    ----------
    models : tuple of str
        The best model of each table if empty.
    traits : tuple of str
        Columns of the participants; all if empty.
    least_people, least_clips : int
        A smaller group is silent, and others with it (:func:`emogap.analysis.silence.silent_groups`).
    age_limits : tuple of float
        Years at which a further band of age begins.
    draws, seed : int
        Of intervals and tests.
    """

    models: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    least_people: int = LEAST_PEOPLE
    least_clips: int = LEAST_CLIPS
    age_limits: tuple[float, ...] = AGE_LIMITS
    draws: int = 10_000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Scored:
    """The subgroups of one model under one split; its clips are there once per seed."""

    split: str
    traits: Mapping[str, SubgroupScores]
    num_seeds: int


def subgroup_tables(results: RunResults, choice: SubgroupChoice | None = None) -> tuple[ResultTable, ...] | None:
    """Scores of subgroups and their differences, two tables for each view, target and model.

    Parameters
    ----------
    results : RunResults
        A run whose data set is where it was.
    choice : SubgroupChoice, optional

    Returns
    -------
    tuple of ResultTable, or None
        Empty if no trait puts the people into groups; None if nothing is known of them.

    Raises
    ------
    UnknownNameError
        If a trait is asked for that the data set does not carry.
    DataError
        If the predictions or the participants are damaged.
    """
    choice = choice or SubgroupChoice()
    participants = read_participants(Path(results.record["dataset"]["path"]))
    if participants is None:
        return None
    traits = traits_of(participants, names=choice.traits, age_limits=choice.age_limits)
    if not traits:
        return ()
    predictions = read_predictions(results.path / "predictions.parquet")
    tables: list[ResultTable] = []
    for table in results.scores["tables"]:
        for model in choice.models or _best_model(table):
            scored = [
                _scored(aligned, split, table, model, traits, choice)
                for split, aligned in _aligned(predictions, table, model)
            ]
            if scored:
                tables += _tables(table, model, scored, traits, choice, results)
    return tuple(tables)


def _best_model(table: ScoreTable) -> tuple[str, ...]:
    """The model with the best primary metric under the first split; the best floor where no model was asked for."""
    split = table["splits"][0]
    estimates = {
        row["model"]: row["metrics"][table["primary"]]["pooled"]["estimate"]
        for row in split["rows"]
        if row["role"] == "model"
    }
    known = {model: estimate for model, estimate in estimates.items() if estimate is not None}
    # Both primary metrics, UAR and CCC, are the better the higher.
    return (max(known, key=lambda model: known[model]),) if known else ((split["best"],) if split["best"] else ())


def _aligned(predictions: pl.DataFrame, table: ScoreTable, model: str) -> Iterator[tuple[str, Aligned]]:
    own = predictions.filter(
        (pl.col("view") == table["view"]) & (pl.col("target") == table["target"]) & (pl.col("split") != THINNED)
    )
    for split in (split["split"] for split in table["splits"]):
        aligned = align(own.filter(pl.col("split") == split), space=table["space"], models=[model])
        if model in aligned.raw:
            yield split, aligned


def _scored(
    aligned: Aligned, split: str, table: ScoreTable, model: str, traits: Sequence[Trait], choice: SubgroupChoice
) -> _Scored:
    num_seeds = aligned.index["seed"].n_unique()
    people = np.unique(aligned.people).tolist()
    scored = [
        subgroup_scores(
            table["primary"],
            aligned.hard_label,
            aligned.output(model),
            people=aligned.people,
            trait=trait.name,
            group_of={person: trait.group_of.get(person, NOT_STATED) for person in people},
            order=trait.order,
            least_people=choice.least_people,
            least_clips=choice.least_clips * num_seeds,
            draws=choice.draws,
            seed=choice.seed,
        )
        for trait in traits
    ]
    return _Scored(split, {each.trait: each for each in adjusted_over(scored)}, num_seeds)


def _tables(
    table: ScoreTable,
    model: str,
    scored: Sequence[_Scored],
    traits: Sequence[Trait],
    choice: SubgroupChoice,
    results: RunResults,
) -> Iterator[ResultTable]:
    target = "" if table["space"] else f" {table['target']}"
    of_what = f"{table['protocol']}{target}, {model}"
    stem = f"subgroups_{table['protocol']}_{table['target']}_{model}".replace("-", "_").replace("@", "_at_")
    is_simulated = results.record["dataset"]["simulated"]
    metric = METRIC_TITLES[table["primary"]]
    silence = f"fewer than {choice.least_people} people or {choice.least_clips} clips"
    rows, headings = _score_rows(scored, traits)
    yield ResultTable(
        name=stem,
        title=f"{of_what}: scores of subgroups",
        caption=f"{metric} on out-of-fold predictions, with 95 % intervals over the people of each group. A group of"
        f" {silence} is silent.",
        columns=_columns(table["primary"], scored),
        rows=rows,
        row_groups=headings,
        is_simulated=is_simulated,
        notes=[
            "The groups differ in more than their name: a difference is no cause.",
            "A group that alone would be silent silences the smallest of the others too: else it could be had by"
            " subtracting the others from the total.",
        ],
    )
    rows, headings = _difference_rows(scored, traits)
    if rows:
        yield ResultTable(
            name=f"{stem}_differences",
            title=f"{of_what}: differences between subgroups",
            caption=f"Difference in {metric}; p over deals of whole people to the two groups, adjusted by Holm over all"
            f" pairs of all traits of a split.",
            columns=_columns(table["primary"], scored, of_differences=True),
            rows=rows,
            row_groups=headings,
            is_simulated=is_simulated,
            notes=[
                f"{metric} counts the classes that a group's labels hold: where a group lacks one, that is part of it."
            ]
            if table["space"]
            else [],
        )


def _columns(metric: str, scored: Sequence[_Scored], *, of_differences: bool = False) -> list[ResultColumn]:
    columns = [text_column("group", "pair" if of_differences else "group")]
    for each in scored:
        score = metric_column(metric, heading=each.split, is_ranked=False)
        if of_differences:
            score["title"] = f"difference in {score['title']}"
            p = text_column(f"p_{each.split}", "p", heading=each.split)
            columns += [score, ResultColumn({**p, "unit": "p", "decimals": 3})]
        else:
            counts = (text_column(f"{what}_{each.split}", what, heading=each.split) for what in ("people", "clips"))
            columns += [*counts, score]
    return columns


def _score_rows(scored: Sequence[_Scored], traits: Sequence[Trait]) -> tuple[list[list[ResultCell]], list[str]]:
    rows, headings = [], []
    for trait in traits:
        silent_everywhere = [
            name for name in trait.order if all(name in each.traits[trait.name].silent for each in scored)
        ]
        is_counted = trait.are_words and len(silent_everywhere) > MOST_SILENT
        for name in trait.order:
            if is_counted and name in silent_everywhere:
                continue
            cells = (cell for each in scored for cell in _score_cells(each, trait.name, name))
            rows.append([words_cell(name), *cells])
            headings.append(trait.name)
        if is_counted:
            blank = (cell for _ in scored for cell in _silent_cells())
            rows.append([words_cell(counted(len(silent_everywhere), "other group")), *blank])
            headings.append(trait.name)
    return rows, headings


def _score_cells(scored: _Scored, trait: str, name: str) -> Iterator[ResultCell]:
    found = next((group for group in scored.traits[trait].groups if group.name == name), None)
    if found is not None:
        yield from _group_cells(found, scored.num_seeds)
    elif name in scored.traits[trait].silent:
        yield from _silent_cells()
    else:
        yield from (words_cell(""), words_cell(""), number_cell(None, note="nobody of this group is tested here"))


def _group_cells(group: Subgroup, num_seeds: int) -> Iterator[ResultCell]:
    yield number_cell(group.num_people, note="")
    yield number_cell(group.num_clips // num_seeds, note="")
    yield interval_cell(interval_record(group.score), is_ranked=False)


def _silent_cells() -> tuple[ResultCell, ResultCell, ResultCell]:
    return words_cell(""), words_cell(""), words_cell("silent")


def _difference_rows(scored: Sequence[_Scored], traits: Sequence[Trait]) -> tuple[list[list[ResultCell]], list[str]]:
    rows, headings = [], []
    for trait in traits:
        tests = [_by_pair(each.traits[trait.name]) for each in scored]
        for pair in dict.fromkeys(pair for found in tests for pair in found):
            cells = (cell for found in tests for cell in _difference_cells(found.get(pair)))
            rows.append([words_cell(f"{pair[0]} minus {pair[1]}"), *cells])
            headings.append(trait.name)
    return rows, headings


def _by_pair(scores: SubgroupScores) -> dict[tuple[str, str], SubgroupDifference]:
    return {(test.first, test.second): test for test in scores.differences}


def _difference_cells(test: SubgroupDifference | None) -> tuple[ResultCell, ResultCell]:
    if test is None:
        return number_cell(None, note="one of the two is silent"), words_cell("")
    return number_cell(number(test.difference), note="not defined"), number_cell(
        number(test.p_holm), note="not defined"
    )
