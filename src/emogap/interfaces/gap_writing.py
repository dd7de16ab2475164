"""The files of ``emogap gap``: tables, and figures as SVG."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from emogap.analysis import ClassGap, GroupGap
from emogap.counted_nouns import counted
from emogap.files import write_bytes, write_json
from emogap.interfaces.derived_folder import write_table
from emogap.interfaces.gap_grouping import GroupTable
from emogap.interfaces.gap_labels import ClassLabels, PlaneLabels
from emogap.interfaces.gap_result import GapReport, GapRow
from emogap.reporting.figures.affect_plane import affect_plane
from emogap.reporting.figures.confusion_panels import PANELS, ConfusionPanel, confusion_panels
from emogap.reporting.figures.gap_groups import gap_by_group, gap_over_people
from emogap.reporting.figures.views import felt_against_shown, label_distribution
from emogap.types import vocabulary

__all__ = ["MARKER", "MOST_PAGES", "write_gap"]

MARKER = "gap.json"

MOST_PAGES = 8
"""So many pages of confusions are drawn of one kind of group; the table holds them all."""


def write_gap(folder: Path, report: GapReport, labels: ClassLabels | PlaneLabels) -> None:
    """Write tables and figures into an empty folder, ``gap.json`` last.

    A figure names participants only if the gap by participant was asked for.
    """
    if isinstance(labels, ClassLabels):
        _write_classes(folder, report, labels)
    else:
        _write_plane(folder, report, labels)
    _write_groups(folder, report.tables)
    write_table(folder / "gap.tsv", tuple(GapRow.__slots__), [asdict(row) for row in report.rows])
    write_json(folder / MARKER, report.as_dict())


def _write_groups(folder: Path, tables: Sequence[GroupTable]) -> None:
    """One row per group, silent ones with nothing but their size, where that may be said."""
    numbers = ("num_people", "num_clips", "observed", "corrected", "low", "high")
    rows: list[dict[str, object]] = []
    for table in tables:
        kind = {"by": table.grouping.kind, "interval_over": table.grouping.counted}
        rows += [{**kind, "group": one.name, **{name: getattr(one, name) for name in numbers}} for one in table.groups]
        for name, number in table.grouping.silent.items():
            empty: dict[str, object] = dict.fromkeys(numbers)
            rows.append({**kind, **empty, "group": name, f"num_{table.grouping.counted}": number})
    write_table(folder / "groups.tsv", ("by", "group", *numbers, "interval_over"), rows)


def _write_classes(folder: Path, report: GapReport, labels: ClassLabels) -> None:
    assert isinstance(report.result, ClassGap)
    classes, result = vocabulary(report.space), report.result
    felt = np.bincount(labels.felt, minlength=len(classes)) / len(labels.felt)
    shown = (labels.votes.sum(axis=1) / labels.votes.sum(axis=(1, 2))[:, None]).mean(axis=0)
    figures = {
        "labels": label_distribution(felt.tolist(), shown.tolist(), classes, title=f"Labels of {report.title}"),
        "felt_shown": felt_against_shown(
            result.views.tolist(), classes, title=f"Felt and shown, corrected: {report.title}"
        ),
    }
    for table in report.tables:
        figures |= _group_figures(table, report, result.corrected.estimate, classes)
    _write_figures(folder, figures)
    clips = [
        {**key, "felt": classes[answer], "gap_probability": float(probability)}
        for key, answer, probability in zip(
            labels.clips.iter_rows(named=True), labels.felt, result.clip_probability, strict=True
        )
    ]
    write_table(folder / "clips.tsv", ("participant_id", "stimulus_id", "felt", "gap_probability"), clips)
    joint = [
        {"felt": one, **dict(zip(classes, shares.tolist(), strict=True))}
        for one, shares in zip(classes, result.views, strict=True)
    ]
    write_table(folder / "felt_shown.tsv", ("felt", *classes), joint)
    _write_confusions(folder, report.tables, classes)


def _group_figures(table: GroupTable, report: GapReport, overall: float, classes: tuple[str, ...]) -> dict[str, str]:
    kind, called = table.grouping.kind, re.sub(r"[^A-Za-z0-9-]+", "_", table.grouping.kind)
    figures: dict[str, str] = {}
    if not table.groups:
        return figures
    if kind == "participant":
        own = [one.corrected for one in table.groups]
        figures["people"] = gap_over_people(own, title=f"Gap over participants: {report.title}")
        if not table.was_asked:
            return figures
    rows = [(one.name, one.corrected, one.low, one.high) for one in table.groups]
    title = f"Gap by {kind}: {report.title}"
    figures[f"gap_by_{called}"] = gap_by_group(rows, overall=overall, counted=table.grouping.counted, title=title)
    pages = [table.groups[start : start + PANELS] for start in range(0, len(table.groups), PANELS)]
    for number, page in enumerate(pages[:MOST_PAGES], start=1):
        of = f" ({number} of {len(pages)})" if len(pages) > 1 else ""
        figures[f"felt_shown_by_{called}{f'_{number}' if of else ''}"] = confusion_panels(
            [_panel(one) for one in page], classes, title=f"Felt and shown by {kind}, corrected{of}: {report.title}"
        )
    return figures


def _panel(group: GroupGap) -> ConfusionPanel:
    assert group.views is not None
    return ConfusionPanel(
        group.name, f"{counted(group.num_clips, 'clip')}, gap {100 * group.corrected:.0f} %", group.views.tolist()
    )


def _write_confusions(folder: Path, tables: Sequence[GroupTable], classes: tuple[str, ...]) -> None:
    """One row per group and pair of classes."""
    rows: list[dict[str, object]] = []
    for table in tables:
        for one in table.groups:
            assert one.answers is not None
            assert one.views is not None
            for row, felt in enumerate(classes):
                for column, shown in enumerate(classes):
                    shares = {"observed": float(one.answers[row, column]), "corrected": float(one.views[row, column])}
                    rows.append({"by": table.grouping.kind, "group": one.name, "felt": felt, "shown": shown, **shares})
    write_table(folder / "confusions.tsv", ("by", "group", "felt", "shown", "observed", "corrected"), rows)


def _write_plane(folder: Path, report: GapReport, labels: PlaneLabels) -> None:
    stimuli = labels.clips["stimulus_id"].to_numpy()
    names = np.unique(stimuli).tolist()
    felt, shown = (
        [tuple(points[stimuli == name].mean(axis=0).tolist()) for name in names]
        for points in (labels.felt, labels.shown)
    )
    faint = np.column_stack([labels.felt, labels.shown]).tolist()
    figure = affect_plane(felt, shown, names, faint=faint, title=f"From felt to shown: {report.title}")
    _write_figures(folder, {"plane": figure})
    points = np.column_stack([labels.felt, labels.shown, np.hypot(*(labels.shown - labels.felt).T)])
    columns = ("felt_valence", "felt_arousal", "shown_valence", "shown_arousal", "distance")
    clips = [
        {**key, **dict(zip(columns, row, strict=True))}
        for key, row in zip(labels.clips.iter_rows(named=True), points.tolist(), strict=True)
    ]
    write_table(folder / "clips.tsv", ("participant_id", "stimulus_id", *columns), clips)


def _write_figures(folder: Path, figures: dict[str, str]) -> None:
    for name, figure in figures.items():
        write_bytes(folder / "figures" / f"{name}.svg", figure.encode())
