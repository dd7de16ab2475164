"""ResNet of the transformers library, from pictures to pooled features; imported when its encoder is opened."""

import json
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from numpy import ndarray
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import ResNetConfig, ResNetModel

from emogap.errors import DataError

__all__ = ["CONFIG_FILE", "WEIGHTS_FILE", "ResNetFeatures", "open_resnet"]

CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"
"""What a folder of weights holds, as transformers writes it."""

IMAGENET_MEAN, IMAGENET_SD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of red, green and blue on [0, 1] over the training pictures of ImageNet, with which the weights were trained."""

CLASSIFIER, COUNTER = "classifier.", "num_batches_tracked"
"""Tensors of a checkpoint that no feature depends on: the last layer, and how often training had averaged."""

MOST_FRAMES = 16

FIX = "give a folder with config.json and model.safetensors of a ResNet, as transformers saves it"


class ResNetFeatures:
    """A ResNet without its classifier, in evaluation mode.

    Attributes
    ----------
    config : ResNetConfig
    dimension : int
        Number D of features: channels of the last stage.
    """

    def __init__(self, model: ResNetModel) -> None:
        self.config = model.config
        assert model.config.hidden_sizes is not None
        self.dimension = int(model.config.hidden_sizes[-1])
        self._model = model

    def encode(self, pictures: UInt8[ndarray, "F S S 3"]) -> Float32[ndarray, "F D"]:
        """Features of RGB pictures, averaged over all places: float32 (F, D)."""
        features = np.empty((len(pictures), self.dimension), np.float32)
        for start in range(0, len(pictures), MOST_FRAMES):
            few = _channels_first(pictures[start : start + MOST_FRAMES])
            with torch.inference_mode():
                features[start : start + len(few)] = self._pooled(few).numpy()
        return features

    def pull_back(
        self, pictures: UInt8[ndarray, "F S S 3"], weight_FD: Float32[ndarray, "F D"]
    ) -> Float32[ndarray, "F S S 3"]:
        """Gradient of the features, summed with `weight_FD`, with respect to the pixels in [0, 255]: float32."""
        gradients = np.empty(pictures.shape, np.float32)
        for start in range(0, len(pictures), MOST_FRAMES):
            few = _channels_first(pictures[start : start + MOST_FRAMES]).requires_grad_()
            weight = torch.from_numpy(np.ascontiguousarray(weight_FD[start : start + len(few)], np.float32))
            with torch.enable_grad():
                (gradient,) = torch.autograd.grad((self._pooled(few) * weight).sum(), few)
            gradients[start : start + len(few)] = gradient.permute(0, 2, 3, 1).numpy()
        return gradients

    def _pooled(self, pictures: Float32[torch.Tensor, "F 3 S S"]) -> Float32[torch.Tensor, "F D"]:
        mean, sd = (torch.tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_SD))
        pooled: torch.Tensor = self._model((pictures / 255 - mean) / sd).pooler_output.flatten(start_dim=1)
        return pooled


def _channels_first(pictures: UInt8[ndarray, "F S S 3"]) -> Float32[torch.Tensor, "F 3 S S"]:
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).float()


def open_resnet(folder: Path) -> ResNetFeatures:
    """The ResNet in `folder`, with its classifier left off if it has one.

    Raises
    ------
    DataError
        If a file is absent or damaged, or the weights are not those of the network that the configuration describes.
    """
    config = _config(folder / CONFIG_FILE)
    path = folder / WEIGHTS_FILE
    try:
        weights = load_file(path)
    except FileNotFoundError as error:
        raise DataError("there is no such file of weights", where=str(path), fix=FIX) from error
    except SafetensorError as error:
        raise DataError(f"not a readable safetensors file ({error})", where=str(path), fix=FIX) from error
    model = ResNetModel(config)
    own = {name.removeprefix("resnet."): values for name, values in weights.items()}
    wanted = {name: values for name, values in model.state_dict().items() if not name.endswith(COUNTER)}
    absent = [name for name in wanted if name not in own]
    extra = [name for name in own if name not in model.state_dict() and not name.startswith(CLASSIFIER)]
    other = [name for name in wanted if name in own and own[name].shape != wanted[name].shape]
    for problem, names in (("lacks", absent), ("has beside it", extra), ("has in another shape", other)):
        if names:
            raise DataError(
                f"not the weights of this ResNet: the file {problem} {len(names)} tensors, first '{names[0]}'",
                where=str(path),
                fix=FIX,
            )
    model.load_state_dict({name: values for name, values in own.items() if name in model.state_dict()}, strict=False)
    model.train(False)
    model.requires_grad_(False)
    return ResNetFeatures(model)


def _config(path: Path) -> ResNetConfig:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError("there is no such file", where=str(path), fix=FIX) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"not a readable configuration ({error})", where=str(path), fix=FIX) from error
    kind = content.get("model_type") if isinstance(content, dict) else None
    if kind != "resnet":
        raise DataError(f"the configuration is one of '{kind}', not of 'resnet'", where=str(path), fix=FIX)
    return ResNetConfig.from_dict(content)
