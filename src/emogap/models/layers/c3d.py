"""C3D: convolutions over space and time, which see how a face moves from frame to frame.

Tran, Bourdev, Fergus, Torresani & Paluri (2015), Learning spatiotemporal features with 3D convolutional networks,
ICCV, arXiv 1412.0767, section 3.3. Shapes: B clips, T frames, C channels, H and W pixels.
"""

from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Bool, Float, Shaped
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["C3D", "C3DSize"]

C3DSize = Literal["compact", "full"]

CHANNELS: dict[C3DSize, tuple[int, ...]] = {
    "compact": (32, 64, 128, 256),
    "full": (64, 128, 256, 256, 512, 512, 512, 512),
}
"""Output channels of the convolutions; ``full`` are those of the paper."""

POOLED: dict[C3DSize, tuple[int, ...]] = {"compact": (1, 2, 3, 4), "full": (1, 2, 4, 6, 8)}
"""The convolutions, counted from 1, that a pooling follows."""


class C3D(nn.Module):
    """One vector per frame that knows its neighbours in time; zero where the mask is False.

    Parameters
    ----------
    num_channels, height, width : int
        Of a frame: 3 colours, or the channels of a feature map of any size.
    size : "full" or "compact"
        Eight convolutions of 3 x 3 x 3 as in the paper (27.7 million weights), or four (1.2 million).

    Notes
    -----
    The paper pools time as well as space, 16 frames to one. Here clips have few frames and each is to become a
    token, so only space is pooled, by two each time (112 pixels to 3; a side of one pixel is left alone), and the
    rest of it is averaged. The fully connected layers of the paper fall away.

    A masked frame is to its neighbours what lies beyond the ends of a clip: zero, before every convolution.

    The weights start from a normal distribution of variance 2 / fan-in (He et al. 2015, arXiv 1502.01852), as there
    is nothing pretrained: with torch's default eight layers of ReLU leave next to nothing of the input's variance.
    """

    def __init__(self, num_channels: int, height: int, width: int, *, size: C3DSize) -> None:
        super().__init__()
        widths = (num_channels, *CHANNELS[size])
        self.num_outputs = widths[-1]
        self.convolutions = nn.ModuleList(_convolution(before, after) for before, after in pairwise(widths))
        self.pools = nn.ModuleList()
        for number in range(1, len(widths)):
            if number not in POOLED[size]:
                self.pools.append(nn.Identity())
                continue
            kernel = (1, min(2, height), min(2, width))
            self.pools.append(nn.MaxPool3d(kernel))
            height, width = height // kernel[1], width // kernel[2]

    def maps(
        self, frames_BTCHW: Shaped[Tensor, "B T C H W"], mask_BT: Bool[Tensor, "B T"]
    ) -> Float[Tensor, "B C T H W"]:
        """Feature maps behind the last convolution; frames are uint8 in [0, 255], or maps in float32."""
        mask_B1T11 = mask_BT[:, None, :, None, None]
        map_BCTHW = frames_BTCHW.transpose(1, 2)
        if map_BCTHW.dtype == torch.uint8:
            map_BCTHW = map_BCTHW.float() / 127.5 - 1
        map_BCTHW = map_BCTHW * mask_B1T11
        for convolution, pool in zip(self.convolutions, self.pools, strict=True):
            map_BCTHW = pool(functional.relu(convolution(map_BCTHW))) * mask_B1T11
        return map_BCTHW

    def forward(
        self, frames_BTCHW: Shaped[Tensor, "B T C H W"], mask_BT: Bool[Tensor, "B T"]
    ) -> Float[Tensor, "B T C"]:
        """One vector per frame: the mean of its feature maps over space."""
        return self.maps(frames_BTCHW, mask_BT).mean(dim=(3, 4)).transpose(1, 2)


def _convolution(before: int, after: int) -> nn.Conv3d:
    convolution = nn.Conv3d(before, after, kernel_size=3, padding=1)
    nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
    assert convolution.bias is not None
    nn.init.zeros_(convolution.bias)
    return convolution
