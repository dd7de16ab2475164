"""ResNet_Transformer: the steps of all modalities as tokens of one transformer encoder, and their mean.

The baseline of that name in the EMER paper, arXiv 2512.16485, table II. There is no official file and no description:
this is a reconstruction. The only hint is an encoder that stands unused in EMERT's transformer file (kejun1/EMER),
with learned positions, layer norms before attention and feed-forward network, and a mean over the tokens; the
transformer is that of Vaswani et al. (2017), arXiv 1706.03762. Its sizes are ours.

In contrast to EMERT the tokens attend to each other, and nothing splits what modalities share from what they do not.

Shapes: T steps of one modality, D channels.
"""

from typing import ClassVar

from emogap.models.batch import require_step_streams
from emogap.models.layers.sequence_encoder import StepLinear
from emogap.models.layers.token_transformer import TransformerOptions
from emogap.models.recipe import Recipe
from emogap.models.token_model import TokenModel
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe()
"""The paper's recipe for all models; nobody published another."""


class Config(TransformerOptions):
    """Options of ResNet_Transformer: those of its transformer."""


class Model(TokenModel):
    """ResNet_Transformer for any named modalities and one or several views.

    Raises
    ------
    UsageError
        If a stream is not (T, D).
    """

    description: ClassVar[str] = "ResNet_Transformer: the steps of all modalities in one self-attention encoder"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        require_step_streams("resnet_transformer", task)
        encoders = {name: StepLinear(shape[1], width=config.width) for name, shape in task.streams.items()}
        super().__init__(encoders, config, task)
        self.config = config
