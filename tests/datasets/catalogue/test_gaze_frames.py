"""The stream ``gaze``: what an index of gaze holds, clip by clip, from every source that has raw gaze."""

from pathlib import Path

import numpy as np
import pytest

from emogap.datasets import BuildConfig, build, open_dataset
from emogap.datasets.gaze_index import IndexConfig, open_index
from emogap.datasets.gaze_index.make import make_index
from emogap.errors import UsageError


def frames_of_index(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Values and mask of each segment by its recording."""
    index = open_index(path)
    rows = index.recordings.select("recording_id", "start_row", "num_frames").iter_rows()
    return {
        name: (index.values[start : start + count], index.valid[start : start + count]) for name, start, count in rows
    }


@pytest.mark.parametrize(("rate_hz", "channels", "num_channels"), [(30.0, "auto", 2), (47.0, "direction", 6)])
def test_a_clip_holds_the_frames_of_the_index_bit_by_bit(
    rate_hz: float, channels: str, num_channels: int, fgd_folder: Path, tmp_path: Path
) -> None:
    options = {"catalogue": "uniss_fgd", "gaze_rate": rate_hz, "gaze_channels": channels}
    report = build(fgd_folder, tmp_path / "D", BuildConfig.model_validate(options), jobs=1)
    assert not report.failures
    dataset = open_dataset(tmp_path / "D")
    windows = {"past_s": 0.3, "future_s": 0.3, "stride_frames": 1, "max_repeated_share": 1.0}
    make_index(
        fgd_folder,
        tmp_path / "I",
        IndexConfig.model_validate({"rate_hz": rate_hz, "channels": channels, **windows}),
        jobs=1,
    )
    segments = frames_of_index(tmp_path / "I")
    assert dataset.streams["gaze"].shape[2] == num_channels
    assert tuple(channel.name for channel in dataset.channels["gaze"]) == open_index(tmp_path / "I").channels
    compared = 0
    for row, key in enumerate(dataset.keys):
        if key.recording_id in segments:
            values, valid = segments[key.recording_id]
            count = len(valid)
            assert np.array_equal(dataset.streams["gaze"][row, :count], values, equal_nan=True)
            assert np.array_equal(dataset.masks["gaze"][row, :count], valid)
            assert not dataset.masks["gaze"][row, count:].any()
            compared += 1
    assert compared >= 4


def test_the_options_of_the_stream_are_told_with_it_and_give_the_same_clips_again(
    fgd_folder: Path, tmp_path: Path
) -> None:
    asked = BuildConfig.model_validate({"catalogue": "uniss_fgd", "gaze_rate": 29.97})
    build(fgd_folder, tmp_path / "D", asked, jobs=1)
    stored = open_dataset(tmp_path / "D").config
    assert (stored["gaze_rate"], stored["gaze_channels"]) == (29.97, "angle")
    assert BuildConfig.model_validate(dict(stored)).model_dump(mode="json") == dict(stored)
    assert build(fgd_folder, tmp_path / "D", asked, jobs=1).was_there


def test_a_data_set_without_the_stream_says_nothing_of_it(fgd_folder: Path, tmp_path: Path) -> None:
    """Data sets that were built before there was such a stream are the same, byte by byte."""
    build(fgd_folder, tmp_path / "D", BuildConfig(catalogue="uniss_fgd"), jobs=1)
    assert "gaze_rate" not in (tmp_path / "D" / "dataset.toml").read_text()
    assert set(open_dataset(tmp_path / "D").streams) == {"eye", "fixation"}
    with pytest.raises(UsageError, match=r"gaze_rate is empty, not 30\.0"):
        build(
            fgd_folder, tmp_path / "D", BuildConfig.model_validate({"catalogue": "uniss_fgd", "gaze_rate": 30}), jobs=1
        )


def test_the_other_streams_do_not_depend_on_it(fgd_folder: Path, tmp_path: Path) -> None:
    build(fgd_folder, tmp_path / "D", BuildConfig(catalogue="uniss_fgd"), jobs=1)
    build(fgd_folder, tmp_path / "E", BuildConfig.model_validate({"catalogue": "uniss_fgd", "gaze_rate": 30}), jobs=1)
    for name in ("eye.npy", "eye_mask.npy", "fixation.npy", "fixation_mask.npy"):
        assert (tmp_path / "D" / "streams" / name).read_bytes() == (tmp_path / "E" / "streams" / name).read_bytes()


def test_a_source_without_gaze_samples_is_refused(tmp_path: Path) -> None:
    asked = BuildConfig.model_validate({"catalogue": "mmsa_pickle", "gaze_rate": 30})
    with pytest.raises(UsageError, match="mmsa_pickle holds no gaze samples"):
        build(tmp_path, tmp_path / "D", asked, jobs=1)


def test_the_head_is_the_gaze_of_ceap(ceap_folder: Path, tmp_path: Path) -> None:
    """Everybody looks back (yaw 180 degrees) and 10 degrees down, for 60 s at 5 frames a second."""
    asked = BuildConfig.model_validate({"catalogue": "ceap360vr", "gaze_rate": 5})
    build(ceap_folder, tmp_path / "D", asked, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert [channel.name for channel in dataset.channels["gaze"]] == ["head_x", "head_y", "head_z"]
    assert dataset.streams["gaze"].shape[0] == 6
    assert dataset.streams["gaze"].shape[1] == pytest.approx(300, abs=2)
    held = dataset.streams["gaze"][dataset.masks["gaze"]]
    assert len(held) > 6 * 290
    down = np.radians(10)
    assert np.allclose(held, [0, -np.sin(down), np.cos(down)], atol=1e-6)
