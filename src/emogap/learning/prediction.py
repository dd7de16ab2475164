"""Applying a fitted model to clips of a data set."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets.plan import Clip
from emogap.datasets.store import Dataset
from emogap.learning.clips import batch_of_clips
from emogap.learning.inputs import Rows, clips_at_once, make_batch
from emogap.learning.training.checkpoint import Trained
from emogap.models.batch import Batch

__all__ = ["predict_batch", "predict_clips", "predict_rows"]


def predict_rows(trained: Trained, dataset: Dataset, rows: Rows) -> dict[str, Float[ndarray, "B K"]]:
    """What the model says of the clips at `rows`: by view, probabilities or values.

    Parameters
    ----------
    trained : Trained
    dataset : Dataset
        Any data set with the model's streams and channels.
    rows : sequence of int
        Rows of ``samples.parquet``.

    Returns
    -------
    dict from view to float64 array, shape (B, K)
        Class probabilities in vocabulary order, rows summing to 1; or one value per target, in the task's order.

    Raises
    ------
    MismatchError
        If the data set lacks a stream, or its channels or number of steps are not those of the model.
    """
    index = np.asarray(rows, np.int64)
    parts: dict[str, list[Float[ndarray, "B K"]]] = {
        view.value: [np.empty((0, trained.task.head_size))] for view in trained.task.views
    }
    at_once = clips_at_once(trained.task)
    for start in range(0, len(index), at_once):
        batch = make_batch(dataset, index[start : start + at_once], trained.scaler, trained.task)
        for view, output in predict_batch(trained, batch).items():
            parts[view].append(output)
    return {view: np.concatenate(chunks) for view, chunks in parts.items()}


def predict_clips(trained: Trained, clips: Sequence[Clip]) -> dict[str, Float[ndarray, "B K"]]:
    """What the model says of clips that are in no data set; as :func:`predict_rows`.

    Raises
    ------
    MismatchError
        If no clip has a stream that the model needs, or a stream has another number of steps.
    """
    return predict_batch(trained, batch_of_clips(clips, trained.scaler, trained.task))


@torch.no_grad()
def predict_batch(trained: Trained, batch: Batch) -> dict[str, Float[ndarray, "B K"]]:
    """What the model says of a batch that its scaler made; as :func:`predict_rows`."""
    logits = trained.model.eval()(batch).logits
    values = {view: value.double() for view, value in logits.items()}
    if trained.task.is_classification:
        values = {view: value.softmax(dim=1) for view, value in values.items()}
    return {view: value.numpy() for view, value in values.items()}
