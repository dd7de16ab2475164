"""``emogap vad``: valence, arousal and dominance along a recording, estimated from gaze."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.affect_courses import CoursesReport


def run(
    checkpoint: Annotated[Path, typer.Argument(metavar="CKPT", help="Folder made by 'emogap finetune'.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Recording of gaze, such as a CSV of OpenFace.")],
    out: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Table to write; default FILE.vad.csv.", show_default=False)
    ] = None,
    assume_rate: Annotated[
        float | None,
        typer.Option(min=0.1, max=2000, help="Rate where time stamps are no clock, Hz.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Estimate values every 2.5 s of a recording, as a table and a figure, with the interval of the seeds.

    The interval says how much hangs on the seed of the fit, not how far a value is from what somebody felt: that,
    the scores in CKPT say. An empty cell is a window with too little gaze.

    Example: emogap vad F1 openface/result.csv --out result.vad.csv
    """
    from emogap.interfaces.affect_courses import courses_of_file

    report = courses_of_file(checkpoint, file, out, assumed_rate_hz=assume_rate)
    if as_json:
        say_json(_as_json(report))
    else:
        _print(report)
        for doubt in report.doubts:
            warn(f"note: {doubt}")
    if report.failures:
        raise typer.Exit(1)


def _as_json(report: "CoursesReport") -> dict[str, object]:
    return {
        "table": str(report.table),
        "figures": [str(path) for path in report.figures],
        "recordings": [
            {
                "recording_id": course.recording,
                "num_fits": course.num_fits,
                "source_rate_hz": course.source_rate_hz,
                "is_resampled": course.is_resampled,
                "time_s": course.time_s.tolist(),
                "valid_share": course.valid_share.tolist(),
                "values": {
                    output: {
                        "told": course.told[:, place].tolist(),
                        "low": course.low[:, place].tolist(),
                        "high": course.high[:, place].tolist(),
                    }
                    for place, output in enumerate(course.outputs)
                },
            }
            for course in report.courses
        ],
        "failures": [{"recording_id": recording, "problem": problem} for recording, problem in report.failures],
        "doubts": list(report.doubts),
    }


def _print(report: "CoursesReport") -> None:
    for course in report.courses:
        known = [row for row in course.told.tolist() if row[0] == row[0]]
        seeds = counted(course.num_fits, "seed")
        say(f"{course.recording}: {len(known)} of {counted(len(course.time_s), 'window')}, {seeds}")
        for place, output in enumerate(course.outputs):
            values = [row[place] for row in known]
            mean = sum(values) / len(values)
            say(f"  {output:<12} mean {mean:.2f}, from {min(values):.2f} to {max(values):.2f}")
    for recording, problem in report.failures:
        warn(f"{recording}: {problem}")
    say(f"written to {report.table} and {', '.join(str(path) for path in report.figures)}")
