"""What is known of the people of a data set, as groups: bands of age, thirds of other numbers, words as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from emogap.analysis.subgroups import AGE_LIMITS, NOT_STATED, bands_of
from emogap.errors import UnknownNameError

__all__ = ["Trait", "traits_of"]

AGE = "age"

MOST_NUMBERS = 6
"""A column with no more different numbers is one of categories."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One column of the participants.

    Attributes
    ----------
    name : str
    group_of : mapping from participant to group
        Everybody in the table.
    order : tuple of str
        All groups that occur, in the order in which they are shown.
    are_words : bool
        Whether groups are named by what somebody wrote, which may point at a person.
    """

    name: str
    group_of: Mapping[str, str]
    order: tuple[str, ...]
    are_words: bool


def traits_of(
    participants: pl.DataFrame, *, names: Sequence[str] = (), age_limits: Sequence[float] = AGE_LIMITS
) -> tuple[Trait, ...]:
    """The columns of ``participants.parquet`` that put people into at least two groups.

    Parameters
    ----------
    participants : polars.DataFrame
        ``participant_id`` and one column for each trait.
    names : sequence of str
        Columns wanted; all if empty.
    age_limits : sequence of float
        Years at which a further band of age begins.

    Raises
    ------
    UnknownNameError
        If there is no such column; with the nearest.
    """
    columns = [column for column in participants.columns if column != "participant_id"]
    for name in names:
        if name not in columns:
            raise UnknownNameError("column of the participants", name, columns)
    people = participants["participant_id"].to_list()
    found = (_trait(participants[name], people, age_limits) for name in names or columns)
    return tuple(trait for trait in found if len(trait.order) > 1)


def _trait(column: pl.Series, people: Sequence[str], age_limits: Sequence[float]) -> Trait:
    stated = column.drop_nulls()
    if not column.dtype.is_numeric():
        named = tuple(NOT_STATED if cell is None else str(cell) for cell in column)
    elif column.name.lower() == AGE:
        named, order = bands_of(column.to_list(), limits=age_limits)
        return Trait(column.name, dict(zip(people, named, strict=True)), order, are_words=False)
    elif stated.n_unique() > MOST_NUMBERS:
        named, order = bands_of(column.to_list())
        return Trait(column.name, dict(zip(people, named, strict=True)), order, are_words=False)
    else:
        named = tuple(NOT_STATED if cell is None else f"{cell:g}" for cell in column)
    order = tuple(sorted(set(named), key=lambda name: (name == NOT_STATED, name)))
    return Trait(column.name, dict(zip(people, named, strict=True)), order, are_words=not column.dtype.is_numeric())
