"""Forecasts of windows: of the network, by its own rollout, and of two floors that any network has to beat.

Shapes: B windows, T past frames, F future frames, D channels, P = T D numbers of a past.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from scipy.linalg import solve
from torch import Tensor

from emogap.learning.pretraining.batches import GazeWindows
from emogap.models.glass.model import Glass

__all__ = ["PENALTIES", "RidgeForecast", "fit_ridge", "repeat_last_frame", "roll_out"]

PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Of the ridge, per window, in units of the variance of a standardised channel; the best on other people is taken."""

ROWS_AT_ONCE = 512
"""Windows whose moments are taken, or whose future is rolled out, at once."""


def roll_out(model: Glass, windows: GazeWindows, *, device: torch.device | None = None) -> Float[Tensor, "B F D"]:
    """The network's forecast from the past alone: every patch follows from those it forecast before; on the processor.

    Parameters
    ----------
    model : Glass
        Left in the mode (training or evaluation) that it was in; it forecasts in evaluation mode.
    windows : GazeWindows
    device : torch.device, optional
        Where the model is; the processor by default.
    """
    was_training = model.training
    model.eval()
    num_frames = windows.future.shape[1]
    num_parts = -(-len(windows) // ROWS_AT_ONCE)
    parts = (windows.part(number, num_parts).on(device or torch.device("cpu")) for number in range(num_parts))
    predicted = [model.rollout(part.past, part.past_valid, num_frames).float().cpu() for part in parts]
    model.train(was_training)
    return torch.cat(predicted)


def repeat_last_frame(windows: GazeWindows) -> Float[Tensor, "B F D"]:
    """The last valid frame of the past, again and again; the mean gaze, 0, if no frame of a past is valid.

    Notes
    -----
    The authors' code repeats the last frame, which is 0 in its units where the eyes were lost: a floor that such
    windows would lower.
    """
    num_past, num_future = windows.past.shape[1], windows.future.shape[1]
    place_BT = torch.arange(num_past).expand_as(windows.past_valid)
    last_B = torch.where(windows.past_valid, place_BT, torch.full_like(place_BT, -1)).amax(dim=1)
    frame_BD = windows.past[torch.arange(len(windows)), last_B.clamp(min=0)]
    frame_BD = torch.where((last_B >= 0).unsqueeze(1), frame_BD, torch.zeros_like(frame_BD))
    return frame_BD.unsqueeze(1).expand(-1, num_future, -1)


@dataclass(frozen=True, slots=True, eq=False)
class RidgeForecast:
    """A linear forecast of every frame of the future from all frames of the past.

    Attributes
    ----------
    centre : float64 array, shape (P,)
        Mean past.
    weight : float64 array, shape (P, F D)
    intercept : float64 array, shape (F D,)
        Mean future.
    penalty : float
    """

    centre: Float[ndarray, " P"]
    weight: Float[ndarray, "P FD"]
    intercept: Float[ndarray, " FD"]
    penalty: float

    def forecast(self, windows: GazeWindows) -> Float[Tensor, "B F D"]:
        """The forecast of standardised gaze, float32."""
        flat = (_past(windows) - self.centre) @ self.weight + self.intercept
        return torch.from_numpy(flat.reshape(windows.future.shape).astype(np.float32))


def fit_ridge(
    parts: Sequence[GazeWindows], validation: Sequence[GazeWindows], *, penalties: Sequence[float] = PENALTIES
) -> RidgeForecast:
    """The ridge regression of the future on the past.

    Parameters
    ----------
    parts : sequence of GazeWindows
        Windows to fit to, a part after the other.
    validation : sequence of GazeWindows
        Windows of other people, by whose squared error the penalty is chosen; they are then fitted to as well. If
        there are none, the largest penalty is taken.
    penalties : sequence of float

    Notes
    -----
    ``W = (C_xx + penalty I)^-1 C_xy`` with the covariances per window; the intercept is free. An invalid frame of the
    past enters as 0, the mean, as it enters the network. An invalid frame of the future is not fitted to: each column
    of C_xy is over the windows where that frame is valid (available cases), which is the ridge itself if all are.
    """
    inner = _Moments.of(parts)
    if not validation:
        return inner.solved(max(penalties))
    fitted = [inner.solved(penalty) for penalty in penalties]
    errors = [sum(_squared_error(ridge, part) for part in validation) for ridge in fitted]
    best = penalties[int(np.argmin(errors))]
    return (inner + _Moments.of(validation)).solved(best)


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """Sums over windows: all that a ridge regression asks of them. Those of the future are over its valid frames."""

    num_windows: int
    past: Float[ndarray, " P"]
    past_past: Float[ndarray, "P P"]
    num_future: Float[ndarray, " F"]
    future: Float[ndarray, "F D"]
    past_where_future: Float[ndarray, "P F"]
    past_future: Float[ndarray, "P F D"]

    @classmethod
    def of(cls, parts: Sequence[GazeWindows]) -> "_Moments":
        first, *more = (cls._of_part(part) for part in parts)
        for moments in more:
            first = first + moments
        return first

    @classmethod
    def _of_part(cls, windows: GazeWindows) -> "_Moments":
        past_BP, valid_BF = _past(windows), windows.future_valid.numpy().astype(np.float64)
        future_BFD = np.nan_to_num(windows.future.numpy().astype(np.float64)) * valid_BF[..., None]
        cross = past_BP.T @ future_BFD.reshape(len(windows), -1)
        return cls(
            num_windows=len(windows),
            past=past_BP.sum(axis=0),
            past_past=past_BP.T @ past_BP,
            num_future=valid_BF.sum(axis=0),
            future=future_BFD.sum(axis=0),
            past_where_future=past_BP.T @ valid_BF,
            past_future=cross.reshape(past_BP.shape[1], *future_BFD.shape[1:]),
        )

    def __add__(self, other: "_Moments") -> "_Moments":
        return _Moments(
            self.num_windows + other.num_windows,
            self.past + other.past,
            self.past_past + other.past_past,
            self.num_future + other.num_future,
            self.future + other.future,
            self.past_where_future + other.past_where_future,
            self.past_future + other.past_future,
        )

    def solved(self, penalty: float) -> RidgeForecast:
        """The ridge of these windows; a frame of the future that is never valid is forecast as 0, the mean."""
        centre = self.past / self.num_windows
        count = np.maximum(self.num_future, 1)
        mean_FD = self.future / count[:, None]
        covariance = self.past_past / self.num_windows - np.outer(centre, centre)
        cross = (self.past_future - self.past_where_future[..., None] * mean_FD) / count[:, None]
        penalised = covariance + penalty * np.eye(len(covariance))
        weight = solve(penalised, cross.reshape(len(covariance), -1), assume_a="pos")
        return RidgeForecast(centre, weight, mean_FD.reshape(-1), penalty)


def _past(windows: GazeWindows) -> Float[ndarray, "B P"]:
    known = torch.where(windows.past_valid.unsqueeze(-1), windows.past, torch.zeros_like(windows.past))
    return known.flatten(1).double().numpy()


def _squared_error(ridge: RidgeForecast, windows: GazeWindows) -> float:
    error = (ridge.forecast(windows) - windows.future)[windows.future_valid]
    return float(error.double().square().sum())
