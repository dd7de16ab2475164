"""``emogap look``: what a gaze file or a video holds, and what is doubtful about it."""

from pathlib import Path
from typing import Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json


def run(
    file: Annotated[Path, typer.Argument(help="An export of an eye tracker, or a video.", show_default=False)],
    reader: Annotated[
        str | None, typer.Option(help="Reader to use instead of the one that knows the heading.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a gaze file or a video holds: device, people, rate, losses, pupil, units, and what to question.

    Example: emogap look sessions/p01/gaze.tsv
    """
    from emogap.recording.overview import look_at
    from emogap.recording.overview_text import draw_file

    found = look_at(file, reader=reader)
    if as_json:
        say_json(found.as_dict())
    else:
        say(draw_file(found))
