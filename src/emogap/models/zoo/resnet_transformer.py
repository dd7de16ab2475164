"""ResNet_Transformer: the steps of all modalities as tokens of one transformer encoder, and their mean.

The baseline of that name in the EMER paper, arXiv 2512.16485, table II. There is no official file and no description:
this is a reconstruction. The only hint is an encoder that stands unused in EMERT's transformer file (kejun1/EMER),
with learned positions, layer norms before attention and feed-forward network, and a mean over the tokens; the
transformer is that of Vaswani et al. (2017), arXiv 1706.03762. Its sizes are ours.

In contrast to EMERT the tokens attend to each other, and nothing splits what modalities share from what they do not.

Shapes: B clips, T steps of one modality, S steps of all modalities, D channels, W width of a token.
"""

from typing import ClassVar

from torch import nn

from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.heads import make_heads
from emogap.models.interface import GradientModel, Output
from emogap.models.layers.masked_pooling import masked_mean
from emogap.models.layers.sequence_encoder import StepLinear
from emogap.models.layers.token_transformer import TokenTransformer, TransformerOptions
from emogap.models.recipe import Recipe
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe()
"""The paper's recipe for all models; nobody published another."""


class Config(TransformerOptions):
    """Options of ResNet_Transformer: those of its transformer."""


class Model(GradientModel):
    """ResNet_Transformer for any named modalities and one or several views.

    Raises
    ------
    UsageError
        If a stream is not (T, D).
    """

    description: ClassVar[str] = "ResNet_Transformer: the steps of all modalities in one self-attention encoder"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("resnet_transformer", task)
        self.config = config
        self.encoders = nn.ModuleDict(
            {name: StepLinear(shape[1], width=config.width) for name, shape in task.streams.items()}
        )
        self.transformer = TokenTransformer({name: shape[0] for name, shape in task.streams.items()}, config)
        self.heads = make_heads(config.width, task)

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
