"""The folder that ``emogap quality`` writes: tables by clip, person and stimulus, the guideline, the gate, the flow."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from emogap.datasets.exclusion_flow import ExclusionFlow, exclusion_flow
from emogap.datasets.plan import BuildConfig
from emogap.datasets.quality_gate import QualityGate, read_gate
from emogap.datasets.reporting_items import ReportingItem, reporting_items
from emogap.datasets.study_quality import StudyQuality, lacks_gaze, measure_study
from emogap.files import write_bytes, write_json
from emogap.interfaces.derived_folder import derived_folder, write_table
from emogap.reporting.figures.exclusion_flow import exclusion_flow_figure
from emogap.types.quality import ClipQuality

__all__ = ["QualityReport", "report_quality"]

MARKER = "exclusion_flow.tsv"

CLIP_COLUMNS = (
    "participant_id", "stimulus_id", "kept", "duration_s", "num_samples", "loss_share", "effective_rate_hz",
    "effective_rate_share", "longest_gap_s", "rms_s2s_deg", "sd_deg", "bcea_deg2", "accuracy_deg", "face_found_share",
    "problem",
)  # fmt: skip

GROUP_COLUMNS = (
    "num_clips", "num_kept", "loss_share", "effective_rate_hz", "effective_rate_share", "longest_gap_s", "rms_s2s_deg",
    "sd_deg", "bcea_deg2", "accuracy_deg", "face_found_share",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What was measured and where it stands.

    Attributes
    ----------
    path : Path
    quality : StudyQuality
    gate : QualityGate or None
    flow : ExclusionFlow
    items : tuple of ReportingItem
    """

    path: Path
    quality: StudyQuality
    gate: QualityGate | None
    flow: ExclusionFlow
    items: tuple[ReportingItem, ...]

    @property
    def failures(self) -> tuple[tuple[str, str], ...]:
        """Sessions that could not be read, and why."""
        sessions = self.quality.sessions
        return tuple((session.participant_id, session.problem) for session in sessions if session.problem is not None)


def report_quality(study: Path, *, gate: Path | None = None, out: Path | None = None, jobs: int = 1) -> QualityReport:
    """Measure a study, let the gate judge it, and write what was found.

    Faces are looked for where the gate asks for them, or a session states that no gaze was recorded: its clips fall
    for want of gaze, and the share of frames with a face is what the table of clips says of them.

    Parameters
    ----------
    study : Path
        Folder of the study.
    gate : Path, optional
        A ``qc.toml``.
    out : Path, optional
        ``STUDY/derived/quality`` if not given.
    jobs : int
        Processes.

    Raises
    ------
    UsageError
        If the folder is no study, there is no such gate, or `out` holds something else.
    DataError
        If the gate or a table of the study is at fault.
    OutputError
        If the result cannot be written.
    """
    judged_by = read_gate(gate) if gate is not None else None
    wants_faces = lacks_gaze(study) or (judged_by is not None and judged_by.min_face_found_share is not None)
    quality = measure_study(study, faces=BuildConfig.model_validate({}) if wants_faces else None, jobs=jobs)
    flow = exclusion_flow(quality, judged_by)
    items = reporting_items(quality, flow)
    folder = out if out is not None else study / "derived" / "quality"
    report = QualityReport(folder, quality, judged_by, flow, items)
    with derived_folder(study, out, by="quality", marker=MARKER) as partial:
        _write(partial, report)
    return report


