"""Correlations of simulated people whose truth is known."""

import numpy as np
import pytest

from emogap.analysis.correlation import Correlation, Mode, correlate
from emogap.analysis.correlation_family import Scored, adjusted
from emogap.errors import UsageError

NUM_PEOPLE, NUM_STIMULI = 30, 11
PERSON = np.repeat(np.arange(NUM_PEOPLE), NUM_STIMULI)
STIMULUS = np.tile(np.arange(NUM_STIMULI), NUM_PEOPLE)
NUM_CLIPS = len(PERSON)


def noise(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=NUM_CLIPS)


def of_people(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=NUM_PEOPLE)[PERSON]


def one(measure: np.ndarray, label: np.ndarray, mode: Mode, *, draws: int = 300, seed: int = 0) -> Correlation:
    found, _ = correlate(
        {"pupil": measure},
        {"arousal": label},
        people=PERSON,
        coefficients=("pearson",),
        modes=(mode,),
        draws=draws,
        seed=seed,
    )
    return found[0]


def test_a_planted_correlation_is_recovered_with_sign_and_size() -> None:
    """x = -y + e with unit variances: r = -1 / sqrt(2); rho = 6 / pi asin(r / 2), tau = 2 / pi asin(r)."""
    rng = np.random.default_rng(1)
    label = noise(rng)
    found, _ = correlate({"pupil": noise(rng) - label}, {"arousal": label}, people=PERSON, stimuli=STIMULUS, draws=300)
    r = -1 / np.sqrt(2)
    truth = {"pearson": r, "spearman": 6 / np.pi * np.arcsin(r / 2), "kendall": 2 / np.pi * np.arcsin(r)}
    assert len(found) == 6
    for each in found:
        assert each.interval is not None
        assert each.interval.low < truth[each.coefficient] < each.interval.high, each
        assert each.interval.high - each.interval.low < 0.2
        assert each.q < 1e-6
        assert (each.num_clips, each.num_people) == (NUM_CLIPS, NUM_PEOPLE)
        assert (each.two_way is not None) == (each.coefficient == "pearson")


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """Clips of a person share half of their variance; 95 % of 150 is 142.5, with a standard deviation of 2.7."""
    covered = 0
    for seed in range(150):
        rng = np.random.default_rng(1000 + seed)
        label = of_people(rng) + noise(rng)
        measure = of_people(rng) + noise(rng) + label
        found = one(measure, label, "level", draws=400, seed=seed).interval
        assert found is not None
        covered += found.low < 1 / np.sqrt(2) < found.high
    assert 133 <= covered <= 149


def test_people_confound_the_raw_correlation_and_not_the_one_within() -> None:
    """Wide pupils and high answers belong to the same people; within a person the sign is the opposite one."""
    rng = np.random.default_rng(2)
    trait = 3 * of_people(rng)
    label = trait + noise(rng)
    measure = trait - 0.7 * (label - trait) + noise(rng)
    raw, within = one(measure, label, "level"), one(measure, label, "within")
    assert raw.interval is not None
    assert within.interval is not None
    assert raw.interval.low > 0.6
    assert within.interval.high < -0.4


def test_clips_alike_within_people_give_no_finding_where_there_is_none() -> None:
    """With nothing but people in it, a test that took clips for independent would reject more than half of the time."""
    p = []
    for seed in range(150):
        rng = np.random.default_rng(5000 + seed)
        found = one(of_people(rng) + 0.2 * noise(rng), of_people(rng) + 0.2 * noise(rng), "level", draws=40)
        p.append(found.p)
    assert 1 <= np.sum(np.array(p) < 0.05) <= 15


def test_a_stimulus_that_drives_both_is_no_finding_for_other_stimuli() -> None:
    """Bright films that make people happy by accident: over people it looks certain, over films it is not."""
    over_people, over_both = 0, 0
    for seed in range(60):
        rng = np.random.default_rng(7000 + seed)
        light, mood = rng.normal(size=NUM_STIMULI)[STIMULUS], rng.normal(size=NUM_STIMULI)[STIMULUS]
        found, _ = correlate(
            {"pupil": light + noise(rng)},
            {"valence": mood + noise(rng)},
            people=PERSON,
            stimuli=STIMULUS,
            coefficients=("pearson",),
            modes=("within",),
            draws=40,
        )
        over_people += found[0].p < 0.05
        over_both += found[0].p_two_way < 0.05
    assert over_people > 20
    assert over_both <= 8


