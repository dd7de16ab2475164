"""The authors' checkpoints: their network, written down here anew with torch's own attention, forecasts the same."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from emogap.errors import DataError, MismatchError
from emogap.learning.pretraining.authors_checkpoint import read_authors_checkpoint

D, PATCH, WIDTH, HEADS, PAST, FUTURE = 6, 3, 8, 2, 12, 9
NETWORK = {
    "D_in": D, "patch_size": PATCH, "d_model": WIDTH, "n_heads": HEADS, "enc_layers": 2, "dec_layers": 3,
    "mlp_ratio": 4.0, "dropout": 0.05, "attn_dropout": 0.0, "pos_enc": "rope", "norm": "preln",
    "share_patch_embed": True,
}  # fmt: skip
OPTIONS = {"model": NETWORK, "data": {"past_len": PAST, "future_len": FUTURE, "use_norm": False}, "optim": {"lr": 3e-4}}


class Named(nn.Module):
    """Layers under a name of the authors' state dict."""

    def __init__(self, **layers: nn.Module) -> None:
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)


def block() -> nn.Module:
    return Named(
        attn=nn.MultiheadAttention(WIDTH, HEADS, batch_first=True),
        ln1=nn.LayerNorm(WIDTH),
        ln2=nn.LayerNorm(WIDTH),
        mlp=nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Dropout(0.05), nn.Linear(4 * WIDTH, WIDTH), nn.Dropout(0.05)
        ),
    )


def published_network(seed: int = 0) -> nn.Module:
    """A network with the names and shapes of theirs, weights at random, layer norms included."""
    torch.manual_seed(seed)
    embed = Named(proj=nn.Linear(PATCH * D, WIDTH))
    network = Named(
        patch_embed_enc=embed,
        patch_embed_dec=embed,
        encoder=Named(layers=nn.ModuleList(block() for _ in range(2)), final_ln=nn.LayerNorm(WIDTH)),
        decoder=Named(
            self_blocks=nn.ModuleList(block() for _ in range(3)),
            cross_blocks=nn.ModuleList(block() for _ in range(3)),
            final_ln=nn.LayerNorm(WIDTH),
        ),
        recover=Named(head=nn.Linear(WIDTH, PATCH * D)),
    )
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.4)
    return network.eval()