def _write(folder: Path, report: QualityReport) -> None:
    kept = {(clip.participant_id, clip.stimulus_id) for clip in report.flow.kept}
    clips = [clip for session in report.quality.sessions for clip in session.clips]
    write_table(folder / "clips.tsv", CLIP_COLUMNS, [_clip_row(clip, kept) for clip in clips])
    groups: tuple[tuple[str, Callable[[ClipQuality], str], Iterable[str]], ...] = (
        (
            "people",
            lambda clip: clip.participant_id,
            (person.participant_id for person in report.quality.study.participants),
        ),
        ("stimuli", lambda clip: clip.stimulus_id, (stimulus.stimulus_id for stimulus in report.quality.study.stimuli)),
    )
    for name, group_of, ids in groups:
        column = "participant_id" if name == "people" else "stimulus_id"
        rows = [{column: one, **_group_row([clip for clip in clips if group_of(clip) == one], kept)} for one in ids]
        write_table(folder / f"{name}.tsv", (column, *GROUP_COLUMNS), rows)
    write_table(folder / MARKER, _FLOW_COLUMNS, [asdict(stage) for stage in report.flow.stages])
    left_out = [asdict(one) for one in report.flow.left_out]
    write_table(folder / "excluded.tsv", ("participant_id", "stimulus_id", "stage", "reason"), left_out)
    hashed = report.gate.sha256 if report.gate is not None else None
    title = f"{report.quality.study.name}: exclusions"
    figure = exclusion_flow_figure(report.flow.stages, title=title, gate=hashed)
    write_bytes(folder / "exclusion_flow.svg", figure.encode())
    write_table(folder / "reporting.tsv", ("number", "title", "content", "missing"), [asdict(i) for i in report.items])
    write_bytes(folder / "reporting.md", _as_markdown(report).encode())
    if report.gate is not None:
        write_json(folder / "gate.json", _gate_result(report, report.gate))


_FLOW_COLUMNS = (
    "name", "rule", "people", "sessions", "clips", "people_left_out", "sessions_left_out", "clips_left_out"
)  # fmt: skip


def _clip_row(clip: ClipQuality, kept: set[tuple[str, str]]) -> dict[str, object]:
    is_kept = (clip.participant_id, clip.stimulus_id) in kept
    return asdict(clip) | {"loss_share": 1 - clip.valid_share, "kept": "yes" if is_kept else "no"}


def _group_row(clips: Sequence[ClipQuality], kept: set[tuple[str, str]]) -> dict[str, object]:
    """Loss over all samples of the clips, the longest gap, and the median over clips of everything else."""
    measured = [clip for clip in clips if clip.problem is None]
    num_samples = sum(clip.num_samples for clip in measured)
    valid = sum(clip.valid_share * clip.num_samples for clip in measured)
    row: dict[str, object] = {
        name: _median(getattr(clip, name) for clip in measured)
        for name in GROUP_COLUMNS
        if name not in ("num_clips", "num_kept", "loss_share", "longest_gap_s")
    }
    return row | {
        "num_clips": len(clips),
        "num_kept": sum((clip.participant_id, clip.stimulus_id) in kept for clip in clips),
        "loss_share": 1 - valid / num_samples if num_samples else math.nan,
        "longest_gap_s": max((clip.longest_gap_s for clip in measured), default=math.nan),
    }


def _median(values: Iterable[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return float(np.median(known)) if known else math.nan


def _gate_result(report: QualityReport, gate: QualityGate) -> dict[str, object]:
    """What the gate was and what it did; no date, no path, no label."""
    return {
        "schema": 1,
        "study": report.quality.study.name,
        "gate_sha256": gate.sha256,
        "thresholds": gate.thresholds(),
        "unknown": gate.unknown,
        "source_fingerprint": report.quality.source_fingerprint,
        "face_detector": report.quality.face_detector,
        "flow": [asdict(stage) for stage in report.flow.stages],
        "kept": sorted([clip.participant_id, clip.stimulus_id] for clip in report.flow.kept),
        "left_out": [asdict(one) for one in report.flow.left_out],
    }


def _as_markdown(report: QualityReport) -> str:
    """The checklist as a table for a supplement."""
    lines = [
        f"# Reporting checklist of {report.quality.study.name}",
        "",
        "Items of the minimal reporting guideline for research involving eye tracking (Dunn et al. 2023,"
        " doi:10.3758/s13428-023-02187-1), filled in from the files of the study. What no file says is not guessed.",
        "",
        "| item | asks for | what the files say | still to be added |",
        "|---|---|---|---|",
    ]
    for item in report.items:
        cells = (item.number, item.title, item.content, item.missing)
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"
