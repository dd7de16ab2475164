"""Conditions reach the streams that they should, alike for all models, and no others."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from emogap.datasets.channels import Channel
from emogap.datasets.store import Dataset
from emogap.learning.evaluation.robustness.conditions import CLEAN, Condition, disturb, is_reached

STREAMS = ("face", "eye", "fixation")
EYE = ("gaze_x_deg", "gaze_y_deg", "pupil_l_mm", "is_blink")
ROWS = [2, 3, 9, 17]


@pytest.fixture
def dataset(make_dataset: Callable[..., Dataset]) -> Dataset:
    made = make_dataset(seed=3)
    channels = dict(made.channels) | {
        "eye": tuple(Channel(name, "1") for name in EYE),
        "fixation": (Channel("fixation_x_deg", "deg"), Channel("fixation_y_deg", "deg")),
    }
    return replace(made, channels=channels)


def disturbed(dataset: Dataset, condition: Condition, rows: list[int] = ROWS, seed: int = 0) -> Dataset:
    sd = {name: np.full(dataset.streams[name].shape[-1], 2.0) for name in STREAMS}
    return disturb(dataset, rows, condition, streams=STREAMS, sd=sd, seed=seed)


def changed(dataset: Dataset, condition: Condition) -> set[str]:
    other = disturbed(dataset, condition)
    return {
        name
        for name in STREAMS
        if not np.array_equal(other.streams[name], dataset.streams[name][ROWS], equal_nan=True)
        or not np.array_equal(other.masks[name], dataset.masks[name][ROWS])
    }


@pytest.mark.parametrize(
    ("condition", "streams"),
    [
        (CLEAN, set()),
        (Condition("noise", 0.1), {"face", "eye", "fixation"}),
        (Condition("track loss", 0.5), {"eye", "fixation"}),
        (Condition("drift", 2.0), {"eye", "fixation"}),
        (Condition("offset", 2.0), {"eye", "fixation"}),
        (Condition("hold", 3), {"eye", "fixation"}),
        (Condition("no pupil"), {"eye"}),
        (Condition("without", stream="face"), {"face"}),
    ],
)
def test_a_condition_changes_its_streams_alone(dataset: Dataset, condition: Condition, streams: set[str]) -> None:
    assert changed(dataset, condition) == streams
    assert is_reached(condition, dataset, STREAMS) == bool(streams or condition == CLEAN)


def test_what_is_drawn_depends_on_the_clip_and_not_on_its_fold(dataset: Dataset) -> None:
    for condition in (Condition("noise", 0.1), Condition("track loss", 0.3), Condition("offset", 1.0)):
        together, alone = disturbed(dataset, condition), disturbed(dataset, condition, [9])
        np.testing.assert_array_equal(together.streams["eye"][2], alone.streams["eye"][0])
        other = disturbed(dataset, condition, [9], seed=1)
        assert not np.array_equal(other.streams["eye"], alone.streams["eye"], equal_nan=True)


def test_noise_of_a_stream_does_not_depend_on_what_else_a_model_reads(dataset: Dataset) -> None:
    sd = {name: np.full(dataset.streams[name].shape[-1], 2.0) for name in STREAMS}
    noise = Condition("noise", 0.1)
    together = disturb(dataset, ROWS, noise, streams=STREAMS, sd=sd, seed=0)
    alone = disturb(dataset, ROWS, noise, streams=("fixation",), sd=sd, seed=0)
    np.testing.assert_array_equal(together.streams["fixation"], alone.streams["fixation"])


def test_a_stronger_noise_is_the_same_noise_enlarged(dataset: Dataset) -> None:
    clean = dataset.streams["face"][ROWS].astype(np.float64)
    weak, strong = (disturbed(dataset, Condition("noise", level)).streams["face"] - clean for level in (0.01, 0.04))
    np.testing.assert_allclose(strong, 2 * weak, atol=1e-5)


def test_lost_steps_are_masked_in_both_streams_of_the_tracker(dataset: Dataset) -> None:
    lost = disturbed(dataset, Condition("track loss", 1.0))
    for name in ("eye", "fixation"):
        assert not lost.masks[name].any()
        assert np.isnan(lost.streams[name]).all()
    assert lost.masks["face"].all()


def test_a_data_set_stays_as_it_is(dataset: Dataset) -> None:
    before = {name: dataset.streams[name].copy() for name in STREAMS}
    disturbed(dataset, Condition("track loss", 0.9))
    for name in STREAMS:
        np.testing.assert_array_equal(dataset.streams[name], before[name])


def test_a_model_that_reads_no_eyes_is_not_reached(dataset: Dataset) -> None:
    assert not is_reached(Condition("drift", 1.0), dataset, ("face",))
    assert not is_reached(Condition("without", stream="eye"), dataset, ("face",))


def test_the_only_stream_of_a_model_is_not_taken_from_it(dataset: Dataset) -> None:
    assert not is_reached(Condition("without", stream="eye"), dataset, ("eye",))
