"""The small study once more, as if its recordings had been thinned to a lower rate."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from emogap.datasets import label_array, open_dataset
from emogap.datasets.assemble import assemble
from emogap.datasets.cutting import excluded
from emogap.datasets.parts import read_part, write_part
from emogap.datasets.plan import BuildConfig, Clip, Cut, Plan
from emogap.datasets.samples import SampledStream
from emogap.types import EmotionLabel, LabelView

RECORDED_HZ = 120.0


def write_slower(
    full: Path,
    out: Path,
    *,
    rate_hz: float = 30.0,
    dark: Sequence[int] = (),
    stage: str = "gaze",
    change: Callable[[Clip], Clip] = lambda clip: clip,
    source: str = "0" * 16,
    **options: object,
) -> Path:
    """The data set `out` of the clips of `full`, made by :func:`write_small_dataset`.

    The eyes are twice what they were, and the face is another one altogether. The clips numbered `dark` are left out
    at `stage`; `change` is what else is different.
    """
    dataset = open_dataset(full)
    clips = read_part(full.parent / "part.npz").clips
    slower = [change(_slower(clip, rate_hz)) for number, clip in enumerate(clips) if number not in dark]
    left_out = [excluded(clips[number].key, stage, "none of its samples has a valid point of gaze") for number in dark]
    part = out.parent / f"{out.name}.npz"
    write_part(part, Cut(tuple(slower), tuple(left_out)))
    shown = zip(dataset.keys, label_array(dataset, "shown", "class", "emotion3"), strict=True)
    labels = {
        (key.participant_id, key.stimulus_id): (EmotionLabel(LabelView.SHOWN, {"emotion3": np.array(share)}),)
        for key, share in shown
    }
    plan = Plan("hand", (), labels=labels, simulated=True, ceilings=dataset.ceilings)
    config = BuildConfig.model_validate({"as_rate": rate_hz, **options})
    assemble(out, plan, config, [part], [], source_fingerprint=source)
    return out


def doubled(stream: SampledStream) -> SampledStream:
    return replace(stream, values=2 * stream.values)


def _slower(clip: Clip, rate_hz: float) -> Clip:
    step = {"name": "thin", "parameters": {"rate_hz": rate_hz, "recorded_hz": RECORDED_HZ}}
    streams = {name: doubled(stream) for name, stream in clip.streams.items()}
    streams["face"] = replace(streams["face"], values=streams["face"].values + 50)
    return replace(clip, streams=streams, quality={**clip.quality, "steps": json.dumps([step])})
