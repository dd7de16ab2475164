"""A network fitted to labelled windows, and how it is written to and read from a folder.

As every checkpoint: ``weights.safetensors`` and ``config.json`` (:mod:`emogap.learning.stored_network`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy import ndarray
from pydantic import ValidationError
from torch import Tensor

from emogap import __version__
from emogap.errors import DataError, MismatchError
from emogap.learning.finetuning.config import FinetuningConfig
from emogap.learning.finetuning.fit import GazeNetwork, raw_outputs
from emogap.learning.finetuning.question import Question
from emogap.learning.stored_network import CONFIG_FILE, read_description, restore_weights, write_network
from emogap.learning.training.checkpoint import EpochRecord
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.heads import LabelledGlass
from emogap.models.glass.temporal_cnn import TemporalCnn

__all__ = [
    "FINETUNED",
    "Finetuned",
    "Start",
    "finetuned_folders",
    "load_finetuned",
    "network_inputs",
    "new_network",
    "save_finetuned",
    "stored_job",
]

FINETUNED = "glass-finetuned"
"""The kind of these checkpoints."""

SCHEMA = 1

COMMAND = "emogap finetune"

Person = tuple[str, str]
"""Name of the data, participant."""

Start = Literal["pretrained", "random", "cnn"]
"""What a fit began from: pre-trained weights, random ones of the same network, or a temporal CNN."""


@dataclass(frozen=True, slots=True, eq=False)
class Finetuned:
    """A fitted network and everything needed to apply it to other gaze, or to doubt it.

    Attributes
    ----------
    network : GazeNetwork
        On the processor, in evaluation mode.
    start : Start
    glass : GlassConfig
        Of the encoder; its number of channels alone counts for a temporal CNN.
    question : Question
    config : FinetuningConfig
    seed : int
    mean, sd : float64 array, shape (D,)
        What the network reads is ``(gaze - mean) / sd``.
    channels : tuple of str, length D
    rate_hz : float
    num_frames : int
        T, of a window.
    measured_from : tuple of str
        What the gaze of the labelled windows is measured from, each once; empty where it is not known.
    data : str
        Name of the labelled data.
    simulated : bool
    pretraining_people, training_people, validation_people, test_people : tuple of (str, str)
        Name of the data and participant of everybody whom pre-training saw, and of the people of this fit.
    history : tuple of EpochRecord
    best_epoch : int
    pretraining_job : str
        Fingerprint of the pre-training; empty if the network did not begin from one.
    job : str
        Fingerprint of everything that decides the result.
    """

    network: GazeNetwork
    start: Start
    glass: GlassConfig
    question: Question
    config: FinetuningConfig
    seed: int
    mean: Float[ndarray, " D"]
    sd: Float[ndarray, " D"]
    channels: tuple[str, ...]
    rate_hz: float
    num_frames: int
    measured_from: tuple[str, ...]
    data: str
    simulated: bool
    pretraining_people: tuple[Person, ...]
    training_people: tuple[Person, ...]
    validation_people: tuple[Person, ...]
    test_people: tuple[Person, ...]
    history: tuple[EpochRecord, ...]
    best_epoch: int
    pretraining_job: str
    job: str

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody whom the network learned from, with or without labels."""
        return tuple(sorted({*self.pretraining_people, *self.training_people, *self.validation_people}))

    def told(self, gaze: Float[ndarray, "N T D"], valid: Bool[ndarray, "N T"]) -> Float[ndarray, "N O"]:
        """What it says of windows of gaze in the units of the channels: values on the scale, or probabilities."""
        return self.question.given(raw_outputs(self.network, *network_inputs(gaze, valid, self.mean, self.sd)))


def network_inputs(
    gaze: Float[ndarray, "N T D"], valid: Bool[ndarray, "N T"], mean: Float[ndarray, " D"], sd: Float[ndarray, " D"]
) -> tuple[Float[Tensor, "N T D"], Bool[Tensor, "N T"]]:
    """Gaze standardised, 0 where not valid; and where it is valid."""
    standardised = np.where(valid[..., None], (gaze - mean) / sd, 0.0).astype(np.float32)
    return torch.from_numpy(standardised), torch.from_numpy(np.ascontiguousarray(valid))


def new_network(
    start: Start, glass: GlassConfig, config: FinetuningConfig, question: Question, *, num_frames: int, rate_hz: float
) -> GazeNetwork:
    """A network with random weights, made for windows of `num_frames` frames.

    Raises
    ------
    UsageError
        If the chunks of the head do not fit the window.
    """
    if start == "cnn":
        return TemporalCnn(glass.num_channels, len(question.outputs))
    return LabelledGlass(glass, config.head, num_frames=num_frames, rate_hz=rate_hz, num_outputs=len(question.outputs))


