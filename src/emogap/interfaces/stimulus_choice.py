"""What ``emogap stimuli select`` does: read candidates and votes, choose, write the table of stimuli."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from emogap.annotation.opening import open_ratings
from emogap.annotation.stimulus_selection import Selection, Ties, select_stimuli
from emogap.counted_nouns import counted
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.derived_folder import write_table
from emogap.rows import Row, read_rows, refuse_repeats
from emogap.types import RatingTable

__all__ = ["StimulusChoice", "choose_stimuli", "write_choice"]

ADDED_COLUMNS = ("chosen_class", "votes", "num_votes")


@dataclass(frozen=True, slots=True)
class StimulusChoice:
    """The selection, with the rows of the candidates.

    Attributes
    ----------
    selection : Selection
    rows : dict from stimulus_id to Row
    without_votes : tuple of str
        Candidates that nobody voted on.
    """

    selection: Selection
    rows: dict[str, Row]
    without_votes: tuple[str, ...]


def choose_stimuli(
    candidates: Path,
    votes: str | Path,
    *,
    per_class: int,
    ties: str,
    question: str | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> StimulusChoice:
    """The selection from a table of candidates and a file of votes.

    Parameters
    ----------
    candidates : Path
        Tab-separated (``.csv``: comma) with a column ``stimulus_id``; other columns are carried along.
    votes : str or Path
        What :func:`~emogap.annotation.opening.open_ratings` opens; its items are candidates.
    per_class, ties, draws, seed
        As in :func:`~emogap.annotation.stimulus_selection.select_stimuli`.
    question : str, optional
        Which question names the class; by default the only nominal one.

    Raises
    ------
    UnknownNameError
        If there is no such rule for ties.
    UsageError
        If several questions ask for a class and none was named.
    DataError
        If a table is damaged, or a vote is about no candidate.
    """
    if ties not in get_args(Ties):
        raise UnknownNameError("rule for ties", ties, get_args(Ties))
    delimiter = "," if candidates.suffix.lower() == ".csv" else "\t"
    rows = read_rows(candidates, columns=("stimulus_id",), delimiter=delimiter)
    refuse_repeats(rows, ("stimulus_id",))
    by_id = {row.text("stimulus_id"): row for row in rows}
    table = _only_nominal(votes, question)
    strangers = [item for item in table.items if item not in by_id]
    if strangers:
        near = get_close_matches(strangers[0], by_id, n=1)
        raise DataError(
            f"votes are about {strangers[0]}, which is no candidate ({counted(len(strangers), 'such item')})",
            where=str(votes),
            fix=f"did you mean '{near[0]}'?" if near else f"add it to {candidates.name}, or remove its votes",
        )
    rule: Ties = "keep" if ties == "keep" else "leave-out"
    selection = select_stimuli(table, per_class=per_class, ties=rule, draws=draws, seed=seed)
    return StimulusChoice(selection, by_id, tuple(name for name in by_id if name not in set(table.items)))


def write_choice(choice: StimulusChoice, out: Path) -> None:
    """Write the chosen candidates' rows, tab-separated, with ``chosen_class``, ``votes`` and ``num_votes``.

    Raises
    ------
    UsageError
        If `out` is there already, or the candidates have a column of one of these names.
    OutputError
        If it cannot be written.
    """
    if out.exists():
        raise UsageError("this file is here already", where=str(out), fix="name a new file")
    header = [name for name in next(iter(choice.rows.values())).cells if name]
    twice = [name for name in header if name in ADDED_COLUMNS]
    if twice:
        raise UsageError(
            f"the candidates have a column '{twice[0]}' already", where=str(out), fix="rename it in the candidates"
        )
    rows: list[dict[str, object]] = []
    for chosen in choice.selection.chosen:
        added = (chosen.emotion, chosen.votes, chosen.num_votes)
        rows.append({**choice.rows[chosen.stimulus_id].cells, **dict(zip(ADDED_COLUMNS, added, strict=True))})
    write_table(out, (*header, *ADDED_COLUMNS), rows)


def _only_nominal(votes: str | Path, question: str | None) -> RatingTable:
    tables = open_ratings(votes, question=question)
    nominal = {name: table for name, table in tables.items() if table.scale == "nominal"}
    if len(nominal) != 1:
        raise UsageError(
            f"{counted(len(nominal), 'question', 'asks')} for a class: {', '.join(nominal or tables)}",
            where=str(votes),
            fix="choose one with --question" if nominal else "give votes that name a class",
        )
    return next(iter(nominal.values()))
