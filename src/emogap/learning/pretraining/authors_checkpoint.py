"""Checkpoints of the authors' code of GLASS (github.com/mamarcus64/GLASS at 1687c6b), read without running theirs.

Their files are pickles of dictionaries. Only tensors, NumPy arrays and plain values are unpickled; a file that asks for
anything else is refused. Two kinds exist: ``model`` and ``config`` of a pre-training, and ``state_dict`` and
``backbone_config`` of a network fine-tuned to valence, arousal and dominance, whose head is handed on as it is.
"""

import pickle
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np
import torch
from numpy import ndarray
from pydantic import ValidationError
from torch import Tensor
from torch.serialization import safe_globals

from emogap.datasets.gaze_index.config import CHANNELS
from emogap.errors import DataError, MismatchError
from emogap.files import fingerprint_file
from emogap.learning.pretraining.checkpoint import Pretrained
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.model import Glass

__all__ = ["RATE_HZ", "AuthorsCheckpoint", "read_authors_checkpoint"]

RATE_HZ = 30.0
"""Frames a second of all their footage; it stands in no file of theirs."""

BACKBONE, HEAD = "backbone.", "head."

NAMES = {
    "patch_embed_enc.proj": "encoder.embedding.linear",
    "encoder.final_ln": "encoder.norm",
    "decoder.final_ln": "decoder.norm",
    "recover.head": "decoder.patch",
}
"""Our name of each of their layers."""

BLOCK_NAMES = {
    "attn.out_proj": "output",
    "ln1": "norm_attention",
    "ln2": "feedforward.0",
    "mlp.0": "feedforward.1",
    "mlp.3": "feedforward.4",
}
"""Our name of each layer of their blocks, but for the attention's projections."""

_FIX = "give last.ckpt or best.ckpt of their train.py, or the model.ckpt that their glass.py saves"


@dataclass(frozen=True, slots=True, eq=False)
class AuthorsCheckpoint:
    """A checkpoint of the authors.

    Attributes
    ----------
    pretrained : Pretrained
        Network with ``rope="authors"``. Whom it saw is not known, so no test on people can rely on it.
    head : mapping from name to tensor
        Weights of the head under the authors' names; empty for a pre-training.
    head_options : mapping
        What their ``head_kwargs`` say of it.
    """

    pretrained: Pretrained
    head: Mapping[str, Tensor]
    head_options: Mapping[str, Any]


def read_authors_checkpoint(file: Path) -> AuthorsCheckpoint:
    """The network in `file`, a checkpoint of the authors' code.

    Parameters
    ----------
    file : Path

    Returns
    -------
    AuthorsCheckpoint
        A pre-training reads gaze as it is (mean 0, SD 1), which is how the authors trained; a fine-tuned network
        standardises it by the numbers in the file.

    Raises
    ------
    DataError
        If the file is none of theirs, is damaged, or asks for code to be run.
    MismatchError
        If its network has parts that GLASS here has not: learned positions, layer norm behind the blocks, patch
        embeddings of encoder and decoder that differ, normalised gaze.
    """
    content = _read_safely(file)
    if "model" in content and "config" in content:
        weights, options, head_options = content["model"], content["config"], {}
        standard: Mapping[str, Any] = {}
    elif "state_dict" in content and "backbone_config" in content:
        weights, options = content["state_dict"], content["backbone_config"]
        head_options, standard = content.get("head_kwargs", {}), content.get("input_standardizer", {})
    else:
        raise DataError(
            f"this is no checkpoint of GLASS: it holds {', '.join(map(str, list(content)[:8])) or 'nothing'}",
            where=str(file),
            fix=_FIX,
        )
    named = {name.removeprefix("module."): tensor for name, tensor in weights.items()}
    head = {name.removeprefix(HEAD): tensor for name, tensor in named.items() if name.startswith(HEAD)}
    backbone = {name.removeprefix(BACKBONE): tensor for name, tensor in named.items() if not name.startswith(HEAD)}
    config, past_frames, future_frames = _options(options, file)
    model = _model(config, backbone, file)
    mean, sd = (_standard(standard.get(key), config, otherwise, file) for key, otherwise in (("mu", 0.0), ("sd", 1.0)))
    channels = CHANNELS["direction"]
    pretrained = Pretrained(
        model=model.eval(),
        config=config,
        mean=mean,
        sd=sd,
        channels=tuple(channel.name for channel in channels),
        units=tuple(channel.unit for channel in channels),
        rate_hz=RATE_HZ,
        past_frames=past_frames,
        future_frames=future_frames,
        training_people=(),
        validation_people=(),
        held_out=(),
        people_known=False,
        origin=None,
        pretraining=None,
        history=(),
        best=None,
        scores={},
        job=fingerprint_file(file),
    )
    return AuthorsCheckpoint(pretrained, head, head_options)


