"""One vector for a whole stream: what an LSTM remembers after the last real step.

Shapes: B clips, T steps, D channels, O width of the vector.
"""

from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.models.layers.last_step import last_step
from emogap.models.layers.sequence_encoder import Initialisation, MaskedLSTM

__all__ = ["SequenceVector"]


class SequenceVector(nn.Module):
    """The hidden state of an LSTM after the last real step, through one Linear; zero where a clip lacks the stream.

    Parameters
    ----------
    num_channels : int
        D, channels of the stream.
    hidden : int
        Width of the LSTM's state.
    width : int
        O, width of the vector.
    num_layers : int
        LSTM layers, stacked without dropout between them.
    initialisation : "glorot" or "torch"
        How the LSTM starts, see :class:`MaskedLSTM`.
    """

    def __init__(
        self,
        num_channels: int,
        *,
        hidden: int,
        width: int,
        num_layers: int = 1,
        initialisation: Initialisation = "glorot",
    ) -> None:
        super().__init__()
        self.encoder = MaskedLSTM(num_channels, width=hidden, num_layers=num_layers, initialisation=initialisation)
        self.linear = nn.Linear(hidden, width)

    def forward(self, stream_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B O"]:
        """One vector per clip."""
        vector_BO: Tensor = self.linear(last_step(self.encoder(stream_BTD, mask_BT), mask_BT))
        return vector_BO * mask_BT.any(dim=1, keepdim=True)
