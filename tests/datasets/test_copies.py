"""Copies are found whatever was done to them, and two people are never taken for one."""

import csv
import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.build import build
from emogap.datasets.copies import Copies, find_copies
from emogap.datasets.plan import BuildConfig
from emogap.datasets.store import open_dataset
from tests.datasets import planting


def found_pairs(copies: Copies) -> set[tuple[str, str, str]]:
    """Participants and stimulus of each copy; both clips of a planted copy are of one stimulus."""
    assert all(copy.first.stimulus_id == copy.second.stimulus_id for copy in copies.found)
    return {
        (*sorted((copy.first.participant_id, copy.second.participant_id)), copy.first.stimulus_id)  # type: ignore[misc]
        for copy in copies.found
    }


@pytest.mark.parametrize("seed", range(3))
def test_different_people_are_not_copies(seed: int) -> None:
    copies = find_copies(planting.as_dataset(planting.cohort(seed=seed)))
    assert copies.found == ()
    assert copies.num_pairs == 9 * 8 // 2 * 7 * 7
    assert copies.nearest_other > 1.2 * copies.threshold


@pytest.mark.parametrize(
    ("change", "shift_s"),
    [
        (lambda samples: samples, 0.0),
        (lambda samples: planting.resampled(samples, 50.0), 0.0),
        (lambda samples: planting.trimmed(samples, 0.12, 1.0), 0.96),
        (lambda samples: planting.trimmed(samples, 0.0, 0.8), 0.0),
        (lambda samples: planting.trimmed(planting.resampled(samples, 75.0), 0.2, 0.95), 1.6),
    ],
    ids=["renamed", "resampled", "beginning-cut", "end-cut", "resampled-and-trimmed"],
)
def test_a_copy_under_another_name_is_found(change: Callable[[np.ndarray], np.ndarray], shift_s: float) -> None:
    recorded = planting.cohort()
    copied = [("q1", stimulus, change(samples)) for stimulus, samples in planting.of(recorded, "p4")]
    copies = find_copies(planting.as_dataset(recorded + copied))
    found = found_pairs(copies)
    assert found <= {("p4", "q1", stimulus) for _, stimulus, _ in copied}
    assert len(found) >= 6
    for copy in copies.found:
        sign = 1 if copy.first.participant_id == "p4" else -1
        assert sign * copy.shift_s == pytest.approx(shift_s, abs=0.15)


def test_a_single_copied_clip_among_many_is_found() -> None:
    recorded = planting.cohort()
    stimulus, samples = planting.of(recorded, "p2")[5]
    copies = find_copies(planting.as_dataset([*recorded, ("p7", "s9", planting.trimmed(samples, 0.1, 0.9))]))
    (copy,) = copies.found
    assert {
        (copy.first.participant_id, copy.first.stimulus_id),
        (copy.second.participant_id, copy.second.stimulus_id),
    } == {
        ("p2", stimulus),
        ("p7", "s9"),
    }


def test_the_same_clip_twice_under_one_name_is_no_leak_between_people() -> None:
    recorded = planting.cohort()
    stimulus, samples = planting.of(recorded, "p2")[0]
    assert find_copies(planting.as_dataset([*recorded, ("p2", f"{stimulus}-again", samples)])).found == ()


def test_people_who_keep_still_are_not_copies() -> None:
    """Half of the people fixate one point: they are near to each other because nothing happens."""
    recorded = planting.cohort(num_people=10)
    still = []
    for participant, stimulus, samples in recorded:
        quiet = samples.copy()
        if int(participant[1:]) % 2:
            quiet[:, 1:] = quiet[:1, 1:] * 0.01 + 0.05 * (quiet[:, 1:] - quiet[:, 1:].mean(axis=0))
        still.append((participant, stimulus, quiet))
    assert find_copies(planting.as_dataset(still)).found == ()


def test_a_clip_without_a_single_sample_is_compared_with_nothing() -> None:
    data = planting.as_dataset(planting.cohort())
    data.streams["eye"][:9] = np.nan
    assert find_copies(data).found == ()


