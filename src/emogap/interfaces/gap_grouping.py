"""Which clips of a gap belong together: by stimulus, by participant, by what a table says of the participants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from emogap.analysis import NO_GROUP, GroupGap
from emogap.analysis.silence import silent_groups
from emogap.counted_nouns import counted
from emogap.errors import MismatchError, UnknownNameError, UsageError
from emogap.rows import read_rows, refuse_repeats

__all__ = ["CLIP_GROUPS", "LEAST", "GapGrouping", "GroupTable", "group_clips"]

CLIP_GROUPS = {"stimulus": "stimulus_id", "participant": "participant_id", "stimulus_group": "stimulus_group"}
"""Groups that every data set carries, and their column."""

LEAST = 5
"""Fewest people of a group, and fewest clips of a participant, of which a gap is given."""

NOT_STATED = "n/a"
"""How a BIDS table writes an empty cell."""


@dataclass(frozen=True, slots=True)
class GapGrouping:
    """One way of putting N clips into groups.

    Attributes
    ----------
    kind : str
        ``stimulus``, ``participant``, ``stimulus_group`` or a column of the participants.
    names : tuple of N str
        Group of each clip; empty = none, or a silent one.
    silent : mapping from name to number of people (of clips, for ``participant``), or None
        Groups that are too small. Of a column of the participants also those by which a small one could be found out
        (:func:`emogap.analysis.silence.silent_groups`), and no number, which would point at people.
    least : int
    num_unstated : int
        People of whom the table does not say their group.
    """

    kind: str
    names: tuple[str, ...]
    silent: Mapping[str, int | None]
    least: int
    num_unstated: int = 0

    @property
    def counted(self) -> str:
        """What is counted to tell whether a group is too small, and what its interval is over."""
        return "clips" if self.kind == "participant" else "people"

    @property
    def num_unstated_told(self) -> int | None:
        """`num_unstated`, or None where it is so few that it would point at people."""
        return None if 0 < self.num_unstated < self.least else self.num_unstated


@dataclass(frozen=True, slots=True)
class GroupTable:
    """The gap of each group of one kind; `was_asked` if it is to be printed."""

    grouping: GapGrouping
    groups: tuple[GroupGap, ...]
    was_asked: bool = field(default=False)

    def as_dict(self) -> dict[str, object]:
        """The table for JSON, with the confusion of every group, where there is one."""
        numbers = ("name", "num_people", "num_clips", "observed", "corrected", "low", "high")
        grouping = self.grouping
        return {
            "least": grouping.least,
            "interval_over": grouping.counted,
            "groups": [{name: getattr(one, name) for name in numbers} for one in self.groups],
            "silent": dict(grouping.silent),
            "num_people_unstated": grouping.num_unstated_told,
            "confusion": {
                one.name: {"observed": one.answers.tolist(), "corrected": one.views.tolist()}
                for one in self.groups
                if one.answers is not None and one.views is not None
            },
        }


def group_clips(
    clips: pl.DataFrame, kinds: Sequence[str], *, participants: Path | None = None, least: int = LEAST
) -> tuple[GapGrouping, ...]:
    """The groups of clips of each kind; groups of fewer than `least` people are silent, and others with them.

    Parameters
    ----------
    clips : polars.DataFrame, N rows
        participant_id, stimulus_id and stimulus_group.
    kinds : sequence of str
        Keys of :data:`CLIP_GROUPS`, or columns of `participants`.
    participants : Path, optional
        ``participants.tsv`` (or a CSV file), or the study that holds it. A data set does not carry what is known of
        its people.
    least : int
        For the kind ``participant`` the fewest clips.

    Raises
    ------
    UnknownNameError
        If there is no such kind; with those on offer.
    UsageError
        If a kind asks for a table of participants and there is none.
    DataError
        If the table cannot be read.
    MismatchError
        If a person of the data set is not in it.
    """
    return tuple(_grouping(clips, kind, participants, least) for kind in dict.fromkeys(kinds))


def _grouping(clips: pl.DataFrame, kind: str, participants: Path | None, least: int) -> GapGrouping:
    people = clips["participant_id"].to_list()
    if kind in CLIP_GROUPS:
        stated: list[str | None] = clips[CLIP_GROUPS[kind]].to_list()
    else:
        trait = _trait(kind, people, participants)
        stated = [trait[person] for person in people]
    counted = list(range(len(people))) if kind == "participant" else people
    members: dict[str, set[object]] = {}
    for name, one in zip(stated, counted, strict=True):
        if name is not None:
            members.setdefault(name, set()).add(one)
    unstated = {person for person, name in zip(people, stated, strict=True) if name is None}
    silent: dict[str, int | None]
    if kind in CLIP_GROUPS:
        silent = {name: len(members[name]) for name in sorted(members) if len(members[name]) < least}
    else:
        sizes = {name: (len(members[name]),) for name in sorted(members)}
        silent = dict.fromkeys(silent_groups(sizes, least=(least,), nameless=(len(unstated),)))
    names = tuple(NO_GROUP if name is None or name in silent else name for name in stated)
    return GapGrouping(kind, names, silent, least, len(unstated))


def _trait(column: str, people: Sequence[str], participants: Path | None) -> dict[str, str | None]:
    """What the table of participants says of each person in one column."""
    carried = ", ".join(CLIP_GROUPS)
    if participants is None:
        raise UsageError(
            f"the data set carries the groups {carried}, and nothing of its participants: '{column}' is not known",
            fix="name the table that has it: --participants STUDY/participants.tsv",
        )
    file = participants / "participants.tsv" if participants.is_dir() else participants
    rows = read_rows(file, columns=("participant_id",), delimiter="," if file.suffix == ".csv" else "\t")
    refuse_repeats(rows, ("participant_id",))
    columns = [name for row in rows[:1] for name in row.cells if name != "participant_id"]
    if column not in columns:
        raise UnknownNameError("group", column, (*CLIP_GROUPS, *columns))
    cells = {row.text("participant_id"): row.optional(column) for row in rows}
    absent = [person for person in np.unique(people).tolist() if person not in cells]
    if absent:
        raise MismatchError(
            f"it lacks {counted(len(absent), 'person')} of the data set, first {absent[0]}",
            where=str(file),
            fix="give the table of the study that the data set was built from",
        )
    return {person: None if cells[person] in (None, NOT_STATED) else cells[person] for person in people}
