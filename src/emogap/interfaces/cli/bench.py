"""``emogap bench``: models judged on people they have not seen."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json

if TYPE_CHECKING:
    from emogap.learning.evaluation.benchmark import BenchReport


def run(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder that 'emogap build' made.")],
    protocol: Annotated[
        str,
        typer.Option(help="The question: er3 er7 er-va fer3 fer7 fer-va fer-int target3 felt-va felt-quadrant sims."),
    ],
    models: Annotated[
        str, typer.Option(help="Names with commas between, or all; 'emert@eye' is emert on that stream alone.")
    ],
    splits: Annotated[
        str, typer.Option(help="Who is unseen: person, person+stimulus, official; with commas between.")
    ] = "person,person+stimulus",
    preset: Annotated[
        str, typer.Option(help="quick (5 epochs, never quoted), evidence (20) or protocol (200, all cells).")
    ] = "evidence",
    recipe: Annotated[
        str, typer.Option(help="protocol: one way of training for all; native: each model as its authors train it.")
    ] = "protocol",
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions, each with its own deal of people.")] = 1,
    folds: Annotated[int, typer.Option(min=2, help="Folds of people.")] = 5,
    cells: Annotated[
        str | None, typer.Option(help="Cells of person+stimulus: all or diagonal; the preset's if not given.")
    ] = None,
    metric_compat: Annotated[
        str, typer.Option(help="pooled, or emer-batch16: EMER's averages of batches beside the pooled scores.")
    ] = "pooled",
    heads: Annotated[
        str, typer.Option(help="all: heads for every view the data label; single: the scored view alone.")
    ] = "all",
    options: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL.OPTION=VALUE",
            help="Of a model, such as emert.eye_encoder=glass; as often as needed. In a text {split}, {cell}, {fold},"
            " {seed} stand for those of each fit.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 = one per processor.")] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Folder of the run; runs/<protocol>-<hash> if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train on some people, predict others, and print what that is worth: intervals, floors, paired tests.

    Stopped in the middle, the same command goes on. A model that fails does not stop the rest.

    Example: emogap bench D1 --protocol er3 --models linear,emert --splits person,person+stimulus --out runs/er3
    """
    import os

    from emogap.interfaces.bench_options import bench_config
    from emogap.learning.evaluation.benchmark import run_benchmark

    config = bench_config(
        models=models,
        splits=splits,
        protocol=protocol,
        preset=preset,
        recipe=recipe,
        seeds=seeds,
        folds=folds,
        cells=cells,
        metric_compat=metric_compat,
        heads=heads,
        model_options=options or (),
    )
    command = shlex.join(["emogap", *sys.argv[1:]])
    report = run_benchmark(dataset, config, out, jobs=jobs or os.cpu_count() or 1, command=command)
    if as_json:
        content = {"run": report.record, "scores": report.scores, "confounds": report.confounds}
        say_json({"path": str(report.path), **content})
    else:
        _print(report)
    if report.failures:
        raise typer.Exit(1)


def _print(report: "BenchReport") -> None:
    from emogap.reporting.ceilings import BEST_POSSIBLE
    from emogap.reporting.confound_tables import confound_text
    from emogap.reporting.results import RunResults
    from emogap.reporting.tables import text_tables, warning_lines

    results = RunResults(report.path, report.record, report.scores, report.confounds)
    warned = warning_lines(results)
    for line in text_tables(results, beside=confound_text(results)).splitlines():
        if line in warned or line.startswith(BEST_POSSIBLE):
            typer.secho(line, fg=typer.colors.MAGENTA, bold=True)
        else:
            say(line)
