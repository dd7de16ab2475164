import numpy as np
import pytest
from numpy.testing import assert_allclose

from emogap.analysis import ClassGap, class_gap, symmetric_confusion
from emogap.errors import UsageError

PEOPLE, STIMULI, CLASSES, RATERS = 12, 9, 3, 5


def drawn(probability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(probability.shape[:-1])[..., None] > probability.cumsum(axis=-1)[..., :-1]).sum(axis=-1)


def cohort(*, gap: float = 0.3, accuracy: float = 0.85, people: int = PEOPLE, seed: int = 0):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(seed)
    person, stimulus = (axis.ravel() for axis in np.indices((people, STIMULI)))
    felt = stimulus % CLASSES
    shown = np.where(rng.random(len(felt)) < gap, (felt + 1) % CLASSES, felt)
    votes = np.eye(CLASSES)[drawn(np.tile(symmetric_confusion(accuracy, CLASSES)[shown], (RATERS, 1, 1)), rng).T]
    return felt, shown, votes, person, stimulus


def measured(*, reliability: float = 1.0, draws: int = 200, **options: float) -> tuple[ClassGap, float]:
    felt, shown, votes, person, stimulus = cohort(**options)  # type: ignore[arg-type]
    result = class_gap(felt, votes, people=person, stimuli=stimulus, reliability=reliability, draws=draws)
    return result, float(np.mean(felt != shown))


def test_raters_errors_are_taken_out_of_the_gap() -> None:
    result, truth = measured(people=60)
    assert result.raw > truth + 0.05
    assert_allclose(result.corrected.estimate, truth, atol=0.02)
    assert result.corrected.low < truth < result.corrected.high
    assert_allclose(result.rater_reliability, 0.85, atol=0.05)


def test_errors_of_the_self_report_lower_the_gap_by_rogan_and_gladens_formula() -> None:
    """Agreement (a - w) / (r - w), with w = (1 - r) / (K - 1), whatever the classes."""
    result, _ = measured()
    agreement, reliability = 1 - result.corrected.estimate, 0.9
    wrong = (1 - reliability) / (CLASSES - 1)
    assert_allclose(1 - result.sensitivity[0.9].estimate, (agreement - wrong) / (reliability - wrong), atol=1e-3)


def test_no_gap_is_left_at_the_reliability_that_is_named() -> None:
    result, _ = measured(gap=0.15)
    at_limit, _ = measured(gap=0.15, reliability=result.reliability_without_gap)
    assert at_limit.corrected.estimate == pytest.approx(0, abs=2e-3)
    beyond, _ = measured(gap=0.15, reliability=result.reliability_without_gap - 0.1)
    assert beyond.is_at_limit
    assert beyond.corrected.estimate == 0
    assert beyond.corrected.low == 0


def test_without_rater_errors_the_corrected_gap_is_the_raw_one() -> None:
    felt, _, votes, person, _ = cohort(accuracy=1.0)
    result = class_gap(felt, votes, people=person, rater_confusion=np.eye(CLASSES), draws=50)
    assert result.corrected.estimate == pytest.approx(result.raw)
    assert result.raw == pytest.approx(result.raw_majority)
    assert result.rater_source == "assumed"
    assert result.corrected_two_way is None


def test_probabilities_of_clips_average_to_the_gap() -> None:
    result, _ = measured()
    assert_allclose(result.clip_probability.mean(), result.corrected.estimate, atol=2e-3)
    doubted, _ = measured(reliability=0.95)
    assert doubted.clip_probability.mean() < result.clip_probability.mean()
    assert (doubted.clip_probability >= -1e-12).all()
    assert (doubted.clip_probability <= 1).all()


def test_the_two_way_interval_is_wider() -> None:
    result, _ = measured()
    assert result.corrected_two_way is not None
    assert result.corrected_two_way.clusters == "12 people x 9 stimuli"
    widths = [each.high - each.low for each in (result.corrected_two_way, result.corrected)]
    assert widths[0] > widths[1]


def test_a_gap_put_at_its_limit_keeps_its_interval_over_people_and_stimuli() -> None:
    """Numbers put at 0 before they are compared would have no variance, and the interval no width."""
    result, _ = measured(gap=0.15)
    beyond, _ = measured(gap=0.15, reliability=result.reliability_without_gap - 0.01)
    assert beyond.corrected_two_way is not None
    assert beyond.corrected_two_way.estimate == beyond.corrected_two_way.low == 0
    assert beyond.corrected_two_way.high > 0.05


def test_people_who_differ_widen_the_interval() -> None:
    """Half the people always mask, half never: the same gap over clips, but much less is known of other people."""
    rng = np.random.default_rng(3)
    person, stimulus = (axis.ravel() for axis in np.indices((PEOPLE, STIMULI)))
    felt = stimulus % CLASSES
    masks = {"alike": rng.random(len(felt)) < 0.5, "different": person % 2 == 0}
    width = {}
    for name, mask in masks.items():
        votes = np.eye(CLASSES)[np.where(mask, (felt + 1) % CLASSES, felt)][:, None].repeat(RATERS, axis=1)
        corrected = class_gap(felt, votes, people=person, draws=300).corrected
        width[name] = corrected.high - corrected.low
    assert width["different"] > 1.8 * width["alike"]


def test_too_few_votes_are_refused_in_words() -> None:
    felt, _, votes, person, _ = cohort()
    with pytest.raises(UsageError, match="3 votes or more"):
        class_gap(felt, votes[:, :2], people=person, draws=10)
    votes[4] = 0
    with pytest.raises(UsageError, match="1 clip has no vote"):
        class_gap(felt, votes, people=person, draws=10)


def test_one_person_has_no_interval() -> None:
    felt, _, votes, person, _ = cohort(people=1)
    with pytest.raises(UsageError, match="needs at least two"):
        class_gap(felt, votes, people=person, draws=10)
