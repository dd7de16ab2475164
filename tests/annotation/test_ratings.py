"""Rating files become tables; whatever cannot be is refused with file, line and the nearest word."""

from pathlib import Path

import numpy as np
import pytest

from emogap.annotation.ratings import Rating, rating_table, read_ratings
from emogap.errors import DataError, UnknownNameError

HEADER = "item,annotator,question,rating,round,answered_at\n"


def read(tmp_path: Path, *lines: str, items: list[str] | None = None) -> tuple[Rating, ...]:
    path = tmp_path / "ratings" / "experts.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER + "".join(line + "\n" for line in lines))
    return read_ratings([path], items=items)


def test_words_become_indices_of_their_vocabulary_and_gaps_are_nan(tmp_path: Path) -> None:
    ratings = read(tmp_path, "p1/s1,e1,emotion7,fear,1,", "p1/s2,e1,emotion7,neutral,1,", "p1/s1,e2,emotion7,anger,1,")
    table = rating_table(ratings, "emotion7")
    assert (table.items, table.annotators, table.scale) == (("p1/s1", "p1/s2"), ("e1", "e2"), "nominal")
    np.testing.assert_array_equal(table.rating, [[2, 5], [6, np.nan]])


def test_the_last_round_counts_whatever_the_order_of_rows(tmp_path: Path) -> None:
    ratings = read(tmp_path, "p1/s1,e1,valence,0.5,2,", "p1/s1,e1,valence,-0.5,1,")
    assert [rating.value for rating in ratings] == [0.5]


def test_an_annotator_answers_once_in_a_round(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"experts\.csv, line 3: e1 rated valence of p1/s1 already.*line 2"):
        read(tmp_path, "p1/s1,e1,valence,0.5,1,", "p1/s1,e1,valence,0.25,1,")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("p1/s1,e1,emotion7,joyful,1,", "(?s)line 2: 'joyful' is no word of emotion7.*happiness"),
        ("p1/s1,e1,emotion7,suprise,1,", "did you mean 'surprise'"),
        ("p1/s1,e1,emotion3,happiness,1,", "no word of emotion3"),
        ("p1/s1,e1,valance,0.5,1,", "did you mean 'valence'"),
        ("p1/s1,e1,valence,7,1,", "valence is 7, outside -1 to 1"),
        ("p1/s1,e1,intensity,3.5,1,", "outside 0 to 3"),
        ("p1/s3,e1,valence,0.5,1,", "did you mean 'p1/s"),
        ("p1/s1,e 1,valence,0.5,1,", "no annotator"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        read(tmp_path, line, items=["p1/s1", "p1/s2"])


def test_an_unknown_question_is_named() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'arousal'"):
        rating_table((), "arusal")


def test_of_a_round_the_last_revision_counts_and_a_withdrawn_round_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    rows = ["p1/s1,e1,valence,0.5,1,,2", "p1/s1,e1,valence,0.25,1,,1", "p1/s2,e1,valence,0.75,1,,1"]
    rows += ["p1/s2,e1,valence,1,2,,1", "p1/s2,e1,valence,,2,,2"]
    path.write_text("\n".join(["item,annotator,question,rating,round,answered_at,revision", *rows]) + "\n")
    assert [(rating.item, rating.value) for rating in read_ratings([path])] == [("p1/s1", 0.5), ("p1/s2", 0.75)]