def test_one_person_or_no_clip_leaves_nothing_to_compare() -> None:
    alone = planting.as_dataset(planting.cohort(num_people=1))
    assert find_copies(alone).num_pairs == 0
    assert find_copies(planting.Planted((), {}, {}, {})).found == ()


def test_too_few_pairs_for_a_null_still_find_what_is_identical() -> None:
    recorded = planting.cohort(num_people=2, num_stimuli=2)
    copied = [("q", stimulus, samples) for stimulus, samples in planting.of(recorded, "p0")]
    data = planting.as_dataset(recorded + copied)
    assert found_pairs(find_copies(data)) == {("p0", "q", "s0"), ("p0", "q", "s1")}


def _blocks(path: Path) -> tuple[list[str], dict[str, list[list[str]]]]:
    with gzip.open(path, "rt", newline="") as file:
        header, *rows = csv.reader(file)
    person = header.index("ParticipantName")
    blocks: dict[str, list[list[str]]] = {}
    for row in rows:
        blocks.setdefault(row[person], []).append(row)
    return header, blocks


def _renamed(header: list[str], rows: list[list[str]], name: str) -> list[list[str]]:
    person = header.index("ParticipantName")
    return [[name if column == person else cell for column, cell in enumerate(row)] for row in rows]


def _at_220_hz(header: list[str], rows: list[list[str]]) -> list[list[str]]:
    """Every measured number interpolated, the rest from the nearest row."""
    clock = header.index("RecordingTimestamp")
    time_ms = np.array([float(row[clock]) for row in rows])
    wanted_ms = np.round(np.arange(time_ms[0], time_ms[-1], 1000 / 220))
    nearest = np.abs(time_ms[:, None] - wanted_ms).argmin(axis=0)
    copied = [list(rows[row]) for row in nearest]
    for column, name in enumerate(header):
        if name.startswith(("GazePoint", "EyePos", "Pupil", "StrictAverage")) and name != "GazePointIndex":
            known = np.array([float(row[column] or "nan") for row in rows])
            for row, value in zip(copied, np.interp(wanted_ms, time_ms, known), strict=True):
                digits = 0 if name.endswith("px)") else 2
                row[column] = "" if np.isnan(value) or not row[column] else f"{value:.{digits}f}"
    for row, value in zip(copied, wanted_ms, strict=True):
        row[clock] = f"{value:.0f}"
    return copied


@pytest.fixture(scope="module")
def planted_uniss(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four real images with 16 people; three of them a second time under a new name."""
    source = tmp_path_factory.mktemp("uniss")
    (source / "fgd").mkdir()
    shutil.copy(shared_data / "uniss_fgd" / "StimuliMap.csv", source)
    for image in ("002", "017", "033", "064"):
        header, blocks = _blocks(shared_data / "uniss_fgd" / "fgd" / f"{image}.csv.gz")
        last = len(blocks["07"])
        rows = [row for block in blocks.values() for row in block]
        rows += _renamed(header, blocks["03"], "16")
        rows += _renamed(header, _at_220_hz(header, blocks["05"]), "17")
        rows += _renamed(header, blocks["07"][int(0.12 * last) : int(0.97 * last)], "18")
        with gzip.open(source / "fgd" / f"{image}.csv.gz", "wt", newline="", compresslevel=1) as file:
            csv.writer(file).writerows([header, *rows])
    build(source, source / "D", BuildConfig(catalogue="uniss_fgd"), jobs=1)
    return source / "D"


def test_copies_planted_into_real_recordings_are_found_and_nothing_else(planted_uniss: Path) -> None:
    """Every planted person is named; nobody of the 16 real people is taken for another."""
    dataset = open_dataset(planted_uniss)
    assert len(dataset.keys) == 4 * 19
    copies = find_copies(dataset)
    people = [tuple(sorted((copy.first.participant_id, copy.second.participant_id))) for copy in copies.found]
    assert set(people) == {("03", "16"), ("05", "17"), ("07", "18")}
    assert people.count(("03", "16")) == 4
    assert len(people) >= 11
