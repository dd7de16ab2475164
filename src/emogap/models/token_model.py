"""Networks that join the tokens of all modalities in one encoder, and differ in how they come by the tokens.

Shapes: B clips, S tokens of all modalities, W width of a token.
"""

from collections.abc import Mapping

from torch import nn

from emogap.models.batch import Batch, require_streams
from emogap.models.heads import make_heads
from emogap.models.interface import GradientModel, Output
from emogap.models.layers.masked_pooling import masked_mean
from emogap.models.layers.token_transformer import TokenTransformer, TransformerOptions
from emogap.types import TaskSpec

__all__ = ["TokenModel"]


class TokenModel(GradientModel):
    """An encoder per modality, a transformer over all tokens, their mean, and one two-layer head per view.

    Parameters
    ----------
    encoders : mapping from modality to module
        Each turns a stream (B, T, ...) and its mask (B, T) into tokens (B, T, W), zero where the mask is False.
    options : TransformerOptions
    task : TaskSpec
    """

    def __init__(self, encoders: Mapping[str, nn.Module], options: TransformerOptions, task: TaskSpec) -> None:
        super().__init__(task)
        self.encoders = nn.ModuleDict(dict(encoders))
        self.transformer = TokenTransformer({name: shape[0] for name, shape in task.streams.items()}, options)
        self.heads = make_heads(options.width, task)

    def forward(self, batch: Batch) -> Output:
        """Logits per view; extras: ``tokens`` (B, S, W) behind the transformer, ``fused`` (B, W), their mean.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        tokens = {name: encoder(batch.streams[name], batch.masks[name]) for name, encoder in self.encoders.items()}
        token_BSW, mask_BS = self.transformer(tokens, batch.masks)
        fused_BW = masked_mean(token_BSW, mask_BS)
        logits = {view: head(fused_BW) for view, head in self.heads.items()}
        return Output(logits, {"tokens": token_BSW, "fused": fused_BW})
