"""What a fitted network holds of its test clips before the heads: one vector per clip, stored in the run.

``RUN/features/<model>/<fit>-<seed of the random weights>.npz`` holds the arrays ``trained`` and ``random``. Two
fits are two networks: their vectors have nothing in common, and are never put side by side.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from jaxtyping import Float32
from numpy import ndarray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from emogap.datasets.store import Dataset
from emogap.errors import DataError, UsageError
from emogap.files import write_bytes
from emogap.learning.evaluation.attribution.control import randomised
from emogap.learning.evaluation.attribution.explained import Network
from emogap.learning.evaluation.fitting import checkpoint_folder
from emogap.learning.evaluation.grid import Fit
from emogap.learning.inputs import clips_at_once, make_batch
from emogap.learning.training.checkpoint import Trained, load_model

__all__ = ["FusedFeatures", "fused_features"]

FOLDER = "features"


@dataclass(frozen=True, slots=True, eq=False)
class FusedFeatures:
    """Vectors of the test clips of one fit, in their order.

    Attributes
    ----------
    trained : float32 array, shape (N, F)
    random : float32 array, shape (N, F)
        Of the same network with weights that were never trained.
    """

    trained: Float32[ndarray, "N F"]
    random: Float32[ndarray, "N F"]


def fused_features(dataset: Dataset, run: Path, fit: Fit, *, seed: int) -> FusedFeatures:
    """What the network of `fit` holds of its test clips; found in the run if it is there.

    Parameters
    ----------
    dataset : Dataset
    run : Path
        A finished run.
    fit : Fit
    seed : int
        Of the random weights.

    Raises
    ------
    UsageError
        If the model has no one vector that all heads read, or is fitted in closed form.
    DataError
        If the checkpoint is absent, or a file is damaged.
    """
    path = run / FOLDER / fit.model / f"{fit.folder_name}-{seed}.npz"
    if not path.is_file():
        trained = load_model(checkpoint_folder(run, fit))
        with threadpool_limits(1):
            arrays = {
                "trained": _features(trained, trained.model, dataset, fit),
                "random": _features(trained, randomised(trained, seed=seed), dataset, fit),
            }
        packed = io.BytesIO()
        np.savez(packed, allow_pickle=False, **arrays)
        write_bytes(path, packed.getvalue())
    try:
        with np.load(path, allow_pickle=False) as stored:
            return FusedFeatures(stored["trained"], stored["random"])
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise DataError(
            f"the stored features are damaged: {error}", where=str(path), fix="remove the file and run again"
        ) from error


@torch.no_grad()
def _features(trained: Trained, network: Network, dataset: Dataset, fit: Fit) -> Float32[ndarray, "N F"]:
    parts, at_once = [], clips_at_once(trained.task)
    for start in range(0, len(fit.test), at_once):
        batch = make_batch(dataset, fit.test[start : start + at_once], trained.scaler, trained.task)
        extras = network.eval()(batch).extras
        if "fused" not in extras:
            raise UsageError(
                f"{trained.name} has no one vector of a clip that all its heads read",
                fix="ask for a model that fuses its streams, such as emert or resnet_transformer",
            )
        parts.append(extras["fused"].flatten(start_dim=1).numpy())
    return np.concatenate(parts)
