"""``emogap build``: a study or a public data set, made ready for models."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.datasets import BuildReport


def run(
    source: Annotated[
        Path, typer.Argument(metavar="SRC", help="Folder of a study or public data set, or a feature file.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make; the same command goes on in it.")],
    catalogue: Annotated[
        str, typer.Option(help="What SRC is: study, uniss_fgd, ceap360vr, mmsa_pickle, emer.")
    ] = "study",
    cleaning: Annotated[str, typer.Option(help="Cleaning preset: emer, standard, none.")] = "emer",
    fixation: Annotated[str, typer.Option(help="Fixation stream: centre, or map8 for 8x8 maps.")] = "centre",
    frames: Annotated[bool, typer.Option("--frames", help="Store aligned face images too.")] = False,
    detector: Annotated[
        str, typer.Option(help="Of faces: yunet, mtcnn, haar; auto: yunet if its weights are there.")
    ] = "auto",
    encoder: Annotated[str, typer.Option(help="Of faces: hog, resnet18, fer_onnx, emotieffnet_b0.")] = "hog",
    encoder_weights: Annotated[
        str, typer.Option(help="fer_onnx: name of a network in the folder of weights.", show_default=False)
    ] = "",
    illumination: Annotated[str, typer.Option(help="Light of face frames: none, clahe, ying.")] = "none",
    machine_ratings: Annotated[
        bool, typer.Option("--machine-ratings", help="Let machine-* annotators vote in shown labels.")
    ] = False,
    even_steps: Annotated[
        bool, typer.Option("--even-steps", help="mmsa_pickle: average audio and vision to the steps of the text.")
    ] = False,
    gate: Annotated[
        Path | None,
        typer.Option(help="Quality gate of a study, a qc.toml: clips that fail are excluded.", show_default=False),
    ] = None,
    gaze_rate: Annotated[
        float, typer.Option(min=0, help="Store raw gaze too, this many frames a second; 0 = not.")
    ] = 0,
    gaze_channels: Annotated[
        str,
        typer.Option(help="Of raw gaze, as in 'emogap gaze-index': auto, direction, angle, angle+pupil, share, head."),
    ] = "auto",
    as_rate: Annotated[
        float,
        typer.Option(min=0, help="Thin raw gaze to this rate, as a slower tracker would have it; 0 = as recorded."),
    ] = 0,
    release: Annotated[
        Path | None,
        typer.Option(help="emer: what you state of the release, a TOML file.", show_default=False),
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 = one per processor.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Turn recordings into a data set: cleaned, cut into clips, sampled, labelled by view.

    Stopped in the middle, the same command goes on. What cannot be read is listed at the end; the rest is saved.

    Example: emogap build my-study D1 --cleaning emer
    """
    from emogap.datasets import BuildConfig, build
    from emogap.datasets.emer_facts import read_facts
    from emogap.datasets.quality_gate import read_gate
    from emogap.interfaces.checked_options import checked_options

    config = checked_options(
        BuildConfig,
        {
            "catalogue": catalogue,
            "cleaning": cleaning,
            "fixation": fixation,
            "frames": frames,
            "illumination": illumination,
            "face_detector": detector,
            "face_encoder": encoder,
            "face_encoder_weights": encoder_weights,
            "machine_ratings": machine_ratings,
            "even_steps": even_steps,
            "gate": read_gate(gate).canonical() if gate is not None else "",
            "gaze_rate": gaze_rate,
            "gaze_channels": gaze_channels,
            "as_rate": as_rate,
            "release": read_facts(release).canonical() if release is not None else "",
        },
        prefix="face_",
    )
    report = build(source, out, config, jobs=jobs or None)
    if as_json:
        say_json(_as_json(report))
    else:
        _print(report)
    if report.failures:
        raise typer.Exit(1)


def _as_json(report: "BuildReport") -> dict[str, object]:
    return {
        "path": os.fspath(report.path),
        "was_there": report.was_there,
        "excluded": dict(report.excluded),
        "failures": [{"item": item, "problem": problem} for item, problem in report.failures],
        "dataset": report.header.model_dump(mode="json", by_alias=True, exclude={"files", "streams"}),
        "streams": {name: [stream.num_steps, len(stream.channels)] for name, stream in report.header.streams.items()},
    }


def _print(report: "BuildReport") -> None:
    header = report.header
    if report.was_there:
        warn("this data set is here already, complete and unchanged")
    say(f"{header.name}: {counted(header.num_samples, 'sample')}, cleaning {header.cleaning}, in {report.path}")
    for name, stream in header.streams.items():
        width = f"x {counted(len(stream.channels), 'channel')}" if stream.channels else "images"
        say(f"  {name:<10}{stream.num_steps} {width}")
        if stream.absent:
            say(f"  {'':<10}the device lacks {', '.join(stream.absent)}")
    if "face" in header.streams:
        made = header.config
        say(f"  {'':<10}{made['face_detector']} and {made['face_encoder']}, light: {made['illumination']}")
    for view, source in header.label_sources.items():
        say(f"  {view:<10}{source}")
    if header.quality_gate:
        say(f"  gate      {header.quality_gate}")
    for stage, count in report.excluded.items():
        say(f"  excluded  {count} at stage '{stage}' (excluded.parquet says why)")
    for doubt in header.doubts:
        say(f"  doubt     {doubt}")
    if report.failures:
        say(f"{len(report.failures)} could not be read; the rest is saved:")
        for item, problem in report.failures:
            say(f"  {item}: {problem}")
