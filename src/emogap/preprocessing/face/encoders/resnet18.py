"""ResNet-18 trained on ImageNet: 512 features of an aligned face, of objects rather than of expressions.

The weights are a folder as transformers saves it. It is looked for in the folder of weights under ``resnet-18``, then
in the local cache of the Hugging Face hub; nothing is ever downloaded. The published weights could not be had when
this was written: it is tested with random ones.
"""

from functools import cache
from pathlib import Path

from emogap.errors import DataError, UsageError
from emogap.preprocessing.face.encoding import Encoder
from emogap.preprocessing.face.weights import sha256_of, weights_folder

__all__ = ["FOLDER", "HUB_NAME", "open_encoder"]

FOLDER = "resnet-18"
HUB_NAME = "microsoft/resnet-18"

STAGES = {"layer_type": "basic", "depths": [2, 2, 2, 2], "hidden_sizes": [64, 128, 256, 512]}
"""What makes a ResNet one of 18 layers (He et al. 2016, table 1)."""


def open_encoder(weights: Path | None = None) -> Encoder:
    """The network with its weights; opened once per process and folder. Loads torch and transformers.

    Parameters
    ----------
    weights : path, optional
        Folder with ``config.json`` and ``model.safetensors``, with or without the classifier of ImageNet.

    Raises
    ------
    UsageError
        If there are no weights, or transformers is not installed.
    DataError
        If the folder holds another network, or is damaged.

    Notes
    -----
    Pictures of 112 x 112 pixels are scaled to [0, 1] and standardised with mean and standard deviation of ImageNet;
    the last stage is averaged over its 4 x 4 places. The network was trained on 224 x 224: the aligned face is kept
    as it is stored in the stream ``frames``, and costs a quarter.

    References
    ----------
    He, Zhang, Ren & Sun (2016), doi:10.1109/CVPR.2016.90, section 3.3 and table 1.
    """
    folder = _found() if weights is None else weights
    if not folder.is_dir():
        raise UsageError("there is no such folder of weights", where=str(folder), fix=_how_to_get())
    return _open(folder)


@cache
def _open(folder: Path) -> Encoder:
    try:
        from emogap.preprocessing.face.torch_resnet import WEIGHTS_FILE, open_resnet
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the frame encoder 'resnet18' needs {error.name}", fix='pip install "emogap[faces]"'
        ) from error
    network = open_resnet(folder)
    for field, expected in STAGES.items():
        found = getattr(network.config, field)
        if found != expected:
            raise DataError(
                f"not a ResNet-18: {field} is {found}, expected {expected}", where=str(folder), fix=_how_to_get()
            )
    channels = tuple(f"resnet18_{number}" for number in range(network.dimension))
    return Encoder(
        channels, network.encode, weights_sha256=sha256_of(folder / WEIGHTS_FILE), pull_back=network.pull_back
    )


def _found() -> Path:
    """The folder of the weights, in the folder of weights or in the hub's cache."""
    own = weights_folder() / FOLDER
    if own.is_dir():
        return own
    cached = _in_hub_cache()
    if cached is None:
        raise UsageError(
            "the weights of 'resnet18' are neither in the folder of weights nor in the cache of the hub",
            where=str(own),
            fix=_how_to_get(),
        )
    return cached


def _in_hub_cache() -> Path | None:
    """Folder of the weights in the hub's cache on this machine, or None; asks no server."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ModuleNotFoundError:
        return None
    found = [try_to_load_from_cache(HUB_NAME, name) for name in ("config.json", "model.safetensors")]
    paths = [Path(each) for each in found if isinstance(each, str)]
    return paths[0].parent if len(paths) == len(found) else None


def _how_to_get() -> str:
    return (
        f"with a network, after reading its terms: hf download {HUB_NAME} --local-dir {weights_folder() / FOLDER}"
        f" config.json model.safetensors"
    )
