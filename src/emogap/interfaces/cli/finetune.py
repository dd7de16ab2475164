"""``emogap finetune``: a pre-trained network of gaze, fitted to labels, beside what it must beat."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.finetuning import FinetuneReport
    from emogap.learning.finetuning.scores import RowScores


def run(
    checkpoint: Annotated[Path, typer.Argument(metavar="CKPT", help="Folder made by 'emogap pretrain'.")],
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Index of gaze for vad and behaviour; data set for a protocol.")
    ],
    task: Annotated[str, typer.Option(help="vad, behaviour, or a protocol such as target3 or felt-va.")],
    out: Annotated[Path, typer.Option(metavar="OUT", help="Folder to make; the same command goes on in it.")],
    labels: Annotated[
        Path | None, typer.Option(help="For vad and behaviour: labels as .json or .parquet.", show_default=False)
    ] = None,
    test: Annotated[
        str, typer.Option(help="People to test, p1,p2; none; else a fifth whom CKPT has not seen.", show_default=False)
    ] = "",
    head: Annotated[str, typer.Option(help="mlp, tcn, gru or transformer.")] = "tcn",
    chunk: Annotated[float, typer.Option(help="Length of a chunk that the head reads, 0.5 to 4 s.")] = 1.0,
    epochs: Annotated[int, typer.Option(help="Passes over the training windows.")] = 15,
    batch: Annotated[int, typer.Option(help="Windows per step.")] = 128,
    head_first: Annotated[int, typer.Option(help="Epochs in which only the head learns.")] = 0,
    unfrozen: Annotated[float, typer.Option(help="Share of the encoder's layers that learn, the last ones.")] = 1.0,
    loss: Annotated[str, typer.Option(help="For values: mse-r or ccc.")] = "mse-r",
    standardise_by: Annotated[str, typer.Option(help="Whose mean and SD of gaze: training or pretraining.")] = (
        "training"
    ),
    tail_share: Annotated[
        float | None, typer.Option(help="Undersample usual training windows; 0.333 as the authors.", show_default=False)
    ] = None,
    seeds: Annotated[int, typer.Option(help="Fits whose mean is told; their spread is the interval of 'vad'.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the people drawn, and of the first fit.")] = 0,
    baselines: Annotated[bool, typer.Option(help="Whether to fit what it must beat, too.")] = True,
    as_json: AsJson = False,
) -> None:
    """Fine-tune a pre-trained network of gaze to values or classes, and test it on people nobody has seen.

    Whoever pre-training saw is no test person. Beside it: the mean, 29 statistics with a linear model, a temporal
    CNN, and the same network from random weights, which shows what pre-training is worth.

    Example: emogap finetune CKPT G1 --task vad --labels vad.json --head tcn --seeds 3 --out F1
    """
    from emogap.interfaces.finetuning import finetune_by_name

    report = finetune_by_name(
        checkpoint,
        data,
        out,
        task=task,
        labels=labels,
        test=test,
        head={"kind": head, "chunk_s": chunk},
        options={
            "epochs": epochs,
            "batch_size": batch,
            "head_first_epochs": head_first,
            "unfrozen_share": unfrozen,
            "loss": loss,
            "standardise_by": standardise_by,
            "tail_share": tail_share,
            "num_seeds": seeds,
            "seed": seed,
        },
        with_baselines=baselines,
    )
    if as_json:
        say_json({"path": str(out), **report.as_json()})
        return
    _print(report)
    for doubt in report.doubts:
        warn(f"note: {doubt}")


def _print(report: "FinetuneReport") -> None:
    windows, split, config = report.windows, report.split, report.config
    say(f"{windows.question.name} on {windows.name}: {counted(windows.num_windows, 'window')}, in {report.path}")
    for title, side, rows in (
        ("trained", "training", split.training),
        ("selected", "validation", split.validation),
        ("tested", "test", split.test),
    ):
        people = report.people(side)
        named = f": {', '.join(people)}" if side == "test" and 0 < len(people) <= 8 else ""
        say(f"  {title:<9} {counted(len(rows), 'window')} of {counted(len(people), 'person')}{named}")
    for reason, count in windows.dropped.items():
        if count:
            say(f"  left out  {count} {reason}")
    seeds = counted(config.num_seeds, "seed")
    say(f"  head      {config.head.kind}, chunks of {config.head.chunk_s:g} s; {seeds}")
    if report.rows:
        _print_scores(report.rows)


def _print_scores(rows: "tuple[RowScores, ...]") -> None:
    """A block per output: every row with its interval over people, and what pre-training is worth."""
    from emogap.reporting.numbers import METRIC_TITLES, interval, signed_interval

    for output, first in rows[0]["metrics"].items():
        say("")
        headings = "".join(f"{METRIC_TITLES[metric]:<19}" for metric in first)
        say(f"  {output:<12}{headings}".rstrip())
        for row in rows:
            cells = (f"{interval(record):<19}" for record in row["metrics"][output].values())
            say(f"  {row['row']:<12}{''.join(cells)}".rstrip())
        for row in rows:
            if output in row["gain"]:
                cells = (f"{signed_interval(record):<19}" for record in row["gain"][output].values())
                say(f"  {'  gain':<12}{''.join(cells)}".rstrip())
    say("")
    if any(row["gain"] for row in rows):
        say("  gain: pretrained minus random, on the same windows; limits of 95 % over people")
