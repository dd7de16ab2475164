"""Finished parts of a build, made by hand: three people, two stimuli, axes of different sizes."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.assemble import assemble
from emogap.datasets.channels import Channel
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Clip, Cut, LeftOut, Plan
from emogap.datasets.samples import SampledStream
from emogap.datasets.store import Dataset, open_dataset
from emogap.types import EmotionLabel, LabelView, SampleKey

EYE = (Channel("gaze_x_deg", "deg"), Channel("pupil_l_mm", "mm"), Channel("pupil_r_mm", "mm"))


def key_of(person: str, stimulus: str) -> SampleKey:
    return SampleKey("hand", person, person, stimulus, f"group-{stimulus}", 1.5, 9.5)


def clip_of(person: str, stimulus: str, *, channels: tuple[Channel, ...] = EYE) -> Clip:
    """A clip whose every value tells its person, step and channel."""
    steps = np.arange(7, dtype=np.float32)[:, None]
    names = np.array([sum(map(ord, channel.name)) for channel in channels], np.float32)
    values = 1000 * float(ord(person[-1])) + 10 * steps + names
    mask = np.arange(7) < 6
    values[~mask] = np.nan
    felt = EmotionLabel(LabelView.FELT, {"emotion3": np.array([0.0, 1.0, 0.0])}, valence=-0.5, arousal=0.25)
    quality = {"loss_share": 0.125, "steps": '[{"name": "trim"}]', "doubts": ""}
    stream = SampledStream(values.astype(np.float32), mask, channels)
    return Clip(key_of(person, stimulus), {"eye": stream}, (felt,), quality)


@pytest.fixture
def hand_parts(tmp_path: Path) -> list[Path]:
    """Two finished jobs; the second device has no left pupil, and one clip of the first is excluded."""
    left_out = LeftOut("p3", "p3", "s2", "group-s2", 1.5, 9.5, "gaze", "no valid gaze")
    cuts = {
        "b": Cut((clip_of("p2", "s2"), clip_of("p2", "s1")), (left_out,)),
        "a": Cut((clip_of("p1", "s1", channels=(EYE[0], EYE[2])),)),
    }
    parts = []
    for name, cut in cuts.items():
        parts.append(tmp_path / "parts" / f"{name}.npz")
        write_part(parts[-1], cut)
    return parts


@pytest.fixture
def hand_plan() -> Plan:
    shown = EmotionLabel(LabelView.SHOWN, {"emotion7": np.eye(7)[5]}, intensity=2.5)
    return Plan("hand", (), labels={("p2", "s1"): (shown,)}, simulated=True, ceilings={"felt/emotion3": {"war": 0.75}})


@pytest.fixture
def hand_dataset(tmp_path: Path, hand_parts: list[Path], hand_plan: Plan) -> Callable[..., Dataset]:
    """Puts the parts together in a new folder, in any order."""

    def make(name: str = "D", *, reverse: bool = False) -> Dataset:
        order = hand_parts[::-1] if reverse else hand_parts
        assemble(tmp_path / name, hand_plan, BuildConfig(), order, [], source_fingerprint="0" * 16)
        return open_dataset(tmp_path / name)

    return make


@pytest.fixture
def ceap_folder(tmp_path: Path) -> Path:
    """Three people and two films in the folders of CEAP-360VR; person and film decide yaw and rating."""
    folder = tmp_path / "ceap"
    films = {"V1": 25, "V2": 30}
    contents: dict[str, object] = {
        "1_Stimuli/VideoInfo.json": {
            "VideoInfo": [
                {"VideoID": film, "VideoDuration": 60, "FrameRate": rate_hz} for film, rate_hz in films.items()
            ]
        }
    }
    for number in (1, 2, 3):
        person = f"P{number}"
        fixations = [{"StartFrame": 0, "EndFrame": 749, "Pitch": 10.0 * number, "Yaw": 90.0}]
        head = [{"ID": window, "Pitch": -10.0, "Yaw": 180.0} for window in range(1, 300)]
        answers = [
            {"VideoID": film, "ValenceValue": 2 * number + 1, "ArousalValue": 9 if film == "V1" else 1}
            for film in films
        ]
        contents |= {
            f"2_QuestionnaireData/{person}_Questionnaire_Data.json": {
                "QuestionnaireData": [{"ParticipantID": person, "Video_SAMRating_VideoTime_Data": answers}]
            },
            f"4_BehaviorData/EM_Fixation/{person}_Behavior_FixationData.json": {
                "Behavior_FixationData": [
                    {
                        "ParticipantID": person,
                        "Video_Behavior_FixationData": [{"VideoID": film, "Fixation": fixations} for film in films],
                    }
                ]
            },
            f"4_BehaviorData/HM_ScanPath/{person}_Behavior_HeadScanPathData.json": {
                "Behavior_HeadScanPath_Data": [
                    {
                        "ParticipantID": person,
                        "Video_Behavior_ScanPath_Data": [{"VideoID": film, "ID_Pitch_Yaw": head} for film in films],
                    }
                ]
            },
        }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    return folder
