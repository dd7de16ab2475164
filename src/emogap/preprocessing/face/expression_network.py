"""An expression network and its card, opened as a frame encoder."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8
from numpy import ndarray
from scipy.special import softmax

from emogap.errors import DataError, UsageError
from emogap.preprocessing.face.encoding import Encoder, FaceCrop
from emogap.preprocessing.face.expressions import FaceExpressions
from emogap.preprocessing.face.network_card import LAST_LAYER, NetworkCard
from emogap.preprocessing.face.onnx_file import input_of_last_layer
from emogap.preprocessing.face.onnx_network import OnnxNetwork, open_network
from emogap.preprocessing.face.weights import recognise_weights, sha256_of

__all__ = ["network_input", "open_expression_network"]

FIX = "give the card that belongs to this file; docs/face-encoders.md explains its fields"

COLOUR_CODES = {"grey": cv2.COLOR_RGB2GRAY, "BGR": cv2.COLOR_RGB2BGR}


def open_expression_network(path: Path, card: NetworkCard) -> Encoder:
    """The network in the ONNX file at `path`, read as its `card` says.

    Features are the card's `embedding`, averaged over places if it has any, else the probabilities.

    Raises
    ------
    UsageError
        If there is no such file, or onnxruntime is not installed.
    DataError
        If file and card do not belong together: says which field, what it says, and what the file has.
    """
    if not path.is_file():
        raise UsageError("there is no such file of weights", where=str(path), fix="give the path of an ONNX file")
    if card.sha256 is not None and sha256_of(path) != card.sha256:
        raise DataError("the file is not the one that its card was added with", where=str(path), fix=FIX)
    embedding = _last_layer(path) if card.embedding == LAST_LAYER else card.embedding
    network = open_network(path, inner=embedding)
    _require_input(network, card, path)
    output = _output(network, card, path)

    def express(pictures: UInt8[ndarray, "F S S 3"]) -> FaceExpressions:
        values = network.run(network_input(pictures, card), output).astype(np.float64)
        probability = _probability(values, card, path)
        also = {name: values[:, len(card.classes) + place] for place, name in enumerate(card.also)}
        return FaceExpressions(card.classes, probability, np.zeros(len(probability)), also)

    def encode(pictures: UInt8[ndarray, "F S S 3"]) -> Float32[ndarray, "F D"]:
        if embedding is None:
            return express(pictures).probability.astype(np.float32)
        return _pooled(network.run(network_input(pictures, card), embedding), card)

    # One grey picture tells how many features there are, and whether the network runs at all.
    dimension = encode(np.full((1, card.size_px, card.size_px, 3), 128, np.uint8)).shape[1]
    names = card.classes if embedding is None else tuple(str(number) for number in range(dimension))
    return Encoder(
        channels=tuple(f"{card.name}_{name}" for name in names),
        encode=encode,
        crop=FaceCrop(card.crop, card.size_px),
        express=express,
        weights_sha256=_identity(path, card),
    )


def network_input(pictures: UInt8[ndarray, "F S S 3"], card: NetworkCard) -> Float32[ndarray, "F ..."]:
    """RGB pictures as the network wants them: its colour, its scaling, its order of axes."""
    coloured = pictures
    if card.colour in COLOUR_CODES:
        turned = [cv2.cvtColor(picture, COLOUR_CODES[card.colour]) for picture in pictures]
        coloured = np.stack(turned).reshape(*pictures.shape[:3], -1)
    mean, sd = np.array(card.mean, np.float32), np.array(card.sd, np.float32)
    scaled = (coloured.astype(np.float32) / np.float32(card.divide_by) - mean) / sd
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2) if card.layout == "NCHW" else scaled, np.float32)


def _last_layer(path: Path) -> str:
    try:
        return input_of_last_layer(path.read_bytes())
    except DataError as problem:
        raise DataError(problem.what, where=str(path), fix=FIX) from problem


def _require_input(network: OnnxNetwork, card: NetworkCard, path: Path) -> None:
    """Raise unless the file's input is the one that the card describes."""
    num_channels = len(card.mean)
    side = card.size_px
    wanted = (num_channels, side, side) if card.layout == "NCHW" else (side, side, num_channels)
    found = network.input_shape[1:]
    if any(size not in (None, want) for size, want in zip(found, wanted, strict=True)):
        raise DataError(
            f"the card '{card.name}' says an input of {wanted} ({card.layout}, {card.colour}, {side} px), "
            f"the file takes {found}",
            where=str(path),
            fix=FIX,
        )


def _output(network: OnnxNetwork, card: NetworkCard, path: Path) -> str:
    """Name of the output that holds the classes."""
    outputs = network.outputs
    if card.output is not None and card.output not in outputs:
        raise DataError(
            f"the card '{card.name}' names the output '{card.output}', the file has {', '.join(outputs)}",
            where=str(path),
            fix=FIX,
        )
    if card.output is None and len(outputs) != 1:
        raise DataError(
            f"the file has {len(outputs)} outputs ({', '.join(outputs)}), and the card names none",
            where=str(path),
            fix=FIX,
        )
    output = card.output or next(iter(outputs))
    if len(outputs[output]) != 2 or outputs[output][1] not in (None, _width(card)):
        raise _other_width(outputs[output][1:], card, path)
    return output


def _probability(values: Float[ndarray, "F C"], card: NetworkCard, path: Path) -> Float[ndarray, "F K"]:
    if values.shape[1:] != (_width(card),):
        raise _other_width(values.shape[1:], card, path)
    classes = values[:, : len(card.classes)]
    if card.gives == "logits":
        return np.asarray(softmax(classes, axis=1))
    total = classes.sum(axis=1)
    off = np.flatnonzero(~(np.abs(total - 1) < 1e-3) | (classes < 0).any(axis=1))
    if len(off):
        raise DataError(
            f"the card '{card.name}' says probabilities, the file gives values that are negative or sum to "
            f"{total[off[0]]:.4f}",
            where=str(path),
            fix='write gives = "logits" in the card if softmax is still to be applied',
        )
    return classes


def _width(card: NetworkCard) -> int:
    return len(card.classes) + len(card.also)


def _other_width(found: tuple[int | None, ...], card: NetworkCard, path: Path) -> DataError:
    return DataError(
        f"the card '{card.name}' names {_width(card)} columns, the file gives {found}", where=str(path), fix=FIX
    )


def _pooled(values: Float32[ndarray, "F ..."], card: NetworkCard) -> Float32[ndarray, "F D"]:
    """A tensor of features; averaged over the places if it has any."""
    if values.ndim == 4:
        return np.asarray(values.mean(axis=(2, 3) if card.layout == "NCHW" else (1, 2)), np.float32)
    return np.asarray(values.reshape(len(values), -1), np.float32)


def _identity(path: Path, card: NetworkCard) -> str:
    """Hash of the file; of file and card if the card is not emogap's own, since it decides on the values too."""
    sha256 = sha256_of(path)
    if recognise_weights(path) is not None:
        return sha256
    own_card = card.model_copy(update={"sha256": None}).model_dump_json()
    return hashlib.sha256(f"{sha256} {own_card}".encode()).hexdigest()
