"""A pre-trained GLASS, and how it is written to and read from a folder (:mod:`emogap.learning.stored_network`)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import ValidationError

from emogap import __version__
from emogap.datasets.gaze_index import GazeIndex
from emogap.errors import DataError
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.stored_network import CONFIG_FILE, read_description, restore_weights, write_network
from emogap.learning.training.checkpoint import EpochRecord
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.model import Glass

__all__ = [
    "GLASS",
    "IndexOrigin",
    "Pretrained",
    "index_origin",
    "load_glass",
    "save_glass",
    "standardise",
    "stored_job",
]

GLASS = "glass"
"""The kind of these checkpoints."""

SCHEMA = 1

Person = tuple[str, str]
"""Name of the data, participant."""


@dataclass(frozen=True, slots=True)
class IndexOrigin:
    """Which index of gaze a network was trained on, and how that was made."""

    name: str
    fingerprint: str
    simulated: bool
    config: Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True, eq=False)
class Pretrained:
    """A pre-trained network and everything needed to use it on other gaze, or to doubt it.

    Attributes
    ----------
    model : Glass
        On the processor, in evaluation mode.
    config : GlassConfig
    mean, sd : float64 array, shape (D,)
        Of the training people's gaze, in the units of the channels: what the network reads is ``(gaze - mean) / sd``.
    channels, units : tuple of str, length D
    rate_hz : float
    past_frames, future_frames : int
        Lengths that it was trained on.
    training_people, validation_people : tuple of (str, str)
        Name of the data and participant of everybody who was seen.
    held_out : tuple of (str, str)
        People of the same data who were not.
    people_known : bool
        Whether the two lists are complete: every recording named its participant.
    origin : IndexOrigin or None
        None for a network that was trained elsewhere.
    pretraining : PretrainingConfig or None
    history : tuple of EpochRecord
        One per stretch of steps.
    best : int or None
        The entry of `history` whose weights are kept.
    scores : mapping
        What :func:`emogap.learning.pretraining.scores.score_people` found, by group of people.
    job : str
        Fingerprint of everything that decides the result.
    """

    model: Glass
    config: GlassConfig
    mean: Float[ndarray, " D"]
    sd: Float[ndarray, " D"]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    rate_hz: float
    past_frames: int
    future_frames: int
    training_people: tuple[Person, ...]
    validation_people: tuple[Person, ...]
    held_out: tuple[Person, ...]
    people_known: bool
    origin: IndexOrigin | None
    pretraining: PretrainingConfig | None
    history: tuple[EpochRecord, ...]
    best: int | None
    scores: Mapping[str, Any]
    job: str

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody who was seen, in order: those who trained and those who validated."""
        return tuple(sorted({*self.training_people, *self.validation_people}))

    @property
    def simulated(self) -> bool:
        """Whether these people are simulated."""
        return self.origin is not None and self.origin.simulated


def standardise(pretrained: Pretrained, gaze: Float[ndarray, "*windows T D"]) -> Float[ndarray, "*windows T D"]:
    """Gaze as the network reads it: float32, mean 0 and SD 1 over the training people; NaN stays NaN.

    Parameters
    ----------
    pretrained : Pretrained
    gaze : float array, last axis D
        In the units of the channels.
    """
    standardised: Float[ndarray, "*windows T D"] = ((gaze - pretrained.mean) / pretrained.sd).astype(np.float32)
    return standardised


def index_origin(index: GazeIndex) -> IndexOrigin:
    """What a checkpoint remembers of its index."""
    return IndexOrigin(index.name, index.fingerprint, index.simulated, index.config.model_dump(mode="json"))


def save_glass(folder: Path, pretrained: Pretrained) -> None:
    """Write `pretrained` into `folder`.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    write_network(folder, pretrained.model.state_dict(), _describe(pretrained))


def load_glass(folder: Path) -> Pretrained:
    """The pre-trained network in `folder`, on the processor and in evaluation mode.

    Raises
    ------
    DataError
        If a file is absent, damaged or does not belong to the other.
    MismatchError
        If it is another kind of checkpoint, or was written by another version of the layout.
    """
    described = read_description(folder, kind=GLASS, schema=SCHEMA, command="emogap pretrain")
    try:
        config = GlassConfig.model_validate(described["config"])
        pretraining, origin = described["pretraining"], described["origin"]
        pretrained = Pretrained(
            model=Glass(config),
            config=config,
            mean=np.array(described["mean"], np.float64),
            sd=np.array(described["sd"], np.float64),
            channels=tuple(described["channels"]),
            units=tuple(described["units"]),
            rate_hz=described["rate_hz"],
            past_frames=described["past_frames"],
            future_frames=described["future_frames"],
            training_people=_people(described["training_people"]),
            validation_people=_people(described["validation_people"]),
            held_out=_people(described["held_out"]),
            people_known=described["people_known"],
            origin=IndexOrigin(**origin) if origin is not None else None,
            pretraining=PretrainingConfig.model_validate(pretraining) if pretraining is not None else None,
            history=tuple(described["history"]),
            best=described["best"],
            scores=described["scores"],
            job=described["job"],
        )
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise DataError(
            f"the checkpoint does not hold what it should: {error}",
            where=str(folder / CONFIG_FILE),
            fix="run 'emogap pretrain' again: a checkpoint is never edited",
        ) from error
    restore_weights(pretrained.model, folder, described)
    pretrained.model.eval()
    return pretrained


def stored_job(folder: Path) -> str | None:
    """Fingerprint of the finished pre-training in `folder`; None if there is none."""
    if not (folder / CONFIG_FILE).is_file():
        return None
    return str(read_description(folder, kind=GLASS, schema=SCHEMA, command="emogap pretrain").get("job"))


def _describe(pretrained: Pretrained) -> dict[str, object]:
    pretraining, origin = pretrained.pretraining, pretrained.origin
    return {
        "kind": GLASS,
        "schema": SCHEMA,
        "config": pretrained.config.model_dump(mode="json"),
        "pretraining": pretraining.model_dump(mode="json") if pretraining is not None else None,
        "origin": asdict(origin) if origin is not None else None,
        "mean": pretrained.mean.tolist(),
        "sd": pretrained.sd.tolist(),
        "channels": list(pretrained.channels),
        "units": list(pretrained.units),
        "rate_hz": pretrained.rate_hz,
        "past_frames": pretrained.past_frames,
        "future_frames": pretrained.future_frames,
        "training_people": [list(person) for person in pretrained.training_people],
        "validation_people": [list(person) for person in pretrained.validation_people],
        "held_out": [list(person) for person in pretrained.held_out],
        "people_known": pretrained.people_known,
        "history": [dict(record) for record in pretrained.history],
        "best": pretrained.best,
        "scores": pretrained.scores,
        "job": pretrained.job,
        "versions": {"emogap": __version__} | {name: version(name) for name in ("torch", "numpy")},
    }


def _people(rows: list[list[str]]) -> tuple[Person, ...]:
    return tuple((name, participant) for name, participant in rows)
