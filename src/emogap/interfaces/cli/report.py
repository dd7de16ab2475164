"""``emogap report``: a run as one page that can be read anywhere."""

from pathlib import Path
from typing import Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json, warn


def run(
    benchmark: Annotated[Path, typer.Argument(metavar="RUN", help="Folder that 'emogap bench' made.")],
    out: Annotated[
        Path | None, typer.Option(metavar="PAGE", help="File to write; RUN/report.html if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write one self-contained HTML page: tables, confusion matrices, participants, data quality, leakage audit.

    Nothing is loaded from elsewhere; it reads on a phone and prints. Figures go into RUN/figures as SVG too.

    Example: emogap report runs/er3
    """
    from emogap.interfaces.report_parts import write_report

    written = write_report(benchmark, benchmark / "report.html" if out is None else out)
    if as_json:
        say_json({"page": str(written.page), "figures": [str(path) for path in written.figures]})
        return
    for doubt in written.doubts:
        warn(doubt)
    say(f"report: {written.page}")
