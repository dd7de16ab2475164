"""What a job gave, kept on disk until the index is put together; facts can be read without the frames."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.datasets.gaze_index.segments import Dropped, IndexedJob
from emogap.errors import DataError
from emogap.files import write_aside

__all__ = ["PartFacts", "read_arrays", "read_facts", "write_part"]

ARRAYS = ("values", "valid", "starts")


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A finished job without its frames.

    Attributes
    ----------
    path : Path
    segments : tuple of mapping
        Every field of a segment but its arrays; ``num_frames`` and ``num_windows`` stand for them.
    dropped : tuple of Dropped
    dropped_windows : mapping from reason to count
    """

    path: Path
    segments: tuple[dict[str, Any], ...]
    dropped: tuple[Dropped, ...]
    dropped_windows: dict[str, int]


def write_part(path: Path, job: IndexedJob) -> None:
    """Write what a job gave to `path`, whole or not at all."""
    segments = []
    arrays: dict[str, ndarray] = {}
    for number, segment in enumerate(job.segments):
        facts = asdict(segment)
        for name in ARRAYS:
            arrays[f"{number}/{name}"] = facts.pop(name)
        segments.append(facts | {"num_frames": len(segment.valid), "num_windows": len(segment.starts)})
    content = {
        "segments": segments,
        "dropped": [asdict(dropped) for dropped in job.dropped],
        "dropped_windows": dict(job.dropped_windows),
    }
    arrays["facts"] = np.frombuffer(json.dumps(content).encode(), np.uint8)
    with write_aside(path) as partial, partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_facts(path: Path) -> PartFacts:
    """What a job gave, without its frames.

    Raises
    ------
    DataError
        If the file was damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].tobytes())
    except (BadZipFile, ValueError, KeyError, EOFError) as error:
        raise _damaged(path, error) from error
    return PartFacts(
        path,
        tuple(facts["segments"]),
        tuple(Dropped(**entry) for entry in facts["dropped"]),
        facts["dropped_windows"],
    )


def read_arrays(path: Path, number: int) -> tuple[Float[ndarray, "N D"], Bool[ndarray, " N"], Int[ndarray, " K"]]:
    """Values, validity and window starts of the segment with this number.

    Raises
    ------
    DataError
        If the file was damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            values, valid, starts = (arrays[f"{number}/{name}"] for name in ARRAYS)
    except (BadZipFile, ValueError, KeyError, EOFError) as error:
        raise _damaged(path, error) from error
    return values, valid, starts


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"a finished part of the index is damaged: {error}",
        where=str(path),
        fix="remove this file and run the same command again",
    )
