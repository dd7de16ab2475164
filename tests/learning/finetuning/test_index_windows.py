"""Which windows of an index get which label, against hand arithmetic."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.errors import DataError, MismatchError
from emogap.learning.finetuning.index_windows import window_ends, windows_of_index
from emogap.learning.finetuning.question import LABEL_FILE_QUESTIONS
from tests.learning.finetuning.miniature import Video, index_of, videos_of, write_labels

VAD, BEHAVIOUR = LABEL_FILE_QUESTIONS["vad"], LABEL_FILE_QUESTIONS["behaviour"]


def one_video(task: str = "vad") -> list[Video]:
    return videos_of(task, num_people=1, num_videos=1)


def labelled(path: Path, rows: list[list[object]], name: str = "100.1") -> Path:
    path.write_text(json.dumps({name: rows}))
    return path


def test_windows_end_every_two_and_a_half_seconds(tmp_path: Path) -> None:
    """Windows of 3 s of a recording of 40 s: the first end on the grid with 3 s before it is 5 s."""
    videos = one_video()
    windows = windows_of_index(index_of(videos), write_labels(tmp_path / "l.json", videos), VAD, window_frames=30)
    np.testing.assert_allclose(windows.stop_s, np.arange(5.0, 40.0, 2.5))
    np.testing.assert_allclose(windows.start_s, windows.stop_s - 3.0)
    assert windows.dropped == {"windows that end where nothing is labelled": 1}
    np.testing.assert_array_equal(windows.gaze[1], videos[0].gaze[45:75].astype(np.float32))


def test_a_window_has_the_label_of_the_moment_it_ends(tmp_path: Path) -> None:
    rows: list[list[object]] = [[0, 10, 0.1, 0.2, 0.3], [10, 12.4, 0.4, 0.5, 0.6]]
    windows = windows_of_index(index_of(one_video()), labelled(tmp_path / "l.json", rows), VAD, window_frames=30)
    assert windows.stop_s.tolist() == [5.0, 7.5, 10.0]
    assert windows.label.tolist() == [[0.1, 0.2, 0.3], [0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]


def test_the_grid_of_ends_may_fall_between_frames() -> None:
    """At 3 frames a second 2.5 s are 7.5 frames; 40 frames end after 13.3 s."""
    assert window_ends(40, 15, 3.0) == [15, 22, 30, 38]


def test_a_behaviour_has_one_window_around_its_middle(tmp_path: Path) -> None:
    rows: list[list[object]] = [[0, 1, "sigh"], [10, 12, "laugh"], [39, 40, "cry"]]
    windows = windows_of_index(
        index_of(one_video("behaviour")), labelled(tmp_path / "l.json", rows), BEHAVIOUR, window_frames=30
    )
    assert windows.start_s.tolist() == [0.0, 9.5, 37.0]
    assert windows.label.argmax(axis=1).tolist() == [2, 0, 1]


def test_windows_with_too_little_gaze_are_counted_not_kept(tmp_path: Path) -> None:
    videos = one_video()
    index = index_of(videos)
    valid = index.valid.copy()
    valid[100:115] = False
    index = dataclasses.replace(index, valid=valid)
    windows = windows_of_index(index, write_labels(tmp_path / "l.json", videos), VAD, window_frames=30)
    assert windows.dropped["windows with too little valid gaze"] == 1
    assert 12.5 not in windows.stop_s
    assert 10.0 in windows.stop_s


def test_a_window_never_holds_frames_of_the_next_recording(tmp_path: Path) -> None:
    videos = videos_of("vad", num_people=2, num_videos=2)
    windows = windows_of_index(index_of(videos), write_labels(tmp_path / "l.json", videos), VAD, window_frames=30)
    by_name = {f"{video.name}/result": video for video in videos}
    assert windows.num_windows == 4 * 14
    for row in range(windows.num_windows):
        video, start = by_name[windows.recordings[row]], round(windows.start_s[row] * 10)
        np.testing.assert_array_equal(windows.gaze[row], video.gaze[start : start + 30].astype(np.float32))
        assert windows.people[row] == video.person


def test_labels_of_recordings_that_are_not_indexed_are_counted(tmp_path: Path) -> None:
    videos = one_video()
    path = write_labels(tmp_path / "l.json", videos, {"999.1": [[0, 5, 0, 0, 0]]})
    assert (
        windows_of_index(index_of(videos), path, VAD, window_frames=30).dropped[
            "segments of recordings that the index has not"
        ]
        == 1
    )


def test_labels_that_fit_no_recording_are_an_error(tmp_path: Path) -> None:
    path = labelled(tmp_path / "l.json", [[0, 5, 0, 0, 0]], name="999.1")
    with pytest.raises(MismatchError, match="1 segments of recordings that the index has not"):
        windows_of_index(index_of(one_video()), path, VAD, window_frames=30)


def test_an_index_that_does_not_know_its_people_is_refused(tmp_path: Path) -> None:
    videos = one_video()
    path = write_labels(tmp_path / "l.json", videos)
    with pytest.raises(MismatchError, match="does not know who some recordings are of"):
        windows_of_index(index_of(videos, people_known=False), path, VAD, window_frames=30)


def test_a_label_of_a_recording_with_trials_must_name_its_trial(tmp_path: Path) -> None:
    videos = videos_of("vad", num_people=1, num_videos=2)
    index = index_of(videos)
    table = index.recordings.with_columns(recording_id=pl.lit("r"), trial=pl.Series([0, 1]))
    index = dataclasses.replace(index, recordings=table)
    with pytest.raises(DataError, match="'r' is cut into 2 trials"):
        windows_of_index(index, labelled(tmp_path / "l.json", [[0, 9, 0, 0, 0]], name="r"), VAD, window_frames=30)
    row = {"recording_id": ["r"], "trial": [1], "start_s": [0.0], "stop_s": [6.0]}
    pl.DataFrame(row | {name: [0.5] for name in VAD.outputs}).write_parquet(tmp_path / "l.parquet")
    windows = windows_of_index(index, tmp_path / "l.parquet", VAD, window_frames=30)
    np.testing.assert_array_equal(windows.gaze[0], videos[1].gaze[20:50].astype(np.float32))


@pytest.mark.parametrize(("kept", "left_out"), [(1, ["other"]), (0, ["r", "other"])])
def test_a_label_must_name_its_trial_though_the_index_has_one_alone(
    tmp_path: Path, kept: int, left_out: list[str]
) -> None:
    """Of a recording of two trials one has no good window: a label's seconds would count from the wrong moment."""
    table = index_of(one_video()).recordings.with_columns(
        recording_id=pl.lit("r"), trial=pl.lit(kept), stimulus_id=pl.lit("film")
    )
    index = dataclasses.replace(index_of(one_video()), path=tmp_path, recordings=table)
    pl.DataFrame({"recording_id": left_out}).write_parquet(tmp_path / "dropped.parquet")
    labels = labelled(tmp_path / "l.json", [[0, 9, 0, 0, 0]], name="r")
    with pytest.raises(DataError, match=f"the index has number {kept} alone"):
        windows_of_index(index, labels, VAD, window_frames=30)


def test_a_recording_of_one_trial_needs_no_number(tmp_path: Path) -> None:
    index = index_of(one_video())
    table = index.recordings.with_columns(recording_id=pl.lit("r"), stimulus_id=pl.lit("film"))
    pl.DataFrame({"recording_id": ["other"]}).write_parquet(tmp_path / "dropped.parquet")
    labels = labelled(tmp_path / "l.json", [[0, 9, 0, 0, 0]], name="r")
    index = dataclasses.replace(index, path=tmp_path, recordings=table)
    assert windows_of_index(index, labels, VAD, window_frames=30).stop_s.tolist() == [5.0, 7.5]


def test_a_folder_of_several_recordings_is_no_name(tmp_path: Path) -> None:
    videos = videos_of("vad", num_people=1, num_videos=2)
    index = index_of(videos)
    names = pl.Series(["f/one", "f/two"])
    index = dataclasses.replace(index, recordings=index.recordings.with_columns(recording_id=names))
    with pytest.raises(DataError, match="'f' is a folder of 2 recordings"):
        windows_of_index(index, labelled(tmp_path / "l.json", [[0, 9, 0, 0, 0]], name="f"), VAD, window_frames=30)
