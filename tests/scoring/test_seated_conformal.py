"""Coverage of sets by one model of several where it is known, and seats by hand."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from emogap.errors import UsageError
from emogap.scoring.conformal import cross_conformal, fit_conformal
from emogap.scoring.seated_conformal import seated_conformal

CLIPS, MODELS, NEW_PEOPLE = 6, 5, 10


def both(first: np.ndarray) -> np.ndarray:
    """Probabilities of two classes from that of the first."""
    return np.stack([first, 1 - first], axis=-1)


def disagreeing(rng: np.random.Generator, num_people: int, own: float) -> tuple[np.ndarray, ...]:
    """What is said of clips: a share `own` of the variance is each model's own. People differ, a fifth of the rest.

    Returns what is said of the calibration clips, their folds and people, what every model says of the new clips,
    whose people come last, and what is the same for all models, of all clips.
    """
    everybody = num_people + NEW_PEOPLE
    person, clip = rng.normal(size=(everybody, 1)), rng.normal(size=(everybody, CLIPS))
    shared = np.sqrt(1 - own) * (np.sqrt(0.2) * person + np.sqrt(0.8) * clip)
    said = norm.cdf(shared + np.sqrt(own) * rng.normal(size=(MODELS, everybody, CLIPS)))
    folds, people = np.arange(num_people) % MODELS, np.arange(num_people)
    known, new = said[folds, people].reshape(-1), said[:, num_people:].reshape(MODELS, -1)
    return known, folds.repeat(CLIPS), people.repeat(CLIPS), new, shared.reshape(-1)


@pytest.mark.parametrize(("num_people", "own"), [(80, 0.0), (80, 0.25), (80, 0.6), (40, 0.25)])
def test_models_that_disagree_cover_as_stated_by_one_of_them_and_too_much_by_all(num_people: int, own: float) -> None:
    """By all: the mean of many ranks, Phi(x) of x = Phi^-1(0.8) sqrt((1 + own) / (1 - own)), here of five.

    By one: 0.8, and the price of people, less than 1 / (people + 1). The standard errors are below 0.5 points.
    """
    rng = np.random.default_rng(0)
    by_one, by_all = [], []
    new_people = np.arange(NEW_PEOPLE).repeat(CLIPS)
    for _ in range(120):
        known, folds, people, new, _ = disagreeing(rng, num_people, own)
        said = np.zeros(len(known), int), both(known), folds, both(new)
        sets = seated_conformal(*said, level=0.8, rng=rng, groups=people, new_groups=new_people)
        by_one.append(sets[:, 0].mean())
        by_all.append(cross_conformal(*said, level=0.8, groups=people)[:, 0].mean())
    assert 0.785 <= np.mean(by_one) <= 0.8 + 1 / (num_people + 1) + 0.015
    of_many = norm.cdf(norm.ppf(0.8) * np.sqrt((1 + own) / (1 - own)))
    assert of_many - 0.04 <= np.mean(by_all) <= of_many + 1 / (num_people + 1) + 0.015
    if own:
        assert np.mean(by_all) > np.mean(by_one) + 0.02


def test_least_squares_that_one_person_more_throws_about_covers_as_stated() -> None:
    """As many cues as training clips: every fit is another, and averages over fits hold the truth nearly always."""
    rng = np.random.default_rng(1)
    num_people, num_clips, num_cues = 40, 3, 96
    people, new_people = np.arange(num_people).repeat(num_clips), np.arange(NEW_PEOPLE).repeat(num_clips)
    folds = people % MODELS
    by_one, by_all = [], []
    for _ in range(150):
        cues, new_cues = (rng.normal(size=(len(each), num_cues)) for each in (people, new_people))
        event, new_event = (rng.random(len(each)) < 1 / (1 + np.exp(-each[:, 0])) for each in (cues, new_cues))
        weights = [np.linalg.pinv(cues[folds != fold]) @ (event[folds != fold] - 0.5) for fold in range(MODELS)]
        known = norm.cdf((cues * np.stack(weights)[folds]).sum(axis=1))
        new = norm.cdf(np.stack([new_cues @ weight for weight in weights]))
        said = (~event).astype(int), both(known), folds, both(new)
        truth = np.arange(len(new_event)), (~new_event).astype(int)
        sets = seated_conformal(*said, level=0.8, rng=rng, groups=people, new_groups=new_people)
        by_one.append(sets[truth].mean())
        by_all.append(cross_conformal(*said, level=0.8, groups=people)[truth].mean())
    assert 0.785 <= np.mean(by_one) <= 0.8 + 1 / 20 + 0.015  # about half the people's clips are of each class
    assert np.mean(by_all) > 0.95


def test_all_classes_together_are_covered_as_stated() -> None:
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(150):
        known, folds, people, new, shared = disagreeing(rng, 40, 0.3)
        label = (rng.random(len(shared)) > norm.cdf(2 * shared)).astype(int)
        new_label = label[len(known) :]
        sets = seated_conformal(
            label[: len(known)], both(known), folds, both(new), level=0.7, rng=rng, groups=people,
            new_groups=np.arange(NEW_PEOPLE).repeat(CLIPS), by_class=False,
        )  # fmt: skip
        covered.append(sets[np.arange(len(new_label)), new_label].mean())
    assert 0.685 <= np.mean(covered) <= 0.7 + 1 / 41 + 0.015


def test_seats_by_hand() -> None:
    """Five people with a clip each, three of the first model and two of the second, level 0.5.

    Ranks among the others of the fold: 1, 1/2, 0 and 1, 0. Each weighs 1/6, so the third of the rising strangenesses
    0, 0, 1/2, 1, 1 is the threshold: a new clip of rank 1/2 is in. It says 0.75 to the first model, which is rank 1/2
    in the seats of 0.9 and 0.8, and 0 in that of 0.7; and 0.5 to the second: 1 in the seat of 0.6, 0 in that of 0.2.
    So three of five seats hold class 0.
    """
    known, folds = np.array([0.9, 0.8, 0.7, 0.6, 0.2]), np.array([0, 0, 0, 1, 1])
    new = np.array([[0.75], [0.5]])
    held = [
        seated_conformal(
            np.zeros(5, int), both(known), folds, both(new), level=0.5, rng=np.random.default_rng(seed)
        )[0, 0]
        for seed in range(1_000)
    ]  # fmt: skip
    low, high = binom.ppf([0.0005, 0.9995], 1_000, 3 / 5) / 1_000
    assert low <= np.mean(held) <= high


def test_a_person_with_many_clips_weighs_as_much_as_one_with_few_in_a_rank() -> None:
    """Seat of the third in a fold of three: below 0.5 lie all three clips of a, and not the one of b: rank 1/2."""
    people = ["a", "a", "a", "b", "c", "d", "e"]
    known, folds = np.array([0.1, 0.2, 0.3, 0.9, 0.9, 0.9, 0.1]), np.array([0, 0, 0, 0, 0, 1, 1])
    new = np.full((2, 1), 0.5)
    seats = {}
    for seed in range(40):
        owner = "abcde"[np.random.default_rng(seed).permutation(5)[0]]
        seats[owner] = seated_conformal(
            np.zeros(7, int), both(known), folds, both(new), level=0.5, rng=np.random.default_rng(seed), groups=people
        )[0, 0]
    # strangeness of a: 1, 1, 1; of b: 1/4; of c: 1/4; of d: 0; of e: 1. Half of the weight is reached at 1/4.
    assert seats == {"a": False, "b": False, "c": False, "d": True, "e": False}


@pytest.mark.parametrize("by_class", [True, False])
def test_with_one_model_sets_are_those_of_the_threshold(by_class: bool) -> None:
    rng = np.random.default_rng(3)
    known, new = (rng.dirichlet(np.ones(3), size=size).round(2) for size in (31, 17))
    label, people = rng.integers(0, 3, 31), rng.integers(0, 9, 31)
    fitted = fit_conformal(label, known, level=0.7, groups=people, by_class=by_class)
    sets = seated_conformal(
        label, known, np.zeros(31, int), new[None], level=0.7, rng=rng, groups=people, by_class=by_class
    )
    assert np.array_equal(sets, fitted.of(new))


def test_what_numbers_a_model_prefers_does_not_matter() -> None:
    """The second model says the cube of what it said: the sets are the same to the last clip."""
    rng = np.random.default_rng(4)
    known, folds, people, new, _ = disagreeing(rng, 20, 0.3)
    label = rng.integers(0, 2, len(known))
    bent = np.where(folds == 1, known**3, known)
    new_bent = new.copy()
    new_bent[1] **= 3
    plain, cubed = (
        seated_conformal(label, both(said), folds, both(each), level=0.8, rng=np.random.default_rng(5), groups=people)
        for said, each in ((known, new), (bent, new_bent))
    )
    assert np.array_equal(plain, cubed)
    assert not plain.all()


def test_models_that_say_the_same_of_every_clip_exclude_nothing() -> None:
    """Each says another number, the one with the largest too."""
    rng = np.random.default_rng(6)
    people = np.arange(25).repeat(4)
    said = np.array([0.2, 0.9, 0.4])
    folds = people % 3
    sets = seated_conformal(
        rng.integers(0, 2, 100), both(said[folds]), folds, both(np.tile(said[:, None], 11)), level=0.6, rng=rng,
        groups=people,
    )  # fmt: skip
    assert sets.shape == (11, 2)
    assert sets.all()


def test_few_people_and_folds_of_one_person_exclude_nothing() -> None:
    rng = np.random.default_rng(7)
    for level, num_people in ((0.9, 6), (0.6, 3)):
        people = np.arange(num_people).repeat(5)
        known, new = rng.random(len(people)), rng.random((3, 7))
        sets = seated_conformal(
            rng.integers(0, 2, len(people)), both(known), people % 3, both(new), level=level, rng=rng, groups=people
        )
        assert sets.all()


def test_a_person_said_by_two_models_is_refused() -> None:
    with pytest.raises(UsageError, match=r"clip 3: the clips of b were said by models of more than one fold"):
        seated_conformal(
            np.zeros(4, int), both(np.ones(4)), np.array([0, 0, 1, 0]), both(np.ones((2, 1))), level=0.8,
            rng=np.random.default_rng(8), groups=["a", "a", "b", "b"],
        )  # fmt: skip


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_level_that_is_no_coverage_is_refused(level: float) -> None:
    with pytest.raises(UsageError, match="a coverage lies between 0 and 1"):
        seated_conformal(
            np.zeros(4, int), both(np.ones(4) / 2), np.array([0, 0, 1, 1]), both(np.ones((2, 1))), level=level,
            rng=np.random.default_rng(9),
        )  # fmt: skip
