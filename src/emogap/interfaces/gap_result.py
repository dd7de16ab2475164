"""What ``emogap gap`` found, as it is printed, written and drawn."""

from dataclasses import asdict, dataclass
from pathlib import Path

from emogap.analysis import ClassGap, PlaneGap
from emogap.interfaces.gap_grouping import GroupTable

__all__ = ["MEANING", "GapReport", "GapRow"]

MEANING = (
    "felt is the emotion that participants reported, shown the expression that raters judged;"
    " a gap says that the two differ, not why, and neither is a measurement of what somebody felt"
)


@dataclass(frozen=True, slots=True)
class GapRow:
    """One line of the table; `low` and `high` are None where there is no interval."""

    quantity: str
    estimate: float
    low: float | None
    high: float | None
    assumed: str


@dataclass(frozen=True, slots=True, eq=False)
class GapReport:
    """What was found.

    Attributes
    ----------
    path : Path
        Folder that was written.
    dataset : str
    space : str
    simulated : bool
    num_clips, num_people, num_stimuli, num_left_out : int
        Clips left out lack one of the two labels.
    rows : tuple of GapRow
    tables : tuple of GroupTable
        By stimulus, by participant, and by whatever else was asked for.
    raters : mapping from annotator to probability of naming the shown class; empty for ``va``
    notes : tuple of str
        What a careful reader should know.
    result : ClassGap or PlaneGap
    """

    path: Path
    dataset: str
    space: str
    simulated: bool
    num_clips: int
    num_people: int
    num_stimuli: int
    num_left_out: int
    rows: tuple[GapRow, ...]
    tables: tuple[GroupTable, ...]
    raters: dict[str, float]
    notes: tuple[str, ...]
    result: ClassGap | PlaneGap

    @property
    def title(self) -> str:
        """The data set, and whether its people are simulated, for figures."""
        return f"{self.dataset}{' (simulated people)' if self.simulated else ''}"

    def as_dict(self) -> dict[str, object]:
        """All but `path` and `result`, for JSON."""
        content: dict[str, object] = {"schema": 1, "labels": MEANING, "rows": [asdict(row) for row in self.rows]}
        for name in ("dataset", "space", "simulated", "num_clips", "num_people", "num_stimuli", "num_left_out"):
            content[name] = getattr(self, name)
        content["by"] = {table.grouping.kind: table.as_dict() for table in self.tables}
        if isinstance(self.result, ClassGap):
            content["confusion"] = {"corrected": self.result.views.tolist()}
        return content | {"raters": self.raters, "notes": list(self.notes)}
