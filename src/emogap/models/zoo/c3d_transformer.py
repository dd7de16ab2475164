"""C3D_Transformer: a convolutional network over space and time on the face, then ResNet_Transformer's encoder.

The baseline of that name in the EMER paper, arXiv 2512.16485, table II. There is no official file, and the paper
cites for it only the transformer (Vaswani et al. 2017, arXiv 1706.03762): this is a reconstruction. C3D is that of
Tran et al. (2015), arXiv 1412.0767.

Adaptation: time is not pooled, so that every frame stays a token; trained from scratch, as no pretrained weights are
at hand; sizes of the transformer, and the small form of C3D that is the default, are ours.

Shapes: B clips, T steps of one modality, D channels, C channels of a frame, H and W its pixels.
"""

from typing import ClassVar

from pydantic import Field
from torch import Tensor, nn

from emogap.errors import UsageError
from emogap.models.layers.c3d import C3D, C3DSize
from emogap.models.layers.sequence_encoder import StepLinear
from emogap.models.layers.token_transformer import TransformerOptions
from emogap.models.recipe import Recipe
from emogap.models.token_model import TokenModel
from emogap.types import TaskSpec

__all__ = ["INSTEAD", "NATIVE", "Config", "Model"]

NATIVE = Recipe()
"""The paper's recipe for all models; nobody published another."""

INSTEAD = {"face": "frames"}
"""It reads frames where others read features of the face."""


class Config(TransformerOptions):
    """Options of C3D_Transformer: those of its transformer, and the size of the convolutional network."""

    size: C3DSize = Field(
        default="compact",
        description="full: the eight convolutions of Tran et al. (2015), 27.7 million weights; compact: four of them,"
        " 1.2 million and a tenth of the operations, which a thousand clips without pretraining can still teach; ours.",
    )


class Model(TokenModel):
    """C3D_Transformer for at least one stream of frames, any other named modalities, and one or several views.

    A stream of (T, C, H, W) per clip is frames in uint8, or feature maps of a network in float32; one of (T, D) is
    steps. Ready-made vectors of a face hold no space to convolve over: with those alone use resnet_transformer.

    Raises
    ------
    UsageError
        If no stream is (T, C, H, W), or one is neither that nor (T, D).
    """

    description: ClassVar[str] = "C3D_Transformer: 3D convolutions over face frames, then one self-attention encoder"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        _require_possible(task)
        super().__init__({name: _encoder(shape, config) for name, shape in task.streams.items()}, config, task)
        self.config = config


class _FrameTokens(nn.Module):
    """One token per frame: C3D, then a Linear."""

    def __init__(self, num_channels: int, height: int, width: int, config: Config) -> None:
        super().__init__()
        self.c3d = C3D(num_channels, height, width, size=config.size)
        self.project = StepLinear(self.c3d.num_outputs, width=config.width)

    def forward(self, frames_BTCHW: Tensor, mask_BT: Tensor) -> Tensor:
        token_BTW: Tensor = self.project(self.c3d(frames_BTCHW, mask_BT), mask_BT)
        return token_BTW


def _encoder(shape: tuple[int, ...], config: Config) -> nn.Module:
    if len(shape) == 2:
        return StepLinear(shape[1], width=config.width)
    _, num_channels, height, width = shape
    return _FrameTokens(num_channels, height, width, config)


def _require_possible(task: TaskSpec) -> None:
    for name, shape in task.streams.items():
        if len(shape) not in (2, 4):
            raise UsageError(
                f"c3d_transformer takes frames x channels x height x width, or steps x channels, but {name} has shape"
                f" {shape} per clip",
                fix="leave the stream out",
            )
    if not any(len(shape) == 4 for shape in task.streams.values()):
        streams = ", ".join(f"{name} {shape}" for name, shape in task.streams.items())
        raise UsageError(
            f"c3d_transformer convolves over frames, but no stream has any: {streams}",
            fix="build the data with --frames from recordings that have a face video; for ready-made features use the"
            " model resnet_transformer",
        )
