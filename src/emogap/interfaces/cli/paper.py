"""``emogap paper``: tables, figures, methods, checklist and cards of a paper, from what was computed."""

from pathlib import Path
from typing import Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

ACTIONS = ("build",)


def run(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="build.")],
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN|EXPERIMENT... OUT",
            help="Folders that 'emogap bench' or 'emogap run' made, and last the folder to write.",
            show_default=False,
        ),
    ],
    study: Annotated[
        Path | None,
        typer.Option(help="The study that the data were built from: device, screen, exclusions.", show_default=False),
    ] = None,
    together: Annotated[
        bool, typer.Option("--together", help="One table for all runs; refused if they cannot be compared.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=0, help="Processes for --study; 0 = one per processor.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Write a paper's tables (LaTeX and Markdown), figures (SVG and PDF), methods, checklist, cards and licences.

    Nothing is trained and nothing is guessed: what no file says stands in red, to be added by hand. The same
    sources give the same bytes. OUT is replaced only if this command wrote it and nobody has changed it since.

    Example: emogap paper build runs/er3 paper --study my-study
    """
    from emogap.errors import UnknownNameError, UsageError
    from emogap.interfaces.paper.writing import build_paper

    if action not in ACTIONS:
        raise UnknownNameError("action", action, ACTIONS)
    if len(folders) < 2:
        raise UsageError("build needs a run or an experiment, and a folder to write", fix="emogap paper build RUN OUT")
    written = build_paper(folders[:-1], folders[-1], study=study, together=together, jobs=jobs or -1)
    if as_json:
        say_json(
            {
                "path": str(written.path),
                "files": dict(written.files),
                "tables": written.num_tables,
                "figures": written.num_figures,
                "gaps": {"methods": written.method_gaps, "checklist": written.checklist_gaps},
                "doubts": list(written.doubts),
            }
        )
        return
    for doubt in written.doubts:
        warn(f"note: {doubt}")
    say(
        f"{counted(written.num_tables, 'table')}, {counted(written.num_figures, 'figure')}; read"
        f" {written.path / 'index.md'} first"
    )
    say(f"to be added by hand: {written.method_gaps} gaps in methods.md, {written.checklist_gaps} in checklist.md")
