"""The gap detector by hand, and on people whose gap is known."""

import dataclasses

import numpy as np
import pytest
from scipy.special import expit, logit, softmax

from emogap.analysis.gap_detector import (
    CellOutputs,
    Detection,
    calibrated,
    fit_two_heads,
    flag_threshold,
    gap_from_shown,
    gap_rates,
    independent_gap,
    pooled,
)
from emogap.errors import UsageError
from emogap.scoring.conformal import ConformalSets


def drawn(probability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One class per row."""
    return (rng.random((len(probability), 1)) > probability.cumsum(axis=1)[:, :-1]).sum(axis=1)


def outputs(rng: np.random.Generator, *, num_known: int = 19, num_new: int = 6, num_clips: int = 11) -> CellOutputs:
    """People who differ in how often they mask; the detector says a noisy logit of the gap."""
    people = np.array([f"p{number:02d}" for number in range(num_known + num_new)]).repeat(num_clips)
    rate = rng.beta(3, 7, num_known + num_new).repeat(num_clips)
    event = rng.random(len(people)) < rate
    said = 1 / (1 + np.exp(-(1.5 * event - 1 + rng.normal(size=len(people)))))
    new = np.arange(len(people)) >= num_known * num_clips
    return of_one_model(event[~new], said[~new], people[~new], event[new], said[new], people[new])


def of_one_model(
    event: np.ndarray, said: np.ndarray, people: np.ndarray, test_event: np.ndarray, test_said: np.ndarray,
    test_people: np.ndarray,
) -> CellOutputs:  # fmt: skip
    return CellOutputs(event, said, people, np.zeros(len(event), int), test_event, test_said[None], test_people, "p0")


def test_independence_by_hand() -> None:
    """First clip: 0.5 * 0.1 + 0.3 * 0.7 + 0.2 * 0.2 = 0.30 agree. Second: both certain of other classes."""
    felt = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0]])
    shown = np.array([[0.1, 0.7, 0.2], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(independent_gap(felt, shown), [0.7, 1.0], atol=1e-12)


def test_independence_is_the_probability_when_felt_and_shown_are_drawn_apart() -> None:
    rng = np.random.default_rng(0)
    felt, shown = (softmax(rng.normal(size=(1, 7)), axis=1) for _ in range(2))
    said = independent_gap(felt, shown)[0]
    differ = drawn(felt.repeat(40_000, axis=0), rng) != drawn(shown.repeat(40_000, axis=0), rng)
    assert differ.mean() == pytest.approx(said, abs=0.01)


def test_independence_says_too_much_where_people_show_what_they_feel() -> None:
    felt = np.array([[0.5, 0.5, 0.0]])
    assert independent_gap(felt, felt)[0] == 0.5


def test_heads_of_other_clips_are_refused() -> None:
    with pytest.raises(UsageError, match=r"\(2, 3\) do not fit shown ones of shape \(2, 7\)"):
        independent_gap(np.ones((2, 3)), np.ones((2, 7)))


def test_planted_temperatures_of_both_heads_are_found() -> None:
    rng = np.random.default_rng(1)
    logits = [1.5 * rng.normal(size=(8_000, 3)) for _ in range(2)]
    labels = [drawn(softmax(logit, axis=1), rng) for logit in logits]
    said = [softmax(planted * logit, axis=1) for planted, logit in zip((2.0, 0.5), logits, strict=True)]
    found = fit_two_heads(labels[0], labels[1], said[0], said[1])
    assert (found.felt_temperature, found.shown_temperature) == pytest.approx((2.0, 0.5), rel=0.1)


def test_a_face_tells_how_often_its_expression_is_a_gap() -> None:
    """Rates by hand: overall 2/5; class 0 has 2 of 3, (2 + 0.4) / 4; class 1 has 0 of 2, 0.4 / 3; class 2 none."""
    event = np.array([True, True, False, False, False])
    rates = gap_rates(event, np.array([0, 0, 0, 1, 1]), num_classes=3)
    np.testing.assert_allclose(rates, [0.6, 0.4 / 3, 0.4])
    np.testing.assert_allclose(gap_from_shown(np.array([[0.5, 0.0, 0.5]]), rates), [0.5])


def test_a_test_person_in_the_calibration_is_refused() -> None:
    known = outputs(np.random.default_rng(2))
    with pytest.raises(UsageError, match="1 test people are among those of the calibration, first p03"):
        of_one_model(
            known.event,
            known.said,
            known.people,
            known.test_event[:2],
            known.test_said[0, :2],
            np.array(["p03", "p24"]),
        )


def test_test_labels_do_not_reach_probabilities_sets_and_thresholds() -> None:
    rng = np.random.default_rng(3)
    one = outputs(rng)
    other = dataclasses.replace(one, test_event=~one.test_event)
    (first, line, sets), (second, other_line, _) = calibrated(one, level=0.8), calibrated(other, level=0.8)
    assert line == other_line
    assert sets.num_groups.max() <= 19
    for name in ("probability", "sets", "threshold"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_recalibration_does_not_change_the_sets_by_answer() -> None:
    one = outputs(np.random.default_rng(4))
    with_line, without = (calibrated(one, level=0.8, recalibrate=flag)[0] for flag in (True, False))
    assert np.array_equal(with_line.sets, without.sets)
    assert not np.allclose(with_line.probability, without.probability)


def test_new_people_are_covered_and_falsely_flagged_as_stated() -> None:
    """300 cohorts of 19 calibration and 6 test people: by answer, at least 80 %, at most about 1 / 20 more."""
    rng = np.random.default_rng(5)
    found = pooled([calibrated(outputs(rng), level=0.8)[0] for _ in range(300)])
    for event in (True, False):
        assert 0.785 <= found.is_covered[found.event == event].mean() <= 0.87
    assert found.is_flagged[~found.event].mean() <= 0.215


@pytest.mark.parametrize("by_one_model", [True, False])
def test_models_that_mean_different_things_by_a_number_cover_as_stated(by_one_model: bool) -> None:
    """Three networks of three folds, one says more of everything and one less; each is asked of the test clips.

    The mean of them, against one threshold for all, would take the differences of networks for those of clips.
    """
    rng = np.random.default_rng(9)
    away = np.array([-3.0, 0.0, 3.0])
    found, by_one_threshold = [], []
    for _ in range(200):
        one = outputs(rng, num_known=21, num_new=6, num_clips=11)
        models = np.arange(21).repeat(11) % 3
        moved = expit(logit(one.said) + away[models]), expit(logit(one.test_said) + away[:, None])
        each = dataclasses.replace(one, said=moved[0], models=models, test_said=moved[1])
        cell, _, pooled_sets = calibrated(each, level=0.8, by_one_model=by_one_model)
        found.append(cell)
        by_one_threshold.append(pooled_sets.of(np.stack([1 - cell.probability, cell.probability], axis=1)))
    every = pooled(found)
    for event in (True, False):
        assert 0.785 <= every.is_covered[every.event == event].mean() <= 0.87
    one_threshold = np.concatenate(by_one_threshold)[np.arange(len(every.event)), every.event.astype(int)]
    assert one_threshold.mean() > 0.95


@pytest.mark.parametrize("by_people", [True, False])
def test_models_that_do_not_agree_cover_as_stated_if_each_person_is_read_by_one(by_people: bool) -> None:
    """Half of what each of five models says of a clip is its own: taken together they cover 93 % in theory."""
    rng = np.random.default_rng(11)
    found: dict[bool, list[Detection]] = {True: [], False: []}
    for _ in range(80):
        one = outputs(rng, num_known=40, num_new=8)
        own = rng.normal(size=(5, len(one.test_event)))
        models = np.arange(40).repeat(11) % 5
        said = expit(logit(one.said) + rng.normal(size=len(one.said))), expit(logit(one.test_said) + own)
        each = dataclasses.replace(one, said=said[0], models=models, test_said=said[1])
        for by_one_model in found:
            cell = calibrated(each, level=0.8, by_people=by_people, by_one_model=by_one_model)[0]
            found[by_one_model].append(cell)
    covered = {by_one: pooled(cells).is_covered.mean() for by_one, cells in found.items()}
    assert 0.785 <= covered[True] <= 0.8 + 1 / 41 + 0.015
    assert covered[False] > covered[True] + 0.05


def test_the_deal_of_models_changes_sets_and_not_probabilities() -> None:
    one = outputs(np.random.default_rng(12), num_known=20)
    rng = np.random.default_rng(13)
    each = dataclasses.replace(
        one,
        models=np.arange(20).repeat(11) % 2,
        test_said=expit(logit(one.test_said) + rng.normal(size=(2, len(one.test_event)))),
    )
    first, again, other = (calibrated(each, level=0.7, seed=seed)[0] for seed in (0, 0, 1))
    assert np.array_equal(first.sets, again.sets)
    assert not np.array_equal(first.sets, other.sets)
    assert np.array_equal(first.probability, other.probability)


def test_the_probability_is_the_mean_of_the_models() -> None:
    one = outputs(np.random.default_rng(10))
    two = dataclasses.replace(one, test_said=np.concatenate([one.test_said, one.test_said**2]))
    found, line, _ = calibrated(two, level=0.8)
    np.testing.assert_allclose(found.probability, line.apply(two.test_said).mean(axis=0))


def test_flags_begin_at_the_threshold() -> None:
    found, _, sets = calibrated(outputs(np.random.default_rng(6)), level=0.8)
    assert found.is_flagged.any()
    assert np.array_equal(found.is_flagged, found.probability > found.threshold)
    assert flag_threshold(sets) == found.threshold[0]


def test_too_few_people_flag_nothing() -> None:
    found, _, _ = calibrated(outputs(np.random.default_rng(7), num_known=3), level=0.9)
    assert found.sets.all()
    assert np.isinf(found.threshold).all()


def test_a_detector_that_gives_no_order_flags_nothing() -> None:
    """Turned round, its slope is held at 0, so that every clip has one probability: flagging all would be a lie."""
    one = outputs(np.random.default_rng(8))
    turned = dataclasses.replace(one, event=~one.event, test_event=~one.test_event)
    found, line, _ = calibrated(turned, level=0.8)
    assert line.slope == 0
    assert not found.is_flagged.any()
    assert not (found.probability > found.threshold).any()


def test_the_threshold_by_hand() -> None:
    """ "no gap" is excluded above 0.6; "gap" is in the set from 1 - 0.3 = 0.7 on."""
    assert flag_threshold(ConformalSets(np.array([0.6, 0.3]), 0.8, np.array([9, 9]))) == pytest.approx(0.7)
    assert flag_threshold(ConformalSets(np.array([0.6, 0.9]), 0.8, np.array([9, 9]))) == pytest.approx(0.6)


def test_answers_are_read_off_the_sets() -> None:
    sets = np.array([[True, False], [False, True], [True, True], [False, False]])
    found = Detection(
        np.array([True, True, False, False]), np.full(4, 0.5), sets, np.full(4, 0.5), np.array(list("abcd")),
        np.array(["p0"] * 4),
    )  # fmt: skip
    assert found.is_flagged.tolist() == [False, True, False, False]
    assert found.is_covered.tolist() == [False, True, True, False]
