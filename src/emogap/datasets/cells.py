"""What a split is: cells, each with its own clips to learn from, to select on and to be tested on."""

from dataclasses import dataclass, replace
from typing import Literal, Protocol

from emogap.types import SampleKey

__all__ = ["SPLITS", "Cell", "Keyed", "Split", "WhichCells"]

SPLITS = ("person", "person+stimulus", "person-thinned", "official")
"""Names of all splits."""

WhichCells = Literal["all", "diagonal"]
"""``all``: every clip is tested once. ``diagonal``: the cells (i, i) only, a fifth of the clips at a fifth of the
cost; splits without stimulus folds are not changed by it."""


class Keyed(Protocol):
    """What a split is made of: a data set, or anything else with keys and a fingerprint."""

    @property
    def keys(self) -> tuple[SampleKey, ...]:
        """Key of every sample, in row order."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the samples do."""
        ...


@dataclass(frozen=True, slots=True)
class Cell:
    """One fit: who is held out, and who is learnt from.

    Attributes
    ----------
    name : str
        ``p0``, ``p0s3`` or the name of an official fold; letters and digits only.
    test, train, validation, unused : tuple of int
        Rows of the data set, in the order of their keys. Disjoint, and together all rows.
    person_fold : int or None
        Fold of people that is held out; None for an official fold.
    stimulus_fold : int or None
        Fold of stimulus groups that is held out; None where stimuli are not held out.
    """

    name: str
    test: tuple[int, ...]
    train: tuple[int, ...]
    validation: tuple[int, ...]
    unused: tuple[int, ...]
    person_fold: int | None = None
    stimulus_fold: int | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """All cells of one way of holding clips out.

    Attributes
    ----------
    name : str
        One of :data:`SPLITS`.
    seed : int
        What people and stimuli were dealt by.
    folds : int
        Folds of people (or official folds).
    cells : tuple of Cell
    notes : tuple of str
        What a reader of a table made with this split must know.
    data_fingerprint : str
        Of the data set the rows belong to.
    fingerprint : str
        Of the whole split; the same whether all of its cells or the diagonal are run.
    """

    name: str
    seed: int
    folds: int
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    data_fingerprint: str
    fingerprint: str

    def restricted(self, which: WhichCells) -> "Split":
        """This split with all of its cells, or those of the diagonal."""
        if which == "all":
            return self
        return replace(self, cells=tuple(cell for cell in self.cells if cell.stimulus_fold in (None, cell.person_fold)))
