"""Files of OpenFace written by hand: gaze as unit vectors of two eyes, at any rate, with anything wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.gaze_index import GazeIndex, IndexConfig, open_index
from emogap.datasets.gaze_index.make import make_index
from tests.datasets.catalogue.conftest import fgd_folder, study_folder

__all__ = ["SMALL", "fgd_folder", "study_folder", "unit_vectors", "write_openface"]

SMALL = IndexConfig(rate_hz=30.0, past_s=0.4, future_s=0.2, stride_frames=5, people="folder")
"""Windows of 12 + 6 frames, one every 5."""


def unit_vectors(num_frames: int, *, seed: int = 0) -> np.ndarray:
    """Gaze of two eyes near straight ahead, never twice the same, shape (frames, 2, 3), six digits."""
    rng = np.random.default_rng(seed)
    vectors = np.concatenate([rng.normal(0, 0.1, (num_frames, 2, 2)), -np.ones((num_frames, 2, 1))], axis=2)
    return np.round(vectors / np.linalg.norm(vectors, axis=2, keepdims=True), 6)


def write_openface(
    path: Path,
    vectors: np.ndarray,
    *,
    rate_hz: float = 30.0,
    success: np.ndarray | None = None,
    without: tuple[str, ...] = (),
) -> None:
    """A recording as OpenFace writes it, with head pose, and without the columns named."""
    num_frames = len(vectors)
    frame = np.arange(num_frames)
    marks = np.ones(num_frames, int) if success is None else success.astype(int)
    columns = {
        "frame": frame + 1,
        "timestamp": (frame / rate_hz).round(3),
        "confidence": 0.98 * marks,
        "success": marks,
    }
    for eye in (0, 1):
        columns |= {f"gaze_{eye}_{axis}": vectors[:, eye, place] for place, axis in enumerate("xyz")}
    columns |= {f"pose_R{axis}": np.full(num_frames, 0.1) for axis in "xyz"}
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(columns).drop(without).write_csv(path, float_precision=6)


@pytest.fixture
def openface_folder(tmp_path: Path) -> Path:
    """Three people, five recordings of 40 to 60 frames; p2 looks away from the camera in frames 20 to 29 of one."""
    folder = tmp_path / "openface"
    for number, (person, num_frames) in enumerate([("p1", 40), ("p1", 50), ("p2", 60), ("p3", 45), ("p3", 55)]):
        lost = (np.arange(num_frames) >= 20) & (np.arange(num_frames) < 30) & (person == "p2")
        write_openface(folder / person / f"clip{number}.csv", unit_vectors(num_frames, seed=number), success=~lost)
    return folder


@pytest.fixture
def make_small(openface_folder: Path, tmp_path: Path) -> Callable[..., GazeIndex]:
    """Makes the index of the folder, with options of :data:`SMALL` changed as named."""

    def make(name: str = "G", **changes: object) -> GazeIndex:
        config = IndexConfig.model_validate(SMALL.model_dump() | changes)
        make_index(openface_folder, tmp_path / name, config, jobs=1)
        return open_index(tmp_path / name)

    return make
