"""The labels of a data set as columns of numbers: values as they are, a class as its share, one against the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.errors import DataError
from emogap.types import LabelView, Space, vocabulary

__all__ = ["VALUES", "VIEW_TITLES", "LabelColumn", "Value", "View", "label_columns", "pairs_of", "views_of"]

View = Literal["felt", "shown", "target"]
Value = Literal["valence", "arousal", "intensity"]

VALUES: tuple[Value, ...] = ("valence", "arousal", "intensity")

VIEW_TITLES: dict[str, str] = {
    "felt": "felt (ER, self-report)",
    "shown": "shown (FER, judged)",
    "target": "target (of the stimulus)",
}


@dataclass(frozen=True, slots=True, eq=False)
class LabelColumn:
    """One label of N clips: `space` is empty for a value. NaN = unlabelled."""

    view: View
    space: str
    name: str
    values: Float[ndarray, " N"]

    @property
    def key(self) -> str:
        """Unique among the labels of a data set."""
        return "/".join(part for part in (self.view, self.space, self.name) if part)


def views_of(dataset: Dataset, wanted: Sequence[View], *, spaces: Sequence[Space]) -> tuple[View, ...]:
    """The views to look at: those wanted, or felt and shown where nothing is wanted, or else the target.

    Raises
    ------
    DataError
        If the data set has no label of a wanted view, or none at all.
    """
    labelled = tuple(view for view in ("felt", "shown", "target") if label_columns(dataset, (view,), spaces=spaces))
    absent = [view for view in wanted if view not in labelled]
    if absent or not labelled:
        raise DataError(
            f"no clip has a label of the view {absent[0]}" if absent else "no clip has a label",
            where=dataset.name,
            fix=f"name one of: {', '.join(labelled)}" if labelled else "build a data set with labels",
        )
    both: tuple[View, ...] = tuple(view for view in ("felt", "shown") if view in labelled)
    return tuple(wanted) or both or ("target",)


def label_columns(
    dataset: Dataset, views: Sequence[View], *, spaces: Sequence[Space], values: Sequence[Value] = VALUES
) -> tuple[LabelColumn, ...]:
    """Every label that at least one clip has, view by view: first the values, then the classes of each space.

    A class that nobody felt, or nobody voted for, is no label of the view.
    """
    found: list[LabelColumn] = []
    for view in views:
        for value in values:
            column = label_array(dataset, LabelView(view), value)
            if np.isfinite(column).any():
                found.append(LabelColumn(view, "", value, column))
        for space in spaces:
            shares = label_array(dataset, LabelView(view), "class", space)
            if np.isfinite(shares).any():
                found += [
                    LabelColumn(view, space, word, shares[:, place])
                    for place, word in enumerate(vocabulary(space))
                    if (shares[:, place] > 0).any()
                ]
    return tuple(found)


def pairs_of(columns: Mapping[str, LabelColumn]) -> tuple[tuple[str, str], ...]:
    """Keys of the labels that were both felt and shown."""
    shown = {(one.space, one.name): key for key, one in columns.items() if one.view == "shown"}
    return tuple(
        (key, shown[one.space, one.name])
        for key, one in columns.items()
        if one.view == "felt" and (one.space, one.name) in shown
    )
