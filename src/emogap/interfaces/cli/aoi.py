"""``emogap aoi``: dwell, fixations, visits and transitions in areas of interest."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.areas_report import AreasReport


def run(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of a study.", show_default=False)],
    areas: Annotated[Path, typer.Argument(metavar="AOI.toml", help="The areas of interest.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the result; STUDY/derived/aoi if not given.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure what everybody looked at: areas drawn on the stimuli, fixed or moving, and the parts of faces.

    Writes aoi.tsv, transitions.tsv and a figure of the areas of each stimulus. Exit code 1 if a session or a clip could
    not be measured; the rest is saved.

    Example: emogap aoi my-study AOI.toml
    """
    from emogap.interfaces.areas_report import report_areas

    report = report_areas(study, areas, out=out)
    if as_json:
        say_json(_as_json(report))
    else:
        _print(report)
    for doubt in report.measured.doubts:
        warn(doubt)
    if report.measured.failures:
        raise typer.Exit(1)


def _as_json(report: "AreasReport") -> dict[str, object]:
    measured = report.measured
    return {
        "path": os.fspath(report.path),
        "overlap": measured.overlap,
        "num_clips": len(measured.clips),
        "areas": {stimulus: sorted({area.name for area in own}) for stimulus, own in measured.areas.items()},
        "doubts": measured.doubts,
        "failures": [{"item": item, "problem": problem} for item, problem in measured.failures],
    }


def _print(report: "AreasReport") -> None:
    from statistics import median

    measured = report.measured
    stimuli = counted(len(measured.areas), "stimulus")
    say(f"{measured.study.name}: {counted(len(measured.clips), 'clip')} on {stimuli} with areas")
    say(f"  {'stimulus':<14}{'area':<18}{'dwell share':>12}{'fixations':>11}{'looked at by':>14}")
    for stimulus in measured.areas:
        own = [clip for clip in measured.clips if clip.stimulus_id == stimulus]
        for number, first in enumerate(own[0].result.measures if own else ()):
            each = [clip.result.measures[number] for clip in own]
            shares = [one.dwell_share for one in each if one.dwell_share == one.dwell_share]
            middle = f"{median(shares):.3f}" if shares else "unknown"
            seen = f"{sum(one.num_fixations > 0 for one in each)} of {len(each)}"
            fixations = sum(one.num_fixations for one in each)
            say(f"  {stimulus:<14}{first.area:<18}{middle:>12}{fixations:>11}{seen:>14}")
    if measured.failures:
        say(f"{len(measured.failures)} could not be measured; the rest is saved:")
        for item, problem in measured.failures:
            say(f"  {item}: {problem}")
    say(f"written to {report.path}")
