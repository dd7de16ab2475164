"""What a model on the shelf says of a part that starts from the weights of another training."""

from dataclasses import dataclass

from emogap.models.glass.clip_encoder import GlassNetwork

__all__ = ["PretrainedPart"]


@dataclass(frozen=True, slots=True)
class PretrainedPart:
    """A part of a model that starts from the encoder of a pre-trained GLASS.

    Attributes
    ----------
    name : str
        Of the sub-module, such as ``encoders.gaze.encoder``.
    stream : str
        What it reads; standardised as in the pre-training, not by the training clips.
    checkpoint : str
        Folder that ``emogap pretrain`` made.
    network : GlassNetwork
        What the model was made for, and so what the checkpoint must hold.
    """

    name: str
    stream: str
    checkpoint: str
    network: GlassNetwork
