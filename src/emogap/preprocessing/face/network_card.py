"""The card of an expression network: everything that its file does not say, and without which it reads nonsense.

A card is a small TOML file. Those of the weights that emogap knows are in the folder ``cards``; a network of your own
brings one when it is added (``emogap weights add FILE --card CARD.toml``).
"""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.preprocessing.face.expressions import EXPRESSIONS
from emogap.preprocessing.face.weights import known_weights, recognise_weights, require_weights, weights_folder

__all__ = [
    "LAST_LAYER",
    "NetworkCard",
    "added_networks",
    "card_of",
    "card_path",
    "known_card",
    "read_card",
    "require_network",
]

LAST_LAYER = "input of the last layer"
"""In place of a tensor's name in a card, where the name is not known."""

HEX_64 = "^[0-9a-f]{64}$"


class NetworkCard(BaseModel):
    """How an expression network wants its input, and what its output means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern="^[A-Za-z0-9_-]+$", description="Name of the network; names its features.")
    licence: str = Field(min_length=1, description="Of the weights, and of what they were trained on.")
    source: str = Field(min_length=1, description="Where the weights come from.")
    size_px: int = Field(ge=8, le=1024, description="Side of the input picture.")
    crop: Literal["aligned", "box"] = Field(
        description="aligned: turned to the template of five landmarks; box: a square about the detector's box."
    )
    colour: Literal["grey", "RGB", "BGR"] = Field(description="Channels of the input, in order.")
    layout: Literal["NCHW", "NHWC"] = Field(description="Whether channels come before or after the places.")
    divide_by: float = Field(gt=0, description="Input = (pixel / divide_by - mean) / sd, pixels from 0 to 255.")
    mean: tuple[float, ...] = Field(description="One per channel, in the order of `colour`.")
    sd: tuple[float, ...] = Field(description="One per channel, in the order of `colour`.")
    output: str | None = Field(default=None, description="Name of the output; needed if there are several.")
    gives: Literal["probabilities", "logits"] = Field(description="Whether softmax is still to be applied.")
    classes: tuple[str, ...] = Field(min_length=2, description="Classes of the output's columns, in emogap's words.")
    also: tuple[str, ...] = Field(default=(), description="The columns after the classes, such as valence, arousal.")
    embedding: str | None = Field(
        default=None,
        description="Tensor whose values are the features, averaged over places; without one the probabilities are.",
    )
    sha256: str | None = Field(default=None, pattern=HEX_64, description="Of the file of weights, set when added.")

    @model_validator(mode="after")
    def _fits_together(self) -> "NetworkCard":
        num_channels = 1 if self.colour == "grey" else 3
        for name, values in (("mean", self.mean), ("sd", self.sd)):
            if len(values) != num_channels:
                raise ValueError(f"{name} has {len(values)} values, colour {self.colour} has {num_channels} channels")
        if min(self.sd) <= 0:
            raise ValueError(f"sd must be positive, not {min(self.sd):g}")
        unknown = [name for name in self.classes if name not in EXPRESSIONS]
        if unknown:
            raise ValueError(f"'{unknown[0]}' is no class of emogap; they are {', '.join(EXPRESSIONS)}")
        if len(set(self.classes)) != len(self.classes):
            raise ValueError("a class is named twice")
        return self


def read_card(path: Path) -> NetworkCard:
    """The card in the TOML file at `path`.

    Raises
    ------
    DataError
        If there is no such file, or it does not hold what a card must; names the field.
    """
    fix = "docs/face-encoders.md shows a card with every field"
    try:
        return NetworkCard.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise DataError("there is no such card", where=str(path), fix=fix) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"not a card: {error}", where=str(path), fix=fix) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise DataError(f"{place + ': ' if place else ''}{said}", where=str(path), fix=fix) from error


def known_card(name: str) -> NetworkCard | None:
    """emogap's own card of the known weights `name`; None if they are of no expression network."""
    path = Path(__file__).parent / "cards" / f"{name}.toml"
    return read_card(path) if path.is_file() else None


def card_path(weights: Path) -> Path:
    """Where the card of a file of weights stands: beside it, with the ending ``.toml``."""
    return weights.with_suffix(".toml")


def card_of(weights: Path) -> NetworkCard:
    """The card of a file of weights: emogap's own if the file is known by its hash, else the one beside it.

    Raises
    ------
    UsageError
        If there is no such file, or it is unknown and has no card.
    DataError
        If the card is at fault.
    """
    if not weights.is_file():
        raise UsageError("there is no such file of weights", where=str(weights), fix="give the path of an ONNX file")
    name = recognise_weights(weights)
    card = known_card(name) if name is not None else None
    if card is not None:
        return card
    if name is not None:
        raise DataError(
            f"these are the weights '{name}', which are of no expression network",
            where=str(weights),
            fix="give the ONNX file of an expression network",
        )
    beside = card_path(weights)
    if not beside.is_file():
        raise UsageError(
            "no card says how this network wants its input and what its classes are",
            where=str(weights),
            fix=f"write {beside.name} beside it, or: emogap weights add {weights.name} --card CARD.toml",
        )
    return read_card(beside)


def require_network(name: str) -> Path:
    """File of the expression network `name` in the folder of weights: known to emogap, or added with a card.

    Raises
    ------
    UsageError
        If the file of a known network is not there; says how to get it.
    UnknownNameError
        If there is no network of this name.
    DataError
        If the file of a known network holds something else.
    """
    if known_card(name) is not None:
        return require_weights(name)
    added = added_networks()
    if name not in added:
        known = [each for each in known_weights() if known_card(each) is not None]
        raise UnknownNameError("expression network", name, [*known, *added])
    return added[name]


def added_networks() -> dict[str, Path]:
    """Files in the folder of weights that were added with a card, by the name of the card."""
    known_files = {known.file for known in known_weights().values()}
    files = sorted(weights_folder().glob("*.onnx"))
    return {file.stem: file for file in files if file.name not in known_files and card_path(file).is_file()}
