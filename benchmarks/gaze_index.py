"""A window index of 500 to 4,000 simulated recordings of 40 s at 30 Hz, stride 1: time, memory, and how both grow.

Each recording is a CSV file as OpenFace writes it. Indexing and loading run in a process of their own, so that its
peak memory is theirs; seconds are those of the processor, so that a busy machine tells the same. Anonymous memory is
what a process holds; pages of the memory-mapped arrays are counted apart, since the system takes them back whenever
it needs room. Goal: anonymous memory of indexing and loading does not grow with the windows. Whether the loader is fast
enough for training, ``benchmarks/glass.py`` measures.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from emogap.datasets.gaze_index import IndexConfig, channel_statistics, open_index, people_split, window_rows
from emogap.datasets.gaze_index.make import make_index
from emogap.progress import track

if TYPE_CHECKING:
    from emogap.learning.pretraining.batches import GazeWindows

SIZES = (500, 1_000, 2_000, 4_000)
SECONDS, RATE_HZ = 40, 30
STRIDES = (1, 151)
"""Every frame, and as in the authors' code of arXiv 2601.12534: the same recordings with 1/151 of the windows."""
BATCH = 256
BATCHES = 100
FILES_PER_PERSON = 4
"""As in arXiv 2601.12534: 3,997 videos of 978 people."""


def gaze_vectors(rng: np.random.Generator, num_frames: int) -> np.ndarray:
    """Unit vectors of two eyes, float64 (frames, 2, 3): fixations of 0.2 to 0.5 s, tremor, and 2 % lost frames."""
    durations = rng.integers(6, 16, num_frames)
    place = np.repeat(np.arange(num_frames), durations)[:num_frames]
    angle_rad = np.radians(rng.normal(0, (8, 4), (num_frames, 2)))[place]
    both = angle_rad[:, None, :] + np.radians(rng.normal(0, 0.5, (num_frames, 2, 2)))
    x, y = np.tan(both[..., 0]), np.tan(both[..., 1])
    vectors = np.stack([x, y, -np.ones_like(x)], axis=2)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    vectors[rng.random(num_frames) < 0.02] = 0.0
    return vectors


def write_recording(path: Path, seed: int) -> None:
    """One recording as OpenFace writes it; lost frames have success 0."""
    num_frames = SECONDS * RATE_HZ
    vectors = gaze_vectors(np.random.default_rng(seed), num_frames)
    success = (vectors[:, 0, 2] != 0).astype(np.int64)
    frame = np.arange(num_frames)
    table = {"frame": frame + 1, "timestamp": (frame / RATE_HZ).round(3), "confidence": 0.98 * success}
    columns = {f"gaze_{eye}_{axis}": vectors[:, eye, place] for eye in (0, 1) for place, axis in enumerate("xyz")}
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({**table, "success": success, **columns}).write_csv(path, float_precision=6)


