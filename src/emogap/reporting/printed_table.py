"""Numbers that others printed as a table of their own, apart from everything that was measured here."""

from collections.abc import Sequence

from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.published_tables import PrintedRow, PublishedNumbers
from emogap.reporting.result_of_run import number_cell, text_column, words_cell
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable

__all__ = ["DECIMALS", "NOT_COMPARED", "printed_cells", "printed_table"]

DECIMALS = {"percent": 2, "": 3}
"""Those of the paper, by unit."""

NOT_COMPARED = "printed by others, not to be compared with the tables above"


def printed_table(
    published: PublishedNumbers,
    rows: Sequence[PrintedRow],
    *,
    name: str,
    title: str,
    reasons: str,
    notes: Sequence[str],
) -> ResultTable:
    """Printed rows, none of them ranked; what all rows share is not repeated in each.

    Parameters
    ----------
    published : PublishedNumbers
    rows : sequence of PrintedRow
        One or more of its rows.
    name, title : str
        Of the table; the title is followed by :data:`NOT_COMPARED`.
    reasons : str
        Why these numbers do not stand beside measured ones, after "because".
    notes : sequence of str
    """
    settings = list(dict.fromkeys(setting for row in rows for setting in row.setting))
    told = {"model": [row.model for row in rows]}
    told |= {field: [getattr(row, field) for row in rows] for field in ("protocol", "target")}
    told |= {setting: [_words(row.setting.get(setting, "")) for row in rows] for setting in settings}
    shown = [field for field, words in told.items() if field == "model" or len(set(words)) > 1]
    scores = [score for score in published.scores if any(score in row.printed for row in rows)]
    return ResultTable(
        name=name,
        title=f"{title}: {NOT_COMPARED}",
        caption=(
            f"{published.source}. Nothing here was computed by emogap. These numbers do not stand beside measured ones,"
            f" because {reasons}."
        ),
        columns=[
            *(text_column(field, field.replace("_", " ")) for field in shown),
            *(_column(score, published) for score in scores),
        ],
        rows=[
            [*(words_cell(told[field][at]) for field in shown), *printed_cells(published, row, scores)]
            for at, row in enumerate(rows)
        ],
        row_groups=[""] * len(rows),
        is_simulated=False,
        notes=list(notes),
    )


def printed_cells(published: PublishedNumbers, row: PrintedRow | None, scores: Sequence[str]) -> list[ResultCell]:
    """The printed scores of a row, shares where they were percent; those that were not printed say so."""
    known = {} if row is None else row.printed
    return [
        number_cell(published.share(known[score]) if score in known else None, note="not printed") for score in scores
    ]


def _column(score: str, published: PublishedNumbers) -> ResultColumn:
    return ResultColumn(
        name=score,
        title=METRIC_TITLES.get(score) or score.replace("_", " "),
        heading="",
        unit=published.unit,
        decimals=DECIMALS[published.unit],
        better="",
    )


def _words(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
