"""How good forecasts of gaze are, with intervals over people.

Letters: B windows, F future frames, D channels, G people, K forecasts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from emogap.counted_nouns import counted
from emogap.learning.evaluation.rows import interval_record, number
from emogap.learning.pretraining.batches import GazeWindows
from emogap.scoring import METRICS, Interval
from emogap.scoring.intervals import DRAWS
from emogap.scoring.resampling import draw_counts, interval_of
from emogap.scoring.sums import codes_of, moment_sums
from emogap.types.scores import IntervalRecord

__all__ = ["ForecastScores", "PeopleScores", "mean_scores", "score_people"]

QUANTITIES = ("pearson_r", "mae", "velocity_mae")

Sums = Float[ndarray, "G 2 D 7"]
"""Moments of the coordinates, then of the first differences, of each person and channel."""


class ForecastScores(TypedDict):
    """One forecast; means over the channels, whose numbers are in ``by_channel``, in order."""

    pearson_r: IntervalRecord
    """Of forecast and measured gaze, all valid frames of all people together."""
    mae: IntervalRecord
    """Mean absolute error, in SD of the training people's gaze; by channel in its unit."""
    velocity_mae: IntervalRecord
    """Mean absolute error of the first differences per second, in SD/s; by channel in its unit per second."""
    by_channel: dict[str, list[float | None]]


class PeopleScores(TypedDict):
    """All forecasts of the same windows."""

    num_people: int
    num_windows: int
    forecasts: dict[str, ForecastScores]
    differences: dict[str, dict[str, IntervalRecord]]
    """The first forecast minus each other one, by its name; every draw has the same people for both."""


def score_people(
    forecasts: Mapping[str, Float[Tensor, "B F D"]],
    windows: GazeWindows,
    people: Sequence[str],
    *,
    sd: Float[ndarray, " D"],
    rate_hz: float,
    draws: int = DRAWS,
    seed: int = 0,
) -> PeopleScores:
    """Pearson's r and errors of forecasts, with intervals over people.

    Parameters
    ----------
    forecasts : mapping from name to float tensor, shape (B, F, D)
        Standardised gaze.
    windows : GazeWindows
        What was measured; only valid frames are scored, and differences of two valid frames.
    people : sequence of str, length B
        Whose window each is.
    sd : float array, shape (D,)
        Of the training people's gaze, in the units of the channels.
    rate_hz : float
        Frames a second.
    draws, seed
        Of the bootstrap.

    Returns
    -------
    PeopleScores
        Intervals have null limits if there is only one person.

    Notes
    -----
    r is taken per channel over all valid frames together, and its mean over the channels is reported, as in the
    authors' code. A forecast that only knows where a person looks on average has an r above zero: read it beside that
    of the last frame repeated. A draw of the bootstrap is of people, each with all their windows, as in
    :func:`emogap.scoring.bootstrap_metric`.
    """
    codes, num_people = codes_of(people)
    sums = {name: _person_sums(forecast, windows, codes, num_people) for name, forecast in forecasts.items()}
    first, *others = sums

    def over_people(statistic: Callable[[ndarray], ndarray], values: ndarray) -> IntervalRecord:
        return interval_record(_interval(statistic, values, draws=draws, seed=seed))

    statistics = _statistics(rate_hz)
    return {
        "num_people": num_people,
        "num_windows": len(windows),
        "forecasts": {
            name: {
                "pearson_r": over_people(statistics["pearson_r"], values),
                "mae": over_people(statistics["mae"], values),
                "velocity_mae": over_people(statistics["velocity_mae"], values),
                "by_channel": _by_channel(values.sum(axis=0), sd, rate_hz),
            }
            for name, values in sums.items()
        },
        "differences": {
            other: {
                quantity: over_people(_difference(statistics[quantity]), np.stack([sums[first], sums[other]], axis=1))
                for quantity in QUANTITIES
            }
            for other in others
        },
    }


def mean_scores(forecast: Float[Tensor, "B F D"], windows: GazeWindows, *, rate_hz: float) -> dict[str, float]:
    """r, MAE and MAE of the velocity of one forecast, without intervals; see :class:`ForecastScores`."""
    sums = _person_sums(forecast, windows, np.zeros(len(windows), np.int64), 1)[0]
    return {quantity: float(statistic(sums)) for quantity, statistic in _statistics(rate_hz).items()}


def _person_sums(forecast: Tensor, windows: GazeWindows, codes: ndarray, num_people: int) -> Sums:
    measured_BFD, predicted_BFD = (value.double().numpy() for value in (windows.future, forecast))
    valid_BF = windows.future_valid.numpy()
    pair_BF = valid_BF[:, 1:] & valid_BF[:, :-1]
    coordinates = _channel_sums(measured_BFD, predicted_BFD, valid_BF, codes, num_people)
    measured_BFD, predicted_BFD = (np.diff(value, axis=1) for value in (measured_BFD, predicted_BFD))
    return np.stack([coordinates, _channel_sums(measured_BFD, predicted_BFD, pair_BF, codes, num_people)], axis=1)


def _channel_sums(
    measured_BFD: ndarray, predicted_BFD: ndarray, valid_BF: ndarray, codes: ndarray, num_people: int
) -> Float[ndarray, "G D 7"]:
    groups = np.broadcast_to(codes[:, None], valid_BF.shape)[valid_BF]
    channels = zip(measured_BFD[valid_BF].T, predicted_BFD[valid_BF].T, strict=True)
    return np.stack(
        [moment_sums(label, output, groups=groups, num_groups=num_people) for label, output in channels], axis=1
    )


def _statistics(rate_hz: float) -> dict[str, Callable[[ndarray], ndarray]]:
    """What is computed of sums of shape (..., 2, D, 7): a number for each set."""
    r, mae = METRICS.open("pearson_r").from_sums, METRICS.open("mae").from_sums
    return {
        "pearson_r": lambda sums: np.asarray(r(sums[..., 0, :, :]).mean(axis=-1)),
        "mae": lambda sums: np.asarray(mae(sums[..., 0, :, :]).mean(axis=-1)),
        "velocity_mae": lambda sums: np.asarray(mae(sums[..., 1, :, :]).mean(axis=-1) * rate_hz),
    }


def _difference(statistic: Callable[[ndarray], ndarray]) -> Callable[[ndarray], ndarray]:
    return lambda sums: np.asarray(statistic(sums[..., 0, :, :, :]) - statistic(sums[..., 1, :, :, :]))


def _by_channel(sums: Float[ndarray, "2 D 7"], sd: ndarray, rate_hz: float) -> dict[str, list[float | None]]:
    r, mae = METRICS.open("pearson_r").from_sums, METRICS.open("mae").from_sums
    found = {"pearson_r": r(sums[0]), "mae": mae(sums[0]) * sd, "velocity_mae": mae(sums[1]) * sd * rate_hz}
    return {quantity: [number(value) for value in values] for quantity, values in found.items()}


def _interval(
    statistic: Callable[[ndarray], ndarray], sums: Float[ndarray, "G ..."], *, draws: int, seed: int
) -> Interval:
    num_people, total = len(sums), sums.sum(axis=0)
    estimate = float(statistic(total))
    if num_people < 2:
        return Interval(estimate, np.nan, np.nan, 0.95, "bca", True, f"{num_people} person", 0)
    drawn = np.tensordot(draw_counts(num_people, draws, np.random.default_rng(seed)), sums, axes=1)
    return interval_of(
        estimate,
        statistic(drawn),
        left_out=(statistic(total - sums),),
        method="bca",
        level=0.95,
        clusters=counted(num_people, "person"),
    )
