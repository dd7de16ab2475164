import numpy as np
import pytest
from numpy.testing import assert_allclose

from emogap.analysis import plane_gap
from emogap.errors import UsageError

PEOPLE, STIMULI, RATERS = 40, 11, 4
SHIFT = np.array([0.2, -0.1])
GAP_SD, REPORT_SD, RATER_SD = 0.15, 0.12, 0.25


def cohort(seed: int = 0):  # type: ignore[no-untyped-def]
    """Felt and shown points with a known distance, answers and ratings with known errors."""
    rng = np.random.default_rng(seed)
    person, stimulus = (axis.ravel() for axis in np.indices((PEOPLE, STIMULI)))
    felt = rng.normal(0, 0.3, (len(person), 2))
    shown = felt + SHIFT + GAP_SD * rng.normal(size=felt.shape)
    answer = felt + REPORT_SD * rng.normal(size=felt.shape)
    ratings = shown[:, None] + RATER_SD * rng.normal(size=(len(felt), RATERS, 2))
    return answer, ratings.mean(axis=1), ratings.var(axis=1, ddof=1) / RATERS, person, stimulus


def test_label_errors_are_taken_out_of_the_distance() -> None:
    answer, shown, variance, person, stimulus = cohort()
    reliability = 0.3**2 / (0.3**2 + REPORT_SD**2)
    result = plane_gap(
        answer, shown, people=person, stimuli=stimulus, shown_variance=variance, reliability=reliability, draws=500
    )
    truth = np.sqrt((SHIFT**2).sum() + 2 * GAP_SD**2)
    assert_allclose(result.raw, np.sqrt(truth**2 + 2 * REPORT_SD**2 + 2 * RATER_SD**2 / RATERS), atol=0.02)
    assert_allclose(result.corrected.estimate, truth, atol=0.015)
    assert result.corrected.low < truth < result.corrected.high
    assert_allclose([one.estimate for one in result.shift], SHIFT, atol=0.03)
    assert_allclose(result.rater_error_sd, RATER_SD / np.sqrt(RATERS), atol=0.01)
    assert result.corrected_two_way is not None


def test_exact_labels_keep_their_distance() -> None:
    answer, shown, _, person, _ = cohort()
    result = plane_gap(answer, shown, people=person, draws=50)
    assert result.corrected.estimate == pytest.approx(result.raw)
    assert result.rater_error_sd is None
    assert result.corrected_two_way is None


def test_a_lower_reliability_leaves_a_smaller_distance() -> None:
    answer, shown, variance, person, _ = cohort()
    sensitivity = plane_gap(answer, shown, people=person, shown_variance=variance, draws=50).sensitivity
    distances = [sensitivity[one].estimate for one in sorted(sensitivity)]
    assert distances == sorted(distances)


def test_errors_larger_than_the_distance_leave_none() -> None:
    answer, _, _, person, _ = cohort()
    result = plane_gap(answer, answer + 0.01, people=person, reliability=0.5, draws=50)
    assert result.is_at_limit
    assert result.corrected.estimate == 0


def test_a_distance_put_at_0_keeps_its_interval_over_people_and_stimuli() -> None:
    rng = np.random.default_rng(4)
    answer, _, _, person, stimulus = cohort()
    shown = answer + rng.normal(0, 0.3, answer.shape)
    taken_out = np.full(answer.shape, 0.3**2 * 1.02)
    result = plane_gap(answer, shown, people=person, stimuli=stimulus, shown_variance=taken_out, draws=400)
    assert result.is_at_limit
    assert result.corrected_two_way is not None
    assert result.corrected_two_way.low == result.corrected_two_way.estimate == 0
    assert result.corrected_two_way.high > 0.05


def test_a_reliability_that_cannot_be_is_refused() -> None:
    answer, shown, _, person, _ = cohort()
    with pytest.raises(UsageError, match="does not lie in"):
        plane_gap(answer, shown, people=person, reliability=1.4)


def test_distances_of_groups_are_those_that_were_planted() -> None:
    """People of one trait show every clip 0.5 farther to the right; errors of both labels are known."""
    answer, shown, variance, person, _ = cohort()
    shown = shown + np.where(person % 4 == 0, 0.5, 0)[:, None] * [1, 0]
    reliability = 0.3**2 / (0.3**2 + REPORT_SD**2)
    names = {"trait": ["far" if one % 4 == 0 else "near" for one in person], "person": [f"p{one}" for one in person]}
    result = plane_gap(
        answer, shown, people=person, shown_variance=variance, reliability=reliability, groups=names, draws=300
    )
    far, near = result.groups["trait"]
    for one, shift in ((far, SHIFT + np.array([0.5, 0])), (near, SHIFT)):
        truth = np.sqrt((shift**2).sum() + 2 * GAP_SD**2)
        assert_allclose(one.corrected, truth, atol=0.03)
        assert one.low < truth < one.high
        assert one.observed > one.corrected
    assert (far.num_people, near.num_clips) == (10, 30 * STIMULI)
    assert len(result.groups["person"]) == PEOPLE
    assert all(one.num_people == 1 and one.num_clips == STIMULI for one in result.groups["person"])
    assert all(one.low <= one.corrected <= one.high for one in result.groups["person"])


def test_groups_of_all_clips_have_the_distance_of_all() -> None:
    answer, shown, variance, person, _ = cohort()
    options = {"people": person, "shown_variance": variance, "reliability": 0.9, "draws": 200}
    result = plane_gap(answer, shown, groups={"all": ["all"] * len(person)}, **options)  # type: ignore[arg-type]
    (one,) = result.groups["all"]
    assert one.corrected == pytest.approx(result.corrected.estimate)
    assert one.observed == pytest.approx(result.raw)
