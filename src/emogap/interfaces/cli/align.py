"""``emogap align``: how the face video's clock relates to the gaze clock, from events that both have seen."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json

if TYPE_CHECKING:
    from emogap.interfaces.aligning import Alignment


def run(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of the study.")],
    limit_ms: Annotated[
        float | None,
        typer.Option(min=0.001, help="Largest residual in ms; the time of one video frame if not given."),
    ] = None,
    source: Annotated[
        str, typer.Option(help="Which events: markers, flashes, blinks, or auto: all, and the best is taken.")
    ] = "auto",
    search_s: Annotated[float, typer.Option(min=0.1, help="Largest offset that is looked for, in s.")] = 60.0,
    max_drift_ppm: Annotated[
        float, typer.Option(min=0, help="Largest drift that is looked for, in parts per million.")
    ] = 1000.0,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace a clock.toml that was not written by this command too.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 = one per processor.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Estimate offset and drift of each face video, write clock.toml, and draw what fits and what does not.

    Events come from markers.tsv, from flashes of the screen on the face, and from blinks. A session whose events do
    not fit within the limit is listed and left without a clock.toml; exit code 1 then. A figure and a JSON file per
    session are in STUDY/derived/align.

    Example: emogap align my-study
    """
    from typing import cast

    from emogap.interfaces.aligning import FOLDER, SOURCES, Source, align_study
    from emogap.preprocessing.synchronise import SynchroniseConfig

    found = align_study(
        study,
        limit_ms=limit_ms,
        sources=SOURCES if source == "auto" else (cast(Source, source),),
        config=SynchroniseConfig(search_s=search_s, max_drift_ppm=max_drift_ppm),
        replace=replace,
        jobs=jobs or -1,
    )
    failed = [alignment for alignment in found if alignment.problem is not None]
    if as_json:
        say_json({"study": str(study), "sessions": [alignment.as_dict() for alignment in found]})
    else:
        _print(found)
        num_aligned = sum(alignment.estimate is not None for alignment in found)
        say(f"{num_aligned} of {counted(len(found), 'session')} aligned; figures in {study / FOLDER}")
    if failed:
        raise typer.Exit(1)


def _print(found: "tuple[Alignment, ...]") -> None:
    heading = f"{'session':<12}{'by':<9}{'events':>6}  {'offset s (95 %)':<20}{'drift ppm (95 %)':<18}"
    say(f"{heading}{'RMS ms':>7}{'95 % ms':>9}")
    for alignment in found:
        estimate = alignment.estimate
        if estimate is None:
            refusal = f"not aligned: {alignment.problem}" if alignment.kept is None else alignment.kept
            say(f"{alignment.participant_id:<12}{refusal}")
            continue
        offset = f"{estimate.offset_s:+.3f} +- {estimate.offset_interval_s[1] - estimate.offset_s:.3f}"
        drift = f"{estimate.drift_ppm:+.0f} +- {estimate.drift_interval_ppm[1] - estimate.drift_ppm:.0f}"
        say(
            f"{alignment.participant_id:<12}{alignment.source:<9}{estimate.num_events:>6}  {offset:<20}{drift:<18}"
            f"{estimate.rms_ms:>7.1f}{estimate.p95_ms:>9.1f}"
        )
        if alignment.kept is not None:
            say(f"  {alignment.kept}")
        for clock, outcome in alignment.other_clocks.items():
            said = (
                outcome
                if isinstance(outcome, str)
                else f"starts at {outcome.offset_s:+.3f} s of the gaze clock, drift {outcome.drift_ppm:+.0f} ppm,"
                f" RMS {outcome.rms_ms:.1f} ms"
            )
            say(f"  clock '{clock}': {said}")
