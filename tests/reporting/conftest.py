"""A run of two models on people made by hand: simulated, three splits, one failed fit."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.files import write_json
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.evaluation.run_folder import write_run
from emogap.learning.evaluation.scores import score_predictions
from emogap.reporting.results import RunResults, open_run
from emogap.types.run import RunRecord
from tests.learning.evaluation.hand_predictions import KEYS, LABEL, predictions_of, wrong

MODELS = ("linear", "emert", "majority", "person_mean")
CEILING = {"felt/emotion3": {"war": 0.75, "uar": 0.7, "war_stimulus_known": 0.85, "uar_stimulus_known": 0.8}}


def record_of(dataset: Path) -> RunRecord:
    return {
        "schema": 1,
        "job": "0123456789abcdef",
        "command": "emogap bench D1 --protocol er3 --models linear,emert --preset quick",
        "is_finished": False,
        "config": {"protocol": "er3", "preset": "quick", "cells": "diagonal", "heads": "all"},
        "dataset": {
            "path": str(dataset),
            "name": "study-<hand>",
            "catalogue": "study",
            "cleaning": "emer",
            "fingerprint": "fedcba9876543210",
            "simulated": True,
            "num_clips": 54,
            "num_people": 9,
            "num_stimuli": 6,
            "streams": {"eye": [32, 20]},
            "doubts": ["the clock of p3 is unknown"],
            "ceiling": CEILING,
        },
        "splits": {"person-0": "1111111111111111"},
        "split_notes": [],
        "models": list(MODELS),
        "epochs": 5,
        "num_fits": 36,
        "jobs": 2,
        "seconds": 12.5,
        "versions": {"emogap": "0.1.0"},
        "machine": {"system": "Linux", "processors": "2"},
        "failures": [
            {"model": "mult", "target": "class", "split": "person", "cell": "p2", "seed": 0, "problem": "it is broken"}
        ],
    }


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the run; its data set is in the folder ``D`` beside it."""
    folder = tmp_path_factory.mktemp("reporting") / "run"
    majority = np.zeros(len(KEYS), np.int64)
    guesses = {"linear": wrong(LABEL, every=4), "emert": wrong(LABEL, every=5), "majority": majority}
    guesses["person_mean"] = majority
    some = np.flatnonzero([key.stimulus_group == "g1" for key in KEYS])
    others = ("person-thinned", "person+stimulus")
    predictions = pl.concat(
        [predictions_of(guesses), *(predictions_of(guesses, split=split, clips=some) for split in others)]
    )
    scoring = Scoring(draws=200, compat=True)
    scores = score_predictions(
        predictions, protocol="er3", models=MODELS, simulated=True, ceilings=CEILING, scoring=scoring
    )
    write_json(folder / "scores.json", scores)
    write_run(folder, record_of(folder.parent / "D"))
    _write_quality(folder.parent / "D")
    return folder


@pytest.fixture(scope="session")
def results(run: Path) -> RunResults:
    return open_run(run)


def _write_quality(dataset: Path) -> None:
    dataset.mkdir()
    keys = {
        "recording_id": [key.recording_id for key in KEYS],
        "participant_id": [key.participant_id for key in KEYS],
        "stimulus_id": [key.stimulus_id for key in KEYS],
        "start_s": [key.start_s for key in KEYS],
    }
    steps = '[{"name": "trim", "parameters": {"onset_s": 0.5}}, {"name": "blink", "parameters": {"shortest_s": 0.075}}]'
    loss = [0.01 * int(key.participant_id[1:]) for key in KEYS]
    pl.DataFrame(keys | {"loss_share": loss, "steps": [steps] * len(KEYS)}).write_parquet(dataset / "quality.parquet")
    left_out = {"recording_id": ["r9-0", "r0-0"], "participant_id": ["p9", "p0"], "stimulus_id": ["s0", "s0"]}
    reasons = {"start_s": [0.0, 0.0], "stage": ["gaze", "label"], "reason": ["all samples lost", "not answered"]}
    pl.DataFrame(left_out | reasons).write_parquet(dataset / "excluded.parquet")
