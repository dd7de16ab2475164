"""Agreement over time and mean traces."""

import krippendorff
import numpy as np
import pytest
from scipy import stats

from emogap.annotation.traces import TraceSet, agreement_course, agreement_with_others, mean_trace
from emogap.errors import DataError, MismatchError

P, T = 5, 7
TIME_S = np.arange(1, T + 1) * 0.5


def traced(seed: int, *, film: str = "V1", people: int = P) -> TraceSet:
    value = np.random.default_rng(seed).uniform(1, 9, (people, T))
    return TraceSet(film, "valence", tuple(f"P{p}" for p in range(people)), TIME_S.copy(), value, (1, 9))


def test_the_mean_has_the_t_interval_of_scipy_and_gaps_are_left_out() -> None:
    traces = traced(1)
    value = traces.value.copy()
    value[2, 3] = np.nan
    mean = mean_trace(TraceSet("V1", "valence", traces.people, TIME_S.copy(), value, (1, 9)))
    for place in range(T):
        known = value[np.isfinite(value[:, place]), place]
        low, high = stats.t.interval(0.95, len(known) - 1, known.mean(), stats.sem(known))
        assert (mean.low[place], mean.high[place]) == pytest.approx((low, high))
    assert mean.num_people.tolist() == [5, 5, 5, 4, 5, 5, 5]


def test_nine_of_ten_intervals_and_more_hold_the_truth() -> None:
    hits = 0
    for seed in range(400):
        value = np.random.default_rng(seed).normal(5, 1.5, (24, 3))
        mean = mean_trace(TraceSet("V", "arousal", tuple(map(str, range(24))), np.arange(3.0), value, (1, 9)))
        hits += int(((mean.low < 5) & (mean.high > 5)).sum())
    assert 0.93 < hits / 1200 < 0.97


def test_alpha_over_films_is_that_of_the_reference_at_each_time() -> None:
    films = [traced(seed, film=f"V{seed}") for seed in range(3)]
    course = agreement_course(films)
    for place in range(T):
        table = np.array([film.value[:, place] for film in films])
        expected = krippendorff.alpha(reliability_data=table.T, level_of_measurement="interval")
        assert course.alpha[place] == pytest.approx(expected)
    assert (course.low < course.alpha).all()


def test_alpha_before_anybody_moved_is_undefined() -> None:
    films = []
    for seed in range(3):
        value = traced(seed).value.copy()
        value[:, :2] = 5
        films.append(TraceSet(f"V{seed}", "valence", traced(0).people, TIME_S.copy(), value, (1, 9)))
    assert np.isnan(agreement_course(films).alpha).tolist() == [True, True] + [False] * 5


def test_agreement_with_others_is_r_with_their_mean_and_undefined_for_a_flat_trace() -> None:
    value = traced(4).value.copy()
    value[1] = 5
    r = agreement_with_others(TraceSet("V1", "valence", traced(4).people, TIME_S.copy(), value, (1, 9)))
    assert np.isnan(r[1])
    assert r[3] == pytest.approx(np.corrcoef(value[3], np.delete(value, 3, axis=0).mean(axis=0))[0, 1])


def test_films_with_other_people_are_not_compared() -> None:
    with pytest.raises(MismatchError, match="V2 and V1 differ"):
        agreement_course([traced(0), traced(1, film="V2", people=6)])


def test_times_that_are_not_even_are_refused() -> None:
    with pytest.raises(DataError, match="evenly spaced"):
        TraceSet("V1", "valence", ("P1",), np.array([0.0, 1.0, 3.0]), np.zeros((1, 3)), (1, 9))
