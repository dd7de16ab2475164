"""What the simulated machine says of the two halves of a clip, so that one machine can be held against itself."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from emogap.files import write_aside
from emogap.simulation.affect import EMOTIONS
from emogap.simulation.cohort import Cohort
from emogap.simulation.randomness import stream
from emogap.simulation.raters import RatingRow, confusion_matrix

__all__ = ["judge_halves", "write_halves"]

NUMBERS = ("valence", "arousal")


def judge_halves(cohort: Cohort, answers: Iterable[RatingRow]) -> Mapping[str, list[str | float]]:
    """The machine's answers to each clip and to its first and second half, as columns with one value for each clip.

    Parameters
    ----------
    cohort : Cohort
    answers : iterable of RatingRow
        The machine's, of :func:`emogap.simulation.raters.rate`, to all questions and clips.

    Returns
    -------
    mapping from column to list
        ``item``; ``emotion7``, ``valence`` and ``arousal``, each also with ``_first_half`` and ``_second_half``.

    Notes
    -----
    The clip's answers stay as they were drawn; the halves are drawn to fit them, from a stream of their own.

    Words: by the toss of a coin one half has the clip's word and the other a new one, from the same row of the
    confusion matrix. So each half errs as the matrix says, and the errors of the two are independent given the shown
    emotion.

    Numbers: the halves are the clip's answer plus and minus d, d normal with the SD of the clip's error. So the errors
    of the two are uncorrelated, each with sqrt(2) times that SD, and the clip is their mean (cut off at -1 and 1).
    """
    rng = stream(cohort.config.seed, "halves")
    raters = cohort.config.raters
    confusion = confusion_matrix(raters.machine_accuracy)
    given: dict[str, dict[str, str]] = {}
    for row in answers:
        given.setdefault(row.item, {})[row.question] = row.rating
    shown = [clip.shown7 for _, _, clip in cohort.shown()]
    columns: dict[str, list[str | float]] = {"item": list(given)}
    for question in ("emotion7", *NUMBERS):
        for part in ("", "_first_half", "_second_half"):
            columns[question + part] = []
    for emotion, answer in zip(shown, given.values(), strict=True):
        words = [answer["emotion7"], EMOTIONS[int(rng.choice(len(EMOTIONS), p=confusion[emotion]))]]
        first = int(rng.integers(2))
        _append(columns, "emotion7", answer["emotion7"], words[first], words[1 - first])
        for question, apart in zip(NUMBERS, raters.scale_sd * rng.normal(size=len(NUMBERS)), strict=True):
            whole = float(answer[question])
            halves = np.round(np.clip([whole + apart, whole - apart], -1, 1), 2)
            _append(columns, question, whole, float(halves[0]), float(halves[1]))
    return columns


def write_halves(path: Path, columns: Mapping[str, list[str | float]]) -> None:
    """Write the table as ``emogap annotate auto`` writes that of a network; its uncertainty is unknown, so null."""
    table = pa.table({**columns, "uncertainty": pa.nulls(len(columns["item"]), pa.float64())})
    with write_aside(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def _append(columns: dict[str, list[str | float]], question: str, *values: str | float) -> None:
    for part, value in zip(("", "_first_half", "_second_half"), values, strict=True):
        columns[question + part].append(value)
