"""A network on disk: ``weights.safetensors`` and ``config.json``, which says everything else.

No pickle is written or read, so a checkpoint from elsewhere can be opened without running its code.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from emogap.errors import DataError, MismatchError
from emogap.files import fingerprint_bytes, write_bytes, write_json

__all__ = ["CONFIG_FILE", "LABELLED", "WEIGHTS_FILE", "read_description", "restore_weights", "write_network"]

WEIGHTS_FILE = "weights.safetensors"
CONFIG_FILE = "config.json"

LABELLED = "labelled"
"""The kind of a checkpoint that states none: a model of the shelf, fitted to labels."""


def write_network(folder: Path, state: Mapping[str, Tensor], described: Mapping[str, object]) -> None:
    """Write weights and their description; ``config.json`` comes last, so that a folder that has one is whole.

    Parameters
    ----------
    folder : Path
        Made if it is absent.
    state : mapping from name to tensor
    described : mapping
        What JSON can hold; gets ``weights_fingerprint``.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    weights = save({name: tensor.detach().cpu().contiguous() for name, tensor in state.items()})
    write_bytes(folder / WEIGHTS_FILE, weights)
    write_json(folder / CONFIG_FILE, {**described, "weights_fingerprint": fingerprint_bytes([weights])})


def read_description(folder: Path, *, kind: str, schema: int, command: str) -> dict[str, Any]:
    """The content of ``config.json``.

    Parameters
    ----------
    folder : Path
    kind : str
        What the checkpoint must be.
    schema : int
        The layout that the caller reads.
    command : str
        The command that makes such a checkpoint.

    Raises
    ------
    DataError
        If the file is absent or damaged.
    MismatchError
        If it describes another kind of checkpoint, or was written by another version of the layout.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise DataError(f"there is no checkpoint ({CONFIG_FILE})", where=str(folder), fix=f"make one with '{command}'")
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"the checkpoint is damaged: {error}", where=str(path), fix=f"run '{command}' again") from error
    found = described if isinstance(described, dict) else {}
    if found.get("kind", LABELLED) != kind:
        raise MismatchError(
            f"the checkpoint is of the kind '{found.get('kind', LABELLED)}', and '{kind}' is needed",
            where=str(path),
            fix=f"give one that was made with '{command}'",
        )
    if found.get("schema") != schema:
        raise MismatchError(
            f"the checkpoint has schema {found.get('schema')}, this version reads {schema}",
            where=str(path),
            fix=f"run '{command}' again into another folder",
        )
    return found


def restore_weights(network: nn.Module, folder: Path, described: Mapping[str, object]) -> None:
    """Load the weights in `folder` into `network`, which is changed in place.

    Raises
    ------
    DataError
        If the weights are absent, damaged, of another checkpoint, or do not fit the network.
    """
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        raise DataError(f"there are no weights ({WEIGHTS_FILE})", where=str(folder), fix="train again")
    content = path.read_bytes()
    if fingerprint_bytes([content]) != described.get("weights_fingerprint"):
        raise DataError(
            f"the weights are damaged, or do not belong to {CONFIG_FILE}", where=str(path), fix="train again"
        )
    try:
        network.load_state_dict(load(content))
    except (SafetensorError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"the weights do not fit the model: {reason}", where=str(path), fix="train again") from error
