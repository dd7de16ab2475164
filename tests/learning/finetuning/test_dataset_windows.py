"""Clips of a data set as windows: which are kept, with which label."""

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.channels import Channel
from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.finetuning.dataset_windows import question_of, windows_of_dataset
from emogap.types import SampleKey

CLIPS, FRAMES = 4, 13


def dataset() -> Dataset:
    """Four clips of 13 frames; the second has no label, the third no gaze, the last loses frames 3 to 5."""
    gaze = np.random.default_rng(1).normal(size=(CLIPS, FRAMES, 2)).astype(np.float32)
    mask = np.ones((CLIPS, FRAMES), bool)
    mask[2] = False
    gaze[3, 3:6, 1] = np.nan
    shares = [[1.0, 0.0, 0.0], None, [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    return Dataset(
        path=Path("hand"),
        name="hand",
        catalogue="study",
        cleaning="fixed",
        samples=pl.DataFrame(
            {
                "felt_emotion3": pl.Series(shares, dtype=pl.List(pl.Float64())),
                "felt_valence": [-0.5, None, 0.2, 1.0],
                "felt_arousal": [0.1, None, 0.2, 0.3],
            }
        ),
        keys=tuple(SampleKey("hand", f"r{i}", f"p{i}", "s", "s", 0.0, 1.3) for i in range(CLIPS)),
        streams={"gaze": gaze},
        masks={"gaze": mask},
        channels={"gaze": (Channel("gaze_x_deg", "deg"), Channel("gaze_y_deg", "deg"))},
        simulated=True,
        ceilings={},
        fingerprint="f",
        config={"gaze_rate": 10.0},
    )


def test_labelled_clips_with_gaze_are_windows_of_whole_patches() -> None:
    data = dataset()
    windows = windows_of_dataset(data, open_protocol("felt-va"), patch_frames=5)
    assert windows.people == ("p0", "p3")
    assert windows.gaze.shape == (2, 10, 2)
    assert windows.label.tolist() == [[-0.5, 0.1], [1.0, 0.3]]
    assert windows.stop_s.tolist() == [1.0, 1.0]
    assert windows.rate_hz == 10.0
    assert windows.dropped == {"clips without a label": 1, "labelled clips without gaze": 1}
    np.testing.assert_array_equal(windows.gaze[0], data.streams["gaze"][0, :10])


def test_a_frame_without_every_channel_is_not_valid() -> None:
    windows = windows_of_dataset(dataset(), open_protocol("er3"), patch_frames=5)
    assert np.flatnonzero(~windows.valid[1]).tolist() == [3, 4, 5]
    assert np.isnan(windows.gaze[1, 3:6]).all()
    assert windows.label.tolist() == [[1, 0, 0], [0, 0, 1]]


def test_questions_have_the_scale_of_their_targets() -> None:
    assert (question_of(open_protocol("felt-va")).low, question_of(open_protocol("fer-int")).high) == (-1, 3)
    assert question_of(open_protocol("target3")).outputs == ("positive", "negative", "neutral")


def test_a_data_set_without_raw_gaze_is_refused() -> None:
    data = dataclasses.replace(dataset(), streams={}, masks={}, channels={})
    with pytest.raises(UsageError, match="holds no raw gaze"):
        windows_of_dataset(data, open_protocol("felt-va"), patch_frames=5)
