"""The halves of clips err as the confusion matrix says, apart from each other, and change no earlier draw."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.simulation.affect import AROUSAL, EMOTIONS, VALENCE
from emogap.simulation.cohort import Cohort, draw_cohort
from emogap.simulation.config import SimulationConfig
from emogap.simulation.machine_halves import judge_halves
from emogap.simulation.raters import MACHINE, confusion_matrix, rate
from emogap.simulation.study import simulate_study

Columns = Mapping[str, list[str | float]]


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return draw_cohort(SimulationConfig(participants=60, stimuli=35))


@pytest.fixture(scope="module")
def halves(cohort: Cohort) -> Columns:
    return judge_halves(cohort, rate(cohort)[MACHINE])


@pytest.fixture(scope="module")
def shown(cohort: Cohort) -> np.ndarray:
    return np.array([clip.shown7 for clips in cohort.clips for clip in clips])


def indices(words: list[str | float]) -> np.ndarray:
    return np.array([EMOTIONS.index(str(word)) for word in words])


def test_each_half_errs_as_the_confusion_matrix_says(halves: Columns, shown: np.ndarray) -> None:
    expected = confusion_matrix(0.65)
    for half in ("first", "second"):
        counts = np.zeros((7, 7))
        np.add.at(counts, (shown, indices(halves[f"emotion7_{half}_half"])), 1)
        number = counts.sum(axis=1, keepdims=True)
        standard_error = np.sqrt(expected * (1 - expected) / number)
        assert (np.abs(counts / number - expected) < 4 * standard_error).all()


def test_the_errors_of_the_halves_are_independent_given_what_was_shown(halves: Columns, shown: np.ndarray) -> None:
    """Two independent draws from a row p of the matrix are the same word with probability sum p^2."""
    first, second = (indices(halves[f"emotion7_{half}_half"]) for half in ("first", "second"))
    same = (confusion_matrix(0.65) ** 2).sum(axis=1)[shown]
    standard_error = np.sqrt((same * (1 - same)).sum()) / len(shown)
    assert np.mean(first == second) == pytest.approx(same.mean(), abs=4 * standard_error)


def test_the_word_of_a_clip_is_that_of_one_half_and_of_either_equally_often(halves: Columns) -> None:
    whole, first, second = (indices(halves[f"emotion7{part}"]) for part in ("", "_first_half", "_second_half"))
    assert ((whole == first) | (whole == second)).all()
    differs = first != second
    assert np.mean(whole[differs] == first[differs]) == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(differs.sum()))


@pytest.mark.parametrize(("question", "place"), [("valence", VALENCE), ("arousal", AROUSAL)])
def test_numbers_of_the_halves_err_apart_and_the_clip_is_their_mean(
    cohort: Cohort, halves: Columns, question: str, place: np.ndarray
) -> None:
    whole, first, second = (np.array(halves[question + part], float) for part in ("", "_first_half", "_second_half"))
    uncut = (np.abs(first) < 1) & (np.abs(second) < 1)
    assert uncut.mean() > 0.9
    assert ((first + second) / 2)[uncut] == pytest.approx(whole[uncut], abs=0.011)
    clips = [clip for clips in cohort.clips for clip in clips]
    meant = np.array([place[clip.shown7] * clip.strength for clip in clips])
    # Where what is meant lies four SD from the ends, nothing is cut off.
    inner = np.abs(meant) < 1 - 4 * np.sqrt(2) * 0.12
    errors = np.stack([first - meant, second - meant])[:, inner]
    assert errors.std(axis=1) == pytest.approx(np.sqrt(2) * 0.12, rel=0.08)
    assert abs(np.corrcoef(errors)[0, 1]) < 4 / np.sqrt(inner.sum())


def test_the_study_keeps_the_answers_of_the_rating_file_beside_the_halves(tmp_path: Path) -> None:
    config = SimulationConfig(participants=3, stimuli=2, clip_s=2.0, pause_s=0.5, video=False, seed=11)
    study = simulate_study(tmp_path / "study", config, jobs=1)
    kept = pl.read_parquet(study / "derived/annotate/simulated/clips.parquet")
    rated = pl.read_csv(study / "ratings" / f"{MACHINE}.csv").filter(pl.col("question") == "emotion7")
    assert kept["item"].to_list() == rated["item"].to_list()
    assert kept["emotion7"].to_list() == rated["rating"].to_list()
    assert kept["uncertainty"].null_count() == 6


def test_answers_drawn_before_there_were_halves_are_the_same() -> None:
    """The sums of the machine's and an expert's answers as they were before the halves had a stream of their own."""
    cohort = draw_cohort(SimulationConfig(participants=3, stimuli=7, seed=11))
    rows = rate(cohort)
    told = {
        name: hashlib.sha256("".join(f"{row.item},{row.question},{row.rating}\n" for row in rows[name]).encode())
        for name in (MACHINE, "expert-4")
    }
    assert {name: digest.hexdigest()[:16] for name, digest in told.items()} == {
        MACHINE: "739d127782d2400e",
        "expert-4": "504024da1c6a8c83",
    }
