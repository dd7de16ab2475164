"""The figures of a run that go into a paper: scores of all models, and what the best of them mixes up.

Figures that name participants stay in the report of the run.
"""

from collections.abc import Iterator

from emogap.counted_nouns import counted
from emogap.reporting.figures.confusion import confusion
from emogap.reporting.figures.forest import SPLIT_COLOURS, forest
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.paper_document import PaperFigure, file_stem
from emogap.reporting.results import RunResults
from emogap.types.scores import ScoreRow, ScoreTable, SplitScores

__all__ = ["run_figures"]


def run_figures(results: RunResults, *, prefix: str) -> Iterator[PaperFigure]:
    """Figures under names that begin with `prefix`.

    Parameters
    ----------
    results : RunResults
    prefix : str
        Empty, or what tells the run from others.
    """
    is_simulated = results.record["dataset"]["simulated"]
    for table in results.scores["tables"]:
        stem = f"{prefix} {table['protocol']} {table['target']}"
        yield PaperFigure(file_stem(f"{stem} scores"), _forest_caption(table), forest(table), is_simulated)
        for split in table["splits"]:
            best = _best_model(table, split)
            if best is not None and best["confusion"]:
                drawn = confusion(
                    best["confusion"], table["classes"], model=best["model"], colour=SPLIT_COLOURS[split["split"]]
                )
                name = file_stem(f"{stem} confusion {split['split']}")
                yield PaperFigure(name, _confusion_caption(table, split, best), drawn, is_simulated)


def _best_model(table: ScoreTable, split: SplitScores) -> ScoreRow | None:
    """The model with the highest primary metric; floors and oracles have no confusions worth printing."""
    values = {
        row["model"]: value
        for row in split["rows"]
        if row["role"] == "model" and (value := row["metrics"][table["primary"]]["pooled"]["estimate"]) is not None
    }
    if not values:
        return None
    best = max(values, key=values.__getitem__)
    return next(row for row in split["rows"] if row["model"] == best)


def _forest_caption(table: ScoreTable) -> str:
    splits = " and ".join(split["split"] for split in table["splits"])
    diamonds = " Diamonds: best possible scores." if table["ceiling"] else ""
    metric = METRIC_TITLES[table["primary"]]
    return (
        f"{table['protocol']} ({table['title']}): {metric} of every model with its 95 % interval under {splits}."
        f" Dashed: a constant (floor).{diamonds}"
    )


def _confusion_caption(table: ScoreTable, split: SplitScores, best: ScoreRow) -> str:
    return (
        f"{table['protocol']}: labels (rows) and outputs (columns) of {best['model']}, the model with the highest"
        f" {METRIC_TITLES[table['primary']]} under {split['split']}, on {counted(split['num_clips'], 'clip')}. Being"
        " highest does not mean being distinguished from the others."
    )
