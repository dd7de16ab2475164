"""The content of ``confounds.json`` of a run: how well facts that are no emotion predict the labels alone.

Read from the bottom: `Confounds` holds one `ConfoundTable` per view and target, as ``scores.json`` does.
"""

from typing import Literal, TypedDict

from emogap.types.scores import IntervalRecord

__all__ = ["ConfoundRole", "ConfoundRow", "ConfoundSplit", "ConfoundTable", "Confounds", "UnusedFact"]

ConfoundRole = Literal["fact", "all", "stimulus", "floor"]
"""One fact, all of them, the stimulus's mean label in training, or the majority."""


class UnusedFact(TypedDict):
    """A fact that was not probed, and why."""

    title: str
    reason: str


class ConfoundRow(TypedDict):
    """What one fact (or all of them, or a floor) predicts of unseen clips."""

    name: str
    title: str
    role: ConfoundRole
    known_share: float
    """Share of the clips of which the fact is known; the others count as average."""
    score: IntervalRecord
    """In the primary metric of the table."""
    p: float | None
    """Of no difference from the majority, over people or over people and stimuli; null where both say the same."""
    p_holm: float | None
    """Adjusted over all rows of the split."""


class ConfoundSplit(TypedDict):
    """All rows under one split."""

    split: str
    num_clips: int
    num_people: int
    num_stimuli: int
    chance: float
    """1 / classes for UAR; 0 for CCC."""
    rows: list[ConfoundRow]


class ConfoundTable(TypedDict):
    """One view and one target."""

    protocol: str
    view: str
    target: str
    space: str | None
    title: str
    primary: str
    unused: list[UnusedFact]
    splits: list[ConfoundSplit]


class Confounds(TypedDict):
    """A whole ``confounds.json``."""

    schema: int
    protocol: str
    simulated: bool
    tables: list[ConfoundTable]
