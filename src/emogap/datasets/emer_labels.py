"""The label spreadsheets of the EMER release as labels of a stated view."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.datasets.emer_facts import CODECS, ClassCodes, LabelTable, ReleaseFacts
from emogap.datasets.labels import one_hot
from emogap.errors import DataError
from emogap.recording.spreadsheet import read_sheet_rows
from emogap.rows import Row, refuse_repeats
from emogap.types import EmotionLabel, LabelView, vocabulary

__all__ = ["ReleaseLabels", "read_labels"]


@dataclass(frozen=True, slots=True, eq=False)
class ReleaseLabels:
    """Labels by clip ID, what each view rests on, and doubts."""

    by_clip: Mapping[str, tuple[EmotionLabel, ...]]
    sources: Mapping[str, str]
    doubts: tuple[str, ...]


def read_labels(release: Path, facts: ReleaseFacts, clip_ids: Sequence[str]) -> ReleaseLabels:
    """The labels of every stated view.

    Parameters
    ----------
    release : Path
    facts : ReleaseFacts
        Says which spreadsheet holds which view, and what integer codes mean.
    clip_ids : sequence of str
        The clips that there are; labels of others, and clips without one, are counted in the doubts.

    Raises
    ------
    DataError
        If a spreadsheet is absent or damaged, lacks a column, names a clip twice, or holds a class or a number that
        cannot be; or if classes are codes and their order was not stated.
    """
    by_clip: dict[str, list[EmotionLabel]] = {}
    sources: dict[str, str] = {}
    doubts: list[str] = []
    for view, table in ((LabelView.FELT, facts.felt), (LabelView.SHOWN, facts.shown)):
        if table is None:
            continue
        labels = _read_view(release / table.file, table, view, facts)
        for clip_id, label in labels.items():
            by_clip.setdefault(clip_id, []).append(label)
        sources[view.value] = _source(table, facts)
        doubts += _unmatched(table.file, labels, clip_ids)
    return ReleaseLabels({clip_id: tuple(labels) for clip_id, labels in by_clip.items()}, sources, tuple(doubts))


def _read_view(path: Path, table: LabelTable, view: LabelView, facts: ReleaseFacts) -> dict[str, EmotionLabel]:
    columns = [table.id, table.emotion, table.valence, table.arousal]
    rows = read_sheet_rows(path, columns=[*columns, table.emotion3] if table.emotion3 else columns)
    refuse_repeats(rows, (table.id,))
    return {row.text(table.id): _label(row, table, view, facts) for row in rows}


def _label(row: Row, table: LabelTable, view: LabelView, facts: ReleaseFacts) -> EmotionLabel:
    return EmotionLabel(
        view,
        _shares(row, table, facts),
        valence=row.optional_number(table.valence, low=-1, high=1),
        arousal=row.optional_number(table.arousal, low=-1, high=1),
        intensity=row.optional_number(table.intensity, low=0, high=3) if view is LabelView.SHOWN else None,
    )


def _shares(row: Row, table: LabelTable, facts: ReleaseFacts) -> dict[str, Float[ndarray, " K"]]:
    words: dict[str, str] = {}
    if row.optional(table.emotion) is not None:
        words["emotion7"] = _emotion7(row, table.emotion, facts.classes)
        if facts.emotion3:
            words["emotion3"] = facts.emotion3[words["emotion7"]]
    if table.emotion3 and row.optional(table.emotion3) is not None:
        words["emotion3"] = row.word(table.emotion3, vocabulary("emotion3"), kind="class of the three")
    return {space: one_hot(space, word) for space, word in words.items()}


def _emotion7(row: Row, column: str, classes: ClassCodes | None) -> str:
    """The class of a row: a word as it is, a code by the stated order."""
    if not _is_number(row.text(column)):
        return row.word(column, vocabulary("emotion7"), kind="class of the seven")
    if classes is None:
        orders = "; ".join(f"{name}: {', '.join(order)}" for name, order in CODECS.items())
        raise DataError(
            f"'{column}' holds the code {row.text(column)}, and the paper lists its classes in two orders ({orders})",
            where=row.where,
            fix="say which one the release means: [classes] codec = ... and first = ... in the file of --release",
        )
    code = row.number(column)
    place = int(code) - classes.first
    if code != int(code) or not 0 <= place < len(classes.order):
        last = classes.first + len(classes.order) - 1
        raise DataError(
            f"'{row.text(column)}' in '{column}' is no class: codes run from {classes.first} to {last}",
            where=row.where,
            fix="correct the cell, or [classes] first in the file of --release",
        )
    return classes.order[place]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _source(table: LabelTable, facts: ReleaseFacts) -> str:
    """What the labels of a view rest on, in a sentence."""
    told = f"{table.file}, as stated by the user of the release, not by its authors"
    if facts.classes is not None:
        order = facts.classes.codec or "a stated order"
        told += f"; integer codes, where there are any, in the order {order} from {facts.classes.first}"
    if table.emotion3:
        told += f"; three classes from the column {table.emotion3}"
    elif facts.emotion3:
        told += "; three classes derived from the seven: " + ", ".join(
            f"{word} = {facts.emotion3[word]}" for word in vocabulary("emotion7")
        )
    return told


def _unmatched(file: str, labels: Mapping[str, EmotionLabel], clip_ids: Sequence[str]) -> Iterator[str]:
    known = set(clip_ids)
    foreign = sorted(set(labels) - known)
    if foreign:
        rows = counted(len(foreign), "row")
        yield f"{rows} of {file} without a face folder in any set, first '{foreign[0]}': not used"
    bare = [clip_id for clip_id in clip_ids if clip_id not in labels]
    if bare:
        yield (
            f"{len(bare)} of {counted(len(clip_ids), 'clip')} have no row in {file}, first '{bare[0]}': they"
            " have no such label"
        )
