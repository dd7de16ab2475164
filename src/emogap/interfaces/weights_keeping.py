"""The folder of weights: what is in it, and how a file gets there. Nothing is downloaded unless its licence is
accepted in the same call.
"""

import shutil
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

import tomli_w

from emogap.counted_nouns import counted
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.files import write_aside, write_bytes
from emogap.preprocessing.face.expression_network import open_expression_network
from emogap.preprocessing.face.network_card import NetworkCard, added_networks, card_path, read_card
from emogap.preprocessing.face.weights import (
    WeightsFile,
    find_weights,
    known_weights,
    recognise_weights,
    require_weights,
    sha256_of,
    verify_weights,
    weights_folder,
)

__all__ = ["WeightsState", "add_weights", "fetch_weights", "list_weights"]

PATIENCE_S = 30.0
"""How long a server may be silent."""

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class WeightsState:
    """A file of weights, and whether it is there.

    Attributes
    ----------
    name, file, purpose, licence, source : str
    state : {"there", "absent", "damaged"}
        ``there``: present, and byte for byte what it should be.
    problem : str or None
        What is wrong with a damaged one.
    url : str or None
        Where ``fetch`` gets it; None if it can only be added.
    """

    name: str
    file: str
    purpose: str
    licence: str
    source: str
    state: Literal["there", "absent", "damaged"]
    problem: str | None = None
    url: str | None = None

    def as_dict(self) -> dict[str, object]:
        """The state as plain values."""
        return asdict(self)


def list_weights(name: str | None = None) -> tuple[WeightsState, ...]:
    """Every file of weights that emogap knows, then those that were added; each checked. Or only the one of `name`.

    Raises
    ------
    UnknownNameError
        If there is no weights file of that name.
    """
    states = [_known_state(each, known) for each, known in known_weights().items()]
    states += [_added_state(each, path) for each, path in added_networks().items()]
    if name is None:
        return tuple(states)
    chosen = tuple(state for state in states if state.name == name)
    if not chosen:
        raise UnknownNameError("file of weights", name, [state.name for state in states])
    return chosen


def _known_state(name: str, known: WeightsFile) -> WeightsState:
    state: Literal["there", "absent", "damaged"] = "there"
    problem = None
    try:
        if find_weights(name) is None:
            state = "absent"
    except DataError as error:
        state, problem = "damaged", error.what
    return WeightsState(name, known.file, known.purpose, known.licence, known.source, state, problem, known.url)


def _added_state(name: str, path: Path) -> WeightsState:
    try:
        card = read_card(card_path(path))
    except DataError as error:
        return WeightsState(name, path.name, "expressions", "?", "?", "damaged", f"its card: {error.what}")
    changed = card.sha256 is not None and sha256_of(path) != card.sha256
    return WeightsState(
        name,
        path.name,
        f"expressions, {counted(len(card.classes), 'class')}",
        card.licence,
        card.source,
        "damaged" if changed else "there",
        "it is not the file that was added" if changed else None,
    )


def fetch_weights(name: str, *, accept_licence: bool) -> Path:
    """Download known weights into the folder, verified before they take their place; the file's path.

    Weights that are there already are not downloaded again.

    Raises
    ------
    UsageError
        If the licence is not accepted, nothing can be downloaded under this name, or the server cannot be reached.
    UnknownNameError
        If emogap knows no such weights.
    DataError
        If what was downloaded, or what is there, is something else; what was downloaded is removed.
    OutputError
        If the folder cannot be written.
    """
    present = find_weights(name)
    if present is not None:
        return present
    known = known_weights()[name]
    if known.url is None:
        return require_weights(name)
    if not accept_licence:
        raise UsageError(
            f"nothing was downloaded: '{name}' is under {known.licence}, from {known.source}",
            where=known.url,
            fix=f"read its terms; if you accept them: emogap weights fetch {name} --accept-licence",
        )
    path = weights_folder() / known.file
    with write_aside(path) as partial:
        _download(known.url, partial, by_hand=f"emogap weights add {known.file}")
        try:
            verify_weights(partial, known)
        except DataError as error:
            raise DataError(
                f"what came is {error.what}; it was removed",
                where=known.url,
                fix=f"try again later, or get {known.file} by hand and: emogap weights add {known.file}",
            ) from error
    return path


def _download(url: str, path: Path, *, by_hand: str) -> None:
    try:
        with urlopen(url, timeout=PATIENCE_S) as answer, path.open("wb") as file:
            shutil.copyfileobj(answer, file, CHUNK_BYTES)
    except (URLError, TimeoutError, ConnectionError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise UsageError(
            f"the download failed: {reason}",
            where=url,
            fix=f"check the connection and try again, or get the file on another machine and: {by_hand}",
        ) from error


def add_weights(file: Path, *, card: Path | None = None) -> WeightsState:
    """Copy a file of weights into the folder; the state of what is there now.

    Parameters
    ----------
    file : Path
        Known weights, recognised by their content whatever their name, or an expression network in ONNX.
    card : Path, optional
        Card of an expression network that emogap does not know; its name becomes the name of the weights.

    Raises
    ------
    UsageError
        If the file is not there, is unknown and has no card, is known and has one, or the name is taken.
    DataError
        If the file is a damaged known one, or does not belong to its card.
    OutputError
        If the folder cannot be written.
    """
    if not file.is_file():
        raise UsageError("there is no such file", where=str(file), fix="give the file of weights that you have")
    name = recognise_weights(file)
    if name is not None:
        if card is not None:
            raise UsageError(
                f"this is '{name}', whose card emogap has; the one given would not be used",
                where=str(card),
                fix="leave --card out",
            )
        _copy(file, weights_folder() / known_weights()[name].file)
        return list_weights(name)[0]
    if card is None:
        _require_no_damaged_known(file)
        raise UsageError(
            "emogap does not know this file by its content",
            where=str(file),
            fix="an expression network in ONNX is added with a card: emogap weights add FILE --card CARD.toml",
        )
    return _add_network(file, read_card(card))


def _require_no_damaged_known(file: Path) -> None:
    """Raise if the file has the name of a known one, since then something is wrong with its content."""
    for known in known_weights().values():
        if known.file == file.name:
            verify_weights(file, known)


def _add_network(file: Path, card: NetworkCard) -> WeightsState:
    sha256 = sha256_of(file)
    path = weights_folder() / f"{card.name}.onnx"
    if card.name in known_weights():
        raise UsageError(
            f"'{card.name}' is the name of weights that emogap knows", where=str(file), fix="name the network otherwise"
        )
    if path.is_file() and sha256_of(path) != sha256:
        raise UsageError(
            f"another network '{card.name}' is there already",
            where=str(path),
            fix="name the network otherwise in its card, or remove the other one",
        )
    filled = card.model_copy(update={"sha256": sha256})
    open_expression_network(file, filled)
    _copy(file, path)
    content = filled.model_dump(mode="json", exclude_none=True)
    write_bytes(card_path(path), tomli_w.dumps(content).encode())
    return list_weights(card.name)[0]


def _copy(file: Path, path: Path) -> None:
    if path.exists() and path.samefile(file):
        return
    with write_aside(path) as partial:
        shutil.copyfile(file, partial)
