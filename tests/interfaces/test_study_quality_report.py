"""The report of a study's quality never saw a label, and the gate in a build does what the report says."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from emogap.errors import UsageError
from emogap.interfaces.study_quality_report import report_quality

QC = "schema = 1\nmin_valid_share = 0.93\nmax_longest_gap_s = 0.4\nmin_clips_per_person = 2\n"


@pytest.fixture(scope="module")
def study(road: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the simulated study: what is written into it stays here."""
    folder = tmp_path_factory.mktemp("quality") / "study"
    shutil.copytree(road / "study", folder)
    (folder.parent / "qc.toml").write_text(QC)
    return folder


def content_of(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*"))}


def without_labels(study: Path, copy: Path) -> Path:
    """The study without self-report, ratings, truth, and without targets and groups of its stimuli."""
    shutil.copytree(study, copy)
    shutil.rmtree(copy / "ratings")
    (copy / "truth.parquet").unlink(missing_ok=True)
    for file in copy.glob("sessions/*/selfreport.tsv"):
        file.unlink()
    lines = (copy / "stimuli.tsv").read_text().splitlines()
    rows = [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]
    bare = [{**row, "target_emotion7": "", "target_emotion3": ""} for row in rows]
    (copy / "stimuli.tsv").write_text("\n".join([lines[0], *("\t".join(row.values()) for row in bare)]) + "\n")
    return copy


def test_without_any_label_the_result_is_the_same_byte_for_byte(study: Path, tmp_path: Path) -> None:
    gate = study.parent / "qc.toml"
    report_quality(study, gate=gate, out=tmp_path / "with")
    report_quality(without_labels(study, tmp_path / "bare"), gate=gate, out=tmp_path / "without")
    assert content_of(tmp_path / "with") == content_of(tmp_path / "without")
    assert "gate.json" in content_of(tmp_path / "with")


def test_the_gate_its_hash_and_its_result_stand_in_one_file_without_a_date(study: Path, tmp_path: Path) -> None:
    report = report_quality(study, gate=study.parent / "qc.toml", out=tmp_path / "Q")
    told = json.loads((tmp_path / "Q" / "gate.json").read_text())
    assert report.gate is not None
    assert told["gate_sha256"] == report.gate.sha256
    assert told["thresholds"] == {"max_longest_gap_s": 0.4, "min_clips_per_person": 2, "min_valid_share": 0.93}
    assert len(told["kept"]) + len(told["left_out"]) == 9
    assert set(told) == {
        "schema", "study", "gate_sha256", "thresholds", "unknown", "source_fingerprint", "face_detector", "flow",
        "kept", "left_out",
    }  # fmt: skip


def test_the_tables_hold_every_clip_person_and_stimulus(study: Path, tmp_path: Path) -> None:
    report_quality(study, out=tmp_path / "Q")
    tables = {}
    for name in ("clips", "people", "stimuli"):
        with (tmp_path / "Q" / f"{name}.tsv").open() as file:
            tables[name] = list(csv.DictReader(file, delimiter="\t"))
    assert [len(tables[name]) for name in ("clips", "people", "stimuli")] == [9, 3, 3]
    for person in tables["people"]:
        own = [clip for clip in tables["clips"] if clip["participant_id"] == person["participant_id"]]
        weights = [float(clip["num_samples"]) for clip in own]
        lost = sum(w * float(clip["loss_share"]) for w, clip in zip(weights, own, strict=True)) / sum(weights)
        assert float(person["loss_share"]) == pytest.approx(lost, abs=1e-5)
        longest = max(float(clip["longest_gap_s"]) for clip in own)
        assert float(person["longest_gap_s"]) == pytest.approx(longest)


def test_what_no_file_says_is_not_reported(study: Path, tmp_path: Path) -> None:
    report = report_quality(study, out=tmp_path / "Q")
    items = {item.number: item for item in report.items}
    assert list(items) == [*(f"A{number}" for number in range(1, 13)), "B1", "C1", "-"]
    assert {number for number, item in items.items() if item.content == "not reported"} == {
        "A3", "A5", "A8", "A9", "B1"
    }  # fmt: skip
    assert items["A10"].content.startswith("accuracy unknown")
    assert "650 mm" in items["C1"].content


def test_a_damaged_session_falls_and_the_others_are_measured(study: Path, tmp_path: Path) -> None:
    copy = tmp_path / "damaged"
    shutil.copytree(study, copy)
    first = sorted(copy.glob("sessions/*"))[0]
    (first / "gaze.tsv").write_text("nothing of a tracker\n")
    report = report_quality(copy, out=tmp_path / "Q")
    assert [session for session, _ in report.failures] == [first.name]
    readable = next(stage for stage in report.flow.stages if stage.name == "session_readable")
    assert (readable.people_left_out, readable.sessions_left_out, readable.clips_left_out) == (1, 1, 3)
    assert len(report.flow.kept) == 6


def test_the_result_is_listed_in_the_study_and_replaces_only_its_own_kind(study: Path, tmp_path: Path) -> None:
    report_quality(study)
    report_quality(study)
    notes = [json.loads(line) for line in (study / "derived.jsonl").read_text().splitlines()]
    assert [note["path"] for note in notes if note.get("by") == "quality"].count("derived/quality") == 1
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="no result of 'emogap quality'"):
        report_quality(study, out=tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"
