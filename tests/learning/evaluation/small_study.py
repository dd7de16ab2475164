"""A data set on disk, put together by hand: ten people, six stimuli, three streams of different sizes.

Each felt class raises an eye channel of its own, so that there is an effect to find.
"""

from pathlib import Path

import numpy as np

from emogap.datasets.assemble import assemble
from emogap.datasets.channels import Channel
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Clip, Cut, Plan
from emogap.datasets.samples import SampledStream
from emogap.types import EmotionLabel, LabelView, SampleKey

PEOPLE, STIMULI = 10, 6
SHAPES = {"face": (3, 5), "eye": (7, 4), "fixation": (6, 2)}


def write_small_dataset(
    folder: Path, *, effect: float = 3.0, people: int = PEOPLE, stimuli: int = STIMULI, simulated: bool = True
) -> Path:
    """The data set in ``folder/D``; felt and shown classes, felt valence, and a target per stimulus."""
    rng = np.random.default_rng(7)
    clips, shown = [], {}
    for person in range(people):
        for stimulus in range(stimuli):
            key = SampleKey("hand", f"r{person}-{stimulus}", f"p{person}", f"s{stimulus}", f"s{stimulus}", 0.0, 8.0)
            felt = int(rng.integers(0, 3))
            streams = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in SHAPES.items()}
            streams["eye"][:, felt] += effect
            clips.append(Clip(key, _sampled(streams), _labels(felt, stimulus), {"loss_share": 0.01 * person}))
            looks = felt if rng.random() < 0.7 else int(rng.integers(0, 3))
            shown[key.participant_id, key.stimulus_id] = (_label(LabelView.SHOWN, looks),)
    part = folder / "part.npz"
    write_part(part, Cut(tuple(clips)))
    ceilings = {"felt/emotion3": {"war": 0.9, "uar": 0.9}} if simulated else {}
    plan = Plan("hand", (), labels=shown, simulated=simulated, ceilings=ceilings)
    assemble(folder / "D", plan, BuildConfig(), [part], [], source_fingerprint="0" * 16)
    return folder / "D"


def _sampled(streams: dict[str, np.ndarray]) -> dict[str, SampledStream]:
    return {
        name: SampledStream(
            values,
            np.ones(len(values), bool),
            tuple(Channel(f"{name}_{number}", "1") for number in range(values.shape[1])),
        )
        for name, values in streams.items()
    }


def _labels(felt: int, stimulus: int) -> tuple[EmotionLabel, ...]:
    return _label(LabelView.FELT, felt, valence=(felt - 1) / 2, arousal=0.1 * felt), _label(
        LabelView.TARGET, stimulus % 3
    )


def _label(view: LabelView, word: int, valence: float | None = None, arousal: float | None = None) -> EmotionLabel:
    return EmotionLabel(view, {"emotion3": np.eye(3)[word]}, valence=valence, arousal=arousal)
