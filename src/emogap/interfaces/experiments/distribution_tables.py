"""Distributions of the labels of both views as tables of results."""

from collections.abc import Mapping, Sequence

from jaxtyping import Float
from numpy import ndarray

from emogap.analysis import ClassGap, PlaneGap
from emogap.interfaces.experiments.table_cells import interval_cell, plain_cell, plain_column
from emogap.scoring import Interval
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable

__all__ = ["gap_table", "joint_table", "share_table", "shift_table"]

ONE_STIMULUS = "there is one stimulus"


def share_table(
    words: Sequence[str],
    answers: ndarray,
    votes: ndarray,
    felt: Sequence[Interval],
    shown: Sequence[Interval],
    *,
    name: str,
    title: str,
    caption: str,
    is_simulated: bool,
) -> ResultTable:
    """Counts and shares of K classes in both views.

    Parameters
    ----------
    words : sequence of K str
    answers, votes : int array, shape (K,)
        Self-reports, and single votes.
    felt, shown : sequence of K Interval
        Shares.
    name, title, caption, is_simulated
        Of the table.
    """
    columns = [
        plain_column("class", "class"),
        plain_column("answers", "clips", heading="felt (ER)"),
        plain_column("felt", "share", heading="felt (ER)", unit="percent", decimals=1),
        plain_column("votes", "votes", heading="shown (FER)"),
        plain_column("shown", "share", heading="shown (FER)", unit="percent", decimals=1),
    ]
    rows = [
        [
            plain_cell(word),
            plain_cell(int(answers[at])),
            interval_cell(felt[at]),
            plain_cell(int(votes[at])),
            interval_cell(shown[at]),
        ]
        for at, word in enumerate(words)
    ]
    return _table(name, title, caption, columns, rows, is_simulated=is_simulated)


def joint_table(
    words: Sequence[str],
    joint: Float[ndarray, "K K"],
    *,
    name: str,
    title: str,
    caption: str,
    is_simulated: bool,
) -> ResultTable:
    """Joint share of felt (rows) and shown class (columns)."""
    columns = [plain_column("felt", "felt")]
    columns += [plain_column(f"shown_{word}", word, heading="shown", unit="percent", decimals=1) for word in words]
    rows = [
        [plain_cell(word), *(plain_cell(float(share)) for share in shares)]
        for word, shares in zip(words, joint, strict=True)
    ]
    return _table(name, title, caption, columns, rows, is_simulated=is_simulated)


def gap_table(
    gaps: Mapping[str, tuple[float, ClassGap | None, str]], *, name: str, title: str, caption: str, is_simulated: bool
) -> ResultTable:
    """Share of clips in which the views differ, a row for each label space; without a gap the reason stands there."""
    columns = [
        plain_column("space", "labels"),
        plain_column("raw", "as labelled", unit="percent", decimals=1),
        plain_column("corrected", "over people", heading="corrected", unit="percent", decimals=1),
        plain_column("two_way", "other stimuli too", heading="corrected", unit="percent", decimals=1),
    ]
    rows = []
    for space, (raw, gap, problem) in gaps.items():
        corrected = interval_cell(None if gap is None else gap.corrected, note=problem)
        two_way = interval_cell(None if gap is None else gap.corrected_two_way, note=problem or ONE_STIMULUS)
        rows.append([plain_cell(space), plain_cell(raw), corrected, two_way])
    return _table(name, title, caption, columns, rows, is_simulated=is_simulated)


def shift_table(
    felt: Float[ndarray, "N A"],
    shown: Float[ndarray, "N A"],
    gap: PlaneGap,
    axes: Sequence[str],
    *,
    name: str,
    title: str,
    caption: str,
    is_simulated: bool,
) -> ResultTable:
    """Mean and spread of valence and arousal in both views, and the shift from felt to shown."""
    columns = [plain_column("value", "value")]
    for view, heading in (("felt", "felt (ER)"), ("shown", "shown (FER)")):
        columns += [
            plain_column(f"{view}_mean", "mean", heading=heading, decimals=2),
            plain_column(f"{view}_sd", "SD", heading=heading, decimals=2),
        ]
    columns.append(plain_column("shift", "over people", heading="shown - felt", decimals=2))
    columns.append(plain_column("shift_two_way", "other stimuli too", heading="shown - felt", decimals=2))
    rows = []
    for at, axis in enumerate(axes):
        spread = [
            plain_cell(float(number)) for view in (felt[:, at], shown[:, at]) for number in (view.mean(), view.std())
        ]
        two_way = None if gap.shift_two_way is None else gap.shift_two_way[at]
        rows.append(
            [plain_cell(axis), *spread, interval_cell(gap.shift[at]), interval_cell(two_way, note=ONE_STIMULUS)]
        )
    return _table(name, title, caption, columns, rows, is_simulated=is_simulated)


def _table(
    name: str,
    title: str,
    caption: str,
    columns: list[ResultColumn],
    rows: list[list[ResultCell]],
    *,
    is_simulated: bool,
) -> ResultTable:
    return {
        "name": name,
        "title": title,
        "caption": caption,
        "columns": columns,
        "rows": rows,
        "row_groups": [""] * len(rows),
        "is_simulated": is_simulated,
        "notes": [],
    }
