"""Frames of a data set give the features that it is stored with, or it is said why not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.frame_encoding import frame_encoding, why_not_encoded
from emogap.datasets.plan import BuildConfig
from emogap.datasets.store import Dataset
from emogap.errors import MismatchError
from emogap.preprocessing.face.encoders import hog


@pytest.fixture
def dataset() -> Dataset:
    """Three clips of two frames; the first clip has none."""
    frames = np.random.default_rng(0).integers(0, 256, (3, 2, 3, 112, 112), np.uint8)
    mask = np.array([[False, False], [False, True], [True, True]])
    face = np.stack([hog.encode(clip.transpose(0, 2, 3, 1)) for clip in frames])
    face[~mask] = np.nan
    return Dataset(
        path=Path("D"),
        name="hand",
        catalogue="hand",
        cleaning="none",
        samples=pl.DataFrame(),
        keys=(),
        streams={"face": face, "frames": frames},
        masks={"face": mask, "frames": mask},
        channels={},
        simulated=True,
        ceilings={},
        fingerprint="0" * 16,
        config=BuildConfig(face_encoder="hog").model_dump(),
    )


def test_frames_give_the_stored_features(dataset: Dataset) -> None:
    encoding = frame_encoding(dataset)
    np.testing.assert_array_equal(encoding.encode(dataset.streams["frames"][2]), dataset.streams["face"][2])
    assert encoding.pull_back is None


def test_features_of_another_encoder_are_found_out(dataset: Dataset) -> None:
    other = replace(dataset, streams={**dataset.streams, "face": dataset.streams["face"][..., ::-1]})
    with pytest.raises(MismatchError, match="the frames give other features than are stored"):
        frame_encoding(other)


def test_a_data_set_without_frames_says_how_to_get_them(dataset: Dataset) -> None:
    bare = replace(dataset, streams={"face": dataset.streams["face"]})
    assert why_not_encoded(bare) == "the data set has no stream frames: build it with --frames from face videos"
    with pytest.raises(MismatchError, match="--frames"):
        frame_encoding(bare)


def test_features_that_came_ready_made_are_not_encoded_again(dataset: Dataset) -> None:
    assert "ready-made" in why_not_encoded(replace(dataset, config={}))


def test_frames_of_the_right_kind_are_encoded(dataset: Dataset) -> None:
    assert why_not_encoded(dataset) == ""
