"""What commands say of an experiment that was run: its tables, notes and figures."""

from typing import TYPE_CHECKING

import typer

from emogap.interfaces.cli._output import say, warn

if TYPE_CHECKING:
    from emogap.interfaces.experiments.running import ExperimentReport

__all__ = ["tell_experiment"]

LONGEST_TABLE = 80
"""Rows; whoever looks for one in a longer table does not look for it in a terminal."""


def tell_experiment(report: "ExperimentReport") -> None:
    """Print everything of an experiment, but long tables by their captions alone; what is simulated in colour."""
    from emogap.reporting.experiments import RESULT_FILE
    from emogap.reporting.result_text import SIMULATED, result_text

    experiment = report.experiment
    if report.was_finished:
        warn(f"{experiment.path} was finished before; nothing was computed")
    if report.remade_because:
        warn(f"{experiment.path} was finished before, and made again because of {report.remade_because}")
    for table in experiment.tables:
        lines, num_rows = result_text(table).splitlines(), len(table["rows"])
        if num_rows > LONGEST_TABLE:
            stored = experiment.path / RESULT_FILE
            lines = [
                *lines[: lines.index("")],
                f"({num_rows} rows: {stored} holds them, --json prints them, and 'emogap paper build' sets them)",
            ]
        for line in lines:
            if line == SIMULATED:
                typer.secho(line, fg=typer.colors.MAGENTA, bold=True)
            else:
                say(line)
        say("")
    for note in experiment.notes:
        say(f"- {note}")
    for name in experiment.figures:
        say(f"figure: {experiment.path / 'figures' / f'{name}.svg'}")
    for failure in experiment.failures:
        say(f"failed: {failure}")
    say(f"results: {experiment.path}")
