"""Making an index: what is kept, what is dropped and said, and how it goes on after a stop."""

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.gaze_index import IndexConfig, open_index, read_windows
from emogap.datasets.gaze_index import make as making
from emogap.datasets.gaze_index.make import make_index
from emogap.errors import DataError, MismatchError, UnknownNameError, UsageError
from tests.datasets.gaze_index.conftest import SMALL, unit_vectors, write_openface

FILES = ("index.toml", "recordings.parquet", "dropped.parquet", "values.npy", "valid.npy", "windows.npy")


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def dropped_of(folder: Path) -> list[dict[str, str]]:
    return pl.read_parquet(folder / "dropped.parquet").to_dicts()


def test_windows_are_counted_by_hand(openface_folder: Path, tmp_path: Path) -> None:
    """18 frames, one every 5: 40 frames hold 5 windows, 50 hold 7, 60 hold 9, 45 hold 6 and 55 hold 8.

    The 60 frames lost 20 to 29: of the past 12 at most 3 may be lost, of the future 6 one. The windows at 5 (future
    17 to 22), 10 and 15 (futures 22 to 27 and 27 to 32), 20 and 25 (pasts 20 to 31 and 25 to 36) fall: 4 are left.
    """
    report = make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    table = pl.read_parquet(tmp_path / "G" / "recordings.parquet")
    assert table["num_windows"].to_list() == [5, 7, 4, 6, 8]
    assert report.header.num_windows == 30
    assert sum(report.header.dropped_windows.values()) == 5
    assert (report.header.num_participants, report.header.num_unnamed) == (3, 0)
    assert not (tmp_path / "G" / "work").exists()


def test_the_bytes_do_not_depend_on_the_number_of_processes(openface_folder: Path, tmp_path: Path) -> None:
    for jobs in (1, 2):
        make_index(openface_folder, tmp_path / f"G{jobs}", SMALL, jobs=jobs)
    assert contents(tmp_path / "G1") == contents(tmp_path / "G2")


