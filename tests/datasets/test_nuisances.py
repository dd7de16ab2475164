"""What is no emotion, clip by clip; and a build carries it beside the samples without changing them."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.build import build
from emogap.datasets.nuisances import NUISANCES_FILE, read_nuisances, write_nuisances
from emogap.datasets.participants import PARTICIPANTS_FILE, read_participants
from emogap.datasets.plan import BuildConfig
from emogap.datasets.store import KEY_COLUMNS, Dataset, open_dataset
from emogap.errors import DataError

STIMULI = {"s1": {"luminance": 0.25, "motion": 0.5}, "s2": {"luminance": 0.75}}


def test_every_clip_has_its_length_its_losses_and_its_stimulus(hand_dataset: Callable[..., Dataset]) -> None:
    dataset = hand_dataset()
    write_nuisances(dataset, STIMULI)
    carried = read_nuisances(dataset)
    assert carried.select(KEY_COLUMNS).equals(dataset.samples.select(KEY_COLUMNS))
    assert carried["stimulus_id"].to_list() == ["s1", "s1", "s2"]
    assert carried["duration_s"].to_list() == [8.0] * 3
    assert carried["loss_share"].to_list() == [0.125] * 3
    assert carried["eye_lost_share"].to_list() == pytest.approx([1 / 7] * 3)
    assert carried["luminance"].to_list() == [0.25, 0.25, 0.75]
    assert carried["motion"].to_list()[:2] == [0.5, 0.5]
    assert np.isnan(carried["motion"][2])
    assert carried["loudness_lufs"].is_nan().all()


def test_an_older_data_set_has_what_its_samples_tell(hand_dataset: Callable[..., Dataset]) -> None:
    dataset = hand_dataset()
    assert not (dataset.path / NUISANCES_FILE).exists()
    assert read_nuisances(dataset)["duration_s"].to_list() == [8.0] * 3
    assert read_nuisances(dataset)["luminance"].is_nan().all()


def test_facts_of_other_clips_are_refused(hand_dataset: Callable[..., Dataset]) -> None:
    dataset = hand_dataset()
    write_nuisances(dataset, STIMULI)
    table = pl.read_parquet(dataset.path / NUISANCES_FILE)
    table.reverse().write_parquet(dataset.path / NUISANCES_FILE)
    with pytest.raises(DataError, match="not those of the data set"):
        read_nuisances(dataset)


def test_a_finished_build_gets_the_facts_it_lacks_and_keeps_every_other_byte(ceap_folder: Path, tmp_path: Path) -> None:
    config = BuildConfig(catalogue="ceap360vr")
    build(ceap_folder, tmp_path / "D", config, jobs=1)
    before = {file: file.read_bytes() for file in (tmp_path / "D").rglob("*") if file.is_file()}
    for name in (NUISANCES_FILE, PARTICIPANTS_FILE):
        (tmp_path / "D" / name).unlink()
    assert build(ceap_folder, tmp_path / "D", config, jobs=1).was_there
    assert {file: file.read_bytes() for file in (tmp_path / "D").rglob("*") if file.is_file()} == before


def test_the_facts_are_no_part_of_the_fingerprint(ceap_folder: Path, tmp_path: Path) -> None:
    """What is known of people must not make predictions of the same samples incomparable."""
    build(ceap_folder, tmp_path / "silent", BuildConfig(catalogue="ceap360vr"), jobs=1)
    for number, age in ((1, 20), (2, 41), (3, 64)):
        path = ceap_folder / "2_QuestionnaireData" / f"P{number}_Questionnaire_Data.json"
        content = json.loads(path.read_text())
        content["QuestionnaireData"][0] |= {"Age": age, "Gender": "Female", "VR Experience": "none"}
        path.write_text(json.dumps(content))
    build(ceap_folder, tmp_path / "telling", BuildConfig(catalogue="ceap360vr"), jobs=1)
    fingerprints = {open_dataset(tmp_path / name).fingerprint for name in ("silent", "telling")}
    people = read_participants(tmp_path / "telling")
    assert len(fingerprints) == 1
    assert people is not None
    assert people["age"].to_list() == [20, 41, 64]
    assert people["vr_experience"].to_list() == ["none"] * 3
