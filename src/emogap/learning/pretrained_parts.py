"""What a model takes over from a pre-training without labels: sizes, weights and scale, and whom it may be tested on.

Models open no file. Here the checkpoints they name are read, and here a fit is refused whose test people the
pre-training saw.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel

from emogap.datasets.store import Dataset
from emogap.errors import MismatchError
from emogap.learning.inputs import Rows, Scaler
from emogap.learning.pretraining.checkpoint import Pretrained, load_glass
from emogap.learning.pretraining.unseen_people import require_unseen
from emogap.models.glass.clip_encoder import GlassNetwork
from emogap.models.interface import ClosedFormModel, GradientModel
from emogap.models.pretrained_part import PretrainedPart
from emogap.models.zoo import pretrained_parts, settled_config

__all__ = ["describe_network", "require_unseen_people", "settle_pretrained", "start_from_pretrained"]


def describe_network(folder: str) -> GlassNetwork:
    """What a model must know of the pre-trained network in `folder` to make room for its encoder.

    Raises
    ------
    DataError
        If there is no checkpoint of 'emogap pretrain', or it is damaged.
    MismatchError
        If it is another kind of checkpoint.
    """
    return _network(load_glass(Path(folder)))


def settle_pretrained(name: str, config: BaseModel) -> BaseModel:
    """The options of the model `name` with everything settled that the checkpoint they name decides.

    Once settled, a model is made, stored and loaded without its checkpoint.

    Raises
    ------
    UsageError
        If the options ask for a pre-trained network and name none.
    DataError, MismatchError
        If the checkpoint cannot be read.
    """
    return settled_config(name, config, describe_network)


def start_from_pretrained(
    model: GradientModel | ClosedFormModel,
    parts: Iterable[PretrainedPart],
    scaler: Scaler,
    dataset: Dataset,
) -> Scaler:
    """Fill the pre-trained parts of `model`, which is changed in place; the scaler with the scale that they need.

    Parameters
    ----------
    model : GradientModel or ClosedFormModel
        Newly made.
    parts : iterable of PretrainedPart
        Those that its options name.
    scaler : Scaler
        Of the training clips.
    dataset : Dataset

    Returns
    -------
    Scaler
        What a part reads has mean and SD of its pre-training; every other stream is as it was.

    Raises
    ------
    MismatchError
        If a stream has other channels or another frame rate than the pre-training had; if a checkpoint is no longer the
        one that the model was made for.
    """
    for part in parts:
        pretrained = load_glass(Path(part.checkpoint))
        _require_same_network(part, pretrained)
        _require_same_gaze(part, pretrained, dataset)
        model.get_submodule(part.name).load_state_dict(pretrained.model.encoder.state_dict())
        scaler = replace(
            scaler,
            mean={**scaler.mean, part.stream: pretrained.mean},
            sd={**scaler.sd, part.stream: pretrained.sd},
        )
    return scaler


def require_unseen_people(name: str, config: BaseModel, dataset: Dataset, rows: Rows) -> None:
    """Raise unless nobody in `rows` was seen in a pre-training that the model `name` starts from.

    Parameters
    ----------
    name : str
        Of the model.
    config : Config of that model
        As :func:`settle_pretrained` gives it.
    dataset : Dataset
        People are known by its name and their participant id.
    rows : sequence of int
        Clips to be tested on, or to select an epoch by.

    Raises
    ------
    MismatchError
        Naming those who were seen; or if the checkpoint does not know all people of its pre-training.
    """
    people = {dataset.keys[int(row)].participant_id for row in rows}
    for part in pretrained_parts(name, config):
        try:
            require_unseen(load_glass(Path(part.checkpoint)), dataset.name, people)
        except MismatchError as error:
            raise MismatchError(error.what, where=part.checkpoint, fix=error.fix) from error


def _require_same_network(part: PretrainedPart, pretrained: Pretrained) -> None:
    if _network(pretrained) != part.network:
        raise MismatchError(
            "the checkpoint is not the one that the model was made for",
            where=part.checkpoint,
            fix="start the fit again in another folder",
        )


def _network(pretrained: Pretrained) -> GlassNetwork:
    return GlassNetwork(
        sizes=pretrained.config,
        window_frames=pretrained.past_frames,
        rate_hz=pretrained.rate_hz,
        channels=pretrained.channels,
        job=pretrained.job,
    )


def _require_same_gaze(part: PretrainedPart, pretrained: Pretrained, dataset: Dataset) -> None:
    """Raise unless the stream is what the network was pre-trained on: the same channels at the same rate."""
    found = tuple(channel.name for channel in dataset.channels[part.stream])
    if found != pretrained.channels:
        raise MismatchError(
            f"the stream {part.stream} has the channels {', '.join(found)}, the pre-trained network reads"
            f" {', '.join(pretrained.channels)}",
            where=str(dataset.path),
            fix="build the data set with the --gaze-channels of the gaze index",
        )
    rate_hz = dataset.config.get("gaze_rate")
    if rate_hz != pretrained.rate_hz:
        raise MismatchError(
            f"the stream {part.stream} has {rate_hz} frames a second, the pre-trained network reads"
            f" {pretrained.rate_hz:g}",
            where=str(dataset.path),
            fix=f"build the data set with --gaze-rate {pretrained.rate_hz:g}",
        )
