"""``emogap gap``: the gap of a data set as a table, with what was assumed, and as figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.analysis import DRAWS, ClassGap, GroupGap, PlaneGap, class_gap, plane_gap, symmetric_confusion
from emogap.datasets.store import open_dataset
from emogap.errors import UnknownNameError, UsageError
from emogap.files import write_aside
from emogap.interfaces.derived_folder import refuse_other_content
from emogap.interfaces.gap_grouping import LEAST, GapGrouping, GroupTable, group_clips
from emogap.interfaces.gap_labels import ClassLabels, PlaneLabels, class_labels, plane_labels
from emogap.interfaces.gap_result import GapReport, GapRow
from emogap.interfaces.gap_truth import true_gap
from emogap.interfaces.gap_writing import MARKER, write_gap
from emogap.recording.derived import record_derived
from emogap.reporting.id_order import id_order
from emogap.scoring import Interval
from emogap.types import vocabulary

__all__ = ["SPACES", "report_gap"]

SPACES = ("emotion3", "emotion7", "va")

ALWAYS = ("stimulus", "participant")
"""Groups of which tables are written whether they are asked for or not."""


def report_gap(
    path: Path,
    *,
    space: str = "emotion7",
    ratings: str | None = None,
    reliability: float = 1.0,
    shown_reliability: float | None = None,
    num_votes: int | None = None,
    groups: Sequence[str] = (),
    participants: Path | None = None,
    least: int = LEAST,
    truth: Path | None = None,
    out: Path | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> GapReport:
    """Measure the gap of a data set and write tables and figures.

    Parameters
    ----------
    path : Path
        Folder of the data set.
    space : str
        ``emotion3``, ``emotion7``, or ``va`` for the plane of valence and arousal.
    ratings : str, optional
        Single ratings; see :func:`emogap.interfaces.gap_labels.class_labels`.
    reliability : float
        Assumed of the self-report: probability that it names what was felt; for ``va`` the share of its variance that
        is not error.
    shown_reliability : float, optional
        Assumed of every vote, instead of the confusions estimated from the votes. Not for ``va``.
    num_votes : int, optional
        Votes behind every vote share of the data set.
    groups : sequence of str
        Groups of clips of which the gap is asked for; see :func:`emogap.interfaces.gap_grouping.group_clips`.
    participants : Path, optional
        Table of the participants, for groups that the data set does not carry; that of `ratings` if it is a study.
    least : int
        Fewest people of a group (clips of a participant) of which a gap is given.
    truth : Path, optional
        ``truth.parquet`` of a simulated study, or the study.
    out : Path, optional
        ``DATASET/gap-<space>`` if None.
    draws, seed : int
        Of the intervals.

    Raises
    ------
    UsageError
        If `out` holds something else, or an option does not fit the space.
    DataError
        If the data set does not carry both views, or `truth` is none.
    MismatchError
        If a clip is not in `truth`, or a person not in the table of participants.
    """
    if space not in SPACES:
        raise UnknownNameError("label space", space, SPACES)
    folder = out if out is not None else path / f"gap-{space}"
    refuse_other_content(folder, by="gap", marker=MARKER)
    dataset = open_dataset(path)
    labels: ClassLabels | PlaneLabels
    if space == "va":
        if shown_reliability is not None or num_votes is not None:
            raise UsageError("the plane has no votes", fix="leave out --shown-reliability and --votes")
        labels = plane_labels(dataset, ratings=ratings)
    else:
        labels = class_labels(dataset, space, ratings=ratings, num_votes=num_votes)
    # What may be refused is looked at before anything is drawn.
    drawn = None if truth is None else true_gap(truth, labels.clips, space)
    study = Path(ratings) if ratings is not None and (Path(ratings) / "study.toml").is_file() else None
    groupings = group_clips(
        labels.clips, (*ALWAYS, *groups), participants=study if participants is None else participants, least=least
    )
    result: ClassGap | PlaneGap
    if isinstance(labels, PlaneLabels):
        result = _measured_plane(labels, groupings, reliability, draws, seed)
        rows, notes = _plane_rows(result, drawn)
        raters = {}
    else:
        assumed = _assumed_confusion(labels, shown_reliability, len(vocabulary(space)))
        result = _measured_classes(labels, groupings, reliability, assumed, draws, seed)
        rows, notes = _class_rows(result, labels, shown_reliability, drawn)
        raters = dict(zip(labels.raters, map(float, result.rater_reliability), strict=True))
    report = GapReport(
        path=folder,
        dataset=dataset.name,
        space=space,
        simulated=dataset.simulated,
        num_clips=labels.clips.height,
        num_people=labels.clips["participant_id"].n_unique(),
        num_stimuli=labels.clips["stimulus_id"].n_unique(),
        num_left_out=labels.num_left_out,
        rows=tuple(rows),
        tables=_tables(groupings, result.groups, groups),
        raters=raters,
        notes=tuple(notes),
        result=result,
    )
    if study is not None:
        record_derived(study, folder, by="gap")
    with write_aside(folder) as partial:
        partial.mkdir(parents=True)
        write_gap(partial, report, labels)
    return report


def _tables(
    groupings: Sequence[GapGrouping], found: Mapping[str, tuple[GroupGap, ...]], asked: Sequence[str]
) -> tuple[GroupTable, ...]:
    """The groups of each kind with their gap, counted in the order of their names."""
    return tuple(
        GroupTable(one, tuple(sorted(found[one.kind], key=lambda group: id_order(group.name))), one.kind in asked)
        for one in groupings
    )


def _assumed_confusion(
    labels: ClassLabels, shown_reliability: float | None, num_classes: int
) -> Float[ndarray, "K K"] | None:
    """What every rater is assumed to mix up; None if it is to be estimated."""
    if shown_reliability is not None:
        return symmetric_confusion(shown_reliability, num_classes)
    return np.eye(num_classes) if _is_one_vote(labels) else None


def _is_one_vote(labels: ClassLabels) -> bool:
    return bool(labels.votes.sum(axis=(1, 2)).max() == 1)


def _measured_classes(
    labels: ClassLabels,
    groupings: Sequence[GapGrouping],
    reliability: float,
    rater_confusion: Float[ndarray, "K K"] | None,
    draws: int,
    seed: int,
) -> ClassGap:
    return class_gap(
        labels.felt,
        labels.votes,
        people=labels.clips["participant_id"].to_numpy(),
        stimuli=labels.clips["stimulus_id"].to_numpy(),
        reliability=reliability,
        rater_confusion=rater_confusion,
        groups={one.kind: one.names for one in groupings},
        draws=draws,
        seed=seed,
    )


def _measured_plane(
    labels: PlaneLabels, groupings: Sequence[GapGrouping], reliability: float, draws: int, seed: int
) -> PlaneGap:
    return plane_gap(
        labels.felt,
        labels.shown,
        people=labels.clips["participant_id"].to_numpy(),
        stimuli=labels.clips["stimulus_id"].to_numpy(),
        shown_variance=labels.shown_variance,
        reliability=reliability,
        groups={one.kind: one.names for one in groupings},
        draws=draws,
        seed=seed,
    )


def _class_rows(
    result: ClassGap, labels: ClassLabels, shown_reliability: float | None, drawn: float | None
) -> tuple[list[GapRow], list[str]]:
    """The table, and what a careful reader should know."""
    notes = []
    source = "raters' confusions estimated from their agreement"
    if shown_reliability is not None:
        source = f"every vote right with probability {shown_reliability:g}"
    elif _is_one_vote(labels):
        source = "every vote taken as right"
        notes.append("one vote per clip shows nothing of its errors: give --ratings or assume --shown-reliability")
    rows = [
        GapRow("raw, every vote against the self-report", result.raw, None, None, "nothing"),
        GapRow("raw, most frequent vote", result.raw_majority, None, None, "ties count in parts"),
        _row("corrected, over people", result.corrected, f"{source}; {_said(result.reliability)}"),
    ]
    if result.corrected_two_way is not None:
        rows.append(_row("corrected, over people and stimuli", result.corrected_two_way, "the same"))
    others = {one: each for one, each in result.sensitivity.items() if one != result.reliability}
    rows += [_row("corrected", each, _said(one)) for one, each in others.items()]
    if drawn is not None:
        rows.append(GapRow("drawn in these clips", drawn, None, None, "truth of the simulation"))
    notes.append(
        "one answer per clip cannot show how reliable it is: read the rows of other reliabilities as a range; at"
        f" {100 * result.reliability_without_gap:.0f} % nothing is left of the gap"
    )
    if result.is_at_limit:
        notes.append("the assumed reliabilities do not fit the answers: the corrected gap was put at its limit")
    if not result.is_converged:
        notes.append("the estimate of the raters' confusions did not settle; do not quote it")
    if labels.raters == ("all raters",):
        notes.append("who gave which vote is not known, so raters are taken as alike; --ratings tells them apart")
    return rows, notes


def _plane_rows(result: PlaneGap, drawn: float | None) -> tuple[list[GapRow], list[str]]:
    """The table, and what a careful reader should know."""
    notes = ["one answer per clip cannot show how reliable it is: read the rows of other reliabilities as a range"]
    source = "spread of the raters within clips"
    if result.rater_error_sd is None:
        source = "mean ratings taken as exact"
        notes.append(
            "the data set holds mean ratings only, so their errors stay in the distance; --ratings removes them"
        )
    share = "{:.0f} % of the variance of the self-report is not error"
    assumed = f"{source}; {share.format(100 * result.reliability)}"
    rows = [
        GapRow("raw distance, root mean square", result.raw, None, None, "nothing"),
        _row("corrected distance, over people", result.corrected, assumed),
    ]
    if result.corrected_two_way is not None:
        rows.append(_row("corrected distance, over people and stimuli", result.corrected_two_way, "the same"))
    for one, each in result.sensitivity.items():
        if one != result.reliability:
            rows.append(_row("corrected distance", each, share.format(100 * one)))
    for name, each in zip(("valence", "arousal"), result.shift, strict=True):
        rows.append(_row(f"mean of shown minus felt {name}", each, "errors of mean 0"))
    if drawn is not None:
        rows.append(GapRow("distance drawn in these clips", drawn, None, None, "truth of the simulation"))
    if result.is_at_limit:
        notes.append("the errors assumed are larger than the distance: it was put at 0")
    return rows, notes


def _row(quantity: str, interval: Interval, assumed: str) -> GapRow:
    return GapRow(quantity, interval.estimate, interval.low, interval.high, assumed)


def _said(reliability: float) -> str:
    return f"self-report right in {100 * reliability:.0f} % of clips"
