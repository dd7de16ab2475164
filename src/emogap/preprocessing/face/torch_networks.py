"""The three networks of MTCNN; the only file of this room that imports torch, loaded when the detector is opened.

Pictures go in as float32 with channels last and values in [-1, 1]; arrays come out. What the arrays mean and how the
three work together is in ``detectors/mtcnn.py``.

References
----------
Zhang, Zhang, Li & Qiao (2016), Joint face detection and alignment using multitask cascaded convolutional networks,
doi:10.1109/LSP.2016.2603342, figure 2 (layers). PReLU after every convolution and hidden layer (section II.B).
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32
from numpy import ndarray
from torch import Tensor, nn

from emogap.errors import DataError

__all__ = ["MtcnnNetworks", "OutputNetwork", "ProposalNetwork", "RefinementNetwork", "open_networks"]


class _Trunk(nn.Module):
    """Convolutions named and joined as in the published weights; subclasses say how they are pooled."""

    def _activate(self, layer: int, x: Tensor) -> Tensor:
        convolution, activation = getattr(self, f"conv{layer}"), getattr(self, f"prelu{layer}")
        activated: Tensor = activation(convolution(x))
        return activated


class ProposalNetwork(_Trunk):
    """P-Net: fully convolutional; one window of 12 x 12 pixels every two pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 10, 3), nn.PReLU(10)
        self.conv2, self.prelu2 = nn.Conv2d(10, 16, 3), nn.PReLU(16)
        self.conv3, self.prelu3 = nn.Conv2d(16, 32, 3), nn.PReLU(32)
        self.conv4_1, self.conv4_2 = nn.Conv2d(32, 2, 1), nn.Conv2d(32, 4, 1)

    def forward(self, picture_B3HW: Tensor) -> tuple[Tensor, Tensor]:
        """Face probability (B, h, w) and box offsets (B, 4, h, w) of every window."""
        x = nn.functional.max_pool2d(self._activate(1, picture_B3HW), 2, ceil_mode=True)
        x = self._activate(3, self._activate(2, x))
        return self.conv4_1(x).softmax(dim=1)[:, 1], self.conv4_2(x)


