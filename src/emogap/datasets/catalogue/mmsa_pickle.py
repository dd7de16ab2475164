"""Feature files of MMSA (SIMS, MOSI, MOSEI): streams ``text``, ``audio``, ``vision``; view SHOWN, from observers.

One clip is one utterance. The files name the video that a clip was cut from, but no speaker: the video stands for the
person. Valence is the regression label, divided by 3 for MOSI and MOSEI; ``emotion3`` is what the annotations say.
The published split is kept as the official one.

References
----------
Yu, Xu, Meng et al. (2020), CH-SIMS, ACL, doi:10.18653/v1/2020.acl-main.343.
Mao, Yuan, Xu, Yu, Liu and Gao (2022), M-SENA, ACL demonstrations, arXiv 2203.12441.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from emogap.datasets.channels import Channel
from emogap.datasets.even_steps import averaged_to
from emogap.datasets.gaze_frames import settle_gaze
from emogap.datasets.labels import one_hot
from emogap.datasets.mmsa_features import STREAMS, FeatureFile, RoleFeatures, read_features
from emogap.datasets.plan import BuildConfig, Clip, Cut, Job, Plan
from emogap.datasets.samples import SampledStream
from emogap.errors import DataError, UsageError
from emogap.types import EmotionLabel, LabelView, SampleKey

__all__ = ["cut", "plan"]

JOB = "features"

UNPERMITTED = re.compile(r"[^A-Za-z0-9-]")


def plan(source: Path, config: BuildConfig) -> Plan:
    """One job: the file `source`, or the only ``*.pkl`` in the folder `source`. It is read to be looked over.

    Raises
    ------
    UsageError
        If there is no such file or several, or an option of recordings is asked for.
    DataError
        If the file is damaged, holds more than features, or two ids are alike once made safe.
    """
    if config.fixation != "centre" or config.frames:
        raise UsageError("feature files hold neither gaze nor video", fix="leave --fixation and --frames out")
    settle_gaze(config, None)
    path = _file(source)
    features = read_features(path)
    _require_distinct(features, path)
    stem = _safe(path.stem)
    divided = "as published, in [-1, 1]" if features.is_sims else "the published value in [-3, 3] divided by 3"
    return Plan(
        name=f"mmsa-sims-{stem}" if features.is_sims else f"mmsa-{stem}",
        jobs=(Job(JOB, (path,)),),
        label_sources={
            "shown": f"observers of the clip: valence = regression_labels, {divided}; emotion3 = annotations"
        },
        doubts=_doubts(features, even_steps=config.even_steps),
        config=config.model_copy(update={"cleaning": "none"}),
    )


def cut(name: str, job: Job, config: BuildConfig) -> Cut:
    """Every clip of the file, with its role in the published split.

    Raises
    ------
    DataError
        If the file is damaged or holds more than features.
    """
    features = read_features(job.files[0])
    roles = tuple(_evened(role) for role in features.roles) if config.even_steps else features.roles
    channels = {
        stream: tuple(Channel(f"{stream}_{number}", "1") for number in range(features.roles[0].values[stream].shape[2]))
        for stream in STREAMS
    }
    return Cut(
        tuple(
            _clip(name, role, position, features.largest_label, channels)
            for role in roles
            for position in range(len(role.ids))
        )
    )


def _evened(role: RoleFeatures) -> RoleFeatures:
    """Audio and vision with the steps of the text."""
    text = role.masks["text"]
    even = {
        stream: averaged_to(role.values[stream], role.masks[stream], text.sum(axis=1), num_steps=text.shape[1])
        for stream in STREAMS
        if stream != "text"
    }
    return replace(
        role,
        values={**role.values, **{stream: values for stream, (values, _) in even.items()}},
        masks={**role.masks, **{stream: mask for stream, (_, mask) in even.items()}},
    )


def _clip(
    name: str, role: RoleFeatures, position: int, largest: float, channels: Mapping[str, tuple[Channel, ...]]
) -> Clip:
    video, clip = role.ids[position]
    person, recording = _safe(video), _safe(f"{video}-{clip}")
    valence = float(np.clip(role.label[position] / largest, -1, 1))
    word = role.word[position]
    return Clip(
        key=SampleKey(name, recording, person, recording, person, 0.0, 1.0),
        streams={
            stream: SampledStream(role.values[stream][position], role.masks[stream][position], channels[stream])
            for stream in STREAMS
        },
        labels=(
            EmotionLabel(LabelView.SHOWN, {} if word is None else {"emotion3": one_hot("emotion3", word)}, valence),
        ),
        quality={f"{stream}_steps": int(role.masks[stream][position].sum()) for stream in STREAMS},
        official_fold=role.role,
    )


def _file(source: Path) -> Path:
    if source.is_file():
        return source
    found = sorted(source.glob("*.pkl"))
    if len(found) == 1:
        return found[0]
    names = ", ".join(file.name for file in found) or "none"
    raise UsageError(
        f"one feature file of MMSA is needed, here are {len(found)} (*.pkl): {names}",
        where=str(source),
        fix="give the path of the file, such as SIMS/Processed/unaligned_39.pkl",
    )


def _safe(name: str) -> str:
    """A name in letters, digits and hyphens."""
    return UNPERMITTED.sub("-", name)


def _require_distinct(features: FeatureFile, path: Path) -> None:
    """Refuse ids that become one once made safe, and ids that are there twice."""
    videos: dict[str, str] = {}
    clips: dict[str, str] = {}
    for role in features.roles:
        for video, clip in role.ids:
            known = videos.setdefault(_safe(video), video)
            both = f"{video} {clip} of {role.role}"
            earlier = clips.setdefault(_safe(f"{video}-{clip}"), both)
            if known != video or earlier is not both:
                one, two = (known, video) if known != video else (earlier, both)
                raise DataError(
                    f"'{one}' and '{two}' have the same id once it is written in letters, digits and hyphens",
                    where=f"{path}, {role.role}, id",
                    fix="rename or remove one of the two in the file",
                )


def _doubts(features: FeatureFile, *, even_steps: bool) -> tuple[str, ...]:
    videos = [{video for video, _ in role.ids} for role in features.roles]
    learnt, tested = videos[0] | videos[1], videos[2]
    doubts = [
        "the files name no speakers: people are the videos that clips were cut from, and one speaker may be in several",
        "the files hold no times: every clip is said to run from 0 to 1 s",
        f"{len(learnt & tested)} of {len(tested)} videos with test clips have training or validation clips too, in the"
        " official split",
    ]
    if not features.is_sims:
        doubts.append(
            "no labels by modality, so the file is taken for MOSI or MOSEI: valence is the published value over 3"
        )
    if even_steps:
        doubts.append("audio and vision are means over equal parts of the clip, one for each step of its text")
    return (*doubts, *(doubt for role in features.roles for doubt in role.doubts))
