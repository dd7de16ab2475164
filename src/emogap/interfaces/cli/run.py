"""``emogap run``: an experiment file, run on a data set."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from emogap.interfaces.cli._experiment_telling import tell_experiment
from emogap.interfaces.cli._output import AsJson, say_json


def run(
    file: Annotated[Path, typer.Argument(metavar="TOML", help="The experiment file.")],
    data: Annotated[Path, typer.Option(help="Data set that 'emogap build' made; a study for kinds that read ratings.")],
    out: Annotated[Path, typer.Option(help="Place of the results; it may hold several experiments, which share fits.")],
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 = one per processor.")] = 0,
    preset: Annotated[
        str | None,
        typer.Option(help="quick, evidence or protocol in place of the file's; recorded.", show_default=False),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="An option in place of the file's, as in TOML; repeatable; recorded."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run an experiment that a file describes, and print its tables.

    Stopped in the middle, the same command goes on; finished, it prints what is stored. A fit that another
    experiment of the same place has made is not made again.

    Example: emogap run experiments/emer_table_05.toml --data D --out results
    """
    import os

    from emogap.interfaces.experiments.given_options import parse_given
    from emogap.interfaces.experiments.running import run_experiment

    command = shlex.join(["emogap", *sys.argv[1:]])
    report = run_experiment(
        file,
        data,
        out,
        jobs=jobs or os.cpu_count() or 1,
        preset=preset,
        given=parse_given(given or []),
        command=command,
    )
    experiment = report.experiment
    if as_json:
        say_json(
            {
                "path": str(experiment.path),
                "was_finished": report.was_finished,
                "remade_because": report.remade_because,
                "experiment": experiment.record,
                "tables": experiment.tables,
                "figures": {name: str(experiment.path / "figures" / f"{name}.svg") for name in experiment.figures},
                "notes": experiment.notes,
                "failures": experiment.failures,
            }
        )
    else:
        tell_experiment(report)
    if experiment.failures:
        raise typer.Exit(1)
