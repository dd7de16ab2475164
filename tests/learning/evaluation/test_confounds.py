"""What the probe finds where light gives the label away, and what it does not find where nothing does."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.assemble import assemble
from emogap.datasets.channels import Channel
from emogap.datasets.nuisances import write_nuisances
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Clip, Cut, Plan
from emogap.datasets.samples import SampledStream
from emogap.datasets.splits import load_or_make_split
from emogap.datasets.store import open_dataset
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.evaluation.confounds import probe_confounds
from emogap.learning.evaluation.predictions import read_predictions
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig, SplitName
from emogap.types import EmotionLabel, LabelView, SampleKey
from emogap.types.confounds import ConfoundRow, Confounds

PEOPLE, STIMULI = 12, 10
FEW = Scoring(draws=1100)


def make_dataset(
    folder: Path, felt: np.ndarray, luminance: Mapping[int, float], *, valence: np.ndarray | None = None
) -> Path:
    """Everybody with every stimulus: felt classes (people, stimuli), and how bright each stimulus is."""
    clips = []
    rng = np.random.default_rng(5)
    for person in range(PEOPLE):
        for stimulus in range(STIMULI):
            key = SampleKey("lit", f"r{person}-{stimulus}", f"p{person}", f"s{stimulus}", f"s{stimulus}", 0.0, 8.0)
            share = {"emotion3": np.eye(3)[felt[person, stimulus]]}
            value = None if valence is None else float(valence[person, stimulus])
            noise = rng.standard_normal((7, 2)).astype(np.float32)
            mask = rng.random(7) < 0.8
            eye = SampledStream(noise, mask, (Channel("gaze_x_deg", "deg"), Channel("gaze_y_deg", "deg")))
            clips.append(Clip(key, {"eye": eye}, (EmotionLabel(LabelView.FELT, share, valence=value, arousal=value),)))
    part = folder / "part.npz"
    write_part(part, Cut(tuple(clips)))
    assemble(folder / "D", Plan("lit", ()), BuildConfig(), [part], [], source_fingerprint="0" * 16)
    facts = {f"s{stimulus}": {"luminance": level, "motion": 0.5} for stimulus, level in luminance.items()}
    write_nuisances(open_dataset(folder / "D"), facts)
    return folder / "D"


def probed(folder: Path, *, protocol: str = "er3", split: SplitName = "person+stimulus") -> Confounds:
    config = BenchConfig(protocol=protocol, models=("majority",), splits=(split,), preset="protocol", folds=3)
    report = run_benchmark(folder, config, folder.parent / "run", scoring=FEW)
    dataset = open_dataset(folder)
    splits = [load_or_make_split(dataset, name, seed=0, folds=3) for name in config.splits_run]
    predictions = read_predictions(report.path / "predictions.parquet")
    return probe_confounds(dataset, predictions, report.scores, splits, scoring=FEW)


def rows_of(confounds: Confounds, split: str) -> dict[str, ConfoundRow]:
    (found,) = (each for each in confounds["tables"][0]["splits"] if each["split"] == split)
    return {row["name"]: row for row in found["rows"]}


def estimate(row: ConfoundRow) -> float:
    value = row["score"]["estimate"]
    assert value is not None
    return value


@pytest.fixture(scope="module")
def one_bright_film(tmp_path_factory: pytest.TempPathFactory) -> Confounds:
    """Film 3 is bright and alone makes anybody happy; the rest is dark, and negative or neutral at random."""
    rng = np.random.default_rng(1)
    felt = rng.integers(1, 3, (PEOPLE, STIMULI))
    felt[:, 3] = 0
    dark = rng.uniform(0.1, 0.2, STIMULI)
    luminance = {stimulus: 0.9 if stimulus == 3 else float(dark[stimulus]) for stimulus in range(STIMULI)}
    return probed(make_dataset(tmp_path_factory.mktemp("bright"), felt, luminance))


@pytest.fixture(scope="module")
def light_that_says_nothing(tmp_path_factory: pytest.TempPathFactory) -> Confounds:
    rng = np.random.default_rng(2)
    luminance = dict(enumerate(rng.uniform(0, 1, STIMULI).tolist()))
    return probed(make_dataset(tmp_path_factory.mktemp("null"), rng.integers(0, 3, (PEOPLE, STIMULI)), luminance))


def test_a_bright_stimulus_that_is_the_label_is_found_where_people_alone_are_unseen(one_bright_film: Confounds) -> None:
    rows = rows_of(one_bright_film, "person")
    assert estimate(rows["luminance"]) > 0.6
    assert rows["luminance"]["p_holm"] is not None
    assert rows["luminance"]["p_holm"] < 0.01
    assert estimate(rows["stimulus_mean"]) > 0.6


def test_it_vanishes_where_the_stimulus_is_unseen_too(one_bright_film: Confounds) -> None:
    rows = rows_of(one_bright_film, "person+stimulus")
    assert estimate(rows["luminance"]) < 0.4
    assert estimate(rows["stimulus_mean"]) == estimate(rows["majority"])


def test_light_that_goes_with_the_class_of_every_film_is_found_under_both_splits(tmp_path: Path) -> None:
    """Unseen films are no cure where brightness is confounded with the label in all of them."""
    felt = np.tile(np.arange(STIMULI) % 3, (PEOPLE, 1))
    luminance = {stimulus: 0.2 + 0.3 * (stimulus % 3) + 0.01 * stimulus for stimulus in range(STIMULI)}
    confounds = probed(make_dataset(tmp_path, felt, luminance))
    assert estimate(rows_of(confounds, "person")["luminance"]) > 0.9
    assert estimate(rows_of(confounds, "person+stimulus")["luminance"]) > 0.9


@pytest.mark.parametrize("split", ["person", "person+stimulus"])
def test_where_nothing_gives_the_label_away_no_probe_is_above_chance(
    light_that_says_nothing: Confounds, split: str
) -> None:
    """Below chance is no finding: what training leaves out of a balanced label, it guesses less often."""
    rows = rows_of(light_that_says_nothing, split)
    for name in ("luminance", "eye_lost_share", "all"):
        score = rows[name]["score"]
        assert score["low"] is not None
        assert score["low"] < 1 / 3
        assert rows[name]["p_holm"] is None or rows[name]["p_holm"] > 0.05


def test_a_fact_that_cannot_be_probed_is_named_with_the_reason(one_bright_film: Confounds) -> None:
    reasons = {fact["title"]: fact["reason"] for fact in one_bright_film["tables"][0]["unused"]}
    assert reasons["clip length (s)"] == "the same for all clips (8)"
    assert reasons["motion (share of white per 0.1 s)"] == "the same for all clips (0.5)"
    assert reasons["loudness (LUFS)"] == "not known of any clip"
    assert set(rows_of(one_bright_film, "person")) == {
        "luminance",
        "eye_lost_share",
        "all",
        "stimulus_mean",
        "majority",
    }


def test_chance_stands_beside_the_scores(one_bright_film: Confounds) -> None:
    splits = one_bright_film["tables"][0]["splits"]
    assert [split["split"] for split in splits] == ["person", "person+stimulus"]
    assert [split["chance"] for split in splits] == pytest.approx([1 / 3, 1 / 3])
    assert [split["num_clips"] for split in splits] == [PEOPLE * STIMULI] * 2


def test_values_that_follow_the_light_are_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    level = rng.uniform(0.1, 0.9, STIMULI)
    valence = np.clip(2 * level - 1 + rng.normal(0, 0.1, (PEOPLE, STIMULI)), -1, 1)
    felt = rng.integers(0, 3, (PEOPLE, STIMULI))
    confounds = probed(
        make_dataset(tmp_path, felt, dict(enumerate(level)), valence=valence), protocol="er-va", split="person"
    )
    assert confounds["tables"][0]["primary"] == "ccc"
    assert estimate(rows_of(confounds, "person")["luminance"]) > 0.9
