"""Every planted leak is named, and a clean split has none."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from emogap.datasets.copies import Copies, Copy, find_copies
from emogap.datasets.findings import Audit
from emogap.datasets.leakage import audit_dataset, audit_split, audit_split_file
from emogap.datasets.split_file import write_split
from emogap.datasets.splits import Cell, Split, make_split
from emogap.types import SampleKey
from tests.datasets import planting
from tests.datasets.test_splits import Keys, crossed

NO_COPIES = Copies((), 100, 0.4, 0.9)


def kinds(audit: Audit, severity: str) -> list[str]:
    return [finding.kind for finding in audit.findings if finding.severity == severity]


def with_cell(split: Split, number: int, cell: Cell) -> Split:
    return replace(split, cells=(*split.cells[:number], cell, *split.cells[number + 1 :]))


@pytest.mark.parametrize("name", ["person", "person+stimulus", "person-thinned"])
def test_a_split_of_ours_has_no_leak(name: str) -> None:
    data = crossed(9, 7)
    audit = audit_split(data, make_split(data, name, seed=0), copies=NO_COPIES)
    assert not audit.leaks
    assert kinds(audit, "warning") == ([] if name == "person+stimulus" else ["stimuli"])


def test_a_person_in_test_and_training_is_named_with_the_cell() -> None:
    data = crossed(10, 7)
    split = make_split(data, "person", seed=0)
    cell = split.cells[3]
    moved = next(row for row in cell.test)
    person = data.keys[moved].participant_id
    leaking = replace(cell, test=cell.test[1:], train=(*cell.train, moved))
    audit = audit_split(data, with_cell(split, 3, leaking))
    (leak,) = audit.leaks
    assert leak.kind == "people"
    assert leak.what.startswith(f"1 person is in test and in training or validation (in 1 of 5, first p3): {person}")


def test_a_person_in_test_and_validation_leaks_too() -> None:
    data = crossed(10, 7)
    split = make_split(data, "person", seed=0)
    cell = split.cells[0]
    leaking = replace(cell, test=cell.test[1:], validation=(*cell.validation, cell.test[0]))
    assert kinds(audit_split(data, with_cell(split, 0, leaking)), "leak") == ["people"]


def test_a_test_clip_in_training_and_one_in_validation_are_told_apart() -> None:
    data = crossed(10, 7)
    split = make_split(data, "person", seed=0)
    cell = split.cells[2]
    leaking = replace(cell, train=(*cell.train, cell.test[0]), validation=(*cell.validation, cell.test[1]))
    found = [leak.what for leak in audit_split(data, with_cell(split, 2, leaking)).leaks]
    assert any("1 test clip is among the training clips" in what for what in found)
    assert any("1 test clip is in the validation set" in what for what in found)


def test_findings_of_one_kind_are_told_apart_by_what_was_looked_for() -> None:
    """Two rows 'people' and two rows 'test clips' of a printed table said the same of different questions."""
    data = crossed(9, 7)
    audit = audit_split(data, make_split(data, "person", seed=0), copies=NO_COPIES)
    assert [finding.looked_for for finding in audit.findings] == [
        "test clips in training",
        "test clips in validation",
        "people in test and in training or validation",
        "people in training and validation",
        "stimuli in test and in training or validation",
        "copies in test and in training or validation",
    ]
    assert {finding.kind for finding in audit.findings} == {"test clips", "people", "stimuli", "copies"}


def test_a_stimulus_group_on_both_sides_leaks_where_it_should_be_unseen_and_is_a_warning_elsewhere() -> None:
    """Two pictures of one group: dealing by stimulus instead of by group puts the group on both sides."""
    data = crossed(9, 8, per_group=2)
    ungrouped = Keys(tuple(replace(key, stimulus_group=key.stimulus_id) for key in data.keys))
    by_stimulus = make_split(ungrouped, "person+stimulus", seed=0)
    audit = audit_split(data, by_stimulus)
    assert kinds(audit, "leak") == ["stimuli"]
    assert "g00" in audit.leaks[0].what
    assert not audit_split(data, replace(by_stimulus, name="person")).leaks


def test_people_in_training_and_validation_are_a_warning() -> None:
    data = crossed(10, 7)
    split = make_split(data, "person", seed=0)
    cell = split.cells[0]
    mixed = replace(cell, train=cell.train[:-1], validation=(*cell.validation, cell.train[-1]))
    audit = audit_split(data, with_cell(split, 0, mixed))
    assert not audit.leaks
    assert kinds(audit, "warning") == ["people", "stimuli"]


def test_official_folds_that_share_people_are_found_out() -> None:
    data = crossed(8, 5)
    split = make_split(data, "official", seed=0, official=[str(row % 2) for row in range(40)])
    assert kinds(audit_split(data, split), "leak") == ["people"]


def test_a_copy_on_the_other_side_is_a_leak_and_one_on_the_same_side_is_not() -> None:
    data = crossed(10, 4)
    split = make_split(data, "person", seed=0)
    fold_of = {data.keys[row].participant_id: cell.name for cell in split.cells for row in cell.test}
    first = data.keys[0]
    same = next(k for k in data.keys if k.participant_id != "p00" and fold_of[k.participant_id] == fold_of["p00"])
    other = next(k for k in data.keys if fold_of[k.participant_id] != fold_of["p00"])

    def audited(partner: SampleKey) -> Audit:
        return audit_split(data, split, copies=replace(NO_COPIES, found=(Copy(first, partner, 0.1, 0.0),)))

    assert not audited(same).leaks
    (leak,) = audited(other).leaks
    assert leak.kind == "copies"
    assert f"p00/s00 is {other.participant_id}/{other.stimulus_id}" in leak.what


def test_a_renamed_person_is_a_leak_of_the_data_set_and_of_its_split() -> None:
    recorded = planting.cohort()
    copied = [("q1", stimulus, samples) for stimulus, samples in planting.of(recorded, "p4")]
    data = planting.as_dataset(recorded + copied)
    split = make_split(data, "person", seed=1)
    audit = audit_dataset(PretendDataset(data))  # type: ignore[arg-type]
    assert kinds(audit, "leak") == ["copies"]
    assert "p4 and q1 (7 clips, in step)" in audit.leaks[0].what
    assert "copies" in kinds(audit_split(data, split, copies=find_copies(data)), "leak")


class PretendDataset:
    """Planted recordings with the name that a data set has."""

    def __init__(self, data: planting.Planted) -> None:
        self.name = "planted"
        self.keys, self.streams, self.masks, self.channels = data.keys, data.streams, data.masks, data.channels
        self.fingerprint = data.fingerprint


def test_a_recording_of_two_people_is_named() -> None:
    data = planting.as_dataset(planting.cohort())
    keys = tuple(replace(key, recording_id="r-p1") if key.participant_id == "p6" else key for key in data.keys)
    audit = audit_dataset(PretendDataset(replace(data, keys=keys)))  # type: ignore[arg-type]
    assert kinds(audit, "leak") == ["recordings"]
    assert "r-p1 of p1, p6" in audit.leaks[0].what


def test_a_clean_data_set_has_no_leak() -> None:
    audit = audit_dataset(PretendDataset(planting.as_dataset(planting.cohort())))  # type: ignore[arg-type]
    assert not audit.leaks
    assert audit.subject == "data set planted: 63 clips of 9 people with 7 stimuli in 7 groups"


def test_an_intact_split_file_passes(tmp_path: Path) -> None:
    data = crossed(9, 7)
    write_split(tmp_path / "s.json", make_split(data, "person+stimulus", seed=0), data)
    assert not audit_split_file(tmp_path / "s.json", data).leaks


def test_an_edited_split_file_is_audited_all_the_same(tmp_path: Path) -> None:
    data, path = crossed(9, 7), tmp_path / "s.json"
    write_split(path, make_split(data, "person", seed=0), data)
    content = json.loads(path.read_text())
    content["cells"][1]["train"] += content["cells"][1]["test"][:2]
    path.write_text(json.dumps(content))
    assert kinds(audit_split_file(path, data), "leak") == ["fingerprint", "test clips", "people"]


def test_a_split_file_of_other_data_is_a_leak_whether_its_clips_are_there_or_not(tmp_path: Path) -> None:
    data, path = crossed(9, 7), tmp_path / "s.json"
    write_split(path, make_split(data, "person", seed=0), data)
    rebuilt = replace(data, fingerprint="0" * 16)
    assert kinds(audit_split_file(path, rebuilt), "leak") == ["fingerprint"]
    fewer = Keys(data.keys[1:])
    (leak,) = audit_split_file(path, fewer).leaks
    assert "1 of 63 samples of the split are not in the data set" in leak.what
