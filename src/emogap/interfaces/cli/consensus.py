"""``emogap consensus``: one label per item from the ratings of several annotators."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.annotation.consensus import Consensus
    from emogap.interfaces.consensus_table import ConsensusReport
    from emogap.interfaces.counted_votes import CountedPart

MOST_SHOWN = 12
"""So many items are printed, and only if one question is; files and --json hold all."""


def run(
    ratings: Annotated[
        str,
        typer.Argument(
            metavar="RATINGS",
            help="A .csv or .parquet file, a folder, a study, a store, or votes of CREMA-D, FER+ or MDNS.",
            show_default=False,
        ),
    ],
    method: Annotated[str, typer.Option(help="majority, em_reliability, dawid_skene or gaussian.")] = "em_reliability",
    question: Annotated[
        str | None, typer.Option(help="Only this question; all of them if not given.", show_default=False)
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(help="nominal, ordinal or interval, where it cannot be told from the file.", show_default=False),
    ] = None,
    machines: Annotated[bool, typer.Option("--machines", help="Let annotators named machine-* vote too.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write every item: .csv or .parquet.", show_default=False)] = None,
    annotators: Annotated[
        Path | None, typer.Option(help="Write every annotator: .csv or .parquet.", show_default=False)
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Draw the reliability of every annotator: .svg.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find one label per item, say how far each is settled, and how reliable every annotator is.

    majority counts votes, or takes the mean of numbers. em_reliability estimates one reliability per annotator and
    weighs votes by it (words and numbers). dawid_skene estimates a confusion matrix per annotator (words). gaussian
    estimates bias and variance of each annotator (numbers). Any rating may be missing.

    A label is the category that leads alone. Ties have no label, shares of all categories are kept. An item is
    settled if its label has more than half, from two ratings or more; otherwise the table says why not: tie,
    plurality, one rating, no weight (only annotators with reliability 0 rated it), no rating.

    Exit code 1 if a question could not be settled by the method; the rest is printed and saved.

    Example: emogap consensus my-study --question emotion7 --out consensus.csv
    """
    from emogap.interfaces.counted_votes import open_counts

    parts = open_counts(ratings)
    if parts is not None:
        _refuse_with_counts(
            ratings, question=question, scale=scale, machines=machines, annotators=annotators, figure=figure
        )
        _tell_counted(parts, ratings, method=method, out=out, as_json=as_json)
        return
    from emogap.interfaces.consensus_table import (
        annotator_frame,
        item_frame,
        note_items,
        report_consensus,
        require_suffix,
        write_figure,
        write_frame,
    )

    for path in (out, annotators):
        require_suffix(path)
    require_suffix(figure, (".svg",))
    report = report_consensus(ratings, method=method, question=question, scale=scale, machines=machines)
    if out is not None:
        note_items(ratings, out, by="consensus")
        write_frame(item_frame(report.questions), out)
    if annotators is not None:
        write_frame(annotator_frame(report.questions), annotators)
    if figure is not None:
        write_figure(report, figure)
    written = [os.fspath(path) for path in (out, annotators, figure) if path is not None]
    if as_json:
        say_json(_as_json(report, written))
    else:
        _print(report, written)
    for name, why in report.left_out:
        warn(f"{name} is left out: {why}")
    for name, consensus in report.questions.items():
        for doubt in consensus.doubts:
            warn(f"{name}: {doubt}")
    if report.failures:
        raise typer.Exit(1)


def _refuse_with_counts(ratings: str, **options: object) -> None:
    from emogap.errors import UsageError

    given = [f"--{name}" for name, value in options.items() if value]
    if given:
        raise UsageError(
            f"this file holds counts of votes, not who gave them: {given[0]} does not apply",
            where=ratings,
            fix=f"leave out {', '.join(given)}",
        )


def _tell_counted(
    parts: "tuple[CountedPart, ...]", ratings: str, *, method: str, out: Path | None, as_json: bool
) -> None:
    from dataclasses import asdict

    from emogap.interfaces.consensus_table import require_suffix
    from emogap.interfaces.counted_votes import consensus_of_counts, write_consensus_of_counts

    require_suffix(out)
    found = consensus_of_counts(parts, method, where=ratings)
    if out is not None:
        write_consensus_of_counts(parts, out)
    if as_json:
        say_json({"counts": [asdict(one) for one in found], "written": None if out is None else os.fspath(out)})
        return
    say("majority of counted votes; who gave them is not known, so no method that weighs raters applies")
    say(f"  {'':<16}{'items':>7}{'over half':>11}{'plurality':>11}{'tied':>7}  most often")
    for one in found:
        ordered = sorted(one.leading.items(), key=lambda pair: -pair[1])
        most = ", ".join(f"{category} {number}" for category, number in ordered[:3])
        say(f"  {one.name:<16}{one.num_items:>7}{one.settled:>11}{one.plurality:>11}{one.tied:>7}  {most}")
    if out is not None:
        say(f"written to {out}")


