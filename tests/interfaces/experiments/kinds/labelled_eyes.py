"""A data set of twelve people and four stimuli whose pupils follow what was felt, and whose blinks what was shown."""

from dataclasses import fields
from pathlib import Path

import numpy as np

from emogap.datasets.assemble import assemble
from emogap.datasets.channels import Channel
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Clip, Cut, Plan
from emogap.datasets.samples import SampledStream
from emogap.preprocessing.eye_measures import EyeMeasures
from emogap.types import EmotionLabel, LabelView, SampleKey

NUM_PEOPLE, NUM_STIMULI = 12, 4


def write_labelled_eyes(folder: Path, *, views: tuple[LabelView, ...] = (LabelView.FELT, LabelView.SHOWN)) -> Path:
    """Felt arousal is the pupil's slope and shown arousal the blink rate, up to scale; nobody says neutral."""
    rng = np.random.default_rng(0)
    clips = []
    for person in range(NUM_PEOPLE):
        for stimulus in range(NUM_STIMULI):
            arousal = dict(zip(LabelView, rng.uniform(-1, 1, 3).tolist(), strict=True))
            labels = tuple(
                EmotionLabel(
                    view,
                    {"emotion3": np.eye(3)[int(arousal[view] > 0)]},
                    valence=float(rng.choice([-0.5, 0.0, 0.25])),
                    arousal=arousal[view],
                )
                for view in views
            )
            clips.append(_clip(person, stimulus, labels, _measures(rng, arousal)))
    write_part(folder / "part.npz", Cut(tuple(clips)))
    plan = Plan("hand", (), simulated=True)
    assemble(folder / "D", plan, BuildConfig(), [folder / "part.npz"], [], source_fingerprint="0" * 16)
    return folder / "D"


def _measures(rng: np.random.Generator, arousal: dict[LabelView, float]) -> EyeMeasures:
    values = {field.name: float(rng.normal()) for field in fields(EyeMeasures)}
    values |= {name: float("nan") for name in values if "_au" in name}
    values["pupil_slope_mm_s"] = 0.1 * arousal[LabelView.FELT]
    values["blink_rate_per_min"] = 12 - 3 * arousal[LabelView.SHOWN]
    return EyeMeasures(**values)


def _clip(person: int, stimulus: int, labels: tuple[EmotionLabel, ...], measures: EyeMeasures) -> Clip:
    key = SampleKey("hand", f"p{person:02d}", f"p{person:02d}", f"s{stimulus}", f"s{stimulus}", 0.0, 8.0)
    stream = SampledStream(np.zeros((3, 1), np.float32), np.ones(3, bool), (Channel("gaze_x_deg", "deg"),))
    return Clip(key, {"eye": stream}, labels, measures=measures)
