"""``emogap look``: what a gaze file or a video holds, and what is doubtful about it."""

from pathlib import Path
from typing import Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json, warn


def run(
    file: Annotated[Path, typer.Argument(help="An export of an eye tracker, or a video.", show_default=False)],
    reader: Annotated[
        str | None, typer.Option(help="Reader to use instead of the one that knows the heading.", show_default=False)
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="TOML file that explains the columns of any table.", show_default=False)
    ] = None,
    remember: Annotated[
        bool, typer.Option("--remember", help="Keep the mapping beside the data, as columns.toml.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a gaze file or a video holds: device, people, rate, losses, pupil, units, and what to question.

    Example: emogap look sessions/p01/gaze.tsv
    """
    from emogap.errors import UsageError
    from emogap.recording.overview import look_at
    from emogap.recording.overview_text import draw_file

    if remember and mapping is None:
        raise UsageError("--remember keeps a mapping, and none is given", fix="add --mapping MAPPING.toml")
    if reader is not None and mapping is not None:
        raise UsageError("--reader and --mapping exclude each other", fix="leave one out")
    found = look_at(file, reader=reader, mapping=mapping)
    if as_json:
        say_json(found.as_dict())
    else:
        say(draw_file(found))
    if remember and mapping is not None:
        from emogap.recording.readers.plain_csv import remember_mapping

        warn(f"kept: {remember_mapping(file, mapping)}")