def test_of_null_tables_about_the_nominal_share_holds_a_false_discovery() -> None:
    """Where nothing is true every finding is false, so the rate is the share of tables with one: at most 5 %."""
    num_tables, with_finding, num_below = 80, 0, 0
    for seed in range(num_tables):
        rng = np.random.default_rng(9000 + seed)
        measures = {f"m{number}": of_people(rng) + noise(rng) for number in range(5)}
        labels = {f"l{number}": of_people(rng) + noise(rng) for number in range(4)}
        found, _ = correlate(measures, labels, people=PERSON, coefficients=("pearson",), modes=("within",), draws=40)
        with_finding += any(each.q < 0.05 for each in found)
        num_below += sum(each.p < 0.05 for each in found)
    # Binomial with 80 tables at 5 %: 10 or more in 1 of 400.
    assert with_finding <= 9
    # Of 1,600 single tests 80 are expected below 0.05.
    assert 50 <= num_below <= 115


def test_simultaneous_limits_hold_all_truths_at_once() -> None:
    """Twenty correlations of 0: pointwise intervals miss one of them in most tables, simultaneous ones in few."""
    pointwise = simultaneous = 0
    for seed in range(60):
        rng = np.random.default_rng(300 + seed)
        measures = {f"m{number}": noise(rng) for number in range(5)}
        labels = {f"l{number}": noise(rng) for number in range(4)}
        found, _ = correlate(measures, labels, people=PERSON, coefficients=("pearson",), modes=("level",), draws=250)
        pointwise += all(each.interval is not None and each.interval.low < 0 < each.interval.high for each in found)
        simultaneous += all(each.simultaneous[0] < 0 < each.simultaneous[1] for each in found)
    assert pointwise < 40
    assert simultaneous >= 51


def with_rare_classes(num_people: int, num_rare: int) -> tuple[Correlation, ...]:
    """Noise, and classes that five people show once each: a draw of people may hold none of the five."""
    rng = np.random.default_rng(21)
    person = np.repeat(np.arange(num_people), 6)
    rare = {f"rare{number}": np.zeros(len(person)) for number in range(num_rare)}
    for number, label in enumerate(rare.values()):
        label[6 * np.arange(5 * number, 5 * number + 5)] = 1.0
    measures, labels = {"m": rng.normal(size=len(person))}, {"often": rng.normal(size=len(person))} | rare
    return correlate(measures, labels, people=person, coefficients=("pearson",), modes=("level",), draws=1_000)[0]


def test_draws_without_a_rare_class_are_left_out_of_the_limits_for_all() -> None:
    """A draw of 20 people misses five of them with probability 0.75^20 = 0.3 %; there are four such classes."""
    found = with_rare_classes(20, 4)
    (undefined,) = {one.undefined_draws for one in found}
    assert 2 <= undefined <= 30
    assert max(one.interval.undefined_draws for one in found if one.interval is not None) <= undefined
    assert found[0].interval is not None
    assert found[0].interval.undefined_draws == 0
    assert all(np.isfinite(one.simultaneous).all() for one in found)


def test_without_enough_draws_there_are_no_limits_for_all() -> None:
    """Each of twenty rare classes is missing from 0.95^100 = 0.6 % of the draws, one of them from more than 5 %."""
    found = with_rare_classes(100, 20)
    assert all(one.undefined_draws > 50 for one in found)
    assert all(np.isnan(one.simultaneous).all() for one in found)
    assert all(one.interval is not None and np.isfinite(one.interval.low) for one in found)


def test_the_largest_distance_is_that_of_draws_that_have_all_distances() -> None:
    """By hand: 40 draws of two coefficients; where the second is missing, its distance might have been the largest."""
    rng = np.random.default_rng(5)
    drawn = rng.normal(size=(2, 40))
    drawn[1, 7] = np.nan
    empty = Correlation("m", "l", "level", "pearson", None, num_people=9)
    family = [Scored(empty, 0.1, 0.5, row, None, None) for row in drawn]
    largest = np.abs(np.delete(drawn, 7, axis=1) - 0.1).max(axis=0) / 0.5
    reach = np.quantile(largest, 0.95) * 0.5 * np.sqrt(9 / 8)
    for one in adjusted(family):
        assert one.undefined_draws == 1
        assert one.simultaneous == pytest.approx((np.tanh(0.1 - reach), np.tanh(0.1 + reach)))


