"""The sample nearest to a time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emogap.preprocessing.nearest import nearest_samples


def test_of_two_that_are_as_near_the_earlier_is_taken() -> None:
    assert nearest_samples(np.array([0.0, 2.0, 4.0]), np.array([1.0, 3.0, 3.1])).tolist() == [0, 1, 2]


def test_one_sample_is_nearest_to_everything() -> None:
    assert nearest_samples(np.array([5.0]), np.array([0.0, 5.0, 9.0])).tolist() == [0, 0, 0]


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True).map(sorted),
    st.lists(st.integers(-50, 450), min_size=1, max_size=7),
)
def test_no_other_sample_is_nearer(samples: list[int], wanted: list[int]) -> None:
    found = nearest_samples(np.array(samples, float), np.array(wanted, float))
    for time, at in zip(wanted, found.tolist(), strict=True):
        distances = [abs(time - sample) for sample in samples]
        assert at == distances.index(min(distances))
