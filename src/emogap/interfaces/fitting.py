"""From the words of ``emogap train`` to a fitted model."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

from emogap.datasets import open_dataset
from emogap.datasets.store import note_derived
from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.bench_options import options_by_model
from emogap.learning.evaluation.protocols import heads_carried, open_protocol, require_labels
from emogap.learning.experiment import model_and_streams
from emogap.learning.inputs import stream_shapes
from emogap.learning.training.checkpoint import Trained, stored_job
from emogap.learning.training.config import Preset, preset_training
from emogap.learning.training.everyone import fit_everyone
from emogap.learning.training.resume import RESUME_FILE
from emogap.models.zoo import ZOO, streams_instead
from emogap.types import TaskSpec

__all__ = ["fit_by_name"]


def fit_by_name(
    dataset: Path,
    *,
    protocol: str,
    model: str,
    out: Path,
    preset: str,
    seed: int,
    options: Sequence[str] = (),
) -> Trained:
    """The model fitted on all people of a data set, with a head for every view of the protocol that they label.

    All targets of a protocol are heads of the one model: valence and arousal together.

    Parameters
    ----------
    dataset : Path
        Folder of the data set.
    protocol, model, preset : str
        Names, as on the command line.
    out : Path
        Folder of the checkpoint; a fit that was cut off goes on there.
    seed : int
    options : sequence of str
        Of the model, such as ``emert.eye_encoder=glass``.

    Raises
    ------
    UnknownNameError
        If a name is not on offer.
    UsageError
        If `out` holds something else, the data lack the labels, or there are too few people.
    MismatchError
        If `out` holds another fit, or the data lack a stream.
    """
    asked = open_protocol(protocol)
    name, streams = model_and_streams(model)
    config = ZOO.open(name).Config.model_validate_json(json.dumps(options_by_model(options).get(name, {})))
    if preset not in get_args(Preset):
        raise UnknownNameError("preset", preset, get_args(Preset))
    if out.exists() and not _is_ours(out):
        raise UsageError("the folder holds something else", where=str(out), fix="name a new folder")
    opened = open_dataset(dataset)
    require_labels(asked, opened)
    task = TaskSpec(
        views=heads_carried(asked, opened),
        targets=asked.targets,
        space=asked.space,
        streams=stream_shapes(opened, streams, instead=streams_instead(name, config)),
    )
    training = preset_training(cast(Preset, preset), seed=seed)
    note_derived(opened, out, by="train")
    return fit_everyone(name, config, task, opened, training=training, folder=out)


def _is_ours(out: Path) -> bool:
    """Whether a folder is empty, or holds a checkpoint or the beginning of one."""
    if not out.is_dir():
        return False
    return not any(out.iterdir()) or (out / RESUME_FILE).is_file() or stored_job(out) is not None
