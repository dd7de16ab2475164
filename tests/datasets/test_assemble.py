"""Putting clips of unequal length together."""

from pathlib import Path

import numpy as np

from emogap.datasets.assemble import assemble
from emogap.datasets.gaze_index.config import CHANNELS
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Clip, Cut, Plan
from emogap.datasets.samples import SampledStream
from emogap.datasets.store import open_dataset
from emogap.types import SampleKey


def clip_of(person: str, num_frames: int) -> Clip:
    values = np.arange(num_frames * 3, dtype=np.float32).reshape(num_frames, 3)
    mask = np.arange(num_frames) != 1
    values[~mask] = np.nan
    key = SampleKey("hand", person, person, "s1", "g1", 1.5, 9.5)
    return Clip(key, {"gaze": SampledStream(values, mask, CHANNELS["angle+pupil"])})


def test_a_shorter_clip_is_padded_at_its_end_and_keeps_its_channels_in_order(tmp_path: Path) -> None:
    """4 frames and 9: the longer one comes first, last or alone, and the shorter one is the same each time."""
    write_part(tmp_path / "a.npz", Cut((clip_of("p1", 9), clip_of("p2", 4))))
    write_part(tmp_path / "b.npz", Cut((clip_of("p3", 4),)))
    plan = Plan("hand", ())
    assemble(tmp_path / "D", plan, BuildConfig(), [tmp_path / "a.npz", tmp_path / "b.npz"], [], source_fingerprint="0")
    dataset = open_dataset(tmp_path / "D")
    assert dataset.streams["gaze"].shape == (3, 9, 3)
    assert [channel.name for channel in dataset.channels["gaze"]] == ["gaze_x_deg", "gaze_y_deg", "pupil_mm"]
    assert dataset.masks["gaze"].sum(axis=1).tolist() == [8, 3, 3]
    assert dataset.streams["gaze"][1, 2].tolist() == [6, 7, 8]
    assert np.isnan(dataset.streams["gaze"][1:, 4:]).all()
    assert not dataset.masks["gaze"][1:, 4:].any()
