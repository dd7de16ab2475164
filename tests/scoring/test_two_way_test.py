"""A test about other people and other stimuli: of the right size where both are drawn, and what it is made of."""

import numpy as np
import pytest
from scipy.stats import t as student

from emogap.errors import UsageError
from emogap.scoring import permutation_test, two_way_test

PEOPLE, STIMULI = 60, 14


def crossed(rng: np.random.Generator, *, stimulus_sd: float, person_sd: float) -> tuple[np.ndarray, ...]:
    """Right and wrong of two models that are equally good on average, each with stimuli and people that suit it."""
    people, stimuli = (axis.ravel() for axis in np.meshgrid(np.arange(PEOPLE), np.arange(STIMULI), indexing="ij"))
    outputs = []
    for _ in range(2):
        ease = rng.normal(0, stimulus_sd, STIMULI)[stimuli] + rng.normal(0, person_sd, PEOPLE)[people]
        outputs.append((ease + rng.normal(size=len(people)) > 0).astype(int))
    return np.ones(len(people), int), *outputs, people, stimuli


def share_found(*, stimulus_sd: float, studies: int = 300) -> tuple[float, float]:
    """How often two equal models are called different at 5 %: over both, and over people alone."""
    rng = np.random.default_rng(0)
    found = np.zeros(2)
    for _ in range(studies):
        label, first, second, people, stimuli = crossed(rng, stimulus_sd=stimulus_sd, person_sd=0.3)
        both = two_way_test("war", label, first, second, people=people, stimuli=stimuli)
        alone = permutation_test("war", label, first, second, people=people, draws=200)
        found += [both.p <= 0.05, alone.p <= 0.05]
    both_share, alone_share = found / studies
    return float(both_share), float(alone_share)


def test_equal_models_are_called_different_in_one_of_twenty_studies_even_where_stimuli_differ() -> None:
    """Of 300 studies 2.5 to 8.5 % (more than 2 SD); people alone call three times as many different."""
    both, alone = share_found(stimulus_sd=0.4)
    assert 0.025 <= both <= 0.085
    assert alone > 0.25


def test_without_a_part_of_the_stimuli_it_costs_little() -> None:
    both, alone = share_found(stimulus_sd=0.0, studies=200)
    assert both <= 0.085
    assert 0.015 <= alone <= 0.095


def test_the_statistic_by_hand() -> None:
    """Two people by three stimuli, differences of right answers 1 0 1 / 1 1 1; the jackknife of a mean of cells."""
    people, stimuli = ["a"] * 3 + ["b"] * 3, ["s", "t", "u"] * 2
    difference = np.array([[1.0, 0, 1], [1, 1, 1]])
    test = two_way_test("war", [1] * 6, difference.astype(int).ravel(), [0] * 6, people=people, stimuli=stimuli)
    assert test.difference == pytest.approx(5 / 6)
    without_person = difference[::-1].mean(axis=1)
    without_stimulus = np.array([np.delete(difference, column, 1).mean() for column in range(3)])
    without_cell = np.array([np.delete(difference, cell).mean() for cell in range(6)])
    parts = [
        (len(x) - 1) / len(x) * ((x - x.mean()) ** 2).sum() for x in (without_person, without_stimulus, without_cell)
    ]
    variance = max(parts[0] + parts[1] - parts[2], parts[0], parts[1])
    assert test.standard_error == pytest.approx(np.sqrt(variance))
    assert test.p == pytest.approx(2 * student.sf(5 / 6 / np.sqrt(variance), 1))
    assert (test.method, test.num_people, test.num_stimuli) == ("two-way", 2, 3)


def test_a_model_is_not_better_than_itself() -> None:
    label, first, _, people, stimuli = crossed(np.random.default_rng(1), stimulus_sd=0.3, person_sd=0.3)
    assert not two_way_test("uar", label, first, first, people=people, stimuli=stimuli).p <= 0.05


def test_clips_that_nobody_saw_are_no_cells() -> None:
    """Half of the table is empty: the answer is that of the clips there are, in any order."""
    label, first, second, people, stimuli = crossed(np.random.default_rng(2), stimulus_sd=0.3, person_sd=0.3)
    kept = np.random.default_rng(3).permutation(len(people))[: len(people) // 2]
    test = two_way_test("war", label[kept], first[kept], second[kept], people=people[kept], stimuli=stimuli[kept])
    other = np.sort(kept)
    again = two_way_test("war", label[other], first[other], second[other], people=people[other], stimuli=stimuli[other])
    assert test.p == pytest.approx(again.p)
    assert 0 < test.p <= 1


def test_one_stimulus_cannot_be_tested() -> None:
    with pytest.raises(UsageError, match="stimuli"):
        two_way_test("war", [0, 1], [0, 1], [0, 0], people=["a", "b"], stimuli=["s", "s"])
