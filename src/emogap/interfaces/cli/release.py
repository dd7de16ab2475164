"""``emogap release``: of a study what its participants allow others to have."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.releasing import ReleaseReport

LEVELS = ("session", "lab", "controlled", "public")
LAYOUTS = ("emer", "bids")


def run(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of the study.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make; the same command goes on in it.")],
    consent: Annotated[
        str, typer.Option(metavar="LEVEL", help="With whom it is shared: session, lab, controlled, public.")
    ],
    layout: Annotated[str, typer.Option(help="emer (as EMER was released) or bids (with derivatives).")] = "emer",
    dataset: Annotated[
        Path | None,
        typer.Option(help="A data set built from STUDY: only clips that it keeps are released.", show_default=False),
    ] = None,
    recode: Annotated[bool, typer.Option("--recode", help="Give participants new ids.")] = False,
    key: Annotated[
        Path | None,
        typer.Option(help="Where old and new ids go, outside OUT; without it nobody can tell.", show_default=False),
    ] = None,
    may_withdraw: Annotated[
        bool, typer.Option("--may-withdraw", help="Release people who may still withdraw, too.")
    ] = False,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day of the release; today if not given.", show_default=False),
    ] = None,
    face_frames: Annotated[int, typer.Option(min=0, help="Face frames per clip, evenly; 0 = every frame.")] = 0,
    blur: Annotated[
        bool, typer.Option("--blur-faces", help="Blur the faces in them; models then learn nothing from them.")
    ] = False,
    detector: Annotated[str, typer.Option(help="Face detector; auto: yunet if its weights are there.")] = "auto",
    map_rate: Annotated[
        float, typer.Option(min=0.1, help="Fixation maps a second, where the study holds no film.")
    ] = 25.0,
    author: Annotated[list[str] | None, typer.Option(help="An author of the data set; may be repeated.")] = None,
    license: Annotated[str | None, typer.Option(help="Licence of the data set.")] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 = one per processor.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write faces, gaze, fixation maps and labels of those who agreed to share them, to be read again as a data set.

    Of each participant only the kinds of data are released for which the consent in participants.tsv reaches LEVEL.
    Whoever is held back is named here, never in OUT. Stopped in the middle, the same command goes on.

    Example: emogap release my-study my-release --consent public --recode --key lab/key.tsv
    """
    import numpy as np

    from emogap.errors import UnknownNameError
    from emogap.interfaces.releasing import ReleaseOptions, release_study

    for kind, name, known in (("level of consent", consent, LEVELS), ("layout", layout, LAYOUTS)):
        if name not in known:
            raise UnknownNameError(kind, name, known)
    options = ReleaseOptions.model_validate(
        {
            "level": consent,
            "layout": layout,
            "keep_withdrawable": may_withdraw,
            "recode": recode,
            "face_frames": face_frames,
            "blur_faces": blur,
            "detector": detector,
            "map_rate_hz": map_rate,
            "authors": tuple(author or ()),
            "license": license,
        }
    )
    report = release_study(
        study,
        out,
        options,
        on=on.date() if on is not None else date.today(),
        rng=np.random.default_rng(),
        key=key,
        dataset=dataset,
        jobs=jobs or None,
    )
    if as_json:
        say_json(_as_json(report))
    else:
        _print(report)
    if report.failures:
        raise typer.Exit(1)


def _as_json(report: "ReleaseReport") -> dict[str, object]:
    return {
        "path": str(report.path),
        "was_there": report.was_there,
        "contents": asdict(report.contents),
        "held_back": [asdict(one) for one in report.held_back],
        "doubts": list(report.doubts),
        "failures": [{"item": item, "problem": problem} for item, problem in report.failures],
    }


def _print(report: "ReleaseReport") -> None:
    if report.was_there:
        warn("this release is here already, complete and unchanged")
    has = report.contents
    say(
        f"released {counted(has.people, 'person')}, {counted(has.clips, 'clip')}, in {report.path}; read"
        f" {report.path / 'README.md'} first"
    )
    say(f"  gaze            {counted(has.clips_with_gaze, 'clip')}, {has.samples:,} samples")
    say(f"  fixation maps   {counted(has.clips_with_maps, 'clip')}, {has.maps:,} maps")
    say(f"  faces           {counted(has.clips_with_face, 'clip')}, {has.face_frames:,} frames")
    if report.held_back:
        say(f"held back: {len(report.held_back)}")
    for one in report.held_back:
        say(f"  {one.participant_id}: {one.reason}")
    for doubt in report.doubts:
        warn(f"note: {doubt}")
    if report.failures:
        say(f"{len(report.failures)} could not be read; the rest is saved")