def save_finetuned(folder: Path, finetuned: Finetuned) -> None:
    """Write `finetuned` into `folder`.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    plain = ("start", "seed", "rate_hz", "num_frames", "data", "simulated", "best_epoch", "pretraining_job", "job")
    people = ("pretraining_people", "training_people", "validation_people", "test_people")
    described: dict[str, object] = {
        "kind": FINETUNED,
        "schema": SCHEMA,
        "glass": finetuned.glass.model_dump(mode="json"),
        "question": asdict(finetuned.question),
        "config": finetuned.config.model_dump(mode="json"),
        "mean": finetuned.mean.tolist(),
        "sd": finetuned.sd.tolist(),
        "channels": list(finetuned.channels),
        "measured_from": list(finetuned.measured_from),
        "history": [dict(record) for record in finetuned.history],
        "versions": {"emogap": __version__} | {name: version(name) for name in ("torch", "numpy")},
    }
    described |= {name: getattr(finetuned, name) for name in plain}
    described |= {name: [list(person) for person in getattr(finetuned, name)] for name in people}
    write_network(folder, finetuned.network.state_dict(), described)


def load_finetuned(folder: Path) -> Finetuned:
    """The fitted network in `folder`, on the processor and in evaluation mode.

    Raises
    ------
    DataError
        If a file is absent, damaged or does not belong to the other.
    MismatchError
        If it is another kind of checkpoint, or was written by another version of the layout.
    """
    described = read_description(folder, kind=FINETUNED, schema=SCHEMA, command=COMMAND)
    try:
        finetuned = _described(described)
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise DataError(
            f"the checkpoint does not hold what it should: {error}",
            where=str(folder / CONFIG_FILE),
            fix=f"run '{COMMAND}' again: a checkpoint is never edited",
        ) from error
    restore_weights(finetuned.network, folder, described)
    finetuned.network.eval()
    return finetuned


def stored_job(folder: Path) -> str | None:
    """Fingerprint of the finished fit in `folder`; None if there is none."""
    if not (folder / CONFIG_FILE).is_file():
        return None
    return str(read_description(folder, kind=FINETUNED, schema=SCHEMA, command=COMMAND).get("job"))


def finetuned_folders(folder: Path) -> tuple[Path, ...]:
    """The checkpoints that 'emogap finetune' left in `folder`, one per seed; or `folder` itself if it is one.

    Raises
    ------
    DataError
        If there is none.
    MismatchError
        If `folder` is a file, which no checkpoint of this kind is.
    """
    if folder.is_file():
        raise MismatchError(
            "this is a file, and a fine-tuned network is a folder",
            where=str(folder),
            fix=f"give the folder that '{COMMAND}' made; of a checkpoint of GLASS's authors the encoder alone can be"
            f" used, by '{COMMAND} FILE INDEX --test none', and not the head that they fitted",
        )
    if (folder / CONFIG_FILE).is_file():
        return (folder,)
    found = sorted(path.parent for path in folder.glob(f"pretrained-*/{CONFIG_FILE}"))
    if not found:
        raise DataError("there is no fine-tuned network here", where=str(folder), fix=f"make one with '{COMMAND}'")
    return tuple(found)


def _described(described: dict[str, Any]) -> Finetuned:
    question = Question(**described["question"] | {"outputs": tuple(described["question"]["outputs"])})
    glass = GlassConfig.model_validate(described["glass"])
    config = FinetuningConfig.model_validate(described["config"])
    start, num_frames, rate_hz = described["start"], described["num_frames"], described["rate_hz"]
    return Finetuned(
        network=new_network(start, glass, config, question, num_frames=num_frames, rate_hz=rate_hz),
        start=start,
        glass=glass,
        question=question,
        config=config,
        seed=described["seed"],
        mean=np.array(described["mean"], np.float64),
        sd=np.array(described["sd"], np.float64),
        channels=tuple(described["channels"]),
        rate_hz=rate_hz,
        num_frames=num_frames,
        # Absent from checkpoints that were written before it was kept.
        measured_from=tuple(described.get("measured_from", ())),
        data=described["data"],
        simulated=described["simulated"],
        pretraining_people=_people(described["pretraining_people"]),
        training_people=_people(described["training_people"]),
        validation_people=_people(described["validation_people"]),
        test_people=_people(described["test_people"]),
        history=tuple(described["history"]),
        best_epoch=described["best_epoch"],
        pretraining_job=described["pretraining_job"],
        job=described["job"],
    )


def _people(rows: Sequence[Sequence[str]]) -> tuple[Person, ...]:
    return tuple((name, participant) for name, participant in rows)
