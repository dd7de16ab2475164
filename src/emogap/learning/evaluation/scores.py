"""From ``predictions.parquet`` to ``scores.json``: nothing else is looked at, and nothing is trained."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import polars as pl

from emogap.learning.evaluation.aligned import Aligned, align
from emogap.learning.evaluation.comparison import compare_pairs, groups_of, parts_of
from emogap.learning.evaluation.floors import ORACLE, STRATIFIED, person_oracle, stratified_confusion
from emogap.learning.evaluation.predictions import KEY_COLUMNS
from emogap.learning.evaluation.protocols import Protocol, open_protocol
from emogap.learning.evaluation.rows import PRIMARY, Scoring, expected_row, metrics_of, score_row
from emogap.learning.experiment import FLOORS
from emogap.scoring import METRICS, group_letters, harden, is_tied
from emogap.types import vocabulary
from emogap.types.scores import ScoreRow, Scores, ScoreTable, SplitScores

__all__ = ["SCHEMA", "score_predictions"]

SCHEMA = 1

BLOCKED = "person+stimulus"
THINNED = "person-thinned"


def score_predictions(
    predictions: pl.DataFrame,
    *,
    protocol: str,
    models: Sequence[str],
    simulated: bool = False,
    ceilings: Mapping[str, Mapping[str, float]] | None = None,
    scoring: Scoring | None = None,
) -> Scores:
    """Every number of a run.

    Parameters
    ----------
    predictions : polars.DataFrame
        As :func:`emogap.learning.evaluation.predictions.read_predictions` gives them.
    protocol : str
        The protocol that was asked for; its table comes first.
    models : sequence of str
        In the order of the table, floors included.
    simulated : bool
        Whether the people are simulated.
    ceilings : mapping from ``"view/space"`` to metric to number, optional
        Best possible scores of a simulated study.
    scoring : Scoring, optional

    Returns
    -------
    Scores
    """
    scoring = scoring or Scoring()
    asked = open_protocol(protocol)
    views = [asked.view, *(view for view, _ in asked.heads if view is not asked.view)]
    names = dict(asked.heads)
    tables = []
    for view, target in product(views, asked.targets):
        rows = predictions.filter((pl.col("view") == view.value) & (pl.col("target") == target))
        if rows["label"].null_count() < rows.height:
            scored_by = open_protocol(names[view])
            tables.append(_table(rows, scored_by, target, models, ceilings=ceilings or {}, scoring=scoring))
    return {
        "schema": SCHEMA,
        "protocol": protocol,
        "metric_compat": "emer-batch16" if scoring.compat else "pooled",
        "simulated": simulated,
        "tables": tables,
    }


def _table(
    predictions: pl.DataFrame,
    protocol: Protocol,
    target: str,
    models: Sequence[str],
    *,
    ceilings: Mapping[str, Mapping[str, float]],
    scoring: Scoring,
) -> ScoreTable:
    space = protocol.space
    labels = predictions.filter(pl.col("label").is_not_null()).select(*KEY_COLUMNS, "label").unique(KEY_COLUMNS)
    labels = labels.sort(KEY_COLUMNS)
    splits = {
        name: align(predictions.filter(pl.col("split") == name), space=space, models=models)
        for name in predictions["split"].unique(maintain_order=True)
    }
    order = sorted((name for name in splits if name != THINNED), key=("person", BLOCKED, "official").index)
    classes = vocabulary(space) if space is not None else ()
    shares = np.array(labels["label"].to_list(), np.float64)
    counts = np.bincount(harden(shares), minlength=len(classes)) if classes else np.zeros(0, np.int64)
    return {
        "protocol": protocol.name,
        "view": protocol.view.value,
        "target": target,
        "space": space,
        "title": protocol.title if len(protocol.targets) == 1 else f"{protocol.view} {target}",
        "meaning": protocol.meaning,
        "classes": list(classes),
        "support": dict(zip(classes, counts.tolist(), strict=True)),
        "primary": metrics_of(space)[0],
        "metrics": [*metrics_of(space), *protocol.more_metrics],
        "unlabelled": predictions.select(KEY_COLUMNS).n_unique() - labels.height,
        "ties": int(is_tied(shares).sum()) if classes else 0,
        "ceiling": dict(ceilings.get(f"{protocol.view.value}/{space or target}", {})),
        "splits": [_split(name, splits, labels, scoring, protocol.more_metrics) for name in order],
    }


def _split(
    name: str,
    splits: Mapping[str, Aligned],
    labels: pl.DataFrame,
    scoring: Scoring,
    more_metrics: tuple[str, ...],
) -> SplitScores:
    aligned = splits[name]
    rows = [
        score_row(
            model,
            raw,
            aligned,
            role="floor" if model in FLOORS else "model",
            note=_note(model, name, aligned),
            two_way=name == BLOCKED,
            scoring=scoring,
            more_metrics=more_metrics,
        )
        for model, raw in aligned.raw.items()
    ]
    pairs = compare_pairs(aligned, two_way=name == BLOCKED, scoring=scoring)
    groups = groups_of([row["model"] for row in rows], pairs)
    letters = group_letters(groups)
    for row in rows:
        row["letters"] = letters.get(row["model"], "")
    has_parts = name == BLOCKED and {"person", THINNED} <= set(splits)
    return {
        "split": name,
        "num_clips": aligned.index.select(KEY_COLUMNS).n_unique(),
        "num_people": len(np.unique(aligned.people)),
        "num_stimuli": aligned.index["stimulus_id"].n_unique(),
        "cells": len(np.unique(aligned.cells)),
        "seeds": aligned.index["seed"].n_unique(),
        "rows": [
            *rows,
            *_derived_rows(aligned, labels, two_way=name == BLOCKED, scoring=scoring, more_metrics=more_metrics),
        ],
        "best": _best(rows, aligned.space),
        "groups": groups,
        "pairs": pairs,
        "parts": parts_of(aligned, splits["person"], splits[THINNED], scoring=scoring) if has_parts else [],
        "incomplete": list(aligned.incomplete),
    }


def _derived_rows(
    aligned: Aligned, labels: pl.DataFrame, *, two_way: bool, scoring: Scoring, more_metrics: tuple[str, ...]
) -> list[ScoreRow]:
    rows = []
    if aligned.space is not None and "majority" in aligned.raw:
        confusion = stratified_confusion(aligned, aligned.raw["majority"])
        note = "expected score of a guess drawn by the class shares of training"
        rows.append(expected_row(STRATIFIED, confusion, space=aligned.space, note=note))
    oracle = person_oracle(aligned, labels)
    note = "the same person's other clips, which no model may see"
    rows.append(
        score_row(
            ORACLE,
            oracle,
            aligned,
            role="oracle",
            note=note,
            two_way=two_way,
            scoring=scoring,
            more_metrics=more_metrics,
        )
    )
    return rows


def _note(model: str, split: str, aligned: Aligned) -> str:
    if model not in ("person_mean", "stimulus_mean"):
        return ""
    unit = "person" if model == "person_mean" else "stimulus"
    if "majority" in aligned.raw and np.array_equal(aligned.raw[model], aligned.raw["majority"]):
        return f"= majority: training holds no test {unit}"
    labels_per_stimulus = aligned.index.with_columns(pl.Series("label", aligned.hard_label.tolist()))
    if unit == "stimulus" and labels_per_stimulus.select("stimulus_id", "label").n_unique() == (
        labels_per_stimulus["stimulus_id"].n_unique()
    ):
        return "by construction: every stimulus has one label"
    return ""


def _best(rows: Sequence[ScoreRow], space: str | None) -> str:
    metric = PRIMARY["regression" if space is None else "classification"]
    sign = 1 if METRICS.open(metric).HIGHER_IS_BETTER else -1
    scored = [
        (sign * estimate, row["model"])
        for row in rows
        if (estimate := row["metrics"][metric]["pooled"]["estimate"]) is not None
    ]
    return max(scored, key=lambda pair: pair[0])[1] if scored else ""