def memory_mib() -> dict[str, float]:
    """Anonymous and file-mapped memory of this process now, and the peak of both together, in MiB."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    now = {name: int(lines[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile")}
    return now | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def index_alone(source: Path, out: Path, stride_frames: int) -> dict[str, float]:
    """Make the index in this process."""
    config = IndexConfig(stride_frames=stride_frames, people="folder")
    began, began_wall = process_time(), perf_counter()
    report = make_index(source, out, config, jobs=1)
    seconds = {"seconds": process_time() - began, "wall": perf_counter() - began_wall}
    return seconds | {"windows": report.header.num_windows, **memory_mib()}


def load_alone(out: Path) -> dict[str, float]:
    """Open the index, split the people, standardise, and read batches in random order, in this process."""
    read = training_batches(out, batch=BATCH)
    began = process_time()
    num_read = sum(len(read(step)) for step in range(BATCHES))
    return {"per second": num_read / (process_time() - began), **memory_mib()}


def training_batches(index: Path, *, batch: int) -> "Callable[[int], GazeWindows]":
    """What gives the batch of any step of a pre-training on the index, standardised by the training people."""
    # Here, since indexing takes no torch, and its memory is measured.
    from emogap.learning.pretraining.batches import plan_steps, windows_of_step
    from emogap.learning.pretraining.config import PretrainingConfig
    from emogap.learning.pretraining.validation import StandardisedGaze

    opened = open_index(index)
    training, _ = people_split(opened)
    gaze = StandardisedGaze(opened, *channel_statistics(opened, training))
    rows = window_rows(opened, training)
    plan = plan_steps(len(rows), PretrainingConfig(batch_size=batch))
    return lambda step: gaze.read(windows_of_step(step, rows, plan, seed=0))


def write_index(folder: Path, num_recordings: int) -> Path:
    """The index, stride 1, of simulated recordings in a folder."""
    for number in range(num_recordings):
        write_recording(folder / "source" / f"p{number // FILES_PER_PERSON:04d}" / f"{number:04d}.csv", number)
    make_index(folder / "source", folder / "index", IndexConfig(stride_frames=1, people="folder"), jobs=1)
    return folder / "index"


def apart(*words: str) -> dict[str, float]:
    """The result of this file run in another process."""
    command = [sys.executable, "-m", "benchmarks.gaze_index", *words]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    return result


def run(sizes: tuple[int, ...] = SIZES) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / "all" / f"{number:04d}.csv" for number in range(max(sizes))]
        for number, path in enumerate(track(files, "simulating recordings")):
            write_recording(path, number)
        print(f"{'':>21}{'indexing, 1 process':>34}{'loading, batches of ' + str(BATCH):>45}")
        print(f"{'recordings':>10}{'windows':>11}{'CPU s':>8}{'wall s':>8}{'ms each':>8}{'peak MiB':>10}", end="")
        print(f"{'windows/s':>12}{'held MiB':>10}{'mapped MiB':>12}{'index MiB':>11}")
        made = [measure(folder, files[:size], STRIDES[0]) for size in sizes]
        sparse = measure(folder, files, STRIDES[1])
        few, many = made[0], made[-1]
        grown = {name: many[name] / few[name] for name in many}
        print(
            f"from {sizes[0]} to {sizes[-1]} recordings ({grown['windows']:.1f} times the windows): time"
            f" x {grown['seconds']:.1f}, peak memory of indexing x {grown['peak']:.2f}, memory that loading holds"
            f" x {grown['held']:.2f} (goal 1.0)"
        )
        more = [many[name] - sparse[name] for name in ("windows", "peak", "held")]
        print(
            f"the last line is of stride {STRIDES[1]}: {more[0]:.0f} windows more take {more[1]:.0f} MiB more in"
            f" indexing and {more[2]:.0f} MiB more in loading (goal 0)"
        )


def measure(folder: Path, files: list[Path], stride_frames: int) -> dict[str, float]:
    """Index and load the recordings `files`; prints a line."""
    source, out = folder / f"source-{len(files)}-{stride_frames}", folder / f"index-{len(files)}-{stride_frames}"
    for number, path in enumerate(files):
        person = source / f"p{number // FILES_PER_PERSON:04d}"
        person.mkdir(parents=True, exist_ok=True)
        os.link(path, person / path.name)
    indexed, loaded = apart("index", str(source), str(out), str(stride_frames)), apart("load", str(out))
    size_mib = sum(path.stat().st_size for path in out.iterdir()) / 2**20
    print(f"{len(files):>10}{indexed['windows']:>11.0f}{indexed['seconds']:>8.1f}{indexed['wall']:>8.1f}", end="")
    print(f"{1000 * indexed['seconds'] / len(files):>8.1f}{indexed['peak']:>10.0f}", end="")
    print(f"{loaded['per second']:>12.0f}{loaded['RssAnon']:>10.0f}{loaded['RssFile']:>12.0f}", end="")
    print(f"{size_mib:>11.0f}", flush=True)
    return {
        "windows": indexed["windows"],
        "seconds": indexed["seconds"],
        "peak": indexed["peak"],
        "held": loaded["RssAnon"],
    }


if __name__ == "__main__":
    job, *paths = sys.argv[1:]
    if job == "index":
        print(json.dumps(index_alone(Path(paths[0]), Path(paths[1]), int(paths[2]))))
    else:
        print(json.dumps(load_alone(Path(paths[0]))))