def _as_json(report: "ConsensusReport", written: list[str]) -> dict[str, object]:
    from emogap.interfaces.consensus_table import annotator_frame, item_frame

    return {
        "method": report.method,
        "questions": {
            name: {
                "items": item_frame({name: consensus}).drop("question").to_dicts(),
                "annotators": annotator_frame({name: consensus}).drop("question").to_dicts(),
                "categories": consensus.categories,
                "confusion": _numbers_or_none(consensus),
                "log_likelihood": [] if consensus.log_likelihood is None else consensus.log_likelihood.tolist(),
                "converged": consensus.converged,
                "doubts": consensus.doubts,
            }
            for name, consensus in report.questions.items()
        },
        "left_out": [{"question": name, "why": why} for name, why in report.left_out],
        "failures": [{"question": name, "problem": problem} for name, problem in report.failures],
        "written": written,
    }


def _numbers_or_none(consensus: "Consensus") -> dict[str, object] | None:
    """Confusion matrix of each annotator; null for one that was left out."""
    if consensus.confusion is None:
        return None
    return {
        annotator: matrix.tolist() if matrix[0, 0] == matrix[0, 0] else None
        for annotator, matrix in zip(consensus.annotators, consensus.confusion, strict=True)
    }


def _print(report: "ConsensusReport", written: list[str]) -> None:
    from emogap.annotation.consensus import CONSENSUS

    say(f"{report.method}: {CONSENSUS.open(report.method).TITLE}")
    for name, consensus in report.questions.items():
        _print_question(name, consensus)
        if len(report.questions) == 1:
            _print_items(consensus)
    if len(report.questions) > 1:
        say("items: --question NAME prints those of one, --out FILE or --json has all")
    if report.failures:
        say(f"{counted(len(report.failures), 'question')} could not be settled; the rest is done:")
        for name, problem in report.failures:
            say(f"  {name}: {problem}")
    for path in written:
        say(f"written to {path}")


def _print_question(name: str, consensus: "Consensus") -> None:
    from collections import Counter

    num_ratings = int(consensus.num_ratings.sum())
    num_steps = 0 if consensus.log_likelihood is None else len(consensus.log_likelihood)
    steps = f", {counted(num_steps, 'step')}" if num_steps else ""
    say(
        f"{name}: {counted(len(consensus.items), 'item')}, {counted(len(consensus.annotators), 'annotator')},"
        f" {counted(num_ratings, 'rating')}{steps}"
    )
    states = Counter(consensus.states)
    say("  " + ", ".join(f"{states[state]} {state}" for state in sorted(states, key=lambda s: (-states[s], s))))
    _print_annotators(consensus)


def _print_annotators(consensus: "Consensus") -> None:
    if consensus.reliability is None:
        return
    width = max(len("annotator"), *(len(annotator) for annotator in consensus.annotators)) + 2
    has_bias = consensus.bias is not None
    say(f"  {'annotator':<{width}}{'rated':>7}{'reliability':>13}" + (f"{'bias':>9}{'SD':>8}" if has_bias else ""))
    for index, annotator in enumerate(consensus.annotators):
        line = f"  {annotator:<{width}}{consensus.num_rated[index]:>7}{_number(consensus.reliability[index], 13)}"
        if consensus.bias is not None and consensus.variance is not None:
            line += _number(consensus.bias[index], 9) + _number(consensus.variance[index] ** 0.5, 8)
        say(line)


def _print_items(consensus: "Consensus") -> None:
    width = max(len("item"), *(len(item) for item in consensus.items)) + 2
    kind = "value" if consensus.value is not None else "label"
    heading = f"  {'item':<{width}}{kind:<14}{'disagreement':>13}  {'state':<12}" + (
        "  shares" if kind == "label" else ""
    )
    say(heading.rstrip())
    states, labels = consensus.states, consensus.labels
    for index, item in enumerate(consensus.items[:MOST_SHOWN]):
        known = _number(float(consensus.value[index]), 0) if consensus.value is not None else labels[index] or "-"
        line = f"  {item:<{width}}{known:<14}{_number(consensus.disagreement[index], 13)}  {states[index]:<12}"
        say((line + (f"  {_shares(consensus, index)}" if kind == "label" else "")).rstrip())
    if len(consensus.items) > MOST_SHOWN:
        say(f"  ... {len(consensus.items) - MOST_SHOWN} more (--out FILE or --json has all)")


def _shares(consensus: "Consensus", index: int) -> str:
    """Shares above half a percent, largest first."""
    assert consensus.share is not None
    pairs = zip(consensus.share[index].tolist(), consensus.categories, strict=True)
    return ", ".join(
        f"{word} {share:.2f}" for share, word in sorted(pairs, key=lambda pair: -pair[0]) if share >= 0.005
    )


def _number(number: float, width: int) -> str:
    """Three decimals; ``-`` if not known."""
    return f"{number:>{width}.3f}" if number == number else f"{'-':>{width}}"
