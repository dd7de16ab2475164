"""``emogap predict``: what a trained model says of one session or gaze file."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

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
    discord: Annotated[
        bool,
        typer.Option(
            "--discord",
            help="Segments in which felt and shown seem to differ, by the gap detector beside CKPT, instead of clips.",
        ),
    ] = False,
    window_s: Annotated[float, typer.Option(help="With --discord: length of a sliding window, in seconds.")] = 4.0,
    step_s: Annotated[float, typer.Option(help="With --discord: from one window to the next, in seconds.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Predict every view that the model knows for each clip of a recording, with probabilities.

    The recording is cleaned and cut as the model's training data were. A stream that the model needs and the
    recording lacks is an error; a clip that lacks it is predicted from the others, and said so.

    With --discord, CKPT is a folder below detectors/views of an experiment of the kind gap_detector, and sliding
    windows of a session are scored instead: NAME.discord.tsv has the flagged ones, merged into segments with start,
    stop and mean probability of a gap, and NAME.discord.windows.parquet every window.

    Example: emogap predict CKPT study/sessions/p01
    """
    from emogap.interfaces.predicting import SetUp, predict_path, write_predictions

    if discord:
        path = out or Path(f"{recording.resolve().name}.discord.tsv")
        _tell_discord(checkpoint, recording, path, window_s=window_s, step_s=step_s, as_json=as_json)
        return
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


def _tell_discord(
    checkpoint: Path, session: Path, path: Path, *, window_s: float, step_s: float, as_json: bool
) -> None:
    from dataclasses import asdict

    from emogap.interfaces.discord import discord_timeline, write_discord
    from emogap.interfaces.predicting import study_of_session

    timeline = discord_timeline(checkpoint, session, window_s=window_s, step_s=step_s)
    written = write_discord(timeline, path, study=study_of_session(session))
    if as_json:
        segments = [{"stimulus_id": each.stimulus_id, **asdict(each.segment)} for each in timeline.segments]
        say_json(
            {
                "participant_id": timeline.participant_id,
                "num_windows": len(timeline.stimuli),
                "num_left_out": timeline.num_left_out,
                "threshold": timeline.detector.threshold if timeline.detector.threshold < float("inf") else None,
                "was_fitted_on": timeline.was_fitted_on,
                "segments": segments,
                "written": [str(each) for each in written],
            }
        )
        return
    detector = timeline.detector
    say(
        f"{timeline.participant_id}: {counted(len(timeline.stimuli), 'window')},"
        f" {counted(len(timeline.segments), 'segment')} in which felt"
        f" and shown {detector.space} seem to differ (probability above {detector.threshold:.2f})"
    )
    for each in timeline.segments:
        found = each.segment
        say(
            f"  {each.stimulus_id:<12}{found.start_s:>10.2f} to {found.stop_s:.2f} s  probability"
            f" {found.probability:.2f}, {counted(found.num_windows, 'window')}"
        )
    say(f"written to {written[0]} and {written[1]}")
    if timeline.num_left_out:
        warn(f"doubt: {counted(timeline.num_left_out, 'window', 'has')} no valid gaze sample: left out")
    if timeline.was_fitted_on:
        warn(f"doubt: the model was fitted on clips of {timeline.participant_id}: this says nothing of new people")


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
    say(f"{counted(len(prediction.keys), 'clip')}, written to {path}")
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
