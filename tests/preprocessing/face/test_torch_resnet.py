import json
from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError, UsageError
from emogap.preprocessing.face.encoders import resnet18
from emogap.preprocessing.face.weights import WEIGHTS_VARIABLE
from tests.preprocessing.face.random_resnet import save_random_resnet

TINY = {"embedding_size": 5, "hidden_sizes": [6, 9], "depths": [1, 2]}
PICTURES = np.random.default_rng(4).integers(0, 256, (3, 40, 40, 3), dtype=np.uint8)


def test_features_are_those_of_the_library_on_standardised_pictures(tmp_path: Path) -> None:
    """The library's own model, its own average, and ImageNet's mean and standard deviation written out."""
    import torch
    from transformers import ResNetForImageClassification

    from emogap.preprocessing.face.torch_resnet import open_resnet

    folder = save_random_resnet(tmp_path / "tiny", **TINY)
    model = ResNetForImageClassification.from_pretrained(folder).eval()
    scaled = (PICTURES / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    with torch.inference_mode():
        last = model.resnet(torch.from_numpy(scaled.transpose(0, 3, 1, 2).astype(np.float32))).last_hidden_state
    features = open_resnet(folder).encode(PICTURES)
    assert features.shape == (3, 9)
    np.testing.assert_allclose(features, last.mean(dim=(2, 3)).numpy(), atol=1e-5)


def test_gradients_are_those_of_the_library_on_standardised_pictures(tmp_path: Path) -> None:
    import torch
    from transformers import ResNetForImageClassification

    from emogap.preprocessing.face.torch_resnet import open_resnet

    folder = save_random_resnet(tmp_path / "tiny", **TINY)
    model = ResNetForImageClassification.from_pretrained(folder).eval()
    weight = np.random.default_rng(5).normal(size=(3, 9)).astype(np.float32)
    scaled = (PICTURES / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    given = torch.from_numpy(scaled.transpose(0, 3, 1, 2).astype(np.float32)).requires_grad_()
    features = model.resnet(given).last_hidden_state.mean(dim=(2, 3))
    (gradient,) = torch.autograd.grad((features * torch.from_numpy(weight)).sum(), given)
    expected = gradient.numpy().transpose(0, 2, 3, 1) / 255 / [0.229, 0.224, 0.225]
    found = open_resnet(folder).pull_back(PICTURES, weight)
    assert found.shape == (3, 40, 40, 3)
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


def test_a_checkpoint_without_classifier_gives_the_same(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    from emogap.preprocessing.face.torch_resnet import open_resnet

    with_head = save_random_resnet(tmp_path / "head", **TINY)
    without = save_random_resnet(tmp_path / "none", classifier=False, **TINY)
    weights = load_file(with_head / "model.safetensors")
    trunk = {name.removeprefix("resnet."): values for name, values in weights.items() if name.startswith("resnet.")}
    save_file(trunk, without / "model.safetensors")
    assert np.array_equal(open_resnet(without).encode(PICTURES), open_resnet(with_head).encode(PICTURES))


@pytest.mark.parametrize(
    ("change", "told"),
    [({"hidden_sizes": [6, 8]}, "in another shape"), ({"depths": [1, 3]}, "lacks"), ({"depths": [1, 1]}, "beside it")],
)
def test_weights_of_another_network_are_refused_with_the_tensor(
    tmp_path: Path, change: dict[str, list[int]], told: str
) -> None:
    from emogap.preprocessing.face.torch_resnet import open_resnet

    folder = save_random_resnet(tmp_path / "tiny", **TINY)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(DataError, match=rf"(?s)not the weights of this ResNet.*{told}.*encoder\.stages"):
        open_resnet(folder)


@pytest.mark.parametrize("num_bytes", [0, 5, 300, -1])
def test_a_cut_file_is_refused(tmp_path: Path, num_bytes: int) -> None:
    from emogap.preprocessing.face.torch_resnet import open_resnet

    path = save_random_resnet(tmp_path / "tiny", **TINY) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:num_bytes])
    with pytest.raises(DataError, match=r"model\.safetensors: not a readable safetensors file"):
        open_resnet(path.parent)


@pytest.mark.parametrize("text", ["{", "[]", '{"model_type": "vit"}'])
def test_a_configuration_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    from emogap.preprocessing.face.torch_resnet import open_resnet

    folder = save_random_resnet(tmp_path / "tiny", **TINY)
    (folder / "config.json").write_text(text)
    with pytest.raises(DataError, match=r"config\.json"):
        open_resnet(folder)


def test_a_smaller_resnet_is_no_resnet_18(tmp_path: Path) -> None:
    folder = save_random_resnet(tmp_path / "tiny", **TINY)
    with pytest.raises(DataError, match="not a ResNet-18: depths is"):
        resnet18.open_encoder(folder)


def test_without_weights_it_says_how_to_get_them_and_asks_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    monkeypatch.setattr(resnet18, "_in_hub_cache", lambda: None)
    with pytest.raises(UsageError, match=r"(?s)neither in the folder.*hf download microsoft/resnet-18"):
        resnet18.open_encoder()


def test_weights_in_the_folder_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    save_random_resnet(tmp_path / "resnet-18")
    assert resnet18.open_encoder().dimension == 512
