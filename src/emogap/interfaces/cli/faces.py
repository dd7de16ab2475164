"""``emogap faces``: all faces of a video, frame by frame, and a picture to check them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.faces_in_video import FacesReport


def run(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="A video with faces.", show_default=False)],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to make; the same command again does nothing.")],
    detector: Annotated[str, typer.Option(help="yunet, mtcnn, haar; auto: yunet if its weights are there.")] = "auto",
    weights: Annotated[
        Path | None, typer.Option(help="The detector's weights, if not in the folder of weights.", show_default=False)
    ] = None,
    every: Annotated[int, typer.Option(help="Look for faces in every n-th frame; between, they are followed.")] = 3,
    face: Annotated[
        str, typer.Option(help="The chosen face: largest, left, right, a number from 1, or X,Y in pixels.")
    ] = "largest",
    expression: Annotated[
        str, typer.Option(help="Encoder that gives expressions, such as fer_onnx; none if not given.")
    ] = "",
    overlay: Annotated[str, typer.Option(help="What to look at: sheet, video, none.")] = "sheet",
    blur: Annotated[bool, typer.Option("--blur-faces", help="Blur the faces in it, so that it can be shown.")] = False,
    table: Annotated[str, typer.Option(help="Format of the table: tsv, parquet.")] = "tsv",
    as_json: AsJson = False,
) -> None:
    """Find and follow every face of a video: place, landmarks, light and confidence in each frame.

    A frame without a face is a row without a box. If the video breaks off, the frames before it are saved; exit code 1.

    Example: emogap faces sessions/p01/face.mp4 faces-p01
    """
    from emogap.interfaces.checked_options import checked_options
    from emogap.interfaces.faces_in_video import FacesConfig, faces_in_video

    config = checked_options(
        FacesConfig,
        {
            "detector": detector,
            "weights": weights,
            "every": every,
            "face": face,
            "expression": expression or None,
            "overlay": overlay,
            "blur_faces": blur,
            "table": table,
        },
    )
    report = faces_in_video(video, out, config)
    if as_json:
        say_json({"path": str(report.path), "was_there": report.was_there, **report.summary})
    else:
        _print(report)
    if report.summary["problem"]:
        raise typer.Exit(1)


def _print(report: "FacesReport") -> None:
    found = report.summary
    if report.was_there:
        warn("these results are here already, complete and unchanged")
    video = found["video"]
    num_frames = found["num_frames"]
    say(f"{video['file']}: {counted(num_frames, 'frame')}, {video['duration_s']:.3f} s, detector {found['detector']}")
    say(
        f"  face      in {found['num_frames_with_face']} of {counted(num_frames, 'frame')}; {found['num_faces']} in all"
    )
    for span in found["chosen_face_spans"][:10]:
        say(
            f"  seen      {span['from_s']:.3f} to {span['to_s']:.3f} s (frames {span['from_frame']} to "
            f"{span['to_frame']})"
        )
    if len(found["chosen_face_spans"]) > 10:
        say(f"  seen      ... {len(found['chosen_face_spans'])} times in all")
    if "mean_face_luminance" in found:
        say(f"  light     face {found['mean_face_luminance']:.2f}, frame {found['mean_frame_luminance']:.2f} (0 to 1)")
    for doubt in found["doubts"]:
        say(f"  doubt     {doubt}")
    for kind, name in found["files"].items():
        say(f"  {kind:<10}{report.path / name}")
    if found["problem"]:
        say(f"the video breaks off; what came before it is saved:\n  {found['problem']}")
