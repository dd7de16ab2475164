"""The two tasks of GLASS in small: OpenFace files, and labels as its authors lay them out, in which gaze tells all.

Valence lifts the gaze, dominance moves it to the side, arousal makes it swing faster; laughing shakes it up and down,
crying lowers it, sighing lets it drift aside. Ten frames a second, recordings of 40 s.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from emogap.datasets.gaze_index import GazeIndex, IndexConfig
from emogap.learning.pretraining.checkpoint import Pretrained
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.model import Glass

RATE_HZ = 10.0
SECONDS = 40.0
PAST_S = 3.0
CHANNELS = tuple(f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in "xyz")
NETWORK = GlassConfig(num_channels=6, patch_frames=5, width=16, num_heads=2, encoder_layers=2, decoder_layers=1)
BEHAVIOURS = ("laugh", "cry", "sigh")


@dataclass(frozen=True)
class Video:
    """A recording, its person, its gaze (frames, 6), and its labels as rows of the JSON."""

    name: str
    person: str
    gaze: np.ndarray
    labels: list[list[object]]


def _unit(horizontal: np.ndarray, vertical: np.ndarray) -> np.ndarray:
    """Both eyes' unit vectors in the camera's axes: x right, y down, z away from it."""
    eyes = []
    for vergence in (-0.02, 0.02):
        vector = np.stack([horizontal + vergence, vertical, -np.ones_like(vertical)], axis=1)
        eyes.append(vector / np.linalg.norm(vector, axis=1, keepdims=True))
    return np.concatenate(eyes, axis=1)


def _vad_video(name: str, person: str, rng: np.random.Generator, noise: float) -> Video:
    """Four stretches of 10 s, each with values of its own."""
    time_s = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    horizontal, vertical, labels = np.zeros_like(time_s), np.zeros_like(time_s), []
    for start in np.arange(0, SECONDS, 10.0):
        valence, arousal, dominance = rng.uniform(0.1, 0.9, 3).round(3).tolist()
        inside = (time_s >= start) & (time_s < start + 10)
        swing = 0.1 * np.sin(2 * np.pi * (0.2 + 2.0 * arousal) * time_s[inside])
        horizontal[inside] = 0.6 * (dominance - 0.5) + swing
        vertical[inside] = -0.6 * (valence - 0.5)
        labels.append([float(start), float(start + 10), valence, arousal, dominance])
    gaze = _unit(horizontal + rng.normal(0, noise, len(time_s)), vertical + rng.normal(0, noise, len(time_s)))
    return Video(name, person, gaze, labels)


def _behaviour_video(name: str, person: str, rng: np.random.Generator, noise: float) -> Video:
    """Eight behaviours of 2 s, one every 5 s."""
    time_s = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    horizontal, vertical = rng.normal(0, noise, len(time_s)), rng.normal(0, noise, len(time_s))
    labels: list[list[object]] = []
    for number, start in enumerate(np.arange(1.0, SECONDS - 3, 5.0)):
        word = BEHAVIOURS[(number + int(rng.integers(3))) % 3]
        inside = (time_s >= start) & (time_s < start + 2)
        if word == "laugh":
            vertical[inside] += 0.3 * np.sin(2 * np.pi * 2.5 * time_s[inside])
        if word == "cry":
            vertical[inside] += 0.4
        if word == "sigh":
            horizontal[inside] += np.linspace(0, 0.6, inside.sum())
        labels.append([float(start), float(start + 2), word])
    return Video(name, person, _unit(horizontal, vertical), labels)


def videos_of(task: str, *, num_people: int = 8, num_videos: int = 2, noise: float = 0.01) -> list[Video]:
    """The recordings of a task, ``<person>.<video>``, as the authors name them."""
    make = _vad_video if task == "vad" else _behaviour_video
    return [
        make(f"{person}.{video}", f"{person}", np.random.default_rng((person, video)), noise)
        for person in range(100, 100 + num_people)
        for video in range(1, 1 + num_videos)
    ]


def write_miniature(folder: Path, videos: Sequence[Video]) -> None:
    """``gaze/<video>/result.csv``, ``labels.json`` and ``participants.tsv`` in `folder`."""
    rows = []
    for video in videos:
        path = folder / "gaze" / video.name / "result.csv"
        path.parent.mkdir(parents=True)
        num_frames = len(video.gaze)
        columns: dict[str, object] = {
            "frame": np.arange(1, num_frames + 1),
            "timestamp": (np.arange(num_frames) / RATE_HZ).round(3),
            "confidence": np.full(num_frames, 0.98),
            "success": np.ones(num_frames, int),
        }
        columns |= {name: video.gaze[:, place] for place, name in enumerate(CHANNELS)}
        pl.DataFrame(columns).write_csv(path, float_precision=6)
        rows.append((f"{video.name}/result.csv", video.person))
    (folder / "labels.json").write_text(json.dumps({video.name: video.labels for video in videos}))
    table = pl.DataFrame(rows, schema=["file", "participant_id"], orient="row")
    table.write_csv(folder / "participants.tsv", separator="\t")


def index_of(videos: Sequence[Video], *, people_known: bool = True) -> GazeIndex:
    """The index of the recordings, in memory, of windows of 3 s and 1 s."""
    gaze = np.concatenate([video.gaze for video in videos]).astype(np.float32)
    lengths = np.array([len(video.gaze) for video in videos])
    config = IndexConfig(channels="direction", rate_hz=RATE_HZ, past_s=PAST_S, future_s=1.0)
    table = {"recording_id": [f"{v.name}/result" for v in videos], "trial": 0, "num_frames": lengths}
    table |= {"measured_from": "camera of the face"}
    stimuli = pl.lit(None, pl.String).alias("stimulus_id")
    return GazeIndex(
        path=Path("miniature"),
        name="miniature",
        config=config,
        channels=CHANNELS,
        units=("1",) * 6,
        rate_hz=RATE_HZ,
        past_frames=config.past_frames,
        future_frames=config.future_frames,
        recordings=pl.DataFrame(table).with_columns(stimuli),
        participants=tuple(video.person for video in videos),
        people_known=people_known,
        segment_start=np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64),
        values=gaze,
        valid=np.ones(len(gaze), bool),
        starts=np.zeros(1, np.int64),
        simulated=True,
        fingerprint=f"miniature-{len(videos)}-{float(gaze.sum()):.6f}",
    )


def write_labels(path: Path, videos: Sequence[Video], changed: Mapping[str, object] | None = None) -> Path:
    """The labels of the recordings as JSON, some recordings' replaced."""
    path.write_text(json.dumps({video.name: video.labels for video in videos} | dict(changed or {})))
    return path


def small_pretrained(*, seen: Sequence[str] = (), people_known: bool = True, rate_hz: float = RATE_HZ) -> Pretrained:
    """A network of random weights that claims to have been pre-trained on the miniature's people `seen`."""
    import torch

    torch.manual_seed(7)
    return Pretrained(
        model=Glass(NETWORK).eval(),
        config=NETWORK,
        mean=np.zeros(6),
        sd=np.ones(6),
        channels=CHANNELS,
        units=("1",) * 6,
        rate_hz=rate_hz,
        past_frames=30,
        future_frames=10,
        training_people=tuple(("miniature", name) for name in seen),
        validation_people=(),
        held_out=(),
        people_known=people_known,
        origin=None,
        pretraining=None,
        history=(),
        best=None,
        scores={},
        job="small",
    )