class RefinementNetwork(_Trunk):
    """R-Net: windows of 24 x 24 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 28, 3), nn.PReLU(28)
        self.conv2, self.prelu2 = nn.Conv2d(28, 48, 3), nn.PReLU(48)
        self.conv3, self.prelu3 = nn.Conv2d(48, 64, 2), nn.PReLU(64)
        self.dense4, self.prelu4 = nn.Linear(64 * 3 * 3, 128), nn.PReLU(128)
        self.dense5_1, self.dense5_2 = nn.Linear(128, 2), nn.Linear(128, 4)

    def forward(self, windows_N3HW: Tensor) -> tuple[Tensor, Tensor]:
        """Face probability (N,) and box offsets (N, 4)."""
        x = nn.functional.max_pool2d(self._activate(1, windows_N3HW), 3, 2, ceil_mode=True)
        x = nn.functional.max_pool2d(self._activate(2, x), 3, 2, ceil_mode=True)
        x = self.prelu4(self.dense4(_column_major(self._activate(3, x))))
        return self.dense5_1(x).softmax(dim=1)[:, 1], self.dense5_2(x)


class OutputNetwork(_Trunk):
    """O-Net: windows of 48 x 48 pixels, and the five landmarks."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 32, 3), nn.PReLU(32)
        self.conv2, self.prelu2 = nn.Conv2d(32, 64, 3), nn.PReLU(64)
        self.conv3, self.prelu3 = nn.Conv2d(64, 64, 3), nn.PReLU(64)
        self.conv4, self.prelu4 = nn.Conv2d(64, 128, 2), nn.PReLU(128)
        self.dense5, self.prelu5 = nn.Linear(128 * 3 * 3, 256), nn.PReLU(256)
        self.dense6_1, self.dense6_2, self.dense6_3 = nn.Linear(256, 2), nn.Linear(256, 4), nn.Linear(256, 10)

    def forward(self, windows_N3HW: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Face probability (N,), box offsets (N, 4), and landmarks (N, 10): five x, then five y."""
        x = nn.functional.max_pool2d(self._activate(1, windows_N3HW), 3, 2, ceil_mode=True)
        x = nn.functional.max_pool2d(self._activate(2, x), 3, 2, ceil_mode=True)
        x = nn.functional.max_pool2d(self._activate(3, x), 2, ceil_mode=True)
        x = self.prelu5(self.dense5(_column_major(self._activate(4, x))))
        return self.dense6_1(x).softmax(dim=1)[:, 1], self.dense6_2(x), self.dense6_3(x)


def _column_major(x_NCHW: Tensor) -> Tensor:
    """Flat features in the order of the published weights, which were trained in MATLAB: columns outermost."""
    return x_NCHW.permute(0, 3, 2, 1).flatten(start_dim=1)


@dataclass(frozen=True, slots=True)
class MtcnnNetworks:
    """The three networks with their weights, from arrays to arrays."""

    proposal: ProposalNetwork
    refinement: RefinementNetwork
    output: OutputNetwork

    def propose(self, picture: Float32[ndarray, "H W 3"]) -> tuple[Float32[ndarray, "h w"], Float32[ndarray, "h w 4"]]:
        """Face probability and box offsets (shares of the window's side) of every 12 x 12 window."""
        with torch.inference_mode():
            score_1hw, offset_14hw = self.proposal(_channels_first(picture[None]))
        return score_1hw[0].numpy(), offset_14hw[0].permute(1, 2, 0).numpy()

    def refine(self, windows: Float32[ndarray, "N 24 24 3"]) -> tuple[Float32[ndarray, " N"], Float32[ndarray, "N 4"]]:
        """Face probability and box offsets of each window."""
        with torch.inference_mode():
            score_N, offset_N4 = self.refinement(_channels_first(windows))
        return score_N.numpy(), offset_N4.numpy()

    def finish(
        self, windows: Float32[ndarray, "N 48 48 3"]
    ) -> tuple[Float32[ndarray, " N"], Float32[ndarray, "N 4"], Float32[ndarray, "N 5 2"]]:
        """Face probability, box offsets, and landmarks as shares of the window's sides, x and y."""
        with torch.inference_mode():
            score_N, offset_N4, landmarks_N10 = self.output(_channels_first(windows))
        return score_N.numpy(), offset_N4.numpy(), landmarks_N10.unflatten(1, (2, 5)).mT.numpy()


def _channels_first(pictures: Float32[ndarray, "N H W 3"]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))


def open_networks(pnet: Path, rnet: Path, onet: Path) -> MtcnnNetworks:
    """The three networks with the weights of three files, each a torch state dict.

    Raises
    ------
    DataError
        If a file is absent, is no state dict, or belongs to another network; names the file and the tensor.
    """
    networks = MtcnnNetworks(ProposalNetwork(), RefinementNetwork(), OutputNetwork())
    _load(networks.proposal, pnet, name="P-Net")
    _load(networks.refinement, rnet, name="R-Net")
    _load(networks.output, onet, name="O-Net")
    return networks


def _load(network: nn.Module, path: Path, *, name: str) -> None:
    """Put the file's tensors into the network, all of them or none."""
    fix = f"give the {name} of MTCNN, or get its weights again: emogap weights fetch mtcnn-{name[0].lower()}net"
    try:
        # weights_only: a pickle that would run code is refused.
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise DataError("there is no such file of weights", where=str(path), fix=fix) from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it breaks off"
        raise DataError(f"not a readable torch state dict ({reason:.120})", where=str(path), fix=fix) from error
    problem = _difference(network.state_dict(), weights)
    if problem is not None:
        raise DataError(f"not the weights of the {name}: {problem}", where=str(path), fix=fix)
    network.load_state_dict(weights)
    network.eval()
    network.requires_grad_(False)


def _difference(wanted: Mapping[str, Tensor], found: object) -> str | None:
    """What is wrong with the tensors of a file, in words; None if they fit."""
    if not isinstance(found, Mapping):
        return f"the file holds a {type(found).__name__}, no tensors by name"
    for tensor, shape in ((tensor, tuple(values.shape)) for tensor, values in wanted.items()):
        values = found.get(tensor)
        if not isinstance(values, Tensor):
            return f"the tensor '{tensor}' of shape {shape} is missing"
        if tuple(values.shape) != shape:
            return f"the tensor '{tensor}' has the shape {tuple(values.shape)}, expected {shape}"
        if not bool(values.isfinite().all()):
            return f"the tensor '{tensor}' holds values that are not finite"
    extra = sorted(str(tensor) for tensor in set(found) - set(wanted))
    return f"it has {len(extra)} tensors more, first '{extra[0]}'" if extra else None
