"""Lags of people whose lag is known."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from emogap.annotation.traces import TraceSet, person_lags
from emogap.errors import UsageError

STEP_S = 0.5
TIME_S = np.arange(1, 121) * STEP_S
LAGS_S = {"early": -2.0, "a": 0.0, "b": 0.0, "c": 0.0, "late": 3.0}


def planted(films: int, *, noise: float = 0.1) -> list[TraceSet]:
    """Smooth courses that everybody follows, each with a lag of his own."""
    sets = []
    for film in range(films):
        rng = np.random.default_rng(film)
        course = gaussian_filter1d(rng.normal(size=400), 5)
        course = 5 + 1.5 * course / course.std()
        fine_s = np.arange(400) * STEP_S - 40
        value = np.stack([np.interp(TIME_S - lag, fine_s, course) for lag in LAGS_S.values()])
        value = np.clip(value + rng.normal(0, noise, value.shape), 1, 9)
        sets.append(TraceSet(f"V{film}", "valence", tuple(LAGS_S), TIME_S.copy(), value, (1, 9)))
    return sets


def test_planted_lags_are_found_up_to_the_lag_of_the_others() -> None:
    found = {lag.person: lag for lag in person_lags(planted(6), draws=200)}
    for person, truth in LAGS_S.items():
        others = np.mean([lag for other, lag in LAGS_S.items() if other != person])
        assert found[person].lag_s == pytest.approx(truth - others, abs=0.6)
    assert found["late"].low_s > 1.5
    assert found["early"].high_s < -1.0
    assert found["a"].r > 0.8


def test_who_follows_nobody_gets_an_interval_that_says_so() -> None:
    sets = []
    for film in planted(6):
        value = film.value.copy()
        value[1] = 5 + gaussian_filter1d(np.random.default_rng(99 + int(film.stimulus_id[1:])).normal(size=120), 4)
        sets.append(TraceSet(film.stimulus_id, "valence", film.people, TIME_S.copy(), value, (1, 9)))
    alone = person_lags(sets, draws=300)[1]
    assert alone.high_s - alone.low_s > 5
    assert alone.r < 0.4


def test_a_trace_that_never_moves_has_no_lag() -> None:
    sets = []
    for film in planted(4):
        value = film.value.copy()
        value[2] = 5
        sets.append(TraceSet(film.stimulus_id, "valence", film.people, TIME_S.copy(), value, (1, 9)))
    flat = person_lags(sets, draws=50)[2]
    assert flat.num_films == 0
    assert np.isnan([flat.lag_s, flat.low_s, flat.r]).all()


def test_lags_longer_than_the_films_are_refused() -> None:
    with pytest.raises(UsageError, match="up to 30 s"):
        person_lags(planted(2), most_s=30)
