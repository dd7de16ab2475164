"""Exports that are interrupted, repeated, refused, or in which something cannot be read."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from joblib import parallel_config

from emogap.errors import DataError, MismatchError, OutputError, UsageError
from emogap.interfaces.exporting import ExportOptions, export_bids, job
from emogap.interfaces.exporting.plan import ExportItem, ItemReport
from emogap.preprocessing.face.tracking import follow_faces
from emogap.recording.video import frame_times, read_frames
from emogap.simulation.config import SimulationConfig
from emogap.simulation.face import FaceIdentity, draw_face, pure_expression
from emogap.simulation.face_video import write_face_video
from emogap.simulation.study import simulate_study

CONFIG = SimulationConfig(participants=3, stimuli=2, clip_s=2.0, pause_s=0.5, video=False, seed=4)


@pytest.fixture(scope="module")
def study_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_study(tmp_path_factory.mktemp("export") / "study", CONFIG, jobs=1)


@pytest.fixture
def study(study_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(study_once, tmp_path / "study")
    return tmp_path / "study"


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_study_is_written_whole_and_left_as_it_was(study: Path, tmp_path: Path) -> None:
    before = files_of(study)
    report = export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert (report.num_participants, report.num_recordings) == (3, 3)
    after = files_of(study)
    assert str(tmp_path / "B") in after.pop("derived.jsonl").decode()
    before.pop("derived.jsonl", None)
    assert after == before
    assert not (tmp_path / "B.partial").exists()
    readme = (tmp_path / "B" / "README.md").read_text()
    assert "it does\nnot read feelings" in readme
    assert "simulated" in readme


def test_the_truth_of_a_simulation_is_not_exported(study: Path, tmp_path: Path) -> None:
    export_bids(study, tmp_path / "with", ExportOptions(), jobs=1)
    (study / "truth.parquet").unlink()
    export_bids(study, tmp_path / "without", ExportOptions(), jobs=1)
    assert files_of(tmp_path / "with") == files_of(tmp_path / "without")


def test_an_interrupted_export_goes_on_and_equals_an_uninterrupted_one(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = export_bids(study, tmp_path / "whole", ExportOptions(), jobs=1)
    calls: list[str] = []
    write_item = job.study.write_item

    def interrupted(source: Path, item: ExportItem, root: Path, options: ExportOptions) -> ItemReport:
        calls.append(item.name)
        if calls.count("p002") == 1 and item.name == "p002":
            raise KeyboardInterrupt
        return write_item(source, item, root, options)

    monkeypatch.setattr(job.study, "write_item", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert not (tmp_path / "B").exists()
    report = export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert calls == ["p001", "p002", "p002", "p003"]
    assert report.num_samples == whole.num_samples
    assert files_of(tmp_path / "B") == files_of(tmp_path / "whole")


def test_items_side_by_side_give_the_same_bytes(study: Path, tmp_path: Path) -> None:
    export_bids(study, tmp_path / "B1", ExportOptions(), jobs=1)
    with parallel_config(backend="threading"):
        export_bids(study, tmp_path / "B2", ExportOptions(), jobs=2)
    assert files_of(tmp_path / "B1") == files_of(tmp_path / "B2")


def test_the_same_export_again_does_nothing(study: Path, tmp_path: Path) -> None:
    first = export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    again = export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert (first.was_there, again.was_there) == (False, True)
    assert again.num_samples == first.num_samples


def test_another_export_is_not_overwritten(study: Path, tmp_path: Path) -> None:
    export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    with pytest.raises(UsageError, match="another export is here"):
        export_bids(study, tmp_path / "B", ExportOptions(raw=True), jobs=1)


def test_a_changed_source_is_refused(study: Path, tmp_path: Path) -> None:
    export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    trials = study / "sessions" / "p002" / "trials.tsv"
    trials.write_text(trials.read_text().replace("0.5", "0.6", 1))
    with pytest.raises(MismatchError, match="the source changed"):
        export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)


def test_a_folder_of_something_else_is_refused(study: Path, tmp_path: Path) -> None:
    (tmp_path / "B").mkdir()
    (tmp_path / "B" / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError, match="no export, and it is not empty"):
        export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert (tmp_path / "B" / "thesis.txt").read_text() == "precious"


def test_an_export_into_its_source_is_refused(study: Path) -> None:
    with pytest.raises(UsageError, match="in its own source"):
        export_bids(study, study / "bids", ExportOptions(), jobs=1)


def test_what_cannot_be_read_is_told_and_only_that_is_tried_again(study: Path, tmp_path: Path) -> None:
    gaze = study / "sessions" / "p002" / "gaze.tsv"
    content = gaze.read_bytes()
    gaze.write_bytes(content[: len(content) // 2])
    report = export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert [item for item, _ in report.failures] == ["p002"]
    assert "gaze.tsv, line" in report.failures[0][1]
    assert report.num_participants == 2
    assert "p002" in (tmp_path / "B" / "README.md").read_text()
    stamp = (tmp_path / "B" / "sub-p003" / "beh" / "sub-p003_task-watch_events.tsv").stat().st_mtime_ns
    gaze.write_bytes(content)
    report = export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert (report.failures, report.num_participants) == ((), 3)
    assert (tmp_path / "B" / "sub-p003" / "beh" / "sub-p003_task-watch_events.tsv").stat().st_mtime_ns == stamp
    fresh = export_bids(study, tmp_path / "fresh", ExportOptions(), jobs=1)
    assert files_of(tmp_path / "B") == files_of(fresh.path)


def test_an_item_that_fails_half_way_leaves_nothing(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_item = job.study.write_item

    def fails_late(source: Path, item: ExportItem, root: Path, options: ExportOptions) -> ItemReport:
        report = write_item(source, item, root, options)
        if item.name == "p001":
            raise DataError("the second recording of this file is damaged")
        return report

    monkeypatch.setattr(job.study, "write_item", fails_late)
    export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert sorted(folder.name for folder in (tmp_path / "B").glob("sub-*")) == ["sub-p002", "sub-p003"]


def test_nothing_but_failures_is_no_data_set(study: Path, tmp_path: Path) -> None:
    for file in study.rglob("gaze.tsv"):
        file.write_bytes(b"")
    with pytest.raises(DataError, match="nothing could be exported; the first of 3 problems"):
        export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert not (tmp_path / "B").exists()


def test_a_full_disk_keeps_what_was_finished(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_item = job.study.write_item

    def full(source: Path, item: ExportItem, root: Path, options: ExportOptions) -> ItemReport:
        if item.name == "p003":
            raise OutputError("could not write: No space left on device")
        return write_item(source, item, root, options)

    monkeypatch.setattr(job.study, "write_item", full)
    with pytest.raises(OutputError, match="No space left"):
        export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert sorted(file.stem for file in (tmp_path / "B.partial" / "done").iterdir()) == ["p001", "p002"]


def test_copies_are_made_only_when_asked_for(study: Path, tmp_path: Path) -> None:
    (study / "sessions" / "p001" / "face.mp4").write_bytes(b"a face")
    (study / "stimuli" / "s002.mp4").write_bytes(b"a film")
    export_bids(study, tmp_path / "A", ExportOptions(), jobs=1)
    export_bids(study, tmp_path / "B", ExportOptions(raw=True, face_video=True, stimuli=False), jobs=1)
    assert not (tmp_path / "A" / "sourcedata").exists()
    assert (tmp_path / "A" / "stimuli" / "s002.mp4").read_bytes() == b"a film"
    table = (tmp_path / "A" / "sub-p001" / "beh" / "sub-p001_task-watch_events.tsv").read_text()
    assert table.count("s002.mp4") == 1
    copied = sorted(file.name for file in (tmp_path / "B" / "sourcedata").rglob("*") if file.is_file())
    assert copied == ["face.mp4", "gaze.tsv", "gaze.tsv", "gaze.tsv"]
    assert not (tmp_path / "B" / "stimuli").exists()


def test_faces_are_blurred_at_their_times_and_what_shows_none_is_black(study: Path, tmp_path: Path) -> None:
    video = study / "sessions" / "p001" / "face.mp4"
    empty = np.full((256, 384, 3), 140, np.uint8)
    shown = empty.copy()
    shown[40:216, 100:276] = cv2.resize(draw_face(FaceIdentity(), pure_expression("happiness")), (176, 176))
    write_face_video(video, [shown, shown, empty, shown])
    options = ExportOptions(face_video=True, blur_faces=True, stimuli=False)
    report = export_bids(study, tmp_path / "B", options, jobs=1)
    assert report.failures == ()
    (written,) = (tmp_path / "B" / "sourcedata").rglob("face.mp4")
    np.testing.assert_allclose(frame_times(written), frame_times(video), atol=1e-4)
    found = list(follow_faces(read_frames(written), detector="haar", every=1))
    assert [seen.faces for seen in found] == [(), (), (), ()]
    assert [bool(seen.frame.mean() > 20) for seen in found] == [True, True, False, True]


def test_answers_and_every_single_rating_stand_with_their_trial(study: Path, tmp_path: Path) -> None:
    export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    lines = (tmp_path / "B" / "sub-p001" / "beh" / "sub-p001_task-watch_events.tsv").read_text().splitlines()
    names = lines[0].split("\t")
    trials = {
        row["stimulus_id"]: row
        for row in (dict(zip(names, line.split("\t"), strict=True)) for line in lines[1:])
        if row["trial_type"] == "trial"
    }
    answers = [line.split("\t") for line in (study / "sessions" / "p001" / "selfreport.tsv").read_text().splitlines()]
    for answer in answers[1:]:
        assert float(trials[answer[0]]["felt_pleasure"]) == float(answer[1])
        assert trials[answer[0]]["felt_emotion7"] == answer[4]
    rated = [line.split(",") for line in (study / "ratings" / "expert-2.csv").read_text().splitlines()]
    own = [row for row in rated[1:] if row[0].startswith("p001/")]
    assert len(own) == 10
    for item, _, question, rating, *_ in own:
        written = trials[item.split("/")[1]][f"shown_{question}_expert_2"]
        assert written == rating or float(written) == float(rating)


def test_ages_are_capped_as_bids_asks(study: Path, tmp_path: Path) -> None:
    table = study / "participants.tsv"
    head, *rows = table.read_text().splitlines()
    cells = rows[0].split("\t")
    cells[2] = "97"
    table.write_text("\n".join([head, "\t".join(cells), *rows[1:]]) + "\n")
    export_bids(study, tmp_path / "B", ExportOptions(), jobs=1)
    assert "sub-p001\t89\t" in (tmp_path / "B" / "participants.tsv").read_text()


def test_the_record_of_an_export_names_its_options(study: Path, tmp_path: Path) -> None:
    export_bids(study, tmp_path / "B", ExportOptions(authors=("A. B.",)), jobs=1)
    record = json.loads((tmp_path / "B" / "code" / "emogap-export.json").read_text())
    assert record["job"]["options"]["authors"] == ["A. B."]
    assert sorted(record["items"]) == ["p001", "p002", "p003"]
