"""The sub-networks before a tensor fusion: each turns one stream into one vector per clip.

They are those of TFN (Zadeh et al. 2017, arXiv 1707.07250, section 4.1), which LMF shares: streams that are taken on
average go through a small perceptron, streams whose order matters through an LSTM.

Shapes: B clips, T steps, D channels, W width of the vector, P clips that have the stream.
"""

from itertools import pairwise

from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from emogap.models.batch import Batch
from emogap.models.layers.masked_pooling import masked_mean
from emogap.models.layers.sequence_encoder import Initialisation
from emogap.models.layers.sequence_vector import SequenceVector
from emogap.types import TaskSpec

__all__ = ["ClipVectors", "PooledPerceptron", "SubnetworkOptions", "vector_width"]


class SubnetworkOptions(BaseModel):
    """What TFN and LMF leave open of their sub-networks; "MMSA" is their port in the toolkit of that name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pooled_streams: tuple[str, ...] = Field(
        default=("face", "audio", "vision"),
        description="Streams that enter by their mean over time; all others get an LSTM, as the authors' text does.",
    )
    pooled_width: int = Field(ge=1, description="Width W of the vector of a pooled stream.")
    lstm_width: int = Field(default=64, ge=1, description="Width of the LSTM's state; 64 in MMSA's LMF.")
    sequence_width: int = Field(default=32, ge=1, description="Width W of the vector behind an LSTM; 32 in MMSA.")
    initialisation: Initialisation = Field(
        default="torch", description="How the LSTMs start; the authors leave it to torch."
    )
    dropout: float = Field(ge=0, lt=1, description="Share of a perceptron's normalised input that is dropped.")


class PooledPerceptron(nn.Module):
    """The mean over the real steps, normalised over the clips of the batch, through three layers with ReLU.

    Batch normalisation (Ioffe & Szegedy 2015, arXiv 1502.03167) sees only the clips that have the stream. Where a
    training batch holds a single one, which has no variance, the running mean and variance serve in its place.
    A clip without the stream gives zeros.

    Parameters
    ----------
    num_channels : int
        D, channels of the stream.
    width : int
        W.
    dropout : float
        Share of the normalised channels that is dropped in training.
    """

    def __init__(self, num_channels: int, *, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(num_channels)
        self.dropout = nn.Dropout(dropout)
        widths = (num_channels, width, width, width)
        layers = [layer for wide, narrow in pairwise(widths) for layer in (nn.Linear(wide, narrow), nn.ReLU())]
        self.layers = nn.Sequential(*layers)

    def forward(self, stream_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B W"]:
        """One vector per clip."""
        is_present_B = mask_BT.any(dim=1)
        normal_PD = self._normalise(masked_mean(stream_BTD, mask_BT)[is_present_B])
        vector_PW: Tensor = self.layers(self.dropout(normal_PD))
        return vector_PW.new_zeros(len(mask_BT), vector_PW.shape[1]).index_put((is_present_B,), vector_PW)

    def _normalise(self, mean_PD: Float[Tensor, "P D"]) -> Float[Tensor, "P D"]:
        if len(mean_PD) > 1:
            normal_PD: Tensor = self.norm(mean_PD)
            return normal_PD
        norm = self.norm
        return functional.batch_norm(mean_PD, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps)


class ClipVectors(nn.Module):
    """One sub-network per stream: a :class:`PooledPerceptron` for those named, a :class:`SequenceVector` for others.

    Parameters
    ----------
    task : TaskSpec
        Its streams are (T, D).
    options : SubnetworkOptions
        Names of pooled streams that the task lacks are ignored.

    Attributes
    ----------
    widths : dict from stream to int
        W of each stream, in the order of the task.
    """

    def __init__(self, task: TaskSpec, options: SubnetworkOptions) -> None:
        super().__init__()
        self.widths = {name: vector_width(name, options) for name in task.streams}
        self.subnetworks = nn.ModuleDict(
            {name: _subnetwork(name, shape[1], options) for name, shape in task.streams.items()}
        )

    def forward(self, batch: Batch) -> dict[str, Float[Tensor, "B W"]]:
        """The vector of every stream; zero where a clip lacks it."""
        return {
            name: subnetwork(batch.streams[name], batch.masks[name]) for name, subnetwork in self.subnetworks.items()
        }


def vector_width(name: str, options: SubnetworkOptions) -> int:
    """Width W of the vector of the stream `name`."""
    return options.pooled_width if name in options.pooled_streams else options.sequence_width


def _subnetwork(name: str, num_channels: int, options: SubnetworkOptions) -> nn.Module:
    width = vector_width(name, options)
    if name in options.pooled_streams:
        return PooledPerceptron(num_channels, width=width, dropout=options.dropout)
    return SequenceVector(num_channels, hidden=options.lstm_width, width=width, initialisation=options.initialisation)