def _read_safely(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise DataError("there is no such file", where=str(file), fix=_FIX)
    if not is_zipfile(file):
        raise DataError("this is no file that torch.save wrote, or it is damaged", where=str(file), fix=_FIX)
    try:
        with safe_globals(_numpy_arrays()):
            content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # The rest of torch's message says how to run it all the same.
        asked = re.search(r"GLOBAL (\S+)", str(error))
        raise DataError(
            f"the file asks for more than tensors and numbers, which may be code{f': {asked[1]}' if asked else ''}",
            where=str(file),
            fix="do not open it; " + _FIX,
        ) from error
    except (RuntimeError, EOFError, KeyError, ValueError) as error:
        raise DataError(f"the file is damaged: {str(error).splitlines()[0]}", where=str(file), fix=_FIX) from error
    if not isinstance(content, dict):
        raise DataError(f"this is no checkpoint of GLASS but a {type(content).__name__}", where=str(file), fix=_FIX)
    return content


def _numpy_arrays() -> list[Callable[..., Any] | tuple[Callable[..., Any], str]]:
    """What a NumPy array of numbers is pickled by, under its names in NumPy 1 and 2."""
    # The function has no public name; an array tells which it is.
    rebuild = np.zeros(1).__reduce__()[0]
    assert callable(rebuild)
    names = [f"{package}.multiarray._reconstruct" for package in ("numpy.core", "numpy._core")]
    return [*((rebuild, name) for name in names), ndarray, np.dtype, type(np.dtype(np.float32)), type(np.dtype(float))]


def _options(options: Any, file: Path) -> tuple[GlassConfig, int, int]:
    """Sizes of the network, and the frames of past and future that it was trained on."""
    try:
        network, lengths = options["model"], options["data"]
        odd = _oddities(network, lengths)
        config = GlassConfig(
            num_channels=network["D_in"],
            patch_frames=network["patch_size"],
            width=network["d_model"],
            num_heads=network["n_heads"],
            encoder_layers=network["enc_layers"],
            decoder_layers=network["dec_layers"],
            feedforward_ratio=int(network["mlp_ratio"]),
            dropout=network["dropout"],
            rope="authors",
        )
        past_frames, future_frames = int(lengths["past_len"]), int(lengths["future_len"])
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise DataError(f"the options in the checkpoint are not GLASS's: {error}", where=str(file), fix=_FIX) from error
    if odd:
        raise MismatchError(
            f"the network has parts that GLASS here has not: {'; '.join(odd)}",
            where=str(file),
            fix="use a checkpoint of one of the authors' presets, small, base or large",
        )
    return config, past_frames, future_frames


def _oddities(network: Mapping[str, Any], lengths: Mapping[str, Any]) -> list[str]:
    needed = {"norm": "preln", "pos_enc": "rope", "share_patch_embed": True, "attn_dropout": 0.0}
    defaults = {"norm": "preln", "pos_enc": "rope", "share_patch_embed": False, "attn_dropout": 0.0}
    found = {name: network.get(name, otherwise) for name, otherwise in defaults.items()}
    odd = [f"{name} is {found[name]!r}, not {value!r}" for name, value in needed.items() if found[name] != value]
    if lengths.get("use_norm", False):
        odd.append("use_norm is True: its gaze was normalised by a file that is not part of the checkpoint")
    if float(network["mlp_ratio"]) != int(network["mlp_ratio"]):
        odd.append(f"mlp_ratio is {network['mlp_ratio']}, not a whole number")
    if int(network["D_in"]) != len(CHANNELS["direction"]):
        odd.append(f"D_in is {network['D_in']}, not the 6 of the unit vectors of both eyes")
    return odd


def _model(config: GlassConfig, theirs: Mapping[str, Tensor], file: Path) -> Glass:
    """The network with the authors' weights under our names."""
    model = Glass(config)
    try:
        model.load_state_dict(_renamed(config, dict(theirs), file))
    except KeyError as error:
        raise DataError(f"the checkpoint lacks the weights {error}", where=str(file), fix=_FIX) from error
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise DataError(f"the weights do not fit its own options: {reason}", where=str(file), fix=_FIX) from error
    return model


def _renamed(config: GlassConfig, theirs: dict[str, Tensor], file: Path) -> dict[str, Tensor]:
    """Their weights under our names; one that is left over is an error, as is one that is absent."""
    ours: dict[str, Tensor] = {}

    def move(source: str, target: str) -> None:
        for kind in ("weight", "bias"):
            ours[f"{target}.{kind}"] = theirs.pop(f"{source}.{kind}")

    def move_block(source: str, target: str, first: str, num_first: int, second: str) -> None:
        # Their attention keeps query, key and value in one matrix, each as many rows as a token is wide.
        rows = num_first * config.width
        for kind in ("weight", "bias"):
            stacked = theirs.pop(f"{source}.attn.in_proj_{kind}")
            ours[f"{target}.{first}.{kind}"], ours[f"{target}.{second}.{kind}"] = stacked[:rows], stacked[rows:]
        for name, mine in BLOCK_NAMES.items():
            move(f"{source}.{name}", f"{target}.{mine}")

    for source, target in NAMES.items():
        move(source, target)
    for kind in ("weight", "bias"):
        shared = theirs.pop(f"patch_embed_dec.proj.{kind}", None)
        if shared is not None and not torch.equal(shared, ours[f"encoder.embedding.linear.{kind}"]):
            raise DataError(
                f"patch_embed_dec.proj.{kind} is not that of patch_embed_enc, though the options say they are one",
                where=str(file),
                fix=_FIX,
            )
    for layer in range(config.encoder_layers):
        move_block(f"encoder.layers.{layer}", f"encoder.layers.{layer}", "query_key", 2, "value")
    for layer in range(config.decoder_layers):
        move_block(f"decoder.self_blocks.{layer}", f"decoder.self_blocks.{layer}", "query_key", 2, "value")
        move_block(f"decoder.cross_blocks.{layer}", f"decoder.cross_blocks.{layer}", "query", 1, "key_value")
    if theirs:
        raise DataError(
            f"{len(theirs)} weights belong to no layer that the options name, the first is {next(iter(theirs))}",
            where=str(file),
            fix=_FIX,
        )
    return ours


def _standard(stored: Any, config: GlassConfig, otherwise: float, file: Path) -> ndarray:
    """Mean or SD of each channel, float64; `otherwise` where the file has none."""
    if stored is None:
        return np.full(config.num_channels, otherwise)
    numbers = np.asarray(stored, np.float64).reshape(-1)
    if numbers.shape != (config.num_channels,) or not np.isfinite(numbers).all():
        raise DataError(
            f"the input standardizer holds {numbers.tolist()}, not one number for each of {config.num_channels}"
            " channels",
            where=str(file),
            fix=_FIX,
        )
    return numbers