def test_felt_and_shown_are_compared_on_the_same_draws() -> None:
    rng = np.random.default_rng(11)
    felt, shown = noise(rng), noise(rng)
    _, differences = correlate(
        {"pupil": felt + noise(rng)},
        {"felt": felt, "shown": shown},
        people=PERSON,
        pairs=[("felt", "shown")],
        coefficients=("kendall",),
        modes=("within",),
        draws=300,
    )
    (difference,) = differences
    assert difference.interval.low < 0.5 < difference.interval.high
    assert difference.q == difference.p < 1e-4


def test_labels_of_other_people_are_not_compared() -> None:
    """As many people, but not the same: a person drawn twice would be in one coefficient and not in the other."""
    rng = np.random.default_rng(15)
    felt, shown = noise(rng), noise(rng)
    felt[PERSON == 0] = np.nan
    shown[PERSON == 7] = np.nan
    found, differences = correlate(
        {"pupil": noise(rng)},
        {"felt": felt, "shown": shown},
        people=PERSON,
        pairs=[("felt", "shown")],
        coefficients=("pearson",),
        draws=40,
    )
    assert {each.num_people for each in found} == {NUM_PEOPLE - 1}
    assert differences == ()


def test_windows_of_one_clip_are_no_further_evidence_over_people_and_stimuli() -> None:
    """Every clip three times over is the same data: r, its errors and its p stay what they were."""
    rng = np.random.default_rng(16)
    label = noise(rng)
    measure = 0.3 * label + noise(rng)
    once, thrice = (
        correlate(
            {"pupil": np.repeat(measure, windows)},
            {"arousal": np.repeat(label, windows)},
            people=np.repeat(PERSON, windows),
            stimuli=np.repeat(STIMULUS, windows),
            coefficients=("pearson",),
            draws=40,
        )[0]
        for windows in (1, 3)
    )
    for single, repeated in zip(once, thrice, strict=True):
        assert 0 < single.p_two_way < 0.05
        assert repeated.p_two_way == pytest.approx(single.p_two_way, rel=1e-6)


def test_unknown_values_leave_out_their_clips_and_no_others() -> None:
    rng = np.random.default_rng(12)
    measure, label = noise(rng), noise(rng)
    measure[PERSON < 4] = np.nan
    label[PERSON == 29] = np.nan
    known = (PERSON >= 4) & (PERSON < 29)
    found, _ = correlate({"m": measure}, {"l": label}, people=PERSON, draws=60)
    alone, _ = correlate({"m": measure[known]}, {"l": label[known]}, people=PERSON[known], draws=60)
    for each, other in zip(found, alone, strict=True):
        assert each.interval is not None
        assert other.interval is not None
        assert each.interval.estimate == pytest.approx(other.interval.estimate)
        assert each.p == pytest.approx(other.p)
        assert (each.num_people, each.num_clips) == (25, 275)


def test_a_class_of_few_people_is_not_correlated() -> None:
    rng = np.random.default_rng(13)
    rare = (PERSON < 4).astype(float)
    found, _ = correlate({"m": noise(rng)}, {"fear": rare}, people=PERSON, draws=60)
    assert all(each.interval is None and np.isnan(each.q) for each in found)
    assert "varies in 4 people, fewer than 5" in found[0].note
    assert "varies within 0 people" in next(each.note for each in found if each.mode == "within")


def test_the_order_of_the_clips_does_not_matter() -> None:
    rng = np.random.default_rng(14)
    measure, label, order = noise(rng), noise(rng), rng.permutation(NUM_CLIPS)
    names = np.array([f"p{number:02d}" for number in PERSON])
    first = correlate({"m": measure}, {"l": label}, people=names, stimuli=STIMULUS, draws=60)
    again = correlate(
        {"m": measure[order]}, {"l": label[order]}, people=names[order], stimuli=STIMULUS[order], draws=60
    )
    for each, other in zip(first[0], again[0], strict=True):
        assert each.interval is not None
        assert other.interval is not None
        assert (each.interval.low, each.interval.high) == pytest.approx((other.interval.low, other.interval.high))
        assert each.p == pytest.approx(other.p)


def test_two_people_are_too_few() -> None:
    with pytest.raises(UsageError, match="at least three, got 2"):
        correlate({"m": np.zeros(4)}, {"l": np.zeros(4)}, people=["a", "a", "b", "b"])


def test_a_pair_names_labels() -> None:
    with pytest.raises(UsageError, match="no label 'shown'"):
        correlate({"m": np.zeros(3)}, {"felt": np.zeros(3)}, people=["a", "b", "c"], pairs=[("felt", "shown")])
