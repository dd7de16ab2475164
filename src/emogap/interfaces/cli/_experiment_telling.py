"""What commands say of an experiment that was run: its tables, notes and figures."""

from typing import TYPE_CHECKING

import typer

from emogap.interfaces.cli._output import say, warn

if TYPE_CHECKING:
    from emogap.interfaces.experiments.running import ExperimentReport

__all__ = ["tell_experiment"]


def tell_experiment(report: "ExperimentReport") -> None:
    """Print everything of an experiment; what is simulated in colour."""
    from emogap.reporting.result_text import SIMULATED, result_text

    experiment = report.experiment
    if report.was_finished:
        warn(f"{experiment.path} was finished before; nothing was computed")
    if report.remade_because:
        warn(f"{experiment.path} was finished before, and made again because of {report.remade_because}")
    for table in experiment.tables:
        for line in result_text(table).splitlines():
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
