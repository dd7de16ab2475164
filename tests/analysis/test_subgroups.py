"""Scores of subgroups: a planted difference, none, and silence about the few."""

from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.metrics import balanced_accuracy_score

from emogap.analysis.subgroups import NOT_STATED, adjusted_over, bands_of, subgroup_scores
from emogap.errors import UsageError

CLIPS, CLASSES = 9, 3


def cohort(sizes: dict[str, int], right: dict[str, float], seed: int = 0):  # type: ignore[no-untyped-def]
    """Label, output and person of each clip, and the group of each person; a group is right so often."""
    rng = np.random.default_rng(seed)
    names = [group for group, size in sizes.items() for _ in range(size)]
    people = np.repeat([f"p{number:02d}" for number in range(len(names))], CLIPS)
    share = np.repeat([right[name] for name in names], CLIPS)
    label = np.tile(np.arange(CLIPS) % CLASSES, len(names))
    output = np.where(rng.random(len(label)) < share, label, (label + 1) % CLASSES)
    return label, output, people, {f"p{number:02d}": name for number, name in enumerate(names)}


def test_a_planted_difference_is_found() -> None:
    label, output, people, group_of = cohort({"f": 14, "m": 12}, {"f": 0.8, "m": 0.45})
    found = subgroup_scores("uar", label, output, people=people, trait="sex", group_of=group_of, draws=999)
    (test,) = found.differences
    assert [(group.name, group.num_people, group.num_clips) for group in found.groups] == [
        ("f", 14, 126),
        ("m", 12, 108),
    ]
    assert test.difference > 0.2
    assert test.p == pytest.approx(1 / 1000)
    assert all(group.score.low < group.score.estimate < group.score.high for group in found.groups)


def test_the_score_of_a_group_is_that_of_its_clips() -> None:
    label, output, people, group_of = cohort({"a": 6, "b": 7}, {"a": 0.5, "b": 0.6})
    inside = np.array([group_of[name] == "a" for name in people])
    found = subgroup_scores("uar", label, output, people=people, trait="t", group_of=group_of, draws=99)
    expected = balanced_accuracy_score(label[inside], output[inside])
    assert_allclose(found.groups[0].score.estimate, expected)


def test_p_is_the_share_of_all_deals_of_people_where_they_can_be_counted() -> None:
    """Seven people, two of them in the first group: all 21 deals, scored one by one."""
    label, output, people, group_of = cohort({"a": 2, "b": 5}, {"a": 0.9, "b": 0.5}, seed=4)
    found = subgroup_scores(
        "war", label, output, people=people, trait="t", group_of=group_of, least_people=2, least_clips=1, draws=20_000
    )
    right = np.array([(label == output)[people == name].mean() for name in sorted(group_of)])
    every = [right[list(two)].mean() - np.delete(right, list(two)).mean() for two in combinations(range(len(right)), 2)]
    exact = np.mean(np.abs(every) >= abs(every[0]) - 1e-12)
    assert found.differences[0].p == pytest.approx(exact, abs=0.02)


def test_where_groups_do_not_differ_p_is_uniform() -> None:
    p = []
    for seed in range(120):
        label, output, people, group_of = cohort({"a": 6, "b": 8}, {"a": 0.6, "b": 0.6}, seed=seed)
        found = subgroup_scores("uar", label, output, people=people, trait="t", group_of=group_of, draws=99, seed=seed)
        p.append(found.differences[0].p)
    assert 0.4 < np.mean(p) < 0.6
    assert np.mean(np.array(p) <= 0.1) < 0.2


@pytest.mark.parametrize(
    ("least_people", "least_clips", "loud"),
    [(5, 20, ["c"]), (4, 20, ["a", "b", "c"]), (4, 37, ["c"]), (8, 20, ["c"]), (10, 20, [])],
)
def test_a_group_below_the_least_is_silent_with_one_more(least_people: int, least_clips: int, loud: list[str]) -> None:
    """Alone, the score of a would be had from those of b, c and of all."""
    label, output, people, group_of = cohort({"a": 4, "b": 7, "c": 9}, {"a": 0.5, "b": 0.6, "c": 0.7})
    found = subgroup_scores(
        "uar",
        label,
        output,
        people=people,
        trait="t",
        group_of=group_of,
        least_people=least_people,
        least_clips=least_clips,
        draws=99,
    )
    assert [group.name for group in found.groups] == loud
    assert set(found.silent) == {"a", "b", "c"} - set(loud)
    assert len(found.differences) == (3 if len(loud) == 3 else 0)


def test_one_person_is_never_a_group() -> None:
    label, output, people, group_of = cohort({"a": 3, "b": 7}, {"a": 0.5, "b": 0.6})
    with pytest.raises(UsageError, match="at least two people"):
        subgroup_scores("uar", label, output, people=people, trait="t", group_of=group_of, least_people=1)


def test_somebody_without_a_group_is_refused() -> None:
    label, output, people, group_of = cohort({"a": 6, "b": 7}, {"a": 0.5, "b": 0.6})
    with pytest.raises(UsageError, match="1 person is not given, the first p03"):
        subgroup_scores(
            "uar", label, output, people=people, trait="t", group_of={n: g for n, g in group_of.items() if n != "p03"}
        )


def test_all_tests_of_all_traits_are_one_family() -> None:
    """Three pairs of one trait and one of another: the smallest p is multiplied by four."""
    label, output, people, group_of = cohort({"a": 8, "b": 7, "c": 6}, {"a": 0.9, "b": 0.6, "c": 0.4})
    halves = {name: "odd" if int(name[1:]) % 2 else "even" for name in group_of}
    traits = [
        subgroup_scores("uar", label, output, people=people, trait=trait, group_of=groups, draws=199)
        for trait, groups in (("t", group_of), ("u", halves))
    ]
    adjusted = adjusted_over(traits)
    smallest = min(test.p for trait in adjusted for test in trait.differences)
    assert min(test.p_holm for trait in adjusted for test in trait.differences) == pytest.approx(4 * smallest)


def test_ages_fall_into_stated_bands_and_an_unknown_age_into_its_own() -> None:
    named, bands = bands_of([29.9, 30.0, None, 44.0, 45.0, float("nan")], limits=(30.0, 45.0))
    assert named == ("under 30", "30 to under 45", NOT_STATED, "30 to under 45", "45 and over", NOT_STATED)
    assert bands == ("under 30", "30 to under 45", "45 and over", NOT_STATED)


def test_other_numbers_fall_into_thirds() -> None:
    named, bands = bands_of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    assert [named.count(band) for band in bands] == [2, 2, 3]


def test_a_number_that_is_the_same_for_all_makes_no_empty_band() -> None:
    named, bands = bands_of([2.0, 2.0, 2.0])
    assert len(set(named)) == len(bands) == 1
