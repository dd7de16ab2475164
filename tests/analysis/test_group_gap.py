import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import beta

from emogap.analysis import NO_GROUP, ClassGap, class_gap, symmetric_confusion
from emogap.analysis.group_gap import Evidence, members_of, person_limits

PEOPLE, STIMULI, CLASSES, RATERS = 30, 14, 5, 4
RATES = (0.08, 0.4)
"""Of the people of two traits."""


def drawn(probability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(probability.shape[:-1])[..., None] > probability.cumsum(axis=-1)[..., :-1]).sum(axis=-1)


def cohort(seed: int, *, accuracy: float = 0.75):  # type: ignore[no-untyped-def]
    """Answer, shown class, votes, person and trait of each clip; who has trait `b` differs more often."""
    rng = np.random.default_rng(seed)
    person, stimulus = (axis.ravel() for axis in np.indices((PEOPLE, STIMULI)))
    felt = stimulus % CLASSES
    trait = np.where(person % 3 == 0, "b", "a")
    differs = rng.random(len(felt)) < np.where(trait == "b", RATES[1], RATES[0])
    shown = np.where(differs, (felt + 1 + rng.integers(CLASSES - 1, size=len(felt))) % CLASSES, felt)
    votes = np.eye(CLASSES)[drawn(np.tile(symmetric_confusion(accuracy, CLASSES)[shown], (RATERS, 1, 1)), rng).T]
    return felt, shown, votes, person, trait


def measured(seed: int, *, draws: int = 60, **groups: object) -> tuple[ClassGap, np.ndarray]:
    felt, shown, votes, person, trait = cohort(seed)
    names = {"person": [f"p{one:03d}" for one in person], "trait": trait.tolist(), **groups}
    return class_gap(felt, votes, people=person, groups=names, draws=draws), felt != shown  # type: ignore[arg-type]


def test_a_group_is_not_drawn_towards_the_others() -> None:
    """The mean of the clips' probabilities is: raters who are right in 75 % leave most clips in doubt."""
    errors = []
    for seed in range(8):
        result, differs = measured(seed, draws=10)
        is_b = cohort(seed)[4] == "b"
        low, high = result.groups["trait"]
        errors.append(
            [
                low.corrected - differs[~is_b].mean(),
                high.corrected - differs[is_b].mean(),
                result.clip_probability[is_b].mean() - differs[is_b].mean(),
            ]
        )
    low, high, of_clips = np.mean(errors, axis=0)
    assert abs(low) < 0.01
    assert abs(high) < 0.015
    assert of_clips < high - 0.01


def test_observed_gaps_of_groups_average_to_the_raw_gap() -> None:
    result, _ = measured(0)
    for kind in ("person", "trait"):
        groups = result.groups[kind]
        mean = np.average([one.observed for one in groups], weights=[one.num_clips for one in groups])
        assert mean == pytest.approx(result.raw)


def test_the_confusion_of_a_group_holds_its_gap() -> None:
    result, _ = measured(1)
    for groups in result.groups.values():
        for one in groups:
            assert one.views is not None
            assert one.answers is not None
            assert one.views.sum() == pytest.approx(1)
            assert 1 - np.trace(one.views) == pytest.approx(one.corrected, abs=2e-6)
            assert_allclose(one.views.sum(axis=1), one.answers.sum(axis=1), atol=1e-9)
            assert one.low <= one.corrected <= one.high


def test_a_confusion_finds_what_was_shown_instead() -> None:
    """One stimulus is answered with class 2 and shown as class 4 throughout, by people whose raters err in 25 %."""
    felt, _, votes, person, _ = cohort(2)
    rng = np.random.default_rng(5)
    masked = np.arange(len(felt)) % STIMULI == 7
    assert set(felt[masked]) == {2}
    votes[masked] = np.eye(CLASSES)[drawn(np.tile(symmetric_confusion(0.75, CLASSES)[4], (PEOPLE, RATERS, 1)), rng)]
    names = [f"s{one:02d}" for one in np.arange(len(felt)) % STIMULI]
    found = class_gap(felt, votes, people=person, groups={"stimulus": names}, draws=50).groups["stimulus"][7]
    assert found.name == "s07"
    assert found.views is not None
    assert found.answers is not None
    assert found.views[2, 4] > 0.95
    assert 0.6 < found.answers[2, 4] < 0.9


def test_intervals_of_people_hold_their_rates() -> None:
    """Rates are drawn from a wide range; 95 % intervals of 14 clips each, of 20 cohorts of 30 people."""
    held = []
    for seed in range(20):
        result, _ = measured(seed, draws=10)
        rates = [RATES[number % 3 == 0] for number in range(PEOPLE)]
        held += [one.low <= rate <= one.high for one, rate in zip(result.groups["person"], rates, strict=True)]
    assert len(held) == 600
    assert 0.92 < np.mean(held) < 0.985


@pytest.mark.parametrize("differing", [1, 3, 13])
def test_certain_clips_give_the_interval_of_jeffreys(differing: int) -> None:
    is_differing = np.arange(14)[None] < differing
    evidence = Evidence.of(is_differing.astype(float), np.full((1, 14), 0.3))
    limits = person_limits(evidence, np.arange(14), differing / 14)
    assert_allclose(limits, beta(differing + 0.5, 14 - differing + 0.5).ppf([0.025, 0.975]), atol=1e-3)


def test_a_person_without_any_gap_has_an_interval_from_zero() -> None:
    evidence = Evidence.of(np.zeros((1, 9)), np.full((1, 9), 0.3))
    low, high = person_limits(evidence, np.arange(9), 0.0)
    assert low == 0
    assert_allclose(high, beta(0.5, 9.5).ppf(0.975), atol=1e-3)


def test_votes_that_say_nothing_leave_everything_possible() -> None:
    evidence = Evidence.of(np.full((1, 9), 0.3), np.full((1, 9), 0.3))
    low, high = person_limits(evidence, np.arange(9), 0.5)
    assert low < 0.01
    assert high > 0.99


def test_few_people_have_a_wider_interval_than_many() -> None:
    """The same people, once as a trait of their own: tails are those of Student's t with 3 people, not with 30."""
    person = cohort(3)[3]
    three = ["few" if one < 3 else NO_GROUP for one in person]
    result, _ = measured(3, draws=400, some=three, every=["all"] * len(three))
    (few,), (every,) = result.groups["some"], result.groups["every"]
    assert (few.num_people, few.num_clips, every.num_people) == (3, 3 * STIMULI, PEOPLE)
    assert few.high - few.low > 2 * (every.high - every.low)
    assert every.corrected == pytest.approx(result.corrected.estimate, abs=0.01)


def test_clips_of_no_group_are_left_out() -> None:
    groups = members_of(["b", NO_GROUP, "a", "b", "b"], np.array(["p", "p", "q", "p", "q"]))
    assert [(one.name, one.clips.tolist(), one.num_people) for one in groups] == [("a", [2], 1), ("b", [0, 3, 4], 2)]


def test_an_answer_that_nobody_drawn_gave_says_nothing_of_the_rate() -> None:
    """Two clips certainly differ and two do not; the fifth has an answer of which no weighted clip is left."""
    probability = np.array([[1.0, 1, 0, 0, 1.0]])
    evidence = Evidence.of(probability, np.array([[0.4, 0.4, 0.4, 0.4, 0.0]]))
    assert evidence.rate(np.arange(5), np.array([[1.0, 1, 1, 1, 0]]))[0] == pytest.approx(0.5, abs=1e-5)
    assert np.isnan(evidence.rate(np.array([4]), np.array([[1.0, 1, 1, 1, 0]]))[0])
