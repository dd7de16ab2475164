"""A linear model on summary statistics: logistic regression for classes, ridge regression for values.

Shapes: B clips, F statistics, K classes or targets.
"""

from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.floors import mean_label
from emogap.models.interface import ClosedFormModel, Output
from emogap.models.linear_fit import HELD_OUT_SHARE, PENALTIES, fit_linear
from emogap.models.summary_statistics import STATISTICS, clip_statistics
from emogap.types import TaskSpec

__all__ = ["Config", "Model"]


class Config(BaseModel):
    """Options of the linear model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    penalties: tuple[float, ...] = Field(
        default=PENALTIES,
        min_length=1,
        description="L2 penalties per clip to choose from; the best on held-out training participants is taken.",
    )
    held_out_share: float = Field(
        default=HELD_OUT_SHARE,
        gt=0,
        lt=1,
        description="Share of the training participants that the penalty is chosen on.",
    )


class Model(ClosedFormModel):
    """Standardised statistics of each channel, then one linear layer per view.

    Fitted by :func:`emogap.models.linear_fit.fit_linear`. A stream that a clip lacks counts as average.

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
        fitted = fit_linear(
            feature_BF,
            label_BK,
            people=person_B,
            is_classification=self.task.is_classification,
            penalties=self.config.penalties,
            held_out_share=self.config.held_out_share,
        )
        like = self.get_buffer("mean_F")
        values = {
            "weight_FK": fitted.weight,
            "intercept_K": fitted.intercept,
            "penalty": np.array(fitted.penalty),
        }
        for name, value in values.items():
            setattr(self, f"{view}_{name}", torch.as_tensor(value).to(like))
