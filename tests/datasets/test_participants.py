"""What a source says of its people travels beside the samples."""

from collections.abc import Callable
from pathlib import Path

import pytest

from emogap.datasets.participants import (
    PARTICIPANTS_FILE,
    participants_of_table,
    read_participants,
    write_participants,
)
from emogap.datasets.store import Dataset
from emogap.errors import DataError

TABLE = """participant_id\tsex\tage\tglasses\thandedness\tconsent\tconsent_face\twithdraw_until
p2\tf\t31\tn/a\tleft\tlab\tpublic\t2027-01-01
p1\tm\t\tyes\tright\tlab\tpublic\t2027-01-01
p9\tf\t20.5\tno\tright\tlab\tpublic\t2027-01-01
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "participants.tsv"
    path.write_text(TABLE)
    return path


def test_consent_is_left_behind_and_any_other_column_carried(table: Path) -> None:
    assert participants_of_table(table)["p2"] == {"sex": "f", "age": "31", "glasses": None, "handedness": "left"}


def test_one_row_for_each_person_with_a_clip(hand_dataset: Callable[..., Dataset], table: Path) -> None:
    folder = hand_dataset().path
    write_participants(folder, participants_of_table(table))
    carried = read_participants(folder)
    assert carried is not None
    assert carried.to_dicts() == [
        {"participant_id": "p1", "sex": "m", "age": None, "glasses": "yes", "handedness": "right"},
        {"participant_id": "p2", "sex": "f", "age": 31.0, "glasses": None, "handedness": "left"},
    ]


def test_a_source_that_says_nothing_gives_ids_alone(hand_dataset: Callable[..., Dataset]) -> None:
    folder = hand_dataset().path
    write_participants(folder, {})
    carried = read_participants(folder)
    assert carried is not None
    assert carried.to_dict(as_series=False) == {"participant_id": ["p1", "p2"]}


def test_without_the_file_nothing_is_known(tmp_path: Path) -> None:
    assert read_participants(tmp_path) is None


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / PARTICIPANTS_FILE).write_bytes(b"no table")
    with pytest.raises(DataError, match=r"participants\.parquet"):
        read_participants(tmp_path)