def test_a_stopped_job_goes_on_where_it_stopped(
    openface_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the third of five recordings, the second run reads three and gives the same bytes."""
    make_index(openface_folder, tmp_path / "whole", SMALL, jobs=1)
    asked: list[str] = []
    original = making.index_job

    def stopping(source: object, job: object, config: object) -> object:
        asked.append(job.name)  # type: ignore[attr-defined]
        if len(asked) == 3:
            raise KeyboardInterrupt
        return original(source, job, config)  # type: ignore[arg-type]

    monkeypatch.setattr(making, "index_job", stopping)
    with pytest.raises(KeyboardInterrupt):
        make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    with pytest.raises(DataError, match="not finished"):
        open_index(tmp_path / "G")
    make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    assert asked[2:] == ["p2/clip2.csv", "p2/clip2.csv", "p3/clip3.csv", "p3/clip4.csv"]
    assert contents(tmp_path / "G") == contents(tmp_path / "whole")


def test_the_same_command_again_changes_nothing(openface_folder: Path, tmp_path: Path) -> None:
    make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    before = contents(tmp_path / "G")
    assert make_index(openface_folder, tmp_path / "G", SMALL, jobs=1).was_there
    assert contents(tmp_path / "G") == before


def test_missing_gaze_columns_are_named_and_the_rest_is_indexed(openface_folder: Path, tmp_path: Path) -> None:
    lacking = openface_folder / "p4" / "clip9.csv"
    write_openface(lacking, unit_vectors(40), without=("gaze_0_y", "gaze_1_z"))
    report = make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    ((file, problem),) = report.failures
    assert file == "p4/clip9.csv"
    assert "lacks the gaze columns gaze_0_y, gaze_1_z" in problem
    assert "clip9.csv, line 1" in problem
    assert (report.header.num_windows, report.header.num_failed) == (30, 1)
    assert report.header.dropped_segments == {}


def test_a_repaired_file_is_the_only_one_read_again(openface_folder: Path, tmp_path: Path) -> None:
    lacking = openface_folder / "p4" / "clip9.csv"
    write_openface(lacking, unit_vectors(40), without=("gaze_1_z",))
    make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    write_openface(lacking, unit_vectors(40))
    assert len(list((tmp_path / "G" / "work").glob("*.npz"))) == 5
    report = make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    assert (report.failures, report.header.num_windows) == ((), 35)


def test_all_zero_gaze_is_dropped_and_said(openface_folder: Path, tmp_path: Path) -> None:
    write_openface(openface_folder / "p4" / "zero.csv", np.zeros((50, 2, 3)))
    report = make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    assert report.header.dropped_segments == {"no valid gaze": 1}
    (row,) = dropped_of(tmp_path / "G")
    assert (row["recording_id"], row["participant_id"]) == ("p4/zero", "p4")
    assert "all 50 frames are lost, or 0 in every channel" in row["detail"]


def test_a_recording_shorter_than_a_window_is_dropped_and_said(openface_folder: Path, tmp_path: Path) -> None:
    write_openface(openface_folder / "p4" / "short.csv", unit_vectors(17))
    report = make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    assert report.header.dropped_segments == {"shorter than a window": 1}
    assert dropped_of(tmp_path / "G")[0]["detail"] == "17 frames (0.57 s), and a window has 18 (0.60 s)"


def test_frozen_gaze_is_dropped_and_said(openface_folder: Path, tmp_path: Path) -> None:
    write_openface(openface_folder / "p4" / "frozen.csv", np.repeat(unit_vectors(1), 40, axis=0))
    report = make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    assert report.header.dropped_windows["frozen gaze in the past or the future"] == 5
    assert dropped_of(tmp_path / "G")[0]["detail"] == "of 5 windows 5 with frozen gaze in the past or the future"


def test_another_rate_is_resampled_and_said(openface_folder: Path, tmp_path: Path) -> None:
    write_openface(openface_folder / "p4" / "fast.csv", unit_vectors(90), rate_hz=60.0)
    write_openface(openface_folder / "p4" / "slow.csv", unit_vectors(20), rate_hz=15.0)
    report = make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    assert report.header.num_resampled == 2
    assert report.rates_hz == (15.0, 60.0)
    table = pl.read_parquet(tmp_path / "G" / "recordings.parquet").filter(pl.col("resampled"))
    assert table["num_frames"].to_list() == [45, 39]
    assert any("1 of 7 segments were recorded at 15 Hz or more, below" in doubt for doubt in report.header.doubts)


def test_nothing_good_at_all_is_an_error_that_leaves_no_trace(tmp_path: Path) -> None:
    write_openface(tmp_path / "in" / "short.csv", unit_vectors(17))
    with pytest.raises(DataError, match=r"(?s)no good window of gaze: 1 shorter than a window.*17 frames.*--past"):
        make_index(tmp_path / "in", tmp_path / "G", SMALL, jobs=1)
    shorter = SMALL.model_copy(update={"past_s": 0.3})
    assert make_index(tmp_path / "in", tmp_path / "G", shorter, jobs=1).header.num_windows == 1


def test_a_changed_source_is_refused(openface_folder: Path, tmp_path: Path) -> None:
    make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    write_openface(openface_folder / "p1" / "clip0.csv", unit_vectors(41))
    with pytest.raises(MismatchError, match="the source changed"):
        make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)


def test_other_options_in_the_same_folder_are_refused_by_name(openface_folder: Path, tmp_path: Path) -> None:
    make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    with pytest.raises(UsageError, match="stride_frames is 5, not 6"):
        make_index(openface_folder, tmp_path / "G", SMALL.model_copy(update={"stride_frames": 6}), jobs=1)


def test_a_folder_with_something_else_is_left_alone(openface_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "G").mkdir()
    (tmp_path / "G" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="this is no gaze index, and it is not empty"):
        make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    assert [path.name for path in (tmp_path / "G").iterdir()] == ["thesis.txt"]


def test_people_nobody_named_are_told_as_a_doubt(openface_folder: Path, tmp_path: Path) -> None:
    report = make_index(openface_folder, tmp_path / "G", SMALL.model_copy(update={"people": "stated"}), jobs=1)
    assert (report.header.num_participants, report.header.num_unnamed) == (5, 5)
    assert any("nobody named the participant of 5 of 5 segments" in doubt for doubt in report.header.doubts)
    index = open_index(tmp_path / "G")
    assert not index.people_known
    assert index.participants[0] == "recording:p1/clip0"


def test_a_table_names_the_people(openface_folder: Path, tmp_path: Path) -> None:
    table = openface_folder / "people.tsv"
    names = ["p1/clip0", "p1/clip1", "p2/clip2", "p3/clip3", "p3/clip4"]
    rows = "".join(f"{name}.csv\t{person}\n" for name, person in zip(names, "abbac", strict=True))
    table.write_text(f"file\tparticipant_id\n{rows}")
    stated = SMALL.model_copy(update={"people": "stated"})
    make_index(openface_folder, tmp_path / "G", stated, participants=table, jobs=1)
    index = open_index(tmp_path / "G")
    assert index.participants == ("a", "b", "b", "a", "c")
    assert index.people_known
    table.write_text("file\tparticipant_id\nclip7.csv\ta\n")
    with pytest.raises(DataError, match=r"(?s)'clip7.csv' is no recording of the source.*like p1/clip0.csv"):
        make_index(openface_folder, tmp_path / "G2", stated, participants=table, jobs=1)


def test_files_that_are_no_recordings_are_passed_over_and_told(openface_folder: Path, tmp_path: Path) -> None:
    (openface_folder / "notes.csv").write_text("who,what\nme,nothing\n")
    (openface_folder / "README.txt").write_text("no table")
    report = make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    assert report.header.num_windows == 30
    assert report.header.doubts == ("no reader knows 1 of the tables in the folder, which were passed over: notes.csv",)


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.csv").write_text("who,what\nme,nothing\n")
    with pytest.raises(UsageError, match="none of 1 file"):
        make_index(tmp_path / "in", tmp_path / "G", SMALL, jobs=1)


def test_one_file_is_enough(openface_folder: Path, tmp_path: Path) -> None:
    stated = SMALL.model_copy(update={"people": "stated"})
    report = make_index(openface_folder / "p1" / "clip0.csv", tmp_path / "G", stated, jobs=1)
    assert (report.header.name, report.header.num_windows) == ("clip0", 5)


def test_windows_of_a_study_stay_within_their_trials(study_folder: Path, tmp_path: Path) -> None:
    """Two people, two trials of 2 s each at 120 Hz: at 30 Hz 60 frames, and one window of 60 frames in each.

    The first 0.2 s of every whole second lie 300 px to the right; the first trial begins at 0.5 s, so that its
    excursion is half a second after its onset.
    """
    config = IndexConfig(past_s=1.0, future_s=1.0, stride_frames=1, max_repeated_share=1.0)
    report = make_index(study_folder, tmp_path / "G", config, jobs=1)
    assert report.header.name == "study-hand-made"
    index = open_index(tmp_path / "G")
    assert index.participants == ("p1", "p1", "p2", "p2")
    assert index.recordings["stimulus_id"].to_list() == ["s2", "s1"] * 2
    assert index.starts.tolist() == index.segment_start.tolist() == [0, 60, 120, 180]
    past, _, _, _ = read_windows(index, [0])
    # 1 px is 520 / 1920 mm, seen from 650 mm; the mean of both eyes is 1.5 px right of the centre.
    side_deg = np.degrees(np.arctan2(np.array([1.5, 301.5]) * 520 / 1920, 650))
    assert past[0, 5, 0] == pytest.approx(side_deg[0], abs=0.02)
    assert past[0, 18, 0] == pytest.approx(side_deg[1], abs=0.02)
    assert "gaze-index" in (study_folder / "derived.jsonl").read_text()


def test_a_study_whose_answers_are_damaged_is_indexed(study_folder: Path, tmp_path: Path) -> None:
    """Gaze alone is learned from: no label is opened."""
    shutil.rmtree(study_folder / "ratings")
    (study_folder / "sessions" / "p1" / "selfreport.tsv").unlink()
    config = IndexConfig(past_s=1.0, future_s=1.0, max_repeated_share=1.0)
    assert make_index(study_folder, tmp_path / "G", config, jobs=1).header.num_windows == 4


def test_images_of_uniss_fgd_are_segments_of_their_viewers(fgd_folder: Path, tmp_path: Path) -> None:
    """One second each; the viewer whose gaze was lost throughout on one image is dropped there."""
    config = IndexConfig(past_s=0.5, future_s=0.3, stride_frames=3)
    report = make_index(fgd_folder, tmp_path / "G", config, jobs=1)
    index = open_index(tmp_path / "G")
    assert index.name == "uniss_fgd"
    assert index.channels == ("gaze_x_deg", "gaze_y_deg")
    assert sorted(set(index.participants)) == ["02", "31", "77"]
    assert report.header.dropped_segments == {"no valid gaze": 1}
    assert report.header.num_resampled == 5


def test_people_cannot_be_stated_where_the_data_name_them(fgd_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name their participants themselves"):
        make_index(fgd_folder, tmp_path / "G", SMALL, jobs=1)


def test_held_out_people_of_another_spelling_are_not_silently_let_in(openface_folder: Path, tmp_path: Path) -> None:
    from emogap.datasets.gaze_index import people_split

    make_index(openface_folder, tmp_path / "G", SMALL, jobs=1)
    with pytest.raises(UnknownNameError):
        people_split(open_index(tmp_path / "G"), held_out=("01",))
