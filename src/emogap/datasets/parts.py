"""What a job gave, kept on disk until the data set is put together."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from emogap.datasets.channels import Channel
from emogap.datasets.plan import Clip, Cut, LeftOut
from emogap.datasets.samples import SampledStream
from emogap.errors import DataError
from emogap.files import write_aside
from emogap.preprocessing.eye_measures import EyeMeasures
from emogap.types import EmotionLabel, LabelView, SampleKey

__all__ = ["read_part", "write_part"]

FACTS = "facts"


def write_part(path: Path, cut: Cut) -> None:
    """Write what a job gave to `path`, whole or not at all."""
    facts = {
        "clips": [_clip_facts(clip) for clip in cut.clips],
        "left_out": [asdict(left_out) for left_out in cut.left_out],
    }
    arrays = {FACTS: np.frombuffer(json.dumps(facts).encode(), np.uint8)}
    for position, clip in enumerate(cut.clips):
        for name, stream in clip.streams.items():
            arrays[f"{position}/{name}"] = stream.values
            arrays[f"{position}/{name}_mask"] = stream.mask
    with write_aside(path) as partial, partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_part(path: Path) -> Cut:
    """What a job gave, read back from `path`.

    Raises
    ------
    DataError
        If the file was damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            facts = json.loads(arrays[FACTS].tobytes())
            clips = tuple(_clip(position, entry, arrays) for position, entry in enumerate(facts["clips"]))
    except (BadZipFile, ValueError, KeyError, EOFError) as error:
        raise DataError(
            f"a finished part of the build is damaged: {error}",
            where=str(path),
            fix="remove this file and run the same command again",
        ) from error
    return Cut(clips, tuple(LeftOut(**entry) for entry in facts["left_out"]))


def _clip_facts(clip: Clip) -> dict[str, object]:
    return {
        "key": asdict(clip.key),
        "quality": dict(clip.quality),
        "official_fold": clip.official_fold,
        "measures": None if clip.measures is None else asdict(clip.measures),
        "labels": [_label_facts(label) for label in clip.labels],
        "channels": {
            name: [[channel.name, channel.unit] for channel in stream.channels] for name, stream in clip.streams.items()
        },
    }


def _label_facts(label: EmotionLabel) -> dict[str, object]:
    return asdict(label) | {"share": {space: share.tolist() for space, share in label.share.items()}}


def _clip(position: int, entry: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Clip:
    streams = {
        name: SampledStream(
            arrays[f"{position}/{name}"],
            arrays[f"{position}/{name}_mask"],
            tuple(Channel(*channel) for channel in channels),
        )
        for name, channels in entry["channels"].items()
    }
    labels = tuple(map(_label, entry["labels"]))
    measures = None if entry["measures"] is None else EyeMeasures(**entry["measures"])
    return Clip(SampleKey(**entry["key"]), streams, labels, entry["quality"], entry["official_fold"], measures)


def _label(entry: Mapping[str, Any]) -> EmotionLabel:
    share = {space: np.array(values, np.float64) for space, values in entry["share"].items()}
    return EmotionLabel(**{**entry, "view": LabelView(entry["view"]), "share": share})
