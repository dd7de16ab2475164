"""Part of the annotators of a table."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.annotation.annotators import count_answers, machines_of, only_annotators, people_of
from emogap.types import RatingTable

NAN = np.nan
TABLE = RatingTable(
    ("i1", "i2", "i3", "i4", "i5"),
    ("ann", "machine-net", "ben", "machine-old"),
    np.array([[1, 2, NAN, 0], [NAN, 1, NAN, 1], [0, NAN, 1, NAN], [NAN, NAN, NAN, NAN], [2, 2, 2, NAN]]),
    "nominal",
    ("calm", "tense", "glad"),
)


def test_people_and_machines_are_told_apart_in_the_order_of_the_table() -> None:
    assert people_of(TABLE) == ("ann", "ben")
    assert machines_of(TABLE) == ("machine-net", "machine-old")


def test_items_that_none_of_the_chosen_rated_go_or_stay_unrated() -> None:
    people = only_annotators(TABLE, ("ben", "ann"))
    assert people is not None
    assert (people.items, people.annotators) == (("i1", "i3", "i5"), ("ann", "ben"))
    assert np.array_equal(people.rating, [[1, NAN], [0, 1], [2, 2]], equal_nan=True)
    assert people.categories == TABLE.categories
    every = only_annotators(TABLE, ("ben", "ann"), keep_unrated=True)
    assert every is not None
    assert every.items == TABLE.items
    assert np.isnan(every.rating[[1, 3]]).all()


@pytest.mark.parametrize("keep_unrated", [False, True])
def test_nobody_left_is_no_table(keep_unrated: bool) -> None:
    empty = RatingTable(("i1", "i2"), ("ann", "ben", "cyd"), np.array([[1.0, NAN, NAN], [0.5, NAN, NAN]]), "interval")
    assert only_annotators(empty, ("ben", "cyd"), keep_unrated=keep_unrated) is None
    assert only_annotators(empty, (), keep_unrated=keep_unrated) is None


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0, NAN]), min_size=5, max_size=5), min_size=1, max_size=7))
def test_answers_are_counted_as_python_counts_them(rows: list[list[float]]) -> None:
    counted = count_answers(np.array(rows), range(3))
    assert counted.tolist() == [[Counter(row)[answer] for answer in (0.0, 1.0, 2.0)] for row in rows]
