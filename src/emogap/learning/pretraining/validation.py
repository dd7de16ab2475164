"""The windows of some people, and how well the network forecasts them beside two floors."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.datasets.gaze_index import GazeIndex, segments_of, window_rows
from emogap.learning.pretraining.batches import GazeWindows, read_standardised, spaced_windows
from emogap.learning.pretraining.forecasts import (
    ROWS_AT_ONCE,
    RidgeForecast,
    fit_ridge,
    repeat_last_frame,
    roll_out,
)
from emogap.learning.pretraining.scores import PeopleScores, mean_scores, score_people
from emogap.models.glass.losses import forecast_loss
from emogap.models.glass.model import Glass

__all__ = ["StandardisedGaze", "WindowsOfPeople", "fit_floor", "score_beside_floors", "validate", "windows_of_people"]

RIDGE_WINDOWS = 20_000
"""Windows that the ridge is fitted to at most, evenly spaced."""

FEWEST_PEOPLE = 3
"""With fewer training people none is left to choose the ridge's penalty on."""


@dataclass(frozen=True, slots=True, eq=False)
class StandardisedGaze:
    """An index, and the mean and SD (shape (D,), in its units) that its gaze is standardised by."""

    index: GazeIndex
    mean: Float[ndarray, " D"]
    sd: Float[ndarray, " D"]
    shuffle_seed: int | None = None
    """If given, the frames of every window are shuffled."""

    def read(self, numbers: Int[ndarray, " B"]) -> GazeWindows:
        """The windows of these numbers."""
        return read_standardised(self.index, numbers, self.mean, self.sd, shuffle_seed=self.shuffle_seed)


@dataclass(frozen=True, slots=True, eq=False)
class WindowsOfPeople:
    """B windows, and whose each is."""

    windows: GazeWindows
    people: tuple[str, ...]


def windows_of_people(gaze: StandardisedGaze, segments: Bool[ndarray, " S"], at_most: int) -> WindowsOfPeople:
    """The windows of some segments, or `at_most` of them, evenly spaced."""
    numbers = spaced_windows(window_rows(gaze.index, segments), at_most)
    owners = segments_of(gaze.index, gaze.index.starts[numbers])
    people = tuple(gaze.index.participants[segment] for segment in owners.tolist())
    return WindowsOfPeople(gaze.read(numbers), people)


def validate(
    model: Glass, windows: GazeWindows, *, rate_hz: float, device: torch.device | None = None
) -> dict[str, float]:
    """Loss (``validation``) and scores (``validation/...``) of the network's own rollout."""
    predicted = roll_out(model, windows, device=device)
    loss, _ = forecast_loss(predicted, windows.future, windows.future_valid)
    scores = mean_scores(predicted, windows, rate_hz=rate_hz)
    return {"validation": loss.item()} | {f"validation/{name}": value for name, value in scores.items()}


def fit_floor(gaze: StandardisedGaze, training: Bool[ndarray, " S"]) -> RidgeForecast:
    """The ridge forecast fitted to the training people; its penalty is chosen on every fourth of them."""
    participants = np.array(gaze.index.participants)
    people = np.unique(participants[training])
    choosing = people[2::4] if len(people) >= FEWEST_PEOPLE else people[:0]
    is_choosing = training & np.isin(participants, choosing)
    return fit_ridge(
        list(_parts(gaze, training & ~is_choosing)), list(_parts(gaze, is_choosing)) if len(choosing) else []
    )


def score_beside_floors(
    model: Glass, ridge: RidgeForecast, gaze: StandardisedGaze, shown: WindowsOfPeople, device: torch.device
) -> PeopleScores:
    """Scores of the rollout (``glass``), of the last frame repeated (``repeat``) and of the ridge (``ridge``)."""
    windows = shown.windows
    forecasts = {
        "glass": roll_out(model, windows, device=device),
        "repeat": repeat_last_frame(windows),
        "ridge": ridge.forecast(windows),
    }
    return score_people(forecasts, windows, shown.people, sd=gaze.sd, rate_hz=gaze.index.rate_hz)


def _parts(gaze: StandardisedGaze, segments: Bool[ndarray, " S"]) -> Iterator[GazeWindows]:
    numbers = spaced_windows(window_rows(gaze.index, segments), RIDGE_WINDOWS)
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        yield gaze.read(numbers[start : start + ROWS_AT_ONCE])
