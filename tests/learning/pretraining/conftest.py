"""Small indices of gaze in memory, in which what comes next can be known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.gaze_index import GazeIndex, IndexConfig

NUM_PEOPLE, NUM_FRAMES = 7, 60
RATE_HZ = 10.0
PAST, FUTURE, STRIDE = 12, 9, 4


def waving_index(*, num_people: int = NUM_PEOPLE, seed: int = 0, lost: float = 0.05) -> GazeIndex:
    """Two segments a person of gaze on a slow ellipse about the person's own centre, with noise and lost frames."""
    rng = np.random.default_rng(seed)
    segments, starts = [], []
    for number in range(2 * num_people):
        time_s = np.arange(NUM_FRAMES) / RATE_HZ
        angle = 2 * np.pi * 0.7 * time_s + rng.uniform(0, 2 * np.pi)
        centre = np.random.default_rng((seed, number // 2)).normal(0, 2.0, 2)
        gaze = centre + np.stack([5 * np.sin(angle), 3 * np.cos(angle)], axis=1)
        segments.append((gaze + rng.normal(0, 0.2, gaze.shape)).astype(np.float32))
        first = number * NUM_FRAMES
        starts.extend(range(first, first + NUM_FRAMES - PAST - FUTURE + 1, STRIDE))
    values = np.concatenate(segments)
    valid = rng.random(len(values)) >= lost
    values[~valid] = np.nan
    people = [f"p{number // 2:02d}" for number in range(2 * num_people)]
    return GazeIndex(
        path=Path("waving"),
        name="waving",
        config=IndexConfig(channels="angle", rate_hz=RATE_HZ, past_s=1.2, future_s=0.9, stride_frames=STRIDE),
        channels=("gaze_x_deg", "gaze_y_deg"),
        units=("deg", "deg"),
        rate_hz=RATE_HZ,
        past_frames=PAST,
        future_frames=FUTURE,
        recordings=pl.DataFrame({"participant_id": people}),
        participants=tuple(people),
        people_known=True,
        segment_start=np.arange(2 * num_people, dtype=np.int64) * NUM_FRAMES,
        values=values,
        valid=valid,
        starts=np.array(starts, np.int64),
        simulated=True,
        fingerprint=f"waving-{num_people}-{seed}-{lost}",
    )


@pytest.fixture(scope="session")
def make_index() -> Callable[..., GazeIndex]:
    return waving_index
