"""How late a person's trace is against the others'."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.traces.trace_set import TraceSet, correlation, own_and_others, require_comparable
from emogap.errors import UsageError

__all__ = ["FROM_S", "PersonLag", "person_lags"]

MOST_S = 10.0
"""Lags further than this are not looked for: reported reaction lags of continuous raters are 2 to 4 s."""

FROM_S = 5.0
"""The first seconds are left out: everybody's joystick rests in the middle, which would pin the lag at zero."""


@dataclass(frozen=True, slots=True, eq=False)
class PersonLag:
    """Cross-correlation of one person with the mean of the others.

    Attributes
    ----------
    person : str
    lag_s : float
        Where the correlation, averaged over films, is highest; positive = later than the others. NaN if it is highest
        at the end of the range, which is no peak.
    low_s, high_s : float
        95 % of the same when films are drawn with replacement; NaN with fewer than three films.
    r : float
        The correlation at the peak.
    lags_s, curve : float64 arrays, shape (L,)
        The averaged correlation at each lag.
    num_films : int
        Films on which the trace moves.
    """

    person: str
    lag_s: float
    low_s: float
    high_s: float
    r: float
    lags_s: Float[ndarray, " L"]
    curve: Float[ndarray, " L"]
    num_films: int


def person_lags(
    films: Sequence[TraceSet],
    *,
    most_s: float = MOST_S,
    from_s: float = FROM_S,
    draws: int = 2_000,
    seed: int = 0,
) -> tuple[PersonLag, ...]:
    """The lag of each person against the mean of the others, over all films of one question.

    Parameters
    ----------
    films : sequence of TraceSet
        One question, the same people and times.
    most_s : float
        Largest lag looked for, in seconds.
    from_s : float
        Seconds at the start of each film that are left out.
    draws, seed : int
        Of the interval over films.

    Returns
    -------
    tuple of PersonLag, in the order of the people

    Raises
    ------
    MismatchError
        If people, times or questions differ between films.
    UsageError
        If the range of lags is longer than half of what is left of the films.

    Notes
    -----
    At lag k Pearson's r of ``x(t + k)`` with the others' mean ``m(t)`` over the times that both have; r is averaged
    over films, the peak refined by a parabola through its neighbours. The others have a lag of their own behind
    the film: only differences between people are seen here.

    References
    ----------
    Mariooryad and Busso (2015), IEEE Transactions on Affective Computing 6(2), 97-108,
    doi:10.1109/TAFFC.2014.2334294 (reaction lag of continuous raters).
    """
    require_comparable(films)
    step_s = films[0].step_s
    kept = films[0].time_s >= from_s
    most = round(most_s / step_s)
    if most < 1 or 2 * most >= kept.sum():
        raise UsageError(
            f"lags up to {most_s:g} s cannot be looked for in {kept.sum() * step_s:g} s of film sampled every"
            f" {step_s:g} s",
            fix="look for smaller lags, or leave out less of the start",
        )
    cut = [
        TraceSet(film.stimulus_id, film.question, film.people, film.time_s[kept], film.value[:, kept], film.limits)
        for film in films
    ]
    lags_s = np.arange(-most, most + 1) * step_s
    pairs = [own_and_others(film) for film in cut]
    rng = np.random.default_rng(seed)
    results = []
    for place, person in enumerate(films[0].people):
        curves = np.array([_curve(*pair[place], most) for pair in pairs])
        moving = curves[np.isfinite(curves).all(axis=1)]
        results.append(_lag_of(person, moving, lags_s, draws, rng))
    return tuple(results)


def _curve(own: Float[ndarray, " T"], others: Float[ndarray, " T"], most: int) -> Float[ndarray, " L"]:
    size = len(own)
    return np.array(
        [
            correlation(own[max(lag, 0) : size + min(lag, 0)], others[max(-lag, 0) : size - max(lag, 0)])
            for lag in range(-most, most + 1)
        ]
    )


def _lag_of(
    person: str, curves: Float[ndarray, "F L"], lags_s: Float[ndarray, " L"], draws: int, rng: np.random.Generator
) -> PersonLag:
    if not len(curves):
        nowhere = np.full(len(lags_s), np.nan)
        return PersonLag(person, np.nan, np.nan, np.nan, np.nan, lags_s, nowhere, 0)
    curve = curves.mean(axis=0)
    low_s = high_s = np.nan
    if len(curves) > 2:
        drawn = rng.integers(0, len(curves), (draws, len(curves)))
        peaks = lags_s[np.argmax(curves[drawn].mean(axis=1), axis=1)]
        low_s, high_s = np.quantile(peaks, [0.025, 0.975])
    place = int(np.argmax(curve))
    is_peak = 0 < place < len(curve) - 1
    lag_s = lags_s[place] + _refined(curve[place - 1 : place + 2]) * (lags_s[1] - lags_s[0]) if is_peak else np.nan
    return PersonLag(person, float(lag_s), float(low_s), float(high_s), float(curve[place]), lags_s, curve, len(curves))


def _refined(three: Float[ndarray, " 3"]) -> float:
    """Place of the top of the parabola through three values, in steps from the middle one."""
    bend = three[0] - 2 * three[1] + three[2]
    return float(0.5 * (three[0] - three[2]) / bend) if bend < 0 else 0.0
