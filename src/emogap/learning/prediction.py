"""Applying a fitted model to clips of a data set."""

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets.store import Dataset
from emogap.learning.inputs import Rows, make_batch
from emogap.learning.training.checkpoint import Trained

__all__ = ["predict_rows"]

CLIPS_AT_ONCE = 256


@torch.no_grad()
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
    trained.model.eval()
    for start in range(0, len(index), CLIPS_AT_ONCE):
        batch = make_batch(dataset, index[start : start + CLIPS_AT_ONCE], trained.scaler, trained.task)
        for view, logits in trained.model(batch).logits.items():
            value = logits.double()
            parts[view].append((value.softmax(dim=1) if trained.task.is_classification else value).numpy())
    return {view: np.concatenate(chunks) for view, chunks in parts.items()}
