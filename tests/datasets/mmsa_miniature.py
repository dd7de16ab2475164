"""A miniature in the layout of MMSA's feature files: six videos, every axis of another size, nothing real in it.

``write_miniature(path)`` gives an unaligned file as that of SIMS; ``sims=False`` one as those of MOSI and MOSEI, and
``aligned=True`` one without lengths. The mean of the first audio channel follows the label, so that there is something
to learn.
"""

import pickle
from pathlib import Path
from typing import Any

import numpy as np

CLIPS = {"train": 25, "valid": 10, "test": 13}
VIDEOS = 6
SHAPES = {"text": (8, 6), "audio": (11, 5), "vision": (7, 4)}
WORDS = ("Negative", "Neutral", "Positive")


def miniature(*, sims: bool = True, aligned: bool = False, seed: int = 0) -> dict[str, dict[str, Any]]:
    """The content of a file."""
    rng = np.random.default_rng(seed)
    content = {}
    first = 0
    for role, clips in CLIPS.items():
        numbers = range(first, first + clips)
        content[role] = _role(numbers, rng, sims=sims, aligned=aligned)
        first += clips
    return content


def write_miniature(path: Path, content: dict[str, dict[str, Any]] | None = None, **options: Any) -> Path:
    """Write a miniature, or a changed one, to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(miniature(**options) if content is None else content, 4))
    return path


def _role(numbers: range, rng: np.random.Generator, *, sims: bool, aligned: bool) -> dict[str, Any]:
    clips = len(numbers)
    label = rng.integers(-5, 6, clips) / 5.0 * (1 if sims else 3)
    length = {name: rng.integers(2, steps + 1, clips) for name, (steps, _) in SHAPES.items()}
    if aligned:
        length = dict.fromkeys(SHAPES, length["vision"])
    values = {}
    for name, shape in SHAPES.items():
        steps = SHAPES["vision"][0] if aligned else shape[0]
        array = rng.normal(size=(clips, steps, shape[1]))
        if name == "audio":
            array[..., 0] += 2 * label[:, None]
        array[np.arange(steps) >= length[name][:, None]] = 0
        values[name] = array.astype(np.float32)
    steps = values["text"].shape[1]
    mask = (np.arange(steps) < length["text"][:, None]).astype(np.float32)
    names = [f"video_{number % VIDEOS:04d}$_${number:04d}" for number in numbers]
    code = np.sign(label).astype(int) + 1
    table: dict[str, Any] = {
        "raw_text": [f"words of {name}" for name in names],
        "id": names,
        **values,
        "text_bert": np.stack([np.ones_like(mask) * 101, mask, np.zeros_like(mask)], axis=1),
        "annotations": [WORDS[number] for number in code],
        "classification_labels": code.astype(np.float32),
        "regression_labels": label.astype(np.float32),
    }
    if not aligned:
        table |= {f"{name}_lengths": length[name].tolist() for name in ("audio", "vision")}
    if sims:
        table |= {f"regression_labels_{letter}": label.astype(np.float32) for letter in "TAV"}
        table |= {f"classification_labels_{letter}": code.astype(np.float32) for letter in "TAV"}
    return table
