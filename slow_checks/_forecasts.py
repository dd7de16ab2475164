"""Forecasts of the gaze of people whom no network saw, from several folds, in the units of the channels.

Shapes: B windows, T past frames, F future frames, D channels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from emogap.datasets.gaze_index import GazeIndex
from emogap.learning.pretraining.batches import GazeWindows
from emogap.learning.pretraining.checkpoint import Pretrained
from emogap.learning.pretraining.forecasts import repeat_last_frame, roll_out
from emogap.learning.pretraining.scores import PeopleScores, score_people
from emogap.learning.pretraining.validation import StandardisedGaze, fit_floor, windows_of_people
from emogap.learning.randomness import derived_seed
from emogap.types.scores import IntervalRecord

__all__ = [
    "UnseenForecasts",
    "deal_people",
    "joined",
    "scores_by_horizon",
    "scores_of",
    "spread_mean",
    "unseen_forecasts",
]

MOST_WINDOWS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class UnseenForecasts:
    """Forecasts (B, F, D) by name, what was measured, and whose window each is; all in the units of the channels."""

    forecasts: Mapping[str, Float[Tensor, "B F D"]]
    windows: GazeWindows
    people: tuple[str, ...]
    rate_hz: float


def deal_people(
    names: Sequence[str], *, num_choosing: int, num_folds: int, seed: int
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """People by whom a recipe is chosen, and the others in folds whose sizes differ by one at most.

    Examples
    --------
    >>> choosing, folds = deal_people(["a", "b", "c", "d", "e", "f", "g"], num_choosing=2, num_folds=3, seed=0)
    >>> len(choosing), [len(fold) for fold in folds]
    (2, [2, 2, 1])
    """
    order = np.random.default_rng(seed).permutation(sorted(set(names))).tolist()
    tested = order[num_choosing:]
    folds = tuple(tuple(sorted(tested[number::num_folds])) for number in range(num_folds))
    return tuple(sorted(order[:num_choosing])), folds


def spread_mean(windows: GazeWindows) -> Float[Tensor, "B F D"]:
    """The mean of the valid frames of the past, again and again; 0, the mean gaze, if none is valid."""
    valid_BT1 = windows.past_valid.unsqueeze(-1)
    total_BD = torch.where(valid_BT1, windows.past, torch.zeros_like(windows.past)).sum(dim=1)
    mean_BD = total_BD / valid_BT1.sum(dim=1).clamp(min=1)
    return mean_BD.unsqueeze(1).expand(-1, windows.future.shape[1], -1)


def unseen_forecasts(pretrained: Pretrained, index: GazeIndex, people: Sequence[str]) -> UnseenForecasts:
    """What a network, the two floors and the mean of the past say of the windows of `people`.

    The ridge is fitted to the training people of the network; frames are shuffled if they were in the pre-training.
    """
    assert pretrained.pretraining is not None
    assert not {name for _, name in pretrained.people} & set(people), "a person was seen"
    is_shuffled = pretrained.pretraining.time_order == "shuffled"
    shuffle_seed = derived_seed(pretrained.pretraining.seed, 4) if is_shuffled else None
    gaze = StandardisedGaze(index, pretrained.mean, pretrained.sd, shuffle_seed)
    of_whom = np.array(index.participants)
    ridge = fit_floor(gaze, np.isin(of_whom, [name for _, name in pretrained.training_people]))
    shown = windows_of_people(gaze, np.isin(of_whom, list(people)), MOST_WINDOWS)
    standardised = {
        "glass": roll_out(pretrained.model, shown.windows),
        "repeat": repeat_last_frame(shown.windows),
        "ridge": ridge.forecast(shown.windows),
        "past mean": spread_mean(shown.windows),
    }

    def in_units(value: Tensor) -> Tensor:
        return value.double() * torch.from_numpy(pretrained.sd) + torch.from_numpy(pretrained.mean)

    windows = GazeWindows(
        in_units(shown.windows.past), shown.windows.past_valid,
        in_units(shown.windows.future), shown.windows.future_valid,
    )  # fmt: skip
    forecasts = {name: in_units(forecast) for name, forecast in standardised.items()}
    return UnseenForecasts(forecasts, windows, shown.people, index.rate_hz)


def joined(parts: Sequence[UnseenForecasts]) -> UnseenForecasts:
    """The forecasts of all folds, a fold behind the other."""
    fields = ("past", "past_valid", "future", "future_valid")
    windows = GazeWindows(*(torch.cat([getattr(part.windows, name) for part in parts]) for name in fields))
    forecasts = {name: torch.cat([part.forecasts[name] for part in parts]) for name in parts[0].forecasts}
    return UnseenForecasts(forecasts, windows, sum((part.people for part in parts), ()), parts[0].rate_hz)


def scores_of(found: UnseenForecasts) -> PeopleScores:
    """r, and errors in the units of the channels, with intervals over people and paired differences."""
    sd: Float[ndarray, " D"] = np.ones(found.windows.future.shape[2])
    return score_people(found.forecasts, found.windows, found.people, sd=sd, rate_hz=found.rate_hz)


def scores_by_horizon(found: UnseenForecasts, *, frames: int) -> list[dict[str, object]]:
    """r of every forecast for each stretch of `frames` future frames: ``until_s`` and, by name, r with its interval."""
    rows: list[dict[str, object]] = []
    for start in range(0, found.windows.future.shape[1], frames):
        part = slice(start, start + frames)
        windows = GazeWindows(
            found.windows.past, found.windows.past_valid,
            found.windows.future[:, part], found.windows.future_valid[:, part],
        )  # fmt: skip
        forecasts = {name: forecast[:, part] for name, forecast in found.forecasts.items()}
        scores = scores_of(UnseenForecasts(forecasts, windows, found.people, found.rate_hz))
        pearson_r: dict[str, IntervalRecord] = {
            name: record["pearson_r"] for name, record in scores["forecasts"].items()
        }
        rows.append({"until_s": (start + windows.future.shape[1]) / found.rate_hz, "pearson_r": pearson_r})
    return rows
