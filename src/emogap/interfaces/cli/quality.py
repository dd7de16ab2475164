"""``emogap quality``: how good a study's recordings are, and what falls at the quality gate."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json

if TYPE_CHECKING:
    from emogap.interfaces.study_quality_report import QualityReport


def run(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of a study.", show_default=False)],
    gate: Annotated[
        Path | None, typer.Option(help="Thresholds, a qc.toml; none if not given.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the result; STUDY/derived/quality if not given.", show_default=False)
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 = one per processor.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Measure accuracy, precision and data loss by clip, person and stimulus, and say who is excluded where and why.

    Labels are never opened: the gate is fixed and hashed before they are joined. The checklist of Dunn et al. (2023)
    is filled in from the files; what they do not say is named. Exit code 1 if a session could not be read.

    Example: emogap quality my-study --gate qc.toml
    """
    from emogap.interfaces.study_quality_report import report_quality

    report = report_quality(study, gate=gate, out=out, jobs=jobs or -1)
    if as_json:
        say_json(_as_json(report))
    else:
        _print(report)
    if report.failures:
        raise typer.Exit(1)


def _as_json(report: "QualityReport") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "path": os.fspath(report.path),
        "gate_sha256": report.gate.sha256 if report.gate is not None else None,
        "thresholds": report.gate.thresholds() if report.gate is not None else None,
        "flow": [asdict(stage) for stage in report.flow.stages],
        "left_out": [asdict(one) for one in report.flow.left_out],
        "num_clips_kept": len(report.flow.kept),
        "num_people_kept": report.flow.num_people,
        "reporting": [asdict(item) for item in report.items],
        "failures": [{"session": session, "problem": problem} for session, problem in report.failures],
    }


def _print(report: "QualityReport") -> None:
    first = report.flow.stages[0]
    say(
        f"{report.quality.study.name}: {counted(first.people, 'person')}, {counted(first.sessions, 'session')},"
        f" {counted(first.clips, 'clip')}"
    )
    for item in report.items:
        if item.number in ("A4", "A10", "A12"):
            say(f"  {item.title}: {item.content}")
    if report.gate is not None:
        say(f"quality gate {report.gate.sha256}")
    say(f"  {'left out where not met':<46}people  sessions  clips")
    for stage in report.flow.stages:
        fell = f"{stage.people_left_out:>6}{stage.sessions_left_out:>10}{stage.clips_left_out:>7}"
        say(f"  {stage.rule:<46}{fell}")
    say(f"kept: {counted(report.flow.num_people, 'person')}, {counted(len(report.flow.kept), 'clip')}")
    missing = [item.number for item in report.items if item.missing]
    say(f"the guideline asks for more than the files say in items {', '.join(missing)} (reporting.md says what)")
    for session, problem in report.failures:
        say(f"  {session} could not be read: {problem}")
    say(f"written to {report.path}")
