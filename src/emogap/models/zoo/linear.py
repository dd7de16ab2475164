"""A linear model on summary statistics: logistic regression for classes, ridge regression for values.

Shapes: B clips, F statistics, K classes or targets.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.floors import SMALLEST_PROBABILITY, mean_label
from emogap.models.interface import ClosedFormModel, Output
from emogap.models.losses import huber, share_cross_entropy
from emogap.models.summary_statistics import STATISTICS, clip_statistics
from emogap.types import TaskSpec

__all__ = ["Config", "Model"]

FEWEST_PEOPLE = 3
"""With fewer training participants none can be held out to choose the penalty."""


class Config(BaseModel):
    """Options of the linear model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    penalties: tuple[float, ...] = Field(
        default=(0.003, 0.03, 0.3, 3.0),
        min_length=1,
        description="L2 penalties per clip to choose from; the best on held-out training participants is taken.",
    )
    held_out_share: float = Field(
        default=0.25, gt=0, lt=1, description="Share of the training participants that the penalty is chosen on."
    )


class Model(ClosedFormModel):
    """Standardised statistics of each channel, then one linear layer per view.

    Minimises the mean loss over the training clips plus half the penalty times the squared weights; the
    intercept is free. The penalty is chosen by the loss on every fourth training participant (in the order of
    their ids), fitting on the others; then all training clips are used. With fewer than three participants the
    strongest penalty is taken. Vote shares enter as weights of the classes. A stream that a clip lacks counts
    as average.

    Raises
    ------
    UsageError
        If a stream is not (T, D).
    """

    description: ClassVar[str] = "logistic or ridge regression on mean, SD, slope, minimum and maximum per channel"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        self.config = config
        self.modalities = tuple(task.streams)
        require_step_streams("linear", task)
        num_statistics = sum(len(STATISTICS) * shape[1] + 1 for shape in task.streams.values())
        self.register_buffer("mean_F", torch.zeros(num_statistics))
        self.register_buffer("sd_F", torch.ones(num_statistics))
        for view in task.views:
            self.register_buffer(f"{view}_weight_FK", torch.zeros(num_statistics, task.head_size))
            self.register_buffer(f"{view}_intercept_K", torch.zeros(task.head_size))
            self.register_buffer(f"{view}_penalty", torch.tensor(torch.nan))

    def fit(self, batch: Batch) -> None:
        """Learn the scale of the statistics, and penalty, weights and intercept of each view.

        Raises
        ------
        DataError
            If no clip is labelled in one of the views.
        """
        require_streams(self.task, batch)
        statistics_BF = clip_statistics(batch, self.modalities)
        self.mean_F = statistics_BF.nanmean(dim=0).nan_to_num(0.0)
        sd_F = (statistics_BF - self.mean_F).square().nanmean(dim=0).sqrt()
        self.sd_F = torch.where(sd_F > 1e-6, sd_F, torch.ones_like(sd_F))
        feature_BF = self._standardise(statistics_BF).double().cpu().numpy()
        person_B = np.array([key.participant_id for key in batch.keys])
        for view in self.task.views:
            label_BK = batch.labels[view]
            mean_label(label_BK, view=view)
            is_known_B = label_BK.isfinite().all(dim=1).cpu().numpy()
            known_BK = label_BK.double().cpu().numpy()[is_known_B]
            self._fit_view(view.value, feature_BF[is_known_B], known_BK, person_B[is_known_B])

    def forward(self, batch: Batch) -> Output:
        """Class scores whose softmax are probabilities, or values.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        feature_BF = self._standardise(clip_statistics(batch, self.modalities))
        return Output(
            {
                view.value: feature_BF @ self.get_buffer(f"{view}_weight_FK") + self.get_buffer(f"{view}_intercept_K")
                for view in self.task.views
            }
        )

    def _standardise(self, statistics_BF: Float[Tensor, "B F"]) -> Float[Tensor, "B F"]:
        return ((statistics_BF - self.get_buffer("mean_F")) / self.get_buffer("sd_F")).nan_to_num(0.0)

    def _fit_view(
        self, view: str, feature_BF: Float[ndarray, "B F"], label_BK: Float[ndarray, "B K"], person_B: ndarray
    ) -> None:
        penalty = self._choose_penalty(feature_BF, label_BK, _held_out(person_B, self.config.held_out_share))
        weight_FK, intercept_K = self._solve(feature_BF, label_BK, penalty)
        like = self.get_buffer("mean_F")
        for name, value in (("weight_FK", weight_FK), ("intercept_K", intercept_K), ("penalty", np.array(penalty))):
            setattr(self, f"{view}_{name}", torch.as_tensor(value).to(like))

    def _choose_penalty(
        self, feature_BF: Float[ndarray, "B F"], label_BK: Float[ndarray, "B K"], is_held_out_B: Bool[ndarray, " B"]
    ) -> float:
        penalties: Sequence[float] = sorted(self.config.penalties, reverse=True)
        if len(penalties) == 1 or not is_held_out_B.any():
            return penalties[0]
        inner = ~is_held_out_B
        label = torch.as_tensor(label_BK[is_held_out_B])
        loss = share_cross_entropy if self.task.is_classification else huber
        losses = []
        for penalty in penalties:
            weight_FK, intercept_K = self._solve(feature_BF[inner], label_BK[inner], penalty)
            losses.append(loss(torch.as_tensor(feature_BF[is_held_out_B] @ weight_FK + intercept_K), label).item())
        return penalties[int(np.argmin(losses))]

    def _solve(
        self, feature_BF: Float[ndarray, "B F"], label_BK: Float[ndarray, "B K"], penalty: float
    ) -> tuple[Float[ndarray, "F K"], Float[ndarray, " K"]]:
        solve = _logistic if self.task.is_classification else _ridge
        return solve(feature_BF, label_BK, penalty)


def _held_out(person_B: ndarray, share: float) -> Bool[ndarray, " B"]:
    """Which clips belong to the participants that the penalty is chosen on: evenly spaced in the order of ids."""
    people = np.unique(person_B)
    if len(people) < FEWEST_PEOPLE:
        return np.zeros(len(person_B), bool)
    step = max(2, round(1 / share))
    return np.isin(person_B, people[step // 2 :: step])


def _ridge(
    feature_BF: Float[ndarray, "B F"], label_BK: Float[ndarray, "B K"], penalty: float
) -> tuple[Float[ndarray, "F K"], Float[ndarray, " K"]]:
    from sklearn.linear_model import Ridge

    fitted = Ridge(alpha=penalty * len(feature_BF)).fit(feature_BF, label_BK)
    return fitted.coef_.reshape(label_BK.shape[1], -1).T, np.reshape(fitted.intercept_, -1)


def _logistic(
    feature_BF: Float[ndarray, "B F"], share_BK: Float[ndarray, "B K"], penalty: float
) -> tuple[Float[ndarray, "F K"], Float[ndarray, " K"]]:
    """Multinomial logistic regression against vote shares; a class without a vote gets no weight."""
    from sklearn.linear_model import LogisticRegression

    num_classes = share_BK.shape[1]
    weight_FK = np.zeros((feature_BF.shape[1], num_classes))
    intercept_K = np.full(num_classes, np.log(SMALLEST_PROBABILITY))
    seen = np.flatnonzero(share_BK.sum(axis=0))
    if len(seen) == 1:
        intercept_K[seen] = 0.0
        return weight_FK, intercept_K
    clip, label = np.nonzero(share_BK)
    fitted = LogisticRegression(C=1 / (penalty * len(feature_BF)), max_iter=5000, tol=1e-5).fit(
        feature_BF[clip], label, sample_weight=share_BK[clip, label]
    )
    if len(seen) == 2:
        weight_FK[:, seen[1]], intercept_K[seen] = fitted.coef_[0], (0.0, fitted.intercept_[0])
    else:
        weight_FK[:, seen], intercept_K[seen] = fitted.coef_.T, fitted.intercept_
    return weight_FK, intercept_K
