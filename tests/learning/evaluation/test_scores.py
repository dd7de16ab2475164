"""Every number from predictions alone, checked against scikit-learn and against planted effects."""

import json

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from emogap.learning.evaluation.rows import Scoring
from emogap.learning.evaluation.scores import score_predictions
from emogap.types.scores import ScoreRow, ScoreTable, SplitScores
from tests.learning.evaluation.hand_predictions import KEYS, LABEL, STIMULI, one_hot, predictions_of, wrong

FEW = Scoring(draws=200)
MODELS = ("majority", "person_mean", "stimulus_mean", "linear", "emert")
MAJORITY = np.zeros(len(KEYS), np.int64)


def table_of(predictions: pl.DataFrame, **options: object) -> ScoreTable:
    scores = score_predictions(predictions, protocol="er3", models=MODELS, **{"scoring": FEW, **options})
    json.dumps(scores, allow_nan=False)
    return scores["tables"][0]


def row_of(split: SplitScores, model: str) -> ScoreRow:
    return next(row for row in split["rows"] if row["model"] == model)


def estimate(row: ScoreRow, metric: str) -> float | None:
    return row["metrics"][metric]["pooled"]["estimate"]


def test_scores_are_those_of_all_clips_pooled() -> None:
    guess = wrong(LABEL, every=4)
    row = row_of(table_of(predictions_of({"linear": guess}))["splits"][0], "linear")
    assert estimate(row, "uar") == pytest.approx(balanced_accuracy_score(LABEL, guess))
    assert estimate(row, "f1_macro") == pytest.approx(f1_score(LABEL, guess, average="macro"))


def test_the_mean_over_cells_stands_second() -> None:
    guess = wrong(LABEL, every=4)
    record = row_of(table_of(predictions_of({"linear": guess}))["splits"][0], "linear")["metrics"]["war"]["per_cell"]
    folds = np.array([int(key.participant_id[1:]) % 3 for key in KEYS])
    by_hand = [np.mean(guess[folds == fold] == LABEL[folds == fold]) for fold in range(3)]
    assert record == {"mean": pytest.approx(np.mean(by_hand)), "sd": pytest.approx(np.std(by_hand, ddof=1)), "cells": 3}


def test_a_planted_effect_is_found() -> None:
    split = table_of(predictions_of({"majority": MAJORITY, "linear": wrong(LABEL, every=5)}))["splits"][0]
    assert split["best"] == "linear"
    pair = split["pairs"][0]
    assert (pair["first"], pair["second"], pair["num_people"]) == ("majority", "linear", 9)
    assert pair["p_holm"] is not None
    assert pair["p_holm"] < 0.05
    assert not set(row_of(split, "linear")["letters"]) & set(row_of(split, "majority")["letters"])


def test_models_that_say_the_same_are_one_group_and_no_test() -> None:
    split = table_of(predictions_of({"majority": MAJORITY, "person_mean": MAJORITY}))["splits"][0]
    assert split["pairs"][0]["p"] is None
    assert split["groups"] == [["majority", "person_mean"]]


def test_a_floor_that_is_the_majority_says_so() -> None:
    split = table_of(predictions_of({"majority": MAJORITY, "person_mean": MAJORITY}))["splits"][0]
    row = row_of(split, "person_mean")
    assert row["role"] == "floor"
    assert row["note"] == "= majority: training holds no test person"


def test_the_stratified_floor_is_the_expected_score_of_a_random_guess() -> None:
    row = row_of(table_of(predictions_of({"majority": MAJORITY}))["splits"][0], "stratified")
    # Shares of 0.8667, 0.0667, 0.0667, classes equally frequent: right in a third of the draws.
    assert estimate(row, "war") == pytest.approx(1 / 3)
    assert row["metrics"]["war"]["pooled"]["low"] is None


def test_the_oracle_sees_the_persons_other_clips_and_never_the_clip() -> None:
    by_person = np.array([int(key.participant_id[1:]) % 3 for key in KEYS])
    row = row_of(
        table_of(predictions_of({"majority": MAJORITY}, label=one_hot(by_person)))["splits"][0], "oracle:person"
    )
    assert row["role"] == "oracle"
    assert estimate(row, "uar") == 1
    # Every person has every class twice: without the clip itself, its class is the rarest.
    assert estimate(row_of(table_of(predictions_of({"majority": MAJORITY}))["splits"][0], "oracle:person"), "uar") == 0


