"""``emogap gaze-index``: raw gaze as windows of a past and a future, for models that predict gaze from gaze."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.datasets.gaze_index.make import IndexReport


def run(
    source: Annotated[
        Path, typer.Argument(metavar="SRC", help="A recording, a folder of them, a study, Uniss-FGD or CEAP-360VR.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make; the same command goes on in it.")],
    past: Annotated[float, typer.Option(min=0.01, help="Length of what a model sees, s.")] = 5.0,
    future: Annotated[float, typer.Option(min=0.01, help="Length of what it is to predict, s.")] = 5.0,
    rate: Annotated[
        float, typer.Option(min=0.1, max=2000, help="Frames a second; recordings of other rates are resampled.")
    ] = 30.0,
    stride: Annotated[int, typer.Option(min=1, help="Frames from the start of one window to the next.")] = 151,
    channels: Annotated[str, typer.Option(help="direction, angle, angle+pupil, share, head, or auto.")] = "auto",
    min_valid: Annotated[
        float, typer.Option(min=0, max=1, help="Least share of valid frames in past and future.")
    ] = 0.7,
    max_repeated: Annotated[
        float, typer.Option(min=0.01, max=1, help="Share of repeated frames that is frozen gaze.")
    ] = 0.8,
    participants: Annotated[
        Path | None, typer.Option(help="Table of columns file and participant_id.", show_default=False)
    ] = None,
    people: Annotated[str, typer.Option(help="Whose a file is: stated in it, or folder = first folder below SRC.")] = (
        "stated"
    ),
    assume_rate: Annotated[
        float | None,
        typer.Option(min=0.1, max=2000, help="Rate where time stamps are no clock, Hz.", show_default=False),
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 = one per processor.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Index windows of gaze over memory-mapped arrays: past and future, of good enough gaze, people known.

    Windows never leave their trial or recording. What is left out is counted, with the reason.

    Example: emogap gaze-index openface-csv G1 --past 5 --future 5
    """
    from emogap.datasets.gaze_index import IndexConfig
    from emogap.datasets.gaze_index.make import make_index
    from emogap.interfaces.checked_options import checked_options

    config = checked_options(
        IndexConfig,
        {
            "channels": channels,
            "rate_hz": rate,
            "past_s": past,
            "future_s": future,
            "stride_frames": stride,
            "min_valid_share": min_valid,
            "max_repeated_share": max_repeated,
            "people": people,
            "assumed_rate_hz": assume_rate,
        },
    )
    report = make_index(source, out, config, participants=participants, jobs=jobs or None)
    if as_json:
        say_json(_as_json(report))
    else:
        _print(report)
    if report.failures:
        raise typer.Exit(1)


def _as_json(report: "IndexReport") -> dict[str, object]:
    return {
        "path": os.fspath(report.path),
        "was_there": report.was_there,
        "failures": [{"file": file, "problem": problem} for file, problem in report.failures],
        "unusable": [{"file": file, "problem": problem} for file, problem in report.unusable],
        "resampled_from_hz": list(report.rates_hz),
        "index": report.header.model_dump(mode="json", by_alias=True, exclude={"files"}),
    }


def _print(report: "IndexReport") -> None:
    header = report.header
    if report.was_there:
        warn("this gaze index is here already, complete and unchanged")
    say(
        f"{header.name}: {counted(header.num_windows, 'window')} in {counted(header.num_segments, 'segment')} of"
        f" {counted(header.num_participants, 'person')}, in {report.path}"
    )
    say(
        f"  window    {header.past_frames} + {header.future_frames} frames at {header.rate_hz:g} Hz"
        f" ({header.past_frames / header.rate_hz:g} s + {header.future_frames / header.rate_hz:g} s),"
        f" one every {counted(header.config.stride_frames, 'frame')}"
    )
    say(f"  channels  {', '.join(channel.name for channel in header.channels)} ({header.config.channels})")
    if report.rates_hz:
        low, high = report.rates_hz[0], report.rates_hz[-1]
        spread = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        say(f"  resampled {header.num_resampled} of {counted(header.num_segments, 'segment')}, from {spread} Hz")
    for reason, count in header.dropped_windows.items():
        if count:
            say(f"  dropped   {counted(count, 'window')}: {reason}")
    for reason, count in header.dropped_segments.items():
        say(f"  dropped   {counted(count, 'segment')}: {reason} (dropped.parquet says why)")
    for problem in dict.fromkeys(problem for _, problem in report.unusable):
        alike = [file for file, other in report.unusable if other == problem]
        say(f"  unusable  {alike[0]}{f' and {len(alike) - 1} more' if len(alike) > 1 else ''}: {problem}")
    for doubt in header.doubts:
        say(f"  doubt     {doubt}")
    if report.failures:
        say(f"{counted(len(report.failures), 'file')} could not be read; the rest is indexed:")
        for file, problem in report.failures:
            say(f"  {file}: {problem}")
