"""Any expression network in ONNX whose input and output a card describes; its inner layer as features.

Without a file: the small network of Arriaga et al. (2017) trained on FER2013, if it is in the folder of weights.
"""

from functools import cache
from pathlib import Path

from emogap.preprocessing.face.encoding import Encoder
from emogap.preprocessing.face.expression_network import open_expression_network
from emogap.preprocessing.face.network_card import card_of
from emogap.preprocessing.face.weights import require_weights

__all__ = ["open_encoder"]

DEFAULT = "fer2013_mini_xception"


def open_encoder(weights: Path | None = None) -> Encoder:
    """The network with its card; opened once per process and file. Gives expressions too.

    Parameters
    ----------
    weights : path, optional
        ONNX file: known to emogap by its hash, or with its card beside it (same name, ending ``.toml``).

    Raises
    ------
    UsageError
        If the file is not there, has no card, or onnxruntime is not installed.
    DataError
        If file or card is damaged, or they do not belong together.

    References
    ----------
    Arriaga, Valdenegro-Toro & Ploeger (2017), Real-time convolutional neural networks for emotion and gender
    classification, arXiv:1710.07557.
    """
    return _open(require_weights(DEFAULT) if weights is None else weights)


@cache
def _open(weights: Path) -> Encoder:
    return open_expression_network(weights, card_of(weights))
