"""What is read out of an index is what stands in the files, in the right place."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.gaze_index import (
    GazeIndex,
    channel_statistics,
    open_index,
    read_windows,
    segments_of,
)
from emogap.errors import DataError, UsageError


def test_windows_hold_the_frames_of_the_file(make_small: Callable[..., GazeIndex], openface_folder: Path) -> None:
    """The first window of every recording begins at its first frame, and each begins 5 frames or more later."""
    index = make_small()
    names = [f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in "xyz"]
    assert index.channels == tuple(names)
    for segment, source in enumerate(index.recordings["source"]):
        frames = pl.read_csv(openface_folder / source).select(names).to_numpy()
        numbers = np.flatnonzero(segments_of(index, index.starts) == segment)[:2]
        past, past_valid, future, future_valid = read_windows(index, numbers)
        assert (past.shape, past_valid.shape) == ((2, 12, 6), (2, 12))
        assert (future.shape, future_valid.shape) == ((2, 6, 6), (2, 6))
        first, second = (int(index.starts[number] - index.segment_start[segment]) for number in numbers)
        assert first == 0
        assert second == (30 if index.participants[segment] == "p2" else 5)
        np.testing.assert_allclose(past[0], frames[:12], atol=2e-6)
        np.testing.assert_allclose(future[0], frames[12:18], atol=2e-6)
        np.testing.assert_allclose(past[1], frames[second : second + 12], atol=2e-6)
        np.testing.assert_allclose(future[1], frames[second + 12 : second + 18], atol=2e-6)


def test_lost_frames_are_nan_and_not_valid(make_small: Callable[..., GazeIndex]) -> None:
    index = make_small()
    (segment,) = [row for row, person in enumerate(index.participants) if person == "p2"]
    start = int(index.segment_start[segment])
    assert np.flatnonzero(~index.valid[start : start + 60]).tolist() == list(range(20, 30))
    np.testing.assert_array_equal(np.isnan(index.values).all(axis=1), ~index.valid)
    np.testing.assert_array_equal(np.isnan(index.values).any(axis=1), ~index.valid)


def test_no_window_leaves_its_recording(make_small: Callable[..., GazeIndex]) -> None:
    index = make_small(stride_frames=1)
    last = index.starts + index.past_frames + index.future_frames - 1
    np.testing.assert_array_equal(segments_of(index, index.starts), segments_of(index, last))
    lengths = index.recordings["num_frames"].to_numpy()
    np.testing.assert_array_equal(index.segment_start, np.concatenate([[0], np.cumsum(lengths)[:-1]]))


def test_numbers_may_repeat_and_come_in_any_order(make_small: Callable[..., GazeIndex]) -> None:
    index = make_small()
    past, _, future, _ = read_windows(index, [7, 2, 7])
    alone, _, alone_future, _ = read_windows(index, [2])
    np.testing.assert_array_equal(past[0], past[2])
    np.testing.assert_array_equal(past[1], alone[0])
    np.testing.assert_array_equal(future[1], alone_future[0])


@pytest.mark.parametrize("number", [-1, 10_000])
def test_a_number_that_is_no_window_is_refused(make_small: Callable[..., GazeIndex], number: int) -> None:
    index = make_small()
    with pytest.raises(UsageError, match=f"there is no window {number}"):
        read_windows(index, [0, number])


def test_statistics_are_those_of_the_valid_frames_of_the_chosen_people(make_small: Callable[..., GazeIndex]) -> None:
    index = make_small()
    chosen = np.array([person != "p1" for person in index.participants])
    rows = np.repeat(chosen, index.recordings["num_frames"].to_numpy()) & index.valid
    frames = np.asarray(index.values)[rows].astype(np.float64)
    mean, sd = channel_statistics(index, chosen)
    np.testing.assert_allclose(mean, frames.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(sd, frames.std(axis=0), rtol=1e-9)


def test_statistics_of_nobody_are_refused(make_small: Callable[..., GazeIndex]) -> None:
    index = make_small()
    with pytest.raises(UsageError, match="none of the 0 chosen segments has a valid frame"):
        channel_statistics(index, np.zeros(len(index.participants), bool))


def test_an_index_is_memory_mapped_and_read_only(make_small: Callable[..., GazeIndex]) -> None:
    index = make_small()
    for array in (index.values, index.valid, index.starts):
        assert isinstance(array, np.memmap)
        assert not array.flags.writeable


@pytest.mark.parametrize("name", ["values.npy", "valid.npy", "windows.npy", "recordings.parquet"])
def test_a_file_that_was_changed_is_refused_by_name(make_small: Callable[..., GazeIndex], name: str) -> None:
    path = make_small().path / name
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"{name} changed"):
        open_index(path.parent)


def test_an_edited_header_is_refused(make_small: Callable[..., GazeIndex]) -> None:
    path = make_small().path / "index.toml"
    path.write_text(path.read_text().replace("rate_hz = 30.0", "rate_hz = 60.0"))
    with pytest.raises(DataError, match="changed after the index was made"):
        open_index(path.parent)


def test_a_folder_without_an_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)there is no gaze index.*emogap gaze-index SRC OUT"):
        open_index(tmp_path)
