"""The comparison of ways to annotate as a figure: agreement, and closeness to the truth where there is one."""

import math
from collections.abc import Sequence
from pathlib import Path

from emogap.counted_nouns import counted
from emogap.files import write_bytes
from emogap.interfaces.labels_and_truth import TruthReport
from emogap.interfaces.ways_to_annotate import LABELS, WAYS, WayAgreement
from emogap.reporting.figures.agreements import agreement_floor
from emogap.reporting.figures.interval_panels import IntervalPanel, PanelBlock, PanelMark, interval_panels

__all__ = ["write_ways_figure"]


def write_ways_figure(cells: Sequence[WayAgreement], truth: TruthReport | None, path: Path) -> None:
    """Draw the table of the ways, and that of the truth below it if there is one, as SVG.

    Parameters
    ----------
    cells : sequence of WayAgreement
        As :func:`emogap.interfaces.ways_to_annotate.compare_ways` gives them.
    truth : TruthReport or None
    path : Path

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    blocks = [_agreement_block(cells)]
    if truth is not None:
        blocks.append(_truth_block(truth))
    write_bytes(path, interval_panels(blocks, title="Ways to annotate, with 95 % intervals").encode())


def _agreement_block(cells: Sequence[WayAgreement]) -> PanelBlock:
    marks = {label: [mark for cell in cells if cell.label == label for mark in _of_cell(cell)] for label in LABELS}
    low = agreement_floor(end for own in marks.values() for mark in own for end in (mark.estimate, mark.low))
    by_machine = dict.fromkeys(
        cell.played_by for cell in cells if cell.way == WAYS[0] and cell.alpha is not None and cell.played_by
    )
    notes = (
        *(f"{WAYS[0]}: what plays the items is the {played_by}" for played_by in by_machine if "half" in played_by),
        "ALA: accepted clips agree by construction; the last row leaves them out. Intervals over clips.",
    )
    return PanelBlock(
        "How far they agree: Cronbach's alpha of the mean of all, and Krippendorff's of one rating",
        tuple((way, "") for way in WAYS),
        tuple(
            IntervalPanel(label, tuple(own), (low, 1.0), ("Cronbach", "Krippendorff")) for label, own in marks.items()
        ),
        notes,
    )


def _of_cell(cell: WayAgreement) -> list[PanelMark]:
    results = (cell.alpha, cell.krippendorff)
    return [
        PanelMark(WAYS.index(cell.way), result.estimate, result.low, result.high, series)
        for series, result in enumerate(results)
        if result is not None and not math.isnan(result.estimate)
    ]


def _truth_block(truth: TruthReport) -> PanelBlock:
    pairs = [(row.way, row.method) for row in truth.categories] + [(row.way, row.method) for row in truth.values]
    ways = list(dict.fromkeys(way for way, _ in pairs))
    rows = tuple(sorted(dict.fromkeys(pairs), key=lambda pair: ways.index(pair[0])))
    right = [
        PanelMark(rows.index((row.way, row.method)), row.right.estimate, row.right.low, row.right.high)
        for row in truth.categories
    ]
    gap = [
        PanelMark(rows.index((row.way, row.method)), row.gap.estimate, row.gap.low, row.gap.high)
        for row in truth.categories
        if row.gap is not None
    ]
    questions = tuple(dict.fromkeys(value.question for value in truth.values))
    error = [
        PanelMark(rows.index((value.way, value.method)), value.rmse, series=questions.index(value.question))
        for value in truth.values
    ]
    panels = [
        IntervalPanel("share with the true label", tuple(right)),
        IntervalPanel("gap measured", tuple(gap), reference=("true gap", truth.true_gap)),
    ]
    if error:
        most = max(mark.estimate for mark in error)
        limits = (0.0, math.ceil(20 * most) / 20)
        panels.append(IntervalPanel("RMSE on [-1, 1]", tuple(error), limits, questions))
    notes = ("majority of valence and arousal: the mean of the ratings. Intervals over people.",)
    return PanelBlock(
        f"How close to the truth of {counted(truth.num_clips, 'clip')}: emotion7, and errors of valence and arousal",
        rows,
        tuple(panels),
        notes,
    )
