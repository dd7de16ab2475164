"""``emogap reproduce``: the tables of a paper from its released data."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from emogap.interfaces.cli._experiment_telling import tell_experiment
from emogap.interfaces.cli._output import AsJson, say, say_json, warn


def run(
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="What is reproduced: emer.")],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Folder of the release, or a data set built from it.")],
    out: Annotated[Path, typer.Option(help="Folder of data set and results; the same command goes on in it.")] = Path(
        "reproduced-emer"
    ),
    release: Annotated[
        Path | None,
        typer.Option(help="What you state of the release: a TOML file; docs/reproduce.md.", show_default=False),
    ] = None,
    protocols: Annotated[str, typer.Option(help="Questions, with commas between, or all seven.")] = "all",
    models: Annotated[str, typer.Option(help="Names with commas between, or all.")] = "all",
    splits: Annotated[
        str,
        typer.Option(
            help="official, person, person+stimulus; by default all that people and stimuli are known for.",
            show_default=False,
        ),
    ] = "",
    preset: Annotated[
        str, typer.Option(help="quick (5 epochs, never quoted), evidence (20) or protocol (200, as the paper).")
    ] = "evidence",
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions.")] = 1,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 = one per processor.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Build EMER's release, audit its official folds, and run its seven protocols: printed against measured.

    Printed numbers stand beside measured ones only if data and protocol are the same; else they are tables of their
    own. Stopped in the middle, the same command goes on.

    Example: emogap reproduce emer EMER --release emer.toml --preset protocol --out reproduced
    """
    import os

    from emogap.interfaces.experiments.kinds.reproduction import PROTOCOLS
    from emogap.interfaces.reproducing import reproduce
    from emogap.models.zoo import ZOO

    report, failures = reproduce(
        paper,
        data,
        out,
        release=release,
        protocols=PROTOCOLS if protocols == "all" else _listed(protocols),
        models=ZOO.names() if models == "all" else _listed(models),
        splits=_listed(splits),
        preset=preset,
        seeds=seeds,
        jobs=jobs or os.cpu_count() or 1,
        command=shlex.join(["emogap", *sys.argv[1:]]),
    )
    if as_json:
        say_json(
            {
                "path": str(report.experiment.path),
                "tables": report.experiment.tables,
                "notes": report.experiment.notes,
                "failures": [*report.experiment.failures, *(f"{item}: {problem}" for item, problem in failures)],
            }
        )
    else:
        tell_experiment(report)
        for item, problem in failures:
            say(f"failed: {item}: {problem}")
        warn(f"next: emogap paper build {report.experiment.path} PAPER")
    if failures or report.experiment.failures:
        raise typer.Exit(1)


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())
