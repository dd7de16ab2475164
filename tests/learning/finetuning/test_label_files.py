"""Labels in both layouts, and everything that may be wrong with them."""

import json
from pathlib import Path

import polars as pl
import pytest

from emogap.errors import DataError
from emogap.learning.finetuning.label_files import read_label_file
from emogap.learning.finetuning.question import LABEL_FILE_QUESTIONS

VAD, BEHAVIOUR = LABEL_FILE_QUESTIONS["vad"], LABEL_FILE_QUESTIONS["behaviour"]


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(content))
    return path


def test_the_json_of_the_authors_is_read_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, {"7.2": [[5, 9.5, 0.1, 0.2, 0.3], [0, 5, 0.4, 0.5, 1]], "3.1": [[1, 2, 0, 0, 0]]})
    found = read_label_file(path, VAD)
    assert [(each.recording, each.start_s, each.stop_s) for each in found] == [
        ("3.1", 1, 2),
        ("7.2", 0, 5),
        ("7.2", 5, 9.5),
    ]
    assert found[1].label == (0.4, 0.5, 1.0)
    assert found[1].trial is None


def test_of_a_longer_row_the_last_three_numbers_are_the_label(tmp_path: Path) -> None:
    """The authors' code counts valence, arousal and dominance from the end."""
    found = read_label_file(written(tmp_path, {"7.2": [[0, 5, "joy", 0.7, 0.2, 0.3]]}), VAD)
    assert found[0].label == (0.7, 0.2, 0.3)


def test_a_behaviour_becomes_one_at_its_class(tmp_path: Path) -> None:
    found = read_label_file(written(tmp_path, {"7.2": [[0, 5, "cry"], [6, 8, "sigh"]]}), BEHAVIOUR)
    assert [each.label for each in found] == [(0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]


def test_parquet_says_the_same_as_json_and_knows_trials(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    pl.DataFrame(
        {
            "recording_id": ["7.2", "7.2"],
            "trial": [1, 0],
            "start_s": [0.0, 0.0],
            "stop_s": [5.0, 4.0],
            "valence": [0.1, 0.4],
            "arousal": [0.2, 0.5],
            "dominance": [0.3, 0.6],
        }
    ).write_parquet(path)
    found = read_label_file(path, VAD)
    assert [(each.trial, each.stop_s, each.label) for each in found] == [
        (0, 4.0, (0.4, 0.5, 0.6)),
        (1, 5.0, (0.1, 0.2, 0.3)),
    ]


def test_a_class_in_parquet_stands_in_the_column_label(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    table = {"recording_id": ["a"], "start_s": [0.0], "stop_s": [5.0], "label": ["laugh"]}
    pl.DataFrame(table).write_parquet(path)
    assert read_label_file(path, BEHAVIOUR)[0].label == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([[0, 5, 0.1, 1.2, 0.3]], r"arousal is 1.2, outside \[0, 1\]"),
        ([[0, 5, -0.1, 0.2, 0.3]], r"valence is -0.1, outside \[0, 1\]"),
        ([[5, 5, 0.1, 0.2, 0.3]], "from 5 to 5 s"),
        ([[-1, 5, 0.1, 0.2, 0.3]], "from -1 to 5 s"),
        ([[0, 5, 0.1, 0.2, 0.3], [4, 9, 0.1, 0.2, 0.3]], r"0 to 5 s and 4 to 9 s of 'a' overlap \(1 such pair\)"),
        ([[0, 5, 0.1, 0.2, None]], "dominance is None, not a finite number"),
        ([[0, 5, 0.1, 0.2, float("nan")]], "dominance is nan, not a finite number"),
        ([[0, 5, 0.1, 0.2, True]], "dominance is True, not a finite number"),
        ([[0, 5, 0.1]], "a list of 5 entries is needed"),
        ("0-5", "the labels are no list"),
    ],
)
def test_labels_off_their_scale_or_at_odds_are_refused(tmp_path: Path, rows: object, what: str) -> None:
    with pytest.raises(DataError, match=what):
        read_label_file(written(tmp_path, {"a": rows}), VAD)


def test_segments_may_touch_and_other_recordings_may_overlap(tmp_path: Path) -> None:
    content = {"a": [[0, 5, 0, 0, 0], [5, 9, 0, 0, 0]], "b": [[4, 9, 0, 0, 0]]}
    assert len(read_label_file(written(tmp_path, content), VAD)) == 3


def test_an_error_names_recording_and_segment(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": [[0, 5, 0, 0, 0]], "b": [[0, 1, 0, 0, 0], [1, 2, 0, 3, 0]]})
    with pytest.raises(DataError) as caught:
        read_label_file(path, VAD)
    assert caught.value.where == f"{path}: 'b', segment 2"


def test_an_unknown_class_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no class 'laughs'") as caught:
        read_label_file(written(tmp_path, {"a": [[0, 5, "laughs"]]}), BEHAVIOUR)
    assert caught.value.fix == "did you mean 'laugh'? available: laugh, cry, sigh"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("labels.json", b"{", "is no JSON"),
        ("labels.json", b"[]", "holds a list"),
        ("labels.json", b"{}", "holds no label"),
        ("labels.parquet", b"PAR1", "is no parquet"),
        ("labels.csv", b"", "read from .json or .parquet, not from '.csv'"),
    ],
)
def test_a_file_that_is_none_of_these_is_refused(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=what):
        read_label_file(tmp_path / name, VAD)


def test_a_missing_file_and_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file of labels"):
        read_label_file(tmp_path / "none.json", VAD)
    pl.DataFrame({"recording_id": ["a"], "start_s": [0.0], "valence": [0.1]}).write_parquet(tmp_path / "l.parquet")
    with pytest.raises(DataError, match="lacks the columns stop_s, arousal, dominance"):
        read_label_file(tmp_path / "l.parquet", VAD)
