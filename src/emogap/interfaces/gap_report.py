"""``emogap gap``: the gap of a data set as a table, with what was assumed, and as figures."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from emogap.analysis import DRAWS, ClassGap, PlaneGap, class_gap, plane_gap, symmetric_confusion
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import UnknownNameError, UsageError
from emogap.files import write_aside, write_bytes, write_json
from emogap.interfaces.derived_folder import write_table
from emogap.interfaces.gap_labels import ClassLabels, PlaneLabels, class_labels, plane_labels
from emogap.interfaces.gap_truth import true_gap
from emogap.recording.derived import record_derived
from emogap.reporting.figures.affect_plane import affect_plane
from emogap.reporting.figures.gap_groups import gap_by_stimulus, gap_over_people
from emogap.reporting.figures.views import felt_against_shown, label_distribution
from emogap.scoring import Interval
from emogap.types import vocabulary

__all__ = ["MEANING", "SPACES", "GapReport", "GapRow", "report_gap"]

SPACES = ("emotion3", "emotion7", "va")

MEANING = (
    "felt is the emotion that participants reported, shown the expression that raters judged;"
    " a gap says that the two differ, not why, and neither is a measurement of what somebody felt"
)

MARKER = "gap.json"


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
    raters: dict[str, float]
    notes: tuple[str, ...]
    result: ClassGap | PlaneGap

    def as_dict(self) -> dict[str, object]:
        """All but `path` and `result`, for JSON."""
        content: dict[str, object] = {"schema": 1, "labels": MEANING, "rows": [asdict(row) for row in self.rows]}
        for name in ("dataset", "space", "simulated", "num_clips", "num_people", "num_stimuli", "num_left_out"):
            content[name] = getattr(self, name)
        return content | {"raters": self.raters, "notes": list(self.notes)}


def report_gap(
    path: Path,
    *,
    space: str = "emotion7",
    ratings: str | None = None,
    reliability: float = 1.0,
    shown_reliability: float | None = None,
    num_votes: int | None = None,
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
    truth : Path, optional
        ``truth.parquet`` of a simulated study.
    out : Path, optional
        ``DATASET/gap-<space>`` if None.
    draws, seed : int
        Of the intervals.

    Raises
    ------
    UsageError
        If `out` holds something else, or an option does not fit the space.
    DataError
        If the data set does not carry both views.
    """
    if space not in SPACES:
        raise UnknownNameError("label space", space, SPACES)
    folder = out if out is not None else path / f"gap-{space}"
    if folder.exists() and not (folder / MARKER).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("this is no result of 'emogap gap', and not empty", where=str(folder), fix="name a new folder")
    dataset = open_dataset(path)
    if space == "va":
        if shown_reliability is not None or num_votes is not None:
            raise UsageError("the plane has no votes", fix="leave out --shown-reliability and --votes")
        plane = plane_labels(dataset, ratings=ratings)
        report = _plane_report(folder, dataset, plane, reliability, truth, draws, seed)
    else:
        labels = class_labels(dataset, space, ratings=ratings, num_votes=num_votes)
        report = _class_report(folder, dataset, labels, space, reliability, shown_reliability, truth, draws, seed)
    if ratings is not None and (Path(ratings) / "study.toml").is_file():
        record_derived(Path(ratings), folder, by="gap")
    with write_aside(folder) as partial:
        partial.mkdir(parents=True)
        if isinstance(report.result, ClassGap):
            _write_classes(partial, report, labels, report.result)
        else:
            _write_plane(partial, report, plane)
        write_table(partial / "gap.tsv", tuple(GapRow.__slots__), [asdict(row) for row in report.rows])
        write_json(partial / MARKER, report.as_dict())
    return report


def _class_report(
    folder: Path,
    dataset: Dataset,
    labels: ClassLabels,
    space: str,
    reliability: float,
    shown_reliability: float | None,
    truth: Path | None,
    draws: int,
    seed: int,
) -> GapReport:
    num_classes = len(vocabulary(space))
    notes = []
    confusion = None if shown_reliability is None else symmetric_confusion(shown_reliability, num_classes)
    source = "raters' confusions estimated from their agreement"
    if shown_reliability is not None:
        source = f"every vote right with probability {shown_reliability:g}"
    elif labels.votes.sum(axis=(1, 2)).max() == 1:
        confusion, source = np.eye(num_classes), "every vote taken as right"
        notes.append("one vote per clip shows nothing of its errors: give --ratings or assume --shown-reliability")
    result = class_gap(
        labels.felt,
        labels.votes,
        people=labels.clips["participant_id"].to_numpy(),
        stimuli=labels.clips["stimulus_id"].to_numpy(),
        reliability=reliability,
        rater_confusion=confusion,
        groups={"stimulus": labels.clips["stimulus_id"].to_numpy()},
        draws=draws,
        seed=seed,
    )
    rows = [
        GapRow("raw, every vote against the self-report", result.raw, None, None, "nothing"),
        GapRow("raw, most frequent vote", result.raw_majority, None, None, "ties count in parts"),
        _row("corrected, over people", result.corrected, f"{source}; {_said(reliability)}"),
    ]
    if result.corrected_two_way is not None:
        rows.append(_row("corrected, over people and stimuli", result.corrected_two_way, "the same; conservative"))
    rows += [_row("corrected", each, _said(one)) for one, each in result.sensitivity.items() if one != reliability]
    if truth is not None:
        drawn = true_gap(truth, labels.clips, space)
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
    raters = dict(zip(labels.raters, map(float, result.rater_reliability), strict=True))
    return _report(folder, dataset, labels, space, rows, raters, notes, result)


