"""``emogap predict``: what a trained model says of one session or gaze file."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.predicting import SessionPrediction


def run(
    checkpoint: Annotated[Path, typer.Argument(metavar="CKPT", help="Folder written by 'emogap train'.")],
    recording: Annotated[
        Path, typer.Argument(metavar="SESSION|GAZEFILE", help="STUDY/sessions/PARTICIPANT, or a gaze file.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Table to write; NAME.predictions.tsv here if not given.", show_default=False)
    ] = None,
    screen_mm: Annotated[
        str | None, typer.Option(help="Lit area of the screen of a gaze file, such as 527x296.", show_default=False)
    ] = None,
    distance_mm: Annotated[
        float | None, typer.Option(min=1, help="Viewing distance of a gaze file.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Predict every view that the model knows for each clip of a recording, with probabilities.

    The recording is cleaned and cut as the model's training data were. A stream that the model needs and the
    recording lacks is an error; a clip that lacks it is predicted from the others, and said so.

    Example: emogap predict CKPT study/sessions/p01
    """
    from emogap.interfaces.predicting import SetUp, predict_path, write_predictions

    set_up = SetUp(_size_mm(screen_mm), distance_mm)
    prediction = predict_path(checkpoint, recording, set_up=set_up)
    path = out or Path(f"{recording.resolve().name}.predictions.tsv")
    write_predictions(prediction, path, session=recording.resolve())
    if as_json:
        say_json(_as_json(prediction, path))
    else:
        _print(prediction, path)
    if prediction.left_out:
        raise typer.Exit(1)


def _size_mm(text: str | None) -> tuple[float, float] | None:
    from emogap.errors import UsageError

    if text is None:
        return None
    sizes = re.fullmatch(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)", text)
    if sizes is None:
        raise UsageError(f"--screen-mm '{text}' is not WIDTHxHEIGHT", fix="write it like 527x296")
    return float(sizes[1]), float(sizes[2])


def _as_json(prediction: "SessionPrediction", path: Path) -> dict[str, object]:
    clips = [
        {
            "recording_id": key.recording_id,
            "participant_id": key.participant_id,
            "stimulus_id": key.stimulus_id,
            "start_s": key.start_s,
            "stop_s": key.stop_s,
        }
        | {view: prediction.named(view, clip) for view in prediction.output}
        for clip, key in enumerate(prediction.keys)
    ]
    left_out = [{"stimulus_id": each.stimulus_id, "reason": each.reason} for each in prediction.left_out]
    return {
        "model": prediction.model,
        "space": prediction.task.space,
        "written": str(path),
        "clips": clips,
        "left_out": left_out,
        "doubts": list(prediction.doubts),
    }


def _print(prediction: "SessionPrediction", path: Path) -> None:
    views = list(prediction.output)
    width = max(len("stimulus"), *(len(key.stimulus_id) for key in prediction.keys))
    for view in views:
        say(f"{view}: {_MEANING[view]}, as {prediction.model} estimates it")
    for clip, key in enumerate(prediction.keys):
        for line, view in enumerate(views):
            name = key.stimulus_id if line == 0 else ""
            say(f"  {name:<{width}}  {view:<6}  {_in_words(prediction, view, clip)}")
    say(f"{len(prediction.keys)} clips, written to {path}")
    if prediction.left_out:
        say(f"{len(prediction.left_out)} could not be predicted:")
        for each in prediction.left_out:
            say(f"  {each.stimulus_id or each.recording_id}: {each.reason}")
    for doubt in prediction.doubts:
        warn(f"doubt: {doubt}")


_MEANING = {
    "felt": "the participant's own report",
    "shown": "the expression as observers would judge it",
    "target": "what the stimulus shows or was meant to elicit",
}


def _in_words(prediction: "SessionPrediction", view: str, clip: int) -> str:
    named = prediction.named(view, clip)
    if prediction.task.space is None:
        return "  ".join(f"{name} {value:+.2f}" for name, value in named.items())
    likely_first = sorted(named.items(), key=lambda item: -item[1])
    return "  ".join(f"{name} {share:.2f}" for name, share in likely_first)