def test_a_model_that_lacks_a_cell_is_named_and_not_scored() -> None:
    predictions = predictions_of({"majority": MAJORITY, "linear": LABEL})
    cut = predictions.filter(~((pl.col("model") == "linear") & (pl.col("cell") == "1")))
    split = table_of(cut)["splits"][0]
    assert split["incomplete"] == ["linear"]
    assert "linear" not in {row["model"] for row in split["rows"]}


def test_clips_without_a_label_are_left_out_and_counted() -> None:
    label = one_hot(LABEL)
    label[[3, 17]] = np.nan
    table = table_of(predictions_of({"majority": MAJORITY}, label=label))
    assert table["unlabelled"] == 2
    assert table["splits"][0]["num_clips"] == len(KEYS) - 2
    assert sum(table["support"].values()) == len(KEYS) - 2


def test_ties_among_votes_are_counted() -> None:
    label = one_hot(LABEL)
    label[5] = [0, 0.5, 0.5]
    assert table_of(predictions_of({"majority": MAJORITY}, label=label))["ties"] == 1


def three_splits() -> pl.DataFrame:
    clips = np.flatnonzero([key.stimulus_group == "g1" for key in KEYS])
    return pl.concat(
        [
            predictions_of({"majority": MAJORITY, "linear": LABEL}),
            predictions_of(
                {"majority": MAJORITY, "linear": wrong(LABEL, every=5)}, split="person-thinned", clips=clips
            ),
            predictions_of(
                {"majority": MAJORITY, "linear": wrong(LABEL, every=2)}, split="person+stimulus", clips=clips
            ),
        ]
    )


def test_the_difference_between_splits_is_size_plus_stimulus() -> None:
    table = table_of(three_splits())
    assert [split["split"] for split in table["splits"]] == ["person", "person+stimulus"]
    blocked = table["splits"][1]
    assert blocked["num_clips"] == len(KEYS) * 2 // STIMULI
    parts = next(parts for parts in blocked["parts"] if parts["model"] == "linear")
    number = {name: parts[name]["estimate"] for name in parts if name != "model"}  # type: ignore[literal-required]
    assert number["person"] == 1
    assert number["person"] > number["thinned"] > number["blocked"]
    assert number["person"] - number["blocked"] == pytest.approx(number["size_part"] + number["stimulus_part"])


def test_blocked_intervals_draw_people_and_stimulus_groups() -> None:
    predictions = pl.concat(
        [predictions_of({"linear": wrong(LABEL, every=5)}, split=split) for split in ("person", "person+stimulus")]
    )
    person, blocked = table_of(predictions)["splits"]
    clusters = [row_of(split, "linear")["metrics"]["uar"]["pooled"]["clusters"] for split in (person, blocked)]
    assert clusters == ["9 people", "9 people x 3 stimuli"]


def test_two_seeds_count_every_clip_twice_but_name_it_once() -> None:
    predictions = pl.concat([predictions_of({"linear": LABEL}, seed=0), predictions_of({"linear": MAJORITY}, seed=1)])
    split = table_of(predictions)["splits"][0]
    assert (split["num_clips"], split["seeds"], split["cells"]) == (len(KEYS), 2, 6)
    assert estimate(row_of(split, "linear"), "uar") == pytest.approx((1 + 1 / 3) / 2)


def test_the_authors_averages_stand_beside_the_pooled_score() -> None:
    guess = wrong(LABEL, every=4)
    plain = row_of(table_of(predictions_of({"linear": guess}))["splits"][0], "linear")
    both = row_of(table_of(predictions_of({"linear": guess}), scoring=Scoring(200, 0, True))["splits"][0], "linear")
    assert plain["metrics"]["war"]["emer_batch16"] is None
    assert both["metrics"]["war"]["emer_batch16"] is not None
    assert both["metrics"]["f1_macro"]["emer_batch16"] is None
    assert both["metrics"]["war"]["pooled"] == plain["metrics"]["war"]["pooled"]


def test_per_person_scores_are_in_the_order_of_ids() -> None:
    row = row_of(table_of(predictions_of({"linear": wrong(LABEL, every=6)}))["splits"][0], "linear")
    assert [person["participant_id"] for person in row["per_person"]] == [f"p{number}" for number in range(9)]
    assert [person["score"] for person in row["per_person"]] == pytest.approx([5 / 6] * 9)


def test_the_ceiling_of_a_simulated_study_travels_with_the_table() -> None:
    table = table_of(predictions_of({"linear": LABEL}), simulated=True, ceilings={"felt/emotion3": {"uar": 0.7}})
    assert table["ceiling"] == {"uar": 0.7}
