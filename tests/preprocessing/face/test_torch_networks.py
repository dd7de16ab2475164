"""Truth: the layers in plain NumPy, and files of weights that are wrong in a known way."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError

torch = pytest.importorskip("torch")
torch_networks = pytest.importorskip("emogap.preprocessing.face.torch_networks")

FILES = ("pnet.pt", "rnet.pt", "onet.pt")


def convolved(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Valid convolution of channels-last x with weight (out, in, k, k)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(0, 1))
    return np.einsum("hwcij,ocij->hwo", windows, weight) + bias


def activated(x: np.ndarray, slope: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, slope * x)


def pooled(x: np.ndarray) -> np.ndarray:
    """Largest of 2 x 2, the last odd row and column included."""
    height, width = (-(-side // 2) for side in x.shape[:2])
    padded = np.full((2 * height, 2 * width, x.shape[2]), -np.inf)
    padded[: x.shape[0], : x.shape[1]] = x
    return padded.reshape(height, 2, width, 2, -1).max(axis=(1, 3))


def test_the_proposal_network_computes_what_its_layers_say(shared_models: Path) -> None:
    weights = torch.load(shared_models / "pnet.pt", weights_only=True)
    w = {name: values.double().numpy() for name, values in weights.items()}
    picture = np.random.default_rng(3).uniform(-1, 1, (19, 24, 3)).astype(np.float32)
    x = pooled(activated(convolved(picture, w["conv1.weight"], w["conv1.bias"]), w["prelu1.weight"]))
    for layer in (2, 3):
        x = activated(convolved(x, w[f"conv{layer}.weight"], w[f"conv{layer}.bias"]), w[f"prelu{layer}.weight"])
    logits = convolved(x, w["conv4_1.weight"], w["conv4_1.bias"])
    networks = torch_networks.open_networks(*(shared_models / file for file in FILES))
    score, offset = networks.propose(picture)
    assert score.shape == (5, 7)
    assert np.allclose(score, 1 / (1 + np.exp(logits[..., 0] - logits[..., 1])), atol=1e-5)
    assert np.allclose(offset, convolved(x, w["conv4_2.weight"], w["conv4_2.bias"]), atol=1e-5)


def test_windows_are_judged_one_by_one(shared_models: Path) -> None:
    """What stands beside a window in the batch does not change it."""
    networks = torch_networks.open_networks(*(shared_models / file for file in FILES))
    windows = np.random.default_rng(5).uniform(-1, 1, (6, 48, 48, 3)).astype(np.float32)
    together, apart = networks.finish(windows), networks.finish(windows[2:3])
    assert together[2].shape == (6, 5, 2)
    for many, one in zip(together, apart, strict=True):
        assert np.allclose(many[2:3], one, atol=1e-5)


def test_the_weights_of_another_network_are_refused_in_words(shared_models: Path) -> None:
    files = [shared_models / file for file in ("pnet.pt", "onet.pt", "onet.pt")]
    with pytest.raises(DataError, match=r"onet\.pt: not the weights of the R-Net: .*'conv1\.weight' has the shape"):
        torch_networks.open_networks(*files)


def wrong_files(folder: Path, whole: Path) -> dict[str, Path]:
    content = torch.load(whole, weights_only=True)
    lacking = {name: values for name, values in content.items() if name != "conv3.bias"}
    contents = {
        "lacking": lacking,
        "more": content | {"conv9.bias": torch.zeros(3)},
        "broken": content | {"conv3.bias": torch.full((32,), float("nan"))},
        "list": [1, 2, 3],
    }
    for name, tensors in contents.items():
        torch.save(tensors, folder / f"{name}.pt")
    (folder / "cut.pt").write_bytes(whole.read_bytes()[:7000])
    (folder / "text.pt").write_text("not a network")
    (folder / "empty.pt").touch()
    return {file.stem: file for file in folder.iterdir()}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("lacking", r"'conv3\.bias' of shape \(32,\) is missing"),
        ("more", r"1 tensors more, first 'conv9\.bias'"),
        ("broken", "not finite"),
        ("list", "holds a list"),
        ("cut", "not a readable torch state dict"),
        ("text", "not a readable torch state dict"),
        ("empty", "not a readable torch state dict"),
        ("gone", "no such file"),
    ],
)
def test_a_damaged_file_of_weights_is_named(shared_models: Path, tmp_path: Path, kind: str, words: str) -> None:
    files = wrong_files(tmp_path, shared_models / "pnet.pt")
    path = files.get(kind, tmp_path / f"{kind}.pt")
    with pytest.raises(DataError, match=rf"{kind}\.pt: .*{words}"):
        torch_networks.open_networks(path, shared_models / "rnet.pt", shared_models / "onet.pt")


def test_weights_that_would_run_code_are_refused(shared_models: Path, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "sprung",)

    torch.save({"conv1.weight": Trap()}, tmp_path / "trap.pt")
    with pytest.raises(DataError, match=r"trap\.pt"):
        torch_networks.open_networks(tmp_path / "trap.pt", shared_models / "rnet.pt", shared_models / "onet.pt")
    assert not (tmp_path / "sprung").exists()
