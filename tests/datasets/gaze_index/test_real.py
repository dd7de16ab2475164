"""Real recordings: Uniss-FGD, the head paths of CEAP-360VR, one file of OpenFace. Skipped where they are absent."""

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.gaze_index import IndexConfig, open_index, read_windows
from emogap.datasets.gaze_index.make import make_index
from emogap.errors import DataError


@pytest.fixture
def some_fgd(shared_data: Path, tmp_path: Path) -> Path:
    """Three of the eighty images, with their sixteen viewers."""
    folder = tmp_path / "fgd-source"
    (folder / "fgd").mkdir(parents=True)
    shutil.copy(shared_data / "uniss_fgd" / "StimuliMap.csv", folder)
    for stem in ("000", "041", "079"):
        shutil.copy(shared_data / "uniss_fgd" / "fgd" / f"{stem}.csv.gz", folder / "fgd")
    return folder


@pytest.fixture
def some_ceap(shared_data: Path, tmp_path: Path) -> Path:
    """Five of the twenty-four people, with their eight films."""
    folder, real = tmp_path / "ceap-source", shared_data / "ceap360vr"
    for name in ("1_Stimuli/VideoInfo.json", *(f"4_BehaviorData/{part}" for part in _files_of_five(real))):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(real / name, folder / name)
    return folder


def _files_of_five(real: Path) -> list[str]:
    found = (real / "4_BehaviorData").glob("*/P[1-5]_*.json")
    return [f"{path.parent.name}/{path.name}" for path in found]


@pytest.mark.shared_data
def test_trials_of_three_seconds_hold_windows_of_three_seconds(some_fgd: Path, tmp_path: Path) -> None:
    """300 Hz for 3.02 s are 91 or 92 frames at 30 Hz: two or three windows of 90 frames, or none where gaze is lost."""
    config = IndexConfig(past_s=1.5, future_s=1.5, stride_frames=1)
    report = make_index(some_fgd, tmp_path / "G", config, jobs=1)
    index = open_index(tmp_path / "G")
    table = index.recordings
    assert len(set(index.participants)) == 16
    assert table["resampled"].all()
    assert table["source_rate_hz"].is_between(299.9, 300.2).all()
    assert table["num_frames"].is_between(90, 92).all()
    assert table.height + sum(report.header.dropped_segments.values()) == 3 * 16
    assert not report.failures
    # Images lie at 359 to 921 of 1280 px and 131 to 893 of 1024, on 1040 x 580 mm at 1.36 m: 10 deg to each side.
    past, valid, _, _ = read_windows(index, np.arange(index.num_windows))
    assert np.median(np.abs(past[valid]), axis=0).max() < 10
    assert np.abs(past[valid].mean(axis=0)).max() < 5


@pytest.mark.shared_data
def test_head_paths_of_a_minute_keep_every_step(some_ceap: Path, tmp_path: Path) -> None:
    """299 steps of 0.2 s a film as the data set says; none is resampled, and each is a unit vector."""
    config = IndexConfig(rate_hz=5.0, stride_frames=25)
    report = make_index(some_ceap, tmp_path / "G", config, jobs=1)
    index = open_index(tmp_path / "G")
    assert (report.header.num_segments, report.header.num_participants) == (40, 5)
    assert report.header.num_resampled == 0
    assert index.channels == ("head_x", "head_y", "head_z")
    assert index.recordings["num_frames"].is_between(290, 299).all()
    assert index.valid.all()
    np.testing.assert_allclose(np.linalg.norm(index.values, axis=1), 1, atol=1e-6)


@pytest.mark.shared_data
def test_openface_on_images_has_no_clock_until_somebody_states_the_rate(shared_data: Path, tmp_path: Path) -> None:
    """100 frames at 30 Hz hold 41 windows of 60; the vectors are those of the file."""
    source = shared_data / "exports" / "openface" / "OpenFace_Test.csv"
    config = IndexConfig(past_s=1.0, future_s=1.0, stride_frames=1)
    with pytest.raises(DataError, match=r"the frame rate is unknown.*--assume-rate"):
        make_index(source, tmp_path / "G", config, jobs=1)
    stated = config.model_copy(update={"assumed_rate_hz": 30.0})
    assert make_index(source, tmp_path / "G", stated, jobs=1).header.num_windows == 41
    index = open_index(tmp_path / "G")
    names = {f" {channel}": channel for channel in index.channels}
    file = pl.read_csv(source).rename(names).select(index.channels).to_numpy()
    np.testing.assert_allclose(index.values, file, atol=1e-5)
