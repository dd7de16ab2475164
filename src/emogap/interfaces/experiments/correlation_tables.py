"""Correlations of eye measures with labels as tables, maps and bars."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from emogap.analysis.correlation import Coefficient, Correlation, Difference, Mode
from emogap.interfaces.experiments.label_columns import VIEW_TITLES, LabelColumn
from emogap.interfaces.experiments.table_cells import interval_cell, plain_cell, plain_column
from emogap.reporting.figures.correlation_map import MapBlock, MapCell, correlation_map
from emogap.reporting.figures.interval_panels import IntervalPanel, PanelBlock, PanelMark, interval_panels
from emogap.reporting.measure_titles import MEASURE_TITLES, measure_title
from emogap.types.result_table import ResultCell, ResultTable

__all__ = [
    "COEFFICIENT_TITLES",
    "FOUND",
    "MODE_TITLES",
    "Found",
    "bars",
    "correlation_table",
    "difference_table",
    "heat_map",
]

FOUND = 0.05
"""Share of false findings that is allowed among findings."""

COEFFICIENT_TITLES = {"pearson": "Pearson's r", "spearman": "Spearman's rho", "kendall": "Kendall's tau-b"}
MODE_TITLES = {"level": "over all clips", "within": "within people"}

MOST_PANELS = 7

Found = Mapping[tuple[str, str, Mode, Coefficient], Correlation]
"""By measure, key of the label, mode and coefficient."""


def correlation_table(
    found: Found,
    columns: Sequence[LabelColumn],
    measures: Sequence[str],
    *,
    mode: Mode,
    coefficients: Sequence[Coefficient],
    name: str,
    title: str,
    caption: str,
    is_simulated: bool,
) -> ResultTable:
    """All coefficients of one view and mode, a row for each measure and label."""
    described = [
        plain_column("label", "label"),
        plain_column("num_clips", "clips"),
        plain_column("num_people", "people"),
    ]
    for coefficient in coefficients:
        heading = COEFFICIENT_TITLES[coefficient]
        described += [
            plain_column(coefficient, "[95 %]", heading=heading, decimals=2),
            plain_column(f"{coefficient}_q", "q", heading=heading, unit="p", decimals=3),
        ]
        described.append(plain_column(f"{coefficient}_at_once", "all at once", heading=heading, decimals=2))
    if "pearson" in coefficients:
        heading = "Pearson's r, other stimuli too"
        described.append(plain_column("two_way", "[95 %]", heading=heading, decimals=2))
        described.append(plain_column("two_way_q", "q", heading=heading, unit="p", decimals=3))
    rows, groups = [], []
    for measure in measures:
        for label in columns:
            own = [found[measure, label.key, mode, coefficient] for coefficient in coefficients]
            rows.append(_row(label, own))
            groups.append(measure_title(measure))
    return {
        "name": name,
        "title": title,
        "caption": caption,
        "columns": described,
        "rows": rows,
        "row_groups": groups,
        "is_simulated": is_simulated,
        "notes": [],
    }


def difference_table(
    differences: Sequence[Difference],
    columns: Mapping[str, LabelColumn],
    *,
    name: str,
    title: str,
    caption: str,
    is_simulated: bool,
) -> ResultTable:
    """The coefficient with the felt label minus that with the shown one, a row for each measure and label."""
    return {
        "name": name,
        "title": title,
        "caption": caption,
        "columns": [
            plain_column("label", "label"),
            plain_column("difference", "felt - shown [95 %]", decimals=2),
            plain_column("q", "q", unit="p", decimals=3),
        ],
        "rows": [
            [plain_cell(_label_title(columns[one.first])), interval_cell(one.interval), plain_cell(one.q)]
            for one in differences
        ],
        "row_groups": [measure_title(one.measure) for one in differences],
        "is_simulated": is_simulated,
        "notes": [],
    }


def heat_map(
    found: Found,
    columns: Sequence[LabelColumn],
    measures: Sequence[str],
    *,
    mode: Mode,
    coefficient: Coefficient,
    title: str,
) -> str:
    """Map of one coefficient: views side by side; an SVG document."""
    blocks = []
    for view in dict.fromkeys(label.view for label in columns):
        own = [label for label in columns if label.view == view]
        spaces = list(dict.fromkeys(label.space for label in own))
        groups = tuple(
            (space or "values", tuple(_column_name(one.name) for one in own if one.space == space)) for space in spaces
        )
        rows = tuple(
            tuple(_map_cell(found[measure, label.key, mode, coefficient]) for label in own) for measure in measures
        )
        blocks.append(MapBlock(VIEW_TITLES[view], groups, rows))
    notes = [f"coloured: q < {FOUND} over people, these stimuli; grey: not found; -: cannot be known"]
    if coefficient == "pearson":
        notes.append(f"dot: q < {FOUND} for other people and other stimuli too")
    return correlation_map([MEASURE_TITLES[name][:2] for name in measures], blocks, title=title, notes=notes)


def bars(
    found: Found,
    columns: Sequence[LabelColumn],
    measures: Sequence[str],
    *,
    modes: Sequence[Mode],
    coefficient: Coefficient,
    title: str,
) -> str:
    """Felt and shown beside each other with limits that hold all at once; an SVG document.

    Values are drawn, or classes of the first space where there are no values.
    """
    first_space = columns[0].space
    drawn = [label for label in columns if label.space == first_space]
    views = list(dict.fromkeys(label.view for label in drawn))
    names = list(dict.fromkeys(label.name for label in drawn))[:MOST_PANELS]
    blocks = []
    for mode in modes:
        reach = _reach(found[measure, label.key, mode, coefficient] for measure in measures for label in drawn)
        panels = []
        for name in names:
            marks = []
            for label in drawn:
                if label.name == name:
                    own = [found[one, label.key, mode, coefficient] for one in measures]
                    marks += _marks(own, views.index(label.view))
            series = tuple(views) if len(views) > 1 else ()
            panels.append(IntervalPanel(name, tuple(marks), (-reach, reach), series))
        rows = tuple(MEASURE_TITLES[measure][:2] for measure in measures)
        note = "bars: 95 % for all measures, labels and views of this block at once, over people, these stimuli"
        note += f"; numbers: {views[0]}" if len(views) > 1 else ""
        blocks.append(
            PanelBlock(f"{COEFFICIENT_TITLES[coefficient]} {MODE_TITLES[mode]}", rows, tuple(panels), (note,))
        )
    return interval_panels(blocks, title=title)


def _marks(correlations: Sequence[Correlation], series: int) -> list[PanelMark]:
    return [
        PanelMark(row, one.interval.estimate, *one.simultaneous, series=series)
        for row, one in enumerate(correlations)
        if one.interval is not None
    ]


def _reach(correlations: Iterable[Correlation]) -> float:
    """A round number that no limit lies beyond."""
    limits = [abs(limit) for one in correlations for limit in one.simultaneous if np.isfinite(limit)]
    return min(1.0, math.ceil(10 * max(limits, default=1.0)) / 10)


def _map_cell(found: Correlation) -> MapCell:
    if found.interval is None:
        return MapCell(math.nan)
    return MapCell(found.interval.estimate, found.q < FOUND, found.q_two_way < FOUND)


def _column_name(name: str) -> str:
    """Quadrants as ``high +``: their words are too long for a column."""
    return name.replace("-positive", " +").replace("-negative", " -")


def _label_title(label: LabelColumn) -> str:
    return f"{label.name} ({label.space})" if label.space else label.name


def _row(label: LabelColumn, own: Sequence[Correlation]) -> list[ResultCell]:
    first = own[0]
    cells = [plain_cell(_label_title(label)), plain_cell(first.num_clips), plain_cell(first.num_people)]
    for one in own:
        cells += [interval_cell(one.interval, note=one.note), plain_cell(one.q)]
        estimate = None if one.interval is None else one.interval.estimate
        low, high = (None if one.interval is None else limit for limit in one.simultaneous)
        cells.append(ResultCell(value=estimate, low=low, high=high, note="", is_ranked=True))
        if one.coefficient == "pearson":
            two_way = [interval_cell(one.two_way), plain_cell(one.q_two_way)]
    return [*cells, *two_way] if any(one.coefficient == "pearson" for one in own) else cells