def _plane_report(
    folder: Path,
    dataset: Dataset,
    labels: PlaneLabels,
    reliability: float,
    truth: Path | None,
    draws: int,
    seed: int,
) -> GapReport:
    result = plane_gap(
        labels.felt,
        labels.shown,
        people=labels.clips["participant_id"].to_numpy(),
        stimuli=labels.clips["stimulus_id"].to_numpy(),
        shown_variance=labels.shown_variance,
        reliability=reliability,
        draws=draws,
        seed=seed,
    )
    notes = ["one answer per clip cannot show how reliable it is: read the rows of other reliabilities as a range"]
    source = "spread of the raters within clips"
    if labels.shown_variance is None:
        source = "mean ratings taken as exact"
        notes.append(
            "the data set holds mean ratings only, so their errors stay in the distance; --ratings removes them"
        )
    share = "{:.0f} % of the variance of the self-report is not error"
    rows = [
        GapRow("raw distance, root mean square", result.raw, None, None, "nothing"),
        _row("corrected distance, over people", result.corrected, f"{source}; {share.format(100 * reliability)}"),
    ]
    if result.corrected_two_way is not None:
        rows.append(
            _row("corrected distance, over people and stimuli", result.corrected_two_way, "the same; conservative")
        )
    for one, each in result.sensitivity.items():
        if one != reliability:
            rows.append(_row("corrected distance", each, share.format(100 * one)))
    for name, each in zip(("valence", "arousal"), result.shift, strict=True):
        rows.append(_row(f"mean of shown minus felt {name}", each, "errors of mean 0"))
    if truth is not None:
        drawn = true_gap(truth, labels.clips, "va")
        rows.append(GapRow("distance drawn in these clips", drawn, None, None, "truth of the simulation"))
    if result.is_at_limit:
        notes.append("the errors assumed are larger than the distance: it was put at 0")
    return _report(folder, dataset, labels, "va", rows, {}, notes, result)


def _report(
    folder: Path,
    dataset: Dataset,
    labels: ClassLabels | PlaneLabels,
    space: str,
    rows: list[GapRow],
    raters: dict[str, float],
    notes: list[str],
    result: ClassGap | PlaneGap,
) -> GapReport:
    return GapReport(
        path=folder,
        dataset=dataset.name,
        space=space,
        simulated=dataset.simulated,
        num_clips=labels.clips.height,
        num_people=labels.clips["participant_id"].n_unique(),
        num_stimuli=labels.clips["stimulus_id"].n_unique(),
        num_left_out=labels.num_left_out,
        rows=tuple(rows),
        raters=raters,
        notes=tuple(notes),
        result=result,
    )


def _row(quantity: str, interval: Interval, assumed: str) -> GapRow:
    return GapRow(quantity, interval.estimate, interval.low, interval.high, assumed)


def _said(reliability: float) -> str:
    return f"self-report right in {100 * reliability:.0f} % of clips"


def _write_classes(folder: Path, report: GapReport, labels: ClassLabels, result: ClassGap) -> None:
    classes = vocabulary(report.space)
    title = _title(report)
    felt = np.bincount(labels.felt, minlength=len(classes)) / len(labels.felt)
    shown = (labels.votes.sum(axis=1) / labels.votes.sum(axis=(1, 2))[:, None]).mean(axis=0)
    stimuli = [
        (one.name, one.interval.estimate, one.interval.low, one.interval.high) for one in result.groups["stimulus"]
    ]
    people = labels.clips["participant_id"].to_numpy()
    own = [float(result.clip_probability[people == person].mean()) for person in np.unique(people)]
    figures = {
        "labels": label_distribution(felt.tolist(), shown.tolist(), classes, title=f"Labels of {title}"),
        "felt_shown": felt_against_shown(result.views.tolist(), classes, title=f"Felt and shown, corrected: {title}"),
        "stimuli": gap_by_stimulus(stimuli, overall=result.corrected.estimate, title=f"Gap by stimulus: {title}"),
        "people": gap_over_people(own, title=f"Gap over participants: {title}"),
    }
    _write_figures(folder, figures)
    clips = [
        {**key, "felt": classes[answer], "gap_probability": float(probability)}
        for key, answer, probability in zip(
            labels.clips.iter_rows(named=True), labels.felt, result.clip_probability, strict=True
        )
    ]
    write_table(folder / "clips.tsv", ("participant_id", "stimulus_id", "felt", "gap_probability"), clips)
    rows = [
        {"stimulus_id": name, "gap": estimate, "low": low, "high": high, "num_clips": one.num_clips}
        for one, (name, estimate, low, high) in zip(result.groups["stimulus"], stimuli, strict=True)
    ]
    write_table(folder / "stimuli.tsv", ("stimulus_id", "num_clips", "gap", "low", "high"), rows)
    joint = [
        {"felt": one, **dict(zip(classes, shares.tolist(), strict=True))}
        for one, shares in zip(classes, result.views, strict=True)
    ]
    write_table(folder / "felt_shown.tsv", ("felt", *classes), joint)


def _write_plane(folder: Path, report: GapReport, labels: PlaneLabels) -> None:
    stimuli = labels.clips["stimulus_id"].to_numpy()
    names = np.unique(stimuli).tolist()
    felt, shown = (
        [tuple(points[stimuli == name].mean(axis=0).tolist()) for name in names]
        for points in (labels.felt, labels.shown)
    )
    faint = np.column_stack([labels.felt, labels.shown]).tolist()
    figure = affect_plane(felt, shown, names, faint=faint, title=f"From felt to shown: {_title(report)}")
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


def _title(report: GapReport) -> str:
    return f"{report.dataset}{' (simulated people)' if report.simulated else ''}"
