"""Which parts of the aligned face an answer rests on: a grey patch laid over each, and gradients where frames are read.

The patch lies at the same place in all frames of a clip. Where a model reads features, the covered frames are encoded
once more; where it reads frames, it sees them as they are.

Shapes: F frames of a clip, H pixels of a side, G places of the patch along a side, K cells along a side, D features.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, UInt8
from numpy import ndarray
from torch import Tensor

from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.learning.evaluation.attribution.explained import Classes, Network
from emogap.learning.inputs import Scaler
from emogap.models.batch import Batch

__all__ = [
    "FACE",
    "FRAMES",
    "GREY",
    "SIDE_PX",
    "Patch",
    "covered",
    "encoded_gradient_times_input",
    "face_variants",
    "gradient_times_input",
]

SIDE_PX = 112
GREY = 127
"""Of 0 to 255: the middle of the range, which a network that scales frames to [-1, 1] sees as 0."""

FACE, FRAMES = "face", "frames"


@dataclass(frozen=True, slots=True)
class Patch:
    """A square patch and how far it is moved between two places.

    Raises
    ------
    UsageError
        If the steps do not go evenly into the patch and the picture.
    """

    side_px: int
    stride_px: int

    def __post_init__(self) -> None:
        fits = 0 < self.stride_px <= self.side_px <= SIDE_PX
        if not fits or self.side_px % self.stride_px or SIDE_PX % self.stride_px:
            raise UsageError(
                f"a patch of {self.side_px} px cannot be moved by {self.stride_px} px over a face of {SIDE_PX} px so"
                " that every cell is covered by whole patches",
                fix="choose a stride that divides 112 and the side of the patch, such as 8 px and 24 px",
            )

    @property
    def num_places(self) -> int:
        """Places along a side (G)."""
        return (SIDE_PX - self.side_px) // self.stride_px + 1


def covered(
    frames_F3HH: UInt8[ndarray, "F 3 H H"], patch: Patch, *, row: int, column: int
) -> UInt8[ndarray, "F 3 H H"]:
    """The frames with a grey patch at place (`row`, `column`), counted in strides from the upper left corner."""
    top, left = row * patch.stride_px, column * patch.stride_px
    hidden = frames_F3HH.copy()
    hidden[:, :, top : top + patch.side_px, left : left + patch.side_px] = GREY
    return hidden


def face_variants(
    dataset: Dataset,
    row: int,
    *,
    patch: Patch,
    scaler: Scaler,
    encode: Callable[[UInt8[ndarray, "F 3 H H"]], ndarray] | None,
) -> Tensor | None:
    """One clip's stream of the face with the patch at each of its places, rows of places first; as a model takes it.

    Parameters
    ----------
    dataset : Dataset
        With the stream ``frames``.
    row : int
        Of ``samples.parquet``.
    patch : Patch
    scaler : Scaler
        Of the model.
    encode : function, or None
        From frames to features of the stream ``face``; None for a model that reads frames.

    Returns
    -------
    tensor, shape (G * G, F, D) float32 or (G * G, F, 3, H, H) uint8; None if the clip has no frame
        Steps without a frame stay as they are.
    """
    frames = np.asarray(dataset.streams[FRAMES][row])
    is_seen = np.asarray(dataset.masks[FRAMES][row])
    if not is_seen.any():
        return None
    places = [(down, across) for down in range(patch.num_places) for across in range(patch.num_places)]
    hidden = [covered(frames[is_seen], patch, row=down, column=across) for down, across in places]
    name = FRAMES if encode is None else FACE
    variants = np.repeat(np.asarray(dataset.streams[name][row])[None], len(places), axis=0)
    variants[:, is_seen] = np.stack([each if encode is None else encode(each) for each in hidden])
    return torch.from_numpy(scaler.apply(name, variants))


def gradient_times_input(
    model: Network, batch: Batch, classes: Classes, *, cell_px: int
) -> dict[str, Float[Tensor, "B K K"]]:
    """Gradient of the logit of the explained class times the pixels, summed over cells, colours and frames; by view.

    Parameters
    ----------
    model : Network
        One that reads ``frames``, and takes those in [-1, 1] as well as those in uint8.
    batch : Batch
    classes : Classes
    cell_px : int
        Side of a cell.

    Notes
    -----
    Pixels count from the grey of the patch: the sum is, to the first order, how far the logit falls when a cell
    becomes grey (Shrikumar et al. 2017, arXiv 1704.02685, section 2). NaN where the clip has no class or no frame.
    """
    pixels = (batch.streams[FRAMES].float() / 127.5 - 1).requires_grad_()
    maps = {}
    for view, gradient in _gradients(model, batch, classes, name=FRAMES, given=pixels).items():
        product_BHH = (gradient * pixels.detach() * batch.masks[FRAMES][:, :, None, None, None]).sum(dim=(1, 2))
        cells = _cells(product_BHH, cell_px)
        is_told = (classes[view] >= 0) & batch.masks[FRAMES].any(dim=1)
        maps[view] = cells.where(is_told[:, None, None], torch.tensor(torch.nan))
    return maps


def encoded_gradient_times_input(
    model: Network,
    batch: Batch,
    classes: Classes,
    *,
    frames: UInt8[ndarray, "B F 3 H H"],
    scaler: Scaler,
    pull_back: Callable[[UInt8[ndarray, "F 3 H H"], ndarray], ndarray],
    cell_px: int,
) -> dict[str, Float[Tensor, "B K K"]]:
    """As :func:`gradient_times_input` for a model of features: its gradient is taken on through the encoder.

    Parameters
    ----------
    model : Network
        One that reads ``face``.
    batch : Batch
    classes : Classes
    frames : uint8 array, shape (B, F, 3, H, H)
        From which the features were made, on the same steps.
    scaler : Scaler
        Of the model.
    pull_back : function
        Of the encoder; see :class:`emogap.datasets.frame_encoding.FrameEncoding`.
    cell_px : int
    """
    features = batch.streams[FACE].clone().requires_grad_()
    per_feature = np.nan_to_num(1 / scaler.sd[FACE])
    maps = {}
    for view, gradient in _gradients(model, batch, classes, name=FACE, given=features).items():
        cells = torch.full((batch.num_clips, SIDE_PX // cell_px, SIDE_PX // cell_px), torch.nan)
        for clip, is_seen in enumerate(batch.masks[FACE].numpy()):
            if classes[view][clip] < 0 or not is_seen.any():
                continue
            weight = (gradient[clip].numpy()[is_seen] * per_feature).astype(np.float32)
            seen = frames[clip][is_seen]
            product_HH = (pull_back(seen, weight) * (seen.astype(np.float32) - 127.5)).sum(axis=(0, 1))
            cells[clip] = _cells(torch.from_numpy(product_HH)[None], cell_px)[0]
        maps[view] = cells
    return maps


def _gradients(
    model: Network, batch: Batch, classes: Classes, *, name: str, given: Tensor
) -> dict[str, Float[Tensor, "B F ..."]]:
    """By view, the gradient of the logit of the explained class with respect to the stream `name`, which is `given`."""
    with torch.enable_grad():
        logits = model.eval()(replace(batch, streams={**batch.streams, name: given})).logits
    gradients = {}
    for view, logit_BK in logits.items():
        chosen_B = logit_BK.gather(1, classes[view].clamp(min=0).unsqueeze(1)).squeeze(1)
        (gradients[view],) = torch.autograd.grad(chosen_B.sum(), given, retain_graph=True)
    return gradients


def _cells(pixels_BHH: Float[Tensor, "B H H"], cell_px: int) -> Float[Tensor, "B K K"]:
    side = SIDE_PX // cell_px
    return pixels_BHH.reshape(-1, side, cell_px, side, cell_px).sum(dim=(2, 4))
