"""Clips of a data set with raw gaze, labelled as a protocol asks: one window per clip."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.learning.evaluation.protocols import Protocol, require_labels
from emogap.learning.finetuning.question import Question
from emogap.learning.finetuning.windows import LabelledWindows
from emogap.models.target_range import TARGET_RANGES
from emogap.types import vocabulary

__all__ = ["GAZE_STREAM", "question_of", "windows_of_dataset"]

GAZE_STREAM = "gaze"
"""The stream of raw gaze, one step per frame, whose channels are those of an index of gaze."""


def question_of(protocol: Protocol) -> Question:
    """What a protocol asks: the classes of its space, or its targets on their scale.

    Examples
    --------
    >>> from emogap.learning.evaluation.protocols import open_protocol
    >>> question_of(open_protocol("felt-va")).low
    -1.0
    """
    if protocol.space is not None:
        return Question(protocol.name, "classes", vocabulary(protocol.space))
    # The targets of one protocol share a scale.
    low, high = TARGET_RANGES[protocol.targets[0]]
    return Question(protocol.name, "values", protocol.targets, low, high)


def windows_of_dataset(dataset: Dataset, protocol: Protocol, *, patch_frames: int) -> LabelledWindows:
    """The labelled clips of a data set that hold gaze.

    Parameters
    ----------
    dataset : Dataset
        With the stream ``gaze``.
    protocol : Protocol
        Decides view, and classes or targets.
    patch_frames : int
        P; frames at the end that fill no patch are left out.

    Raises
    ------
    UsageError
        If there is no raw gaze, or no clip has the labels.
    """
    if GAZE_STREAM not in dataset.streams:
        raise UsageError(
            f"the data set holds no raw gaze; its streams are {', '.join(dataset.streams)}",
            where=str(dataset.path),
            fix="build it again with the --gaze-rate of the pre-training",
        )
    require_labels(protocol, dataset)
    label = _labels(dataset, protocol)
    rate_hz = float(dataset.config["gaze_rate"])
    stream = np.asarray(dataset.streams[GAZE_STREAM])
    num_frames = stream.shape[1] // patch_frames * patch_frames
    stream = stream[:, :num_frames]
    valid = np.asarray(dataset.masks[GAZE_STREAM])[:, :num_frames] & np.isfinite(stream).all(axis=2)
    is_labelled = np.isfinite(label).all(axis=1)
    rows = np.flatnonzero(is_labelled & valid.any(axis=1))
    keys = [dataset.keys[row] for row in rows]
    return LabelledWindows(
        name=dataset.name,
        question=question_of(protocol),
        gaze=np.where(valid[rows, :, None], stream[rows], np.float32(np.nan)),
        valid=valid[rows],
        label=label[rows],
        people=tuple(key.participant_id for key in keys),
        recordings=tuple(f"{key.recording_id}/{key.stimulus_id}" for key in keys),
        start_s=np.zeros(len(rows)),
        stop_s=np.full(len(rows), num_frames / rate_hz),
        channels=tuple(channel.name for channel in dataset.channels[GAZE_STREAM]),
        rate_hz=rate_hz,
        simulated=dataset.simulated,
        fingerprint=dataset.fingerprint,
        dropped={
            "clips without a label": int((~is_labelled).sum()),
            "labelled clips without gaze": int((is_labelled & ~valid.any(axis=1)).sum()),
        },
    )


def _labels(dataset: Dataset, protocol: Protocol) -> Float[ndarray, "N O"]:
    columns = [label_array(dataset, protocol.view, target, protocol.space) for target in protocol.targets]
    return columns[0] if protocol.space is not None else np.stack(columns, axis=1)
