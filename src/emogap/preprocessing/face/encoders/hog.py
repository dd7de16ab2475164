"""Histograms of oriented gradients: edges and wrinkles of an aligned face, without any weights."""

from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray

from emogap.errors import UsageError
from emogap.preprocessing.face.encoding import Encoder

__all__ = ["CHANNELS", "DIMENSION", "encode", "open_encoder"]

SIDE_PX, CELL_PX, NUM_ORIENTATIONS = 112, 16, 9
NUM_CELLS = SIDE_PX // CELL_PX
NUM_BLOCKS = NUM_CELLS - 1
DIMENSION = NUM_BLOCKS * NUM_BLOCKS * NUM_ORIENTATIONS
CHANNELS = tuple(
    f"hog_row{row}_column{column}_{round(180 * orientation / NUM_ORIENTATIONS)}deg"
    for row in range(NUM_BLOCKS)
    for column in range(NUM_BLOCKS)
    for orientation in range(NUM_ORIENTATIONS)
)
"""Block row from the top, block column from the left of the picture, and direction of the gradient."""

CLIP = 0.2
"""Largest value after normalisation, before normalising again (L2-Hys; Dalal & Triggs 2005, section 6.4)."""

REGULARISATION = 1e-3
"""Keeps a block without edges at 0."""


def open_encoder(weights: Path | None = None) -> Encoder:
    """The encoder, which has no weights.

    Raises
    ------
    UsageError
        If some are given.
    """
    if weights is not None:
        raise UsageError(
            "the frame encoder 'hog' has no weights; those given would not be used",
            where=str(weights),
            fix="leave them out, or choose the encoder that they belong to, such as 'fer_onnx'",
        )
    return Encoder(CHANNELS, encode)


def encode(frames: UInt8[ndarray, "F 112 112 3"]) -> Float32[ndarray, "F 324"]:
    """Gradient histograms of aligned faces, float32 (F, 324), each value in [0, 1].

    Parameters
    ----------
    frames : uint8 array, shape (F, 112, 112, 3)
        Aligned faces, RGB.

    Notes
    -----
    Dalal & Triggs (2005) with cells of 16 px and nine unsigned orientations, each gradient shared between the two
    nearest orientations. A block is 2 x 2 cells, blocks overlap by half, and L2-Hys normalisation makes each block
    independent of brightness and contrast. Where the authors keep the four histograms of a block apart (1,296 values
    here) half their sum is kept, 6 x 6 x 9 = 324 values for small samples. Grey values are used instead of the
    strongest colour channel, and there is no interpolation between cells.

    References
    ----------
    Dalal & Triggs (2005), doi:10.1109/CVPR.2005.177, sections 6.1-6.4.
    """
    grey = frames @ np.array([0.299, 0.587, 0.114], np.float32)
    dy, dx = np.gradient(grey, axis=(1, 2))
    magnitude = np.hypot(dx, dy)
    position = np.mod(np.arctan2(dy, dx), np.pi) * (NUM_ORIENTATIONS / np.pi)
    cells = _cell_histograms(magnitude, position)
    quarters = (cells[:, :-1, :-1], cells[:, :-1, 1:], cells[:, 1:, :-1], cells[:, 1:, 1:])
    blocks = np.concatenate(quarters, axis=-1)
    normalised = _unit_length(np.minimum(_unit_length(blocks), CLIP))
    summed = normalised.reshape(*normalised.shape[:-1], len(quarters), NUM_ORIENTATIONS).sum(axis=-2) / 2
    features: Float32[ndarray, "F 324"] = summed.reshape(len(frames), DIMENSION).astype(np.float32)
    return features


def _cell_histograms(
    magnitude: Float32[ndarray, "F 112 112"], position: Float32[ndarray, "F 112 112"]
) -> Float32[ndarray, "F 7 7 9"]:
    """Gradient magnitude per cell and orientation, shared linearly between neighbouring orientations."""
    lower = np.floor(position)
    upper_share = position - lower
    first = lower.astype(np.int64) % NUM_ORIENTATIONS
    cell_of_px = np.arange(SIDE_PX) // CELL_PX
    cell = (
        np.arange(len(magnitude))[:, None, None] * NUM_CELLS**2 + cell_of_px[:, None] * NUM_CELLS + cell_of_px[None, :]
    ) * NUM_ORIENTATIONS
    num_bins = len(magnitude) * NUM_CELLS**2 * NUM_ORIENTATIONS
    histogram = np.bincount((cell + first).ravel(), (magnitude * (1 - upper_share)).ravel(), num_bins)
    second = (first + 1) % NUM_ORIENTATIONS
    histogram += np.bincount((cell + second).ravel(), (magnitude * upper_share).ravel(), num_bins)
    return histogram.reshape(-1, NUM_CELLS, NUM_CELLS, NUM_ORIENTATIONS).astype(np.float32)


def _unit_length(blocks: Float32[ndarray, "F 6 6 36"]) -> Float32[ndarray, "F 6 6 36"]:
    """Each block divided by its length; a block without any edge stays 0."""
    length = np.linalg.norm(blocks, axis=-1, keepdims=True)
    scaled: Float32[ndarray, "F 6 6 36"] = blocks / np.sqrt(length**2 + REGULARISATION**2)
    return scaled
