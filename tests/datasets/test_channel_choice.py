"""Keeping some channels of a data set, compared with slices taken by hand."""

import numpy as np
import pytest

from emogap.datasets.channel_choice import keep_channels
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import MismatchError
from tests.learning.evaluation.small_study import write_small_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return open_dataset(write_small_dataset(tmp_path_factory.mktemp("study"), people=3, stimuli=2))


def test_channels_are_kept_in_the_order_of_the_data_set(dataset: Dataset) -> None:
    kept = keep_channels(dataset, {"eye": ("eye_3", "eye_1")})
    assert [channel.name for channel in kept.channels["eye"]] == ["eye_1", "eye_3"]
    np.testing.assert_array_equal(kept.streams["eye"], dataset.streams["eye"][:, :, [1, 3]])


def test_streams_that_are_not_named_stay_whole(dataset: Dataset) -> None:
    kept = keep_channels(dataset, {"eye": ("eye_0",)})
    assert kept.streams["face"] is dataset.streams["face"]
    assert kept.fingerprint == dataset.fingerprint


def test_a_pattern_keeps_all_that_it_fits(dataset: Dataset) -> None:
    assert keep_channels(dataset, {"eye": ("eye_*",)}) is dataset


def test_a_pattern_that_fits_nothing_is_refused_with_the_nearest(dataset: Dataset) -> None:
    with pytest.raises(MismatchError, match="did you mean 'eye_"):
        keep_channels(dataset, {"eye": ("eyes_0",)})


def test_a_stream_that_is_not_there_is_refused(dataset: Dataset) -> None:
    with pytest.raises(MismatchError, match="'gaze'"):
        keep_channels(dataset, {"gaze": ("x",)})
