"""CREMA-D: the same acted sentences judged from the voice, from the face, and from both.

The crowd's votes come as counts (``processedResults/tabulatedVotes.csv``). What an actor was asked to show stands
in the clip's name: it is the view ``target``, not what anybody felt.

References
----------
Cao, Cooper, Keutmann, Gur, Nenkova and Verma (2014), IEEE Transactions on Affective Computing 5(4), 377-390,
doi:10.1109/TAFFC.2014.2336244.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emogap.annotation.votes.counts import VoteCounts
from emogap.errors import DataError
from emogap.rows import Row, read_rows, refuse_repeats

__all__ = ["CREMAD_EMOTIONS", "CREMAD_MODALITIES", "CremaD", "read_cremad"]

CREMAD_EMOTIONS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness")
"""The six answers of the raters, in the order of the columns; surprise was not on offer."""

CREMAD_MODALITIES = {"1": "voice", "2": "face", "3": "both"}
"""First digit of a row's id: what the raters heard or saw."""

LETTERS = ("A", "D", "F", "H", "N", "S")
INTENDED = dict(zip(("ANG", "DIS", "FEA", "HAP", "NEU", "SAD"), CREMAD_EMOTIONS, strict=True))
LEVELS = {"LO": "low", "MD": "medium", "HI": "high", "XX": None}


@dataclass(frozen=True, slots=True)
class CremaD:
    """Votes on one modality of all clips.

    Attributes
    ----------
    modality : str
        ``voice``, ``face`` or ``both``.
    votes : VoteCounts
        Items are clips (``1001_IEO_HAP_LO``), categories :data:`CREMAD_EMOTIONS`.
    actor, sentence, intended : tuple of str, length I
        Number of the actor, code of the sentence, emotion that the actor was asked to show.
    level : tuple of str or None, length I
        Intensity asked for: low, medium, high; None = not specified, which is so for 11 of the 12 sentences.
    """

    modality: str
    votes: VoteCounts
    actor: tuple[str, ...]
    sentence: tuple[str, ...]
    intended: tuple[str, ...]
    level: tuple[str | None, ...]


def read_cremad(path: Path) -> dict[str, CremaD]:
    """The votes by modality (voice, face, both), each with the clips in the order of their names.

    Parameters
    ----------
    path : Path
        ``tabulatedVotes.csv`` as published. The columns of means and medians (with -1 where nobody chose an emotion,
        and the text NA) are not read, nor is the winner (``N:S`` where two tie): both follow from the counts.

    Raises
    ------
    DataError
        If a row is damaged, its counts do not add up to its number of responses, a clip stands twice in one
        modality, or a modality is absent; with file and line.
    """
    rows = read_rows(path, columns=("", *LETTERS, "fileName", "numResponses"), delimiter=",")
    refuse_repeats(rows, ("",))
    by_modality: dict[str, list[Row]] = {name: [] for name in CREMAD_MODALITIES.values()}
    for row in rows:
        by_modality[_modality(row)].append(row)
    absent = [name for name, chosen in by_modality.items() if not chosen]
    if absent:
        raise DataError(f"there is no row of the modality {absent[0]}", where=str(path), fix="fetch the whole file")
    return {name: _votes_on(name, chosen) for name, chosen in by_modality.items()}


def _votes_on(modality: str, rows: list[Row]) -> CremaD:
    refuse_repeats(rows, ("fileName",))
    ordered = sorted(rows, key=lambda row: row.text("fileName"))
    parts = [_name_parts(row) for row in ordered]
    count = np.array([_counts(row) for row in ordered], np.int64)
    votes = VoteCounts(tuple(row.text("fileName") for row in ordered), CREMAD_EMOTIONS, count)
    actor, sentence, intended, level = zip(*parts, strict=True)
    return CremaD(
        modality,
        votes,
        actor,
        sentence,
        tuple(INTENDED[code] for code in intended),
        tuple(LEVELS[code] for code in level),
    )


def _modality(row: Row) -> str:
    number = row.text("")
    if len(number) != 6 or number[0] not in CREMAD_MODALITIES:
        raise DataError(
            f"'{number}' is no id of CREMA-D: six digits, the first 1 (voice), 2 (face) or 3 (both)",
            where=row.where,
            fix="use tabulatedVotes.csv as published",
        )
    return CREMAD_MODALITIES[number[0]]


def _counts(row: Row) -> list[int]:
    counts = [_whole(row, letter) for letter in LETTERS]
    if sum(counts) != _whole(row, "numResponses"):
        raise DataError(
            f"the counts add up to {sum(counts)}, but numResponses is {row.text('numResponses')}",
            where=row.where,
            fix="fetch the file again",
        )
    return counts


def _whole(row: Row, column: str) -> int:
    number = row.number(column, low=0)
    if number != int(number):
        raise DataError(f"{number:g} votes in '{column}'", where=row.where, fix="a count is a whole number")
    return int(number)


def _name_parts(row: Row) -> tuple[str, str, str, str]:
    name = row.text("fileName")
    parts = name.split("_")
    if len(parts) != 4 or parts[2] not in INTENDED or parts[3] not in LEVELS:
        raise DataError(
            f"'{name}' is no clip of CREMA-D: actor_sentence_emotion_level",
            where=row.where,
            fix=f"emotions: {', '.join(INTENDED)}; levels: {', '.join(LEVELS)}",
        )
    return parts[0], parts[1], parts[2], parts[3]
