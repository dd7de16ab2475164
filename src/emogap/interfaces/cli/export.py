"""``emogap export``: a study in a standard of the field."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.exporting import ExportReport

FORMATS = ("bids",)


def run(
    standard: Annotated[str, typer.Argument(metavar="FORMAT", help="The standard: bids (Eye-Tracking-BIDS 1.11).")],
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of a study or of a public data set.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make; the same command goes on in it.")],
    catalogue: Annotated[str, typer.Option(help="What STUDY is: study, uniss_fgd.")] = "study",
    raw: Annotated[bool, typer.Option("--raw", help="Copy the tracker's own files into sourcedata.")] = False,
    face_video: Annotated[
        bool, typer.Option("--face-video", help="Copy face videos into sourcedata: they show who took part.")
    ] = False,
    blur: Annotated[
        bool, typer.Option("--blur-faces", help="Blur the faces in them; a frame without a found face is black.")
    ] = False,
    stimuli: Annotated[bool, typer.Option(help="Copy stimulus files.")] = True,
    author: Annotated[list[str] | None, typer.Option(help="An author of the data set; may be repeated.")] = None,
    license: Annotated[str | None, typer.Option(help="Licence of the data set.")] = None,
    facts: Annotated[
        Path | None, typer.Option(help="JSON file with what only the lab knows: Instructions, InstitutionName, ...")
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 = one per processor.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write a study in BIDS: samples, masks, eye movements, trials, answers and ratings; no value is rounded.

    Stopped in the middle, the same command goes on. What cannot be read is listed at the end; the rest is saved.
    Everything but the gaze and what was said of it (face videos, the tracker's files) is copied only when asked for.

    Example: emogap export bids my-study my-study-bids --author "A. Researcher" --license CC0
    """
    from emogap.errors import UnknownNameError, UsageError
    from emogap.interfaces.exporting import ExportOptions, export_bids
    from emogap.interfaces.exporting.job import SOURCES
    from emogap.interfaces.exporting.plan import read_facts

    if standard not in FORMATS:
        raise UnknownNameError("format", standard, FORMATS)
    if catalogue not in SOURCES:
        raise UnknownNameError("catalogue entry that can be exported", catalogue, SOURCES)
    if blur and not face_video:
        raise UsageError("there is no face to blur: face videos are not exported", fix="add --face-video")
    options = ExportOptions.model_validate(
        {
            "catalogue": catalogue,
            "raw": raw,
            "face_video": face_video,
            "blur_faces": blur,
            "stimuli": stimuli,
            "authors": tuple(author or ()),
            "license": license,
            "facts": read_facts(facts) if facts else {},
        }
    )
    report = export_bids(study, out, options, jobs=jobs or None)
    if as_json:
        say_json(_as_json(report))
    else:
        _print(report)
    if report.failures:
        raise typer.Exit(1)


def _as_json(report: "ExportReport") -> dict[str, object]:
    return {
        "path": os.fspath(report.path),
        "was_there": report.was_there,
        "participants": report.num_participants,
        "recordings": report.num_recordings,
        "samples": report.num_samples,
        "left_out": list(report.left_out),
        "failures": [{"item": item, "problem": problem} for item, problem in report.failures],
    }


def _print(report: "ExportReport") -> None:
    if report.was_there:
        warn("this export is here already, complete and unchanged")
    say(
        f"Eye-Tracking-BIDS: {counted(report.num_participants, 'participant')},"
        f" {counted(report.num_recordings, 'recording')},"
        f" {report.num_samples:,} samples, in {report.path}"
    )
    for name in report.left_out:
        say(f"  left out  {name}")
    if report.failures:
        say(f"{len(report.failures)} could not be read; the rest is saved:")
        for item, problem in report.failures:
            say(f"  {item}: {problem}")