def turned(token: Tensor) -> Tensor:
    """Each head of each token: number i mixes with number i + H/2, by the angle of pair i // 2."""
    head_width = WIDTH // HEADS
    result = torch.empty_like(token)
    for position in range(token.shape[1]):
        for number in range(WIDTH):
            head, within = divmod(number, head_width)
            angle = position * 10_000 ** (-2 * (within // 2) / head_width)
            half = head_width // 2
            partner = head * head_width + (within + half) % head_width
            sign = -1 if within < half else 1
            result[:, position, number] = token[:, position, number] * math.cos(angle) + sign * token[
                :, position, partner
            ] * math.sin(angle)
    return result


def through(layer: nn.Module, token: Tensor, *, asked: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
    normed = layer.ln1(token)
    if asked is None:
        query = key = turned(normed)
        value = normed
    else:
        query, key, value = normed, asked, asked
    token = token + layer.attn(query, key, value, attn_mask=mask, need_weights=False)[0]
    return token + layer.mlp(layer.ln2(token))


@torch.no_grad()
def published_rollout(network: nn.Module, past: Tensor) -> Tensor:
    """Their loop: all tokens so far are decoded again for every patch."""
    encoded = network.patch_embed_enc.proj(past.reshape(len(past), -1, PATCH * D))
    for layer in network.encoder.layers:
        encoded = through(layer, encoded)
    encoded = network.encoder.final_ln(encoded)
    tokens = torch.zeros(len(past), 1, WIDTH)
    patches = []
    for _ in range(FUTURE // PATCH):
        decoded, length = tokens, tokens.shape[1]
        mask = torch.full((length, length), -torch.inf).triu(diagonal=1)
        for own, cross in zip(network.decoder.self_blocks, network.decoder.cross_blocks, strict=True):
            decoded = through(own, decoded, mask=mask)
            decoded = through(cross, decoded, asked=encoded)
        patches.append(network.recover.head(network.decoder.final_ln(decoded)[:, -1:]))
        tokens = torch.cat([tokens, network.patch_embed_dec.proj(patches[-1])], dim=1)
    return torch.cat(patches, dim=1).reshape(len(past), FUTURE, D)


def pretraining_file(path: Path, **changed: object) -> Path:
    """What their train.py saves."""
    content = {
        "step": 150, "model": published_network().state_dict(), "opt": {"state": {}, "param_groups": []},
        "scheduler": {}, "val_loss": 0.5, "config": OPTIONS, "val_r": 0.1, "baseline_r": 0.05,
    }  # fmt: skip
    torch.save(content | changed, path)
    return path


def finetuned_file(path: Path) -> Path:
    """What their glass.py saves with --save_model: NumPy arrays among the tensors."""
    weights = {f"backbone.{name}": tensor for name, tensor in published_network().state_dict().items()}
    content = {
        "type": "glass_finetune",
        "backbone_config": OPTIONS,
        "head_kwargs": {"out_dim": 3, "head_arch": "tcn", "chunk_splits_seconds": (1.0,)},
        "state_dict": weights | {"head.q_z": torch.arange(8.0)},
        "input_standardizer": {
            "mu": np.arange(6, dtype=np.float32).reshape(1, 1, 6),
            "sd": np.full((1, 1, 6), 2, np.float32),
        },
        "meta": {"data_folder": "x", "seed": 123, "timestamp": "2026"},
    }
    torch.save(content, path)
    return path


def past_gaze() -> Tensor:
    return torch.randn(4, PAST, D, generator=torch.Generator().manual_seed(5))


def test_the_network_forecasts_as_theirs_does(tmp_path: Path) -> None:
    read = read_authors_checkpoint(pretraining_file(tmp_path / "best.ckpt")).pretrained
    past = past_gaze()
    found = read.model.rollout(past, torch.ones(4, PAST, dtype=torch.bool), FUTURE)
    expected = published_rollout(published_network(), past)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-4, atol=1e-5)
    assert read.config.rope == "authors"


def test_another_form_of_positions_would_forecast_something_else(tmp_path: Path) -> None:
    read = read_authors_checkpoint(pretraining_file(tmp_path / "best.ckpt")).pretrained
    other = type(read.model)(read.config.model_copy(update={"rope": "rotary"})).eval()
    other.load_state_dict(read.model.state_dict())
    valid = torch.ones(4, PAST, dtype=torch.bool)
    found = other.rollout(past_gaze(), valid, FUTURE)
    assert (found - read.model.rollout(past_gaze(), valid, FUTURE)).abs().max() > 0.01


def test_a_pre_training_reads_gaze_as_it_is_and_knows_nobody(tmp_path: Path) -> None:
    found = read_authors_checkpoint(pretraining_file(tmp_path / "last.ckpt"))
    read = found.pretrained
    assert (read.mean.tolist(), read.sd.tolist()) == ([0.0] * 6, [1.0] * 6)
    assert (read.past_frames, read.future_frames, read.rate_hz) == (PAST, FUTURE, 30.0)
    assert read.channels == ("gaze_0_x", "gaze_0_y", "gaze_0_z", "gaze_1_x", "gaze_1_y", "gaze_1_z")
    assert (read.people, read.people_known, dict(found.head)) == ((), False, {})


def test_a_fine_tuned_network_comes_with_its_scale_and_its_head(tmp_path: Path) -> None:
    found = read_authors_checkpoint(finetuned_file(tmp_path / "model.ckpt"))
    assert found.pretrained.mean.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert found.pretrained.sd.tolist() == [2.0] * 6
    assert found.head_options["head_arch"] == "tcn"
    assert found.head["q_z"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    same = read_authors_checkpoint(pretraining_file(tmp_path / "last.ckpt")).pretrained.model.state_dict()
    assert all(torch.equal(tensor, same[name]) for name, tensor in found.pretrained.model.state_dict().items())


def test_weights_saved_from_several_devices_are_read(tmp_path: Path) -> None:
    weights = {f"module.{name}": tensor for name, tensor in published_network().state_dict().items()}
    read = read_authors_checkpoint(pretraining_file(tmp_path / "x.ckpt", model=weights)).pretrained
    assert read.model.encoder.norm.weight.shape == (WIDTH,)


class Runs:
    """Pickled so that reading it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_a_file_that_would_run_code_is_refused_and_runs_none(tmp_path: Path) -> None:
    path = pretraining_file(tmp_path / "bad.ckpt", val_loss=Runs(tmp_path / "ran"))
    with pytest.raises(DataError, match=r"asks for more than tensors and numbers, which may be code: \S+") as refused:
        read_authors_checkpoint(path)
    assert "can still be loaded" not in str(refused.value)
    assert not (tmp_path / "ran").exists()


def changed(**options: object) -> dict[str, object]:
    return OPTIONS | {"model": NETWORK | options}


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ({"config": changed(pos_enc="learned")}, MismatchError, "pos_enc is 'learned', not 'rope'"),
        ({"config": changed(norm="postln")}, MismatchError, "norm is 'postln'"),
        ({"config": changed(share_patch_embed=False)}, MismatchError, "share_patch_embed is False"),
        ({"config": changed(D_in=4)}, MismatchError, "D_in is 4, not the 6"),
        ({"config": changed(d_model=16)}, DataError, "do not fit its own options"),
        ({"config": changed(enc_layers=1)}, DataError, "weights belong to no layer that the options name"),
        ({"config": changed(dec_layers=4)}, DataError, "lacks the weights"),
        ({"config": {"model": {}}}, DataError, "options in the checkpoint are not GLASS's"),
        (
            {"config": OPTIONS | {"data": {"past_len": 12, "future_len": 9, "use_norm": True}}},
            MismatchError,
            "use_norm is True",
        ),
    ],
)
def test_another_network_is_refused_in_words(
    content: dict[str, object], error: type[Exception], message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        read_authors_checkpoint(pretraining_file(tmp_path / "x.ckpt", **content))


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "text.ckpt").write_text("gaze_0_x,gaze_0_y\n")
    with pytest.raises(DataError, match=r"no file that torch\.save wrote"):
        read_authors_checkpoint(tmp_path / "text.ckpt")
    with pytest.raises(DataError, match="there is no such file"):
        read_authors_checkpoint(tmp_path / "absent.ckpt")
    torch.save({"epoch": 3, "weights": {}}, tmp_path / "other.ckpt")
    with pytest.raises(DataError, match="no checkpoint of GLASS: it holds epoch, weights"):
        read_authors_checkpoint(tmp_path / "other.ckpt")
    torch.save(torch.zeros(3), tmp_path / "tensor.ckpt")
    with pytest.raises(DataError, match="but a Tensor"):
        read_authors_checkpoint(tmp_path / "tensor.ckpt")


def test_a_truncated_file_is_refused_in_words(tmp_path: Path) -> None:
    path = pretraining_file(tmp_path / "x.ckpt")
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DataError, match=r"x\.ckpt"):
        read_authors_checkpoint(path)
