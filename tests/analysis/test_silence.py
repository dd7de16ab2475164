from itertools import product

import pytest

from emogap.analysis.silence import silent_groups


@pytest.mark.parametrize(
    ("sizes", "silent"),
    [
        ({"f": 12, "m": 12}, ()),
        # One group alone would be the total less the other.
        ({"f": 20, "m": 4}, ("f", "m")),
        ({"a": 11, "b": 4, "c": 7}, ("b", "c")),
        # Two silent groups hide each other, if together they are not too few.
        ({"a": 11, "b": 4, "c": 3, "d": 8}, ("b", "c")),
        ({"a": 11, "b": 1, "c": 1, "d": 8}, ("b", "c", "d")),
        ({"a": 2, "b": 1}, ("a", "b")),
        ({"only": 3}, ("only",)),
    ],
)
def test_a_small_group_is_never_silent_alone(sizes: dict[str, int], silent: tuple[str, ...]) -> None:
    assert silent_groups({name: [size] for name, size in sizes.items()}, least=[5]) == silent


def test_people_of_no_group_are_a_part_that_is_never_shown() -> None:
    sizes = {"a": [9], "b": [6]}
    assert silent_groups(sizes, least=[5], nameless=[0]) == ()
    assert silent_groups(sizes, least=[5], nameless=[7]) == ()
    # Two people of whom nothing is stated would be the total less a and b.
    assert silent_groups(sizes, least=[5], nameless=[2]) == ("b",)
    assert silent_groups({"a": [9], "b": [4]}, least=[5], nameless=[2]) == ("b",)


def test_each_way_of_counting_has_its_least() -> None:
    """Six people are enough, their 18 clips are not; the group with the fewest people joins them."""
    assert silent_groups({"a": [6, 18], "b": [8, 90], "c": [7, 95]}, least=[5, 20]) == ("a", "c")


def test_whatever_is_left_of_the_total_is_no_small_group() -> None:
    """All tables of four groups of 0 to 7 people: the total less what is shown, by brute force."""
    for counts in product(range(8), repeat=4):
        sizes = {f"g{number}": [count] for number, count in enumerate(counts) if count}
        silent = silent_groups(sizes, least=[4])
        shown = [count for name, (count,) in sizes.items() if name not in silent]
        left = sum(counts) - sum(shown)
        assert all(count >= 4 for count in shown)
        assert len(silent) != 1 or len(sizes) == 1
        assert left == 0 or left >= 4 or not shown
