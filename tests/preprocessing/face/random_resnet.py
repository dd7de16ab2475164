"""A ResNet with random weights, saved as transformers saves it."""

import json
from pathlib import Path


def save_random_resnet(folder: Path, *, classifier: bool = True, **config: object) -> Path:
    """Write config.json and model.safetensors; ResNet-18 unless `config` says otherwise."""
    import torch
    from transformers import ResNetConfig, ResNetForImageClassification, ResNetModel

    settings = {"layer_type": "basic", "depths": [2, 2, 2, 2], "hidden_sizes": [64, 128, 256, 512]}
    torch.manual_seed(0)
    chosen = ResNetConfig(**(settings | config), num_labels=3)
    model = (ResNetForImageClassification if classifier else ResNetModel)(chosen).eval()
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text())["model_type"] == "resnet"
    return folder
