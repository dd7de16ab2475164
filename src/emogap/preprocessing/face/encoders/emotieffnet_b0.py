"""EmotiEffNet: EfficientNet-B0 trained on AffectNet, eight expressions with contempt; the network of the EMER paper.

The file is not part of emogap and its terms are yours to check; it is known by its git blob id. The card was written
from the library's published description; it could not be tried on the file itself.
"""

from functools import cache
from pathlib import Path

from emogap.errors import UsageError
from emogap.preprocessing.face.encoding import Encoder
from emogap.preprocessing.face.expression_network import open_expression_network
from emogap.preprocessing.face.network_card import known_card
from emogap.preprocessing.face.weights import known_weights, require_weights, verify_weights

__all__ = ["open_encoder"]

NAME = "emotieffnet_b0"


def open_encoder(weights: Path | None = None) -> Encoder:
    """The network with its weights; opened once per process and file. Gives expressions too.

    Parameters
    ----------
    weights : path, optional
        ``enet_b0_8_best_afew.onnx`` of EmotiEffLib, unchanged; the one in the folder of weights if not given. For
        another file of that library use ``fer_onnx``.

    Raises
    ------
    UsageError
        If the file is not there, or onnxruntime is not installed.
    DataError
        If the file is not the official one.

    References
    ----------
    Savchenko (2023), Facial expression recognition with adaptive frame rate based on multiple testing correction,
    Proceedings of Machine Learning Research 202 (ICML).
    """
    if weights is None:
        return _open(require_weights(NAME))
    if not weights.is_file():
        raise UsageError("there is no such file of weights", where=str(weights), fix=f"emogap weights fetch {NAME}")
    verify_weights(weights, known_weights()[NAME])
    return _open(weights)


@cache
def _open(weights: Path) -> Encoder:
    card = known_card(NAME)
    assert card is not None
    return open_expression_network(weights, card)
