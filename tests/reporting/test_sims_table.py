"""The scores of CH-SIMS in the terminal, and what was published beside them, only where it belongs."""

import copy
import csv
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from emogap.learning.evaluation.predictions import prediction_frame, sorted_predictions
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.evaluation.scores import score_predictions
from emogap.reporting.markdown import markdown_tables
from emogap.reporting.results import RunResults
from emogap.reporting.sims_table import published_table, sims_lines
from emogap.reporting.tables import WIDTH, text_tables
from emogap.types import LabelView, Prediction, SampleKey
from emogap.types.run import RunRecord
from emogap.types.scores import Scores, ScoreTable

CLIPS, VIDEOS = 457, 60
LABEL = np.random.default_rng(0).integers(-5, 6, CLIPS) / 5.0


def scores_of(num_clips: int = CLIPS) -> Scores:
    rng = np.random.default_rng(1)
    keys = tuple(
        SampleKey(
            "mmsa", f"r{number:03d}", f"v{number % VIDEOS:02d}", f"r{number:03d}", f"v{number % VIDEOS:02d}", 0, 1
        )
        for number in range(num_clips)
    )
    values = {"tfn": 0.6 * LABEL + rng.normal(0, 0.4, CLIPS), "majority": np.full(CLIPS, -0.15)}
    frames = [
        prediction_frame(
            Prediction(
                keys=keys,
                view=LabelView.SHOWN,
                target="valence",
                space=None,
                output=value[:num_clips],
                label=LABEL[:num_clips],
                model=model,
                split="official",
                cell="test",
                seed=0,
            ),
            protocol="sims",
            fold=0,
        )
        for model, value in values.items()
    ]
    return score_predictions(
        sorted_predictions(frames), protocol="sims", models=tuple(values), scoring=Scoring(draws=200)
    )


def record_of(name: str = "mmsa-sims-unaligned-39") -> RunRecord:
    return cast(
        RunRecord,
        {
            "config": {"preset": "evidence"},
            "epochs": 20,
            "dataset": {"name": name, "catalogue": "mmsa_pickle", "cleaning": "none", "simulated": False},
            "split_notes": ["official: 60 participants are in more than one official fold, first v00"],
            "failures": [],
        },
    )


@pytest.fixture(scope="module")
def table() -> ScoreTable:
    (table,) = scores_of()["tables"]
    return table


def text_of(table: ScoreTable, record: RunRecord) -> str:
    return "\n".join(sims_lines(table, record, width=WIDTH))


def test_stored_scores_are_those_of_a_loop_over_clips(table: ScoreTable) -> None:
    """The classes as the toolkit writes them: (low, high] between listed edges."""
    edges = {"sims_acc2": (-1.01, 0, 1.01), "sims_acc3": (-1.01, -0.1, 0.1, 1.01)}
    edges["sims_acc5"] = (-1.01, -0.7, -0.1, 0.1, 0.7, 1.01)
    values = 0.6 * LABEL + np.random.default_rng(1).normal(0, 0.4, CLIPS)
    (row,) = [row for row in table["splits"][0]["rows"] if row["model"] == "tfn"]
    for name, limits in edges.items():
        right = 0
        for label, value in zip(LABEL, np.clip(values, -1, 1), strict=True):
            (one,) = [k for k in range(len(limits) - 1) if limits[k] < label <= limits[k + 1]]
            (two,) = [k for k in range(len(limits) - 1) if limits[k] < value <= limits[k + 1]]
            right += one == two
        assert row["metrics"][name]["pooled"]["estimate"] == pytest.approx(right / CLIPS, abs=1e-12)
    mae = float(np.mean([abs(y - o) for y, o in zip(LABEL, np.clip(values, -1, 1), strict=True)]))
    assert row["metrics"]["sims_mae"]["pooled"]["estimate"] == pytest.approx(mae, abs=1e-9)


def test_every_score_has_an_interval_over_videos(table: ScoreTable) -> None:
    (row,) = [row for row in table["splits"][0]["rows"] if row["model"] == "tfn"]
    for name in ("sims_acc2", "sims_acc3", "sims_acc5", "sims_f1", "sims_mae", "sims_corr"):
        pooled = row["metrics"][name]["pooled"]
        assert pooled["clusters"] == f"{VIDEOS} people"
        assert pooled["low"] < pooled["estimate"] < pooled["high"]  # type: ignore[operator]
        assert name in table["metrics"]


def test_published_numbers_stand_beside_ours_and_are_marked(table: ScoreTable) -> None:
    lines = text_of(table, record_of()).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("published, not computed here"))
    assert "Table IX of arXiv 2512.16485" in lines[start]
    emert = next(line for line in lines if line.startswith("EMERT (published)"))
    assert emert.split("|")[1].split() == ["0.8031", "0.6937", "0.4705", "-", "-", "-"]
    assert sum("(published)" in line for line in lines[start:]) == 5
    assert not any("(published)" in line for line in lines[:start])


def test_other_test_clips_get_no_published_numbers_but_a_word(table: ScoreTable) -> None:
    (fewer,) = scores_of(456)["tables"]
    text = text_of(fewer, record_of())
    assert "(published)" not in text
    assert "is not printed here: it is about 457 test clips" in " ".join(text.split())


def test_another_split_of_as_many_clips_gets_no_published_numbers(table: ScoreTable) -> None:
    other = copy.deepcopy(table)
    other["splits"][0]["split"] = "person"
    assert "(published)" not in text_of(other, record_of())


def test_another_data_set_gets_no_published_numbers(table: ScoreTable) -> None:
    text = text_of(table, record_of("mmsa-aligned-50"))
    assert "Acc-5" in text
    assert "ublished" not in text


def test_a_protocol_without_these_scores_gets_no_block(table: ScoreTable) -> None:
    other = copy.deepcopy(table)
    other["metrics"] = ["ccc", "mae"]
    assert text_of(other, record_of()) == ""


def test_videos_on_both_sides_and_the_absence_of_speakers_are_said(table: ScoreTable) -> None:
    text = " ".join(text_of(table, record_of()).split())
    assert "'people' are the videos" in text
    assert "60 participants are in more than one official fold" in text


def test_terminal_and_markdown_have_the_scores_and_the_terminal_keeps_its_width() -> None:
    results = RunResults(Path("run"), record_of(), scores_of())
    text = text_tables(results)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "counted as on CH-SIMS, official: 457 clips" in text
    assert "| Acc-2 | Acc-3 | Acc-5 |" in markdown_tables(results)


def test_the_committed_numbers_are_those_of_the_paper(shared_data: Path) -> None:
    with (shared_data.parent / "reference" / "emer" / "table_09_sims.csv").open() as file:
        printed = {
            row["model"]: [float(row[name]) for name in ("acc2", "acc3", "acc5")] for row in csv.DictReader(file)
        }
    assert {row.model: list(row.percent.values()) for row in published_table().rows} == printed
