"""The six scores of CH-SIMS as text, and the published ones beside them where data set and split are the same."""

import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from textwrap import wrap

from pydantic import BaseModel, ConfigDict, Field

from emogap.counted_nouns import counted
from emogap.reporting.numbers import METRIC_TITLES, NOTHING, interval, plain
from emogap.scoring.sims import SIMS_METRICS
from emogap.types.run import RunRecord
from emogap.types.scores import ScoreTable, SplitScores

__all__ = ["Published", "PublishedRow", "published_table", "sims_lines"]

CATALOGUE = "mmsa_pickle"

WIDTHS = {"sims_acc2": 15, "sims_acc3": 15, "sims_acc5": 15, "sims_f1": 8, "sims_mae": 9, "sims_corr": 6}
"""Those of 15 have room for their interval."""


class PublishedRow(BaseModel):
    """One printed row."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(description="Name as printed.")
    percent: dict[str, float] = Field(description="Scores as printed, in percent, by the name of our score.")


class Published(BaseModel):
    """A published table, and what must be the same for ours to stand beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(description="Where it was printed.")
    protocol: str = Field(description="Our protocol.")
    dataset: str = Field(description="How the name of the data set begins.")
    split: str = Field(description="Our split.")
    num_clips: int = Field(description="Clips that were tested.")
    note: str = Field(description="What its reader must know.")
    rows: tuple[PublishedRow, ...]

    def is_about(self, table: ScoreTable, record: RunRecord) -> bool:
        """Whether `table` asks the same of the same data set, however it is split."""
        return table["protocol"] == self.protocol and record["dataset"]["name"].startswith(self.dataset)

    def stands_beside(self, split: SplitScores) -> bool:
        """Whether `split` tests the same number of clips of the same split."""
        return (split["split"], split["num_clips"]) == (self.split, self.num_clips)


def published_table() -> Published:
    """Table IX of the EMERT paper (arXiv 2512.16485)."""
    content = files("emogap.reporting").joinpath("published", "sims_table_9.toml").read_text(encoding="utf-8")
    return Published.model_validate(tomllib.loads(content))


def sims_lines(table: ScoreTable, record: RunRecord, *, width: int) -> Iterator[str]:
    """The block of lines below the usual table; none for a protocol without these scores.

    Parameters
    ----------
    table : ScoreTable
    record : RunRecord
    width : int
        Columns of the terminal.
    """
    names = [name for name in SIMS_METRICS if name in table["metrics"]]
    if not names:
        return
    published = published_table()
    is_about = published.is_about(table, record)
    for split in table["splits"]:
        yield ""
        yield from _block(split, names, published if is_about and published.stands_beside(split) else None, width)
    yield from _notes(table, record, published if is_about else None, width)


def _block(split: SplitScores, names: Sequence[str], published: Published | None, width: int) -> Iterator[str]:
    rows = [row for row in split["rows"] if set(names) <= set(row["metrics"])]
    name_width = max(len(name) for name in (*(row["model"] for row in rows), "Self-MM (published)"))

    def line(model: str, cells: Sequence[str]) -> str:
        padded = (f"{cell:<{WIDTHS[name]}}" for name, cell in zip(names, cells, strict=True))
        return f"{model:<{name_width}} | {''.join(padded)}"

    yield f"counted as on CH-SIMS, {split['split']}: {counted(split['num_clips'], 'clip')}"
    yield line("model", [METRIC_TITLES[name] for name in names])
    yield "-" * (name_width + 3 + sum(WIDTHS[name] for name in names))
    for row in rows:
        pooled = {name: row["metrics"][name]["pooled"] for name in names}
        cells = [interval(pooled[name]) if WIDTHS[name] >= 15 else plain(pooled[name]["estimate"]) for name in names]
        yield line(row["model"], cells)
    if published is not None:
        yield from wrap(f"published, not computed here: {published.source}. {published.note}", width)
        for printed in published.rows:
            known = [printed.percent.get(name) for name in names]
            cells = [NOTHING if value is None else plain(value / 100, digits=4) for value in known]
            yield line(f"{printed.model} (published)", cells)


def _notes(table: ScoreTable, record: RunRecord, published: Published | None, width: int) -> Iterator[str]:
    notes = [
        "Predictions and labels clipped to [-1, 1]; classes cut at 0, at -0.1 and 0.1, and at -0.7, -0.1, 0.1 and 0.7,"
        " an edge belonging to the class below it; F1 of the two classes, weighted by support."
    ]
    if record["dataset"]["catalogue"] == CATALOGUE:
        notes.append("The data name no speakers: 'people' are the videos, and intervals and tests are about videos.")
    notes += [f"{note}." for note in record["split_notes"]]
    if published is not None and not any(published.stands_beside(split) for split in table["splits"]):
        notes.append(
            f"{published.source} is not printed here: it is about {counted(published.num_clips, 'test clip')}"
            " of the split"
            f" {published.split}."
        )
    yield ""
    for note in notes:
        yield from wrap(note, width - 2, initial_indent="- ", subsequent_indent="  ")
