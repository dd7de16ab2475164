"""``measures.parquet``: in the order of the samples, and outside of the fingerprint."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.build import build
from emogap.datasets.measure_table import MEASURES, MEASURES_FILE, measure_table, read_measures
from emogap.datasets.plan import BuildConfig
from emogap.datasets.store import KEY_COLUMNS, Dataset, open_dataset
from emogap.errors import DataError
from emogap.preprocessing.eye_measures import EyeMeasures
from emogap.types import SampleKey


def measures_of(first: float) -> EyeMeasures:
    return EyeMeasures(*(first + number for number in range(len(fields(EyeMeasures)))))


def test_a_build_measures_the_fixations_of_every_clip(ceap_folder: Path, tmp_path: Path) -> None:
    """One fixation of 750 frames from the onset of 60 s, at 25 and 30 Hz; nothing else is in the source."""
    build(ceap_folder, tmp_path / "D", BuildConfig(catalogue="ceap360vr"), jobs=1)
    dataset = open_dataset(tmp_path / "D")
    table = read_measures(dataset)
    assert table.select(KEY_COLUMNS).equals(dataset.samples.select(KEY_COLUMNS))
    assert table["fixation_rate_per_s"].to_list() == pytest.approx([1 / 60] * 6)
    shares = {"V1": 30 / 60, "V2": 25 / 60}
    expected = [shares[stimulus] for stimulus in table["stimulus_id"]]
    assert table["fixation_time_share"].to_list() == pytest.approx(expected)
    for name in ("fixation_duration_s", "fixation_dispersion_deg", "pupil_mean_mm", "blink_rate_per_min", "loss_share"):
        assert table[name].is_nan().all(), name


def test_the_fingerprint_does_not_cover_the_measures(hand_dataset: Callable[..., Dataset]) -> None:
    dataset = hand_dataset()
    (dataset.path / MEASURES_FILE).unlink()
    assert open_dataset(dataset.path).fingerprint == dataset.fingerprint


def test_a_data_set_of_before_says_to_build_again(hand_dataset: Callable[..., Dataset]) -> None:
    dataset = hand_dataset()
    (dataset.path / MEASURES_FILE).unlink()
    with pytest.raises(DataError, match=r"earlier version[\s\S]*emogap build"):
        read_measures(dataset)


def test_measures_of_other_samples_are_refused(hand_dataset: Callable[..., Dataset]) -> None:
    dataset = hand_dataset()
    path = dataset.path / MEASURES_FILE
    pl.read_parquet(path).reverse().write_parquet(path)
    with pytest.raises(DataError, match="is not of these 3 samples"):
        read_measures(dataset)


def test_a_damaged_table_is_refused(hand_dataset: Callable[..., Dataset]) -> None:
    dataset = hand_dataset()
    (dataset.path / MEASURES_FILE).write_bytes(b"PAR1 and then nothing")
    with pytest.raises(DataError, match="is damaged"):
        read_measures(dataset)


def test_a_clip_without_eyes_has_no_measure() -> None:
    keys = [SampleKey("hand", person, person, "s1", "g1", 0.0, 8.0) for person in ("p1", "p2")]
    table = measure_table([(keys[0], measures_of(0.5)), (keys[1], None)])
    assert table.columns == [*KEY_COLUMNS, *MEASURES]
    values = table.select(MEASURES).to_numpy()
    assert values[0].tolist() == [0.5 + number for number in range(len(MEASURES))]
    assert np.isnan(values[1]).all()
