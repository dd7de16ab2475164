"""``emogap agreement``: how far annotators agree."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emogap.annotation.agreement import AgreementResult
    from emogap.interfaces.agreement_report import QuestionAgreement
    from emogap.interfaces.counted_votes import CountedAgreement
    from emogap.interfaces.labels_and_truth import TruthReport
    from emogap.interfaces.ways_to_annotate import WayAgreement


def run(
    ratings: Annotated[
        str,
        typer.Argument(
            metavar="RATINGS",
            help="A .csv or .parquet file, a folder, a study, a store, or votes of CREMA-D, FER+ or MDNS.",
            show_default=False,
        ),
    ],
    method: Annotated[str, typer.Option(help="Coefficients, separated by commas, or all.")] = "all",
    question: Annotated[
        str | None, typer.Option(help="Only this question; all of them if not given.", show_default=False)
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(help="nominal, ordinal or interval, where it cannot be told from the file.", show_default=False),
    ] = None,
    machines: Annotated[bool, typer.Option("--machines", help="Count annotators named machine-* too.")] = False,
    complete: Annotated[bool, typer.Option("--complete", help="Leave out items that not everybody rated.")] = False,
    draws: Annotated[int, typer.Option(min=0, help="Resamples of items for each interval; 0 = none.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the resamples.")] = 0,
    figure: Annotated[
        Path | None,
        typer.Option(help="Draw every coefficient with its interval: .svg.", show_default=False),
    ] = None,
    table_vi: Annotated[
        bool, typer.Option("--table-vi", help="Compare machine, experts, both and ALA, as table VI of EMER.")
    ] = False,
    machine: Annotated[
        str | None, typer.Option(help="--table-vi: which machine, if several judged.", show_default=False)
    ] = None,
    truth: Annotated[
        bool, typer.Option("--truth", help="--table-vi of a simulated study: open truth.parquet, compare labels.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure how far annotators agree, with intervals over items.

    Coefficients: krippendorff_alpha (any scale, any gaps), cronbach_alpha (with Feldt's interval), fleiss_kappa,
    cohen_kappa, cohen_kappa_linear, cohen_kappa_quadratic, gwet_ac1, icc1, icc2_1, icc2_k, icc3_k. One that does not
    exist for the scale, or cannot have missing ratings, says so. Programs (machine-*) count only with --machines.

    --table-vi compares four ways to annotate by Cronbach's alpha and says what plays the items of the test. On a
    simulated study --truth adds how close the labels of each way are to the truth, and which emotion gap they measure.

    Example: emogap agreement my-study --question emotion7
    """
    from emogap.errors import UsageError

    if not table_vi and (truth or machine is not None):
        raise UsageError("--truth and --machine go with --table-vi only", fix="emogap agreement STUDY --table-vi")
    if table_vi and (machines or complete or method != "all" or scale is not None or figure is not None):
        raise UsageError(
            "--table-vi chooses coefficient, annotators and items itself, and is not drawn",
            fix="leave out --method, --scale, --machines, --complete and --figure",
        )
    if table_vi:
        _table_vi(ratings, question=question, machine=machine, truth=truth, draws=draws, seed=seed, as_json=as_json)
        return
    from emogap.interfaces.counted_votes import agreement_of_counts, open_counts

    parts = open_counts(ratings)
    if parts is not None:
        if draws == 0:
            raise UsageError("intervals of counts need resamples", fix="leave --draws out")
        if machines or complete or method != "all" or scale is not None or question is not None or figure is not None:
            raise UsageError(
                "this file holds counts of votes, not who gave them: it supports two coefficients only, as a table",
                where=ratings,
                fix="leave out --method, --question, --scale, --machines, --complete and --figure",
            )
        _tell_counted(agreement_of_counts(parts, draws=draws, seed=seed), as_json=as_json)
        return
    from emogap.interfaces.agreement_report import report_agreement, write_figure
    from emogap.interfaces.consensus_table import require_suffix

    require_suffix(figure, (".svg",))

    reports = report_agreement(
        ratings,
        methods=method,
        question=question,
        scale=scale,
        machines=machines,
        complete=complete,
        draws=draws,
        seed=seed,
    )
    if figure is not None:
        write_figure(reports, figure)
    if as_json:
        say_json({"questions": {report.question: _as_json(report) for report in reports}})
    else:
        for report in reports:
            _print(report)
        _print_assumptions(reports)
        if figure is not None:
            say(f"drawn in {figure}")
    for report in reports:
        for result in report.results:
            if result.undefined_draws:
                warn(
                    f"{report.question}: {result.method} was undefined in {result.undefined_draws} of {result.draws} "
                    "resamples, which are left out of its interval"
                )


def _tell_counted(measured: "Sequence[CountedAgreement]", *, as_json: bool) -> None:
    if as_json:
        from dataclasses import asdict

        say_json({"counts": [asdict(one) for one in measured]})
        return
    say("counts of votes, without who gave them: no kappa between raters, no ICC, no reliability of a rater")
    say(f"  {'':<16}{'items':>7}  {'votes':<7}{'krippendorff_alpha':<23}{'fleiss_kappa':<23}{'entropy':>8}{'ties':>7}")
    for one in measured:
        votes = str(one.fewest) if one.fewest == one.most else f"{one.fewest}-{one.most}"
        alpha, kappa = (
            "-" if found is None else f"{_number(found.estimate)} {_interval(found.low, found.high)}"
            for found in (one.alpha, one.kappa)
        )
        start = f"  {one.name:<16}{one.num_items:>7}  {votes:<7}{alpha:<23}{kappa:<23}"
        say(f"{start}{one.entropy_bits:>8.2f}{one.num_tied:>7}")
    clusters = "; ".join(dict.fromkeys(one.alpha.clusters for one in measured))
    say(f"95 % over {clusters}; entropy in bits; fleiss_kappa only of words with equally many votes on every item")


def _as_json(report: "QuestionAgreement") -> dict[str, object]:
    return {
        "scale": report.scale,
        "annotators": report.annotators,
        "results": [_result_as_json(result) for result in report.results],
        "refused": dict(report.refused),
        "left_out": report.left_out,
    }


def _result_as_json(result: "AgreementResult") -> dict[str, object]:
    from dataclasses import asdict

    from emogap.annotation.agreement import AGREEMENT

    numbers = {name: None if value != value else value for name, value in asdict(result).items()}
    return numbers | {"assumes": AGREEMENT.open(result.method).ASSUMES}


def _print(report: "QuestionAgreement") -> None:
    from emogap.annotation.agreement import AGREEMENT

    annotators = f"{len(report.annotators)} annotators" if len(report.annotators) != 1 else "1 annotator"
    say(f"{report.question} ({report.scale}, {annotators})")
    if report.results:
        say(f"  {'':<24}{'estimate':>9}  {'95 % over items':<17}{'items':>6}{'ratings':>9}")
    for result in report.results:
        feldt = "" if result.feldt is None else f"  Feldt [{result.feldt[0]:.3f}, {result.feldt[1]:.3f}]"
        say(
            f"  {result.method:<24}{_number(result.estimate):>9}  {_interval(result.low, result.high):<17}"
            f"{result.num_items:>6}{result.num_ratings:>9}{feldt}"
        )
    strangers = [name for name in report.refused if report.scale not in AGREEMENT.open(name).SCALES]
    for name, why in report.refused.items():
        if name not in strangers or not report.results:
            say(f"  {name:<24}{'-':>9}  {why}")
    if strangers and report.results:
        say(f"  not for {report.scale} ratings: {', '.join(strangers)}")
    for sentence in report.left_out:
        say(f"  left out: {sentence}")


def _print_assumptions(reports: "Sequence[QuestionAgreement]") -> None:
    from emogap.annotation.agreement import AGREEMENT

    say("what they assume:")
    for name in dict.fromkeys(result.method for report in reports for result in report.results):
        say(f"  {name}: {AGREEMENT.open(name).ASSUMES}")


def _table_vi(
    ratings: str, *, question: str | None, machine: str | None, truth: bool, draws: int, seed: int, as_json: bool
) -> None:
    from emogap.errors import UsageError
    from emogap.interfaces.ways_to_annotate import compare_ways

    if truth and draws == 0:
        raise UsageError("--truth needs resamples of people", fix="leave --draws out")
    cells = compare_ways(ratings, question=question, machine=machine, draws=draws, seed=seed)
    report = None
    if truth:
        from emogap.interfaces.labels_and_truth import compare_with_truth

        report = compare_with_truth(ratings, machine=machine, draws=draws, seed=seed)
    if as_json:
        from dataclasses import asdict

        say_json(
            {
                "table_vi": [_cell_as_json(cell) for cell in cells],
                "truth": None if report is None else asdict(report),
            }
        )
        return
    _print_ways(cells)
    if report is not None:
        _print_truth(report)


def _cell_as_json(cell: "WayAgreement") -> dict[str, object]:
    return {
        "way": cell.way,
        "label": cell.label,
        "question": cell.question,
        "played_by": cell.played_by,
        "cronbach_alpha": None if cell.alpha is None else _result_as_json(cell.alpha),
        "krippendorff_alpha": None if cell.krippendorff is None else _result_as_json(cell.krippendorff),
        "why": cell.why,
    }


def _print_ways(cells: "Sequence[WayAgreement]") -> None:
    say("Cronbach's alpha of four ways to annotate (table VI of EMER), 95 % over clips; Krippendorff's beside it")
    say(f"  {'':<20}{'':<10}{'alpha':>6}  {'95 %':<16}{'clips':>6}  Krippendorff")
    reasons = {way: [cell.why for cell in cells if cell.way == way] for way in dict.fromkeys(c.way for c in cells)}
    for cell in cells:
        start = f"  {cell.way:<20}{cell.label:<10}"
        if cell.alpha is None or cell.krippendorff is None:
            if len(set(reasons[cell.way])) > 1:
                say(f"{start}{'-':>6}  {cell.why}")
            elif cell.label == "category":
                say(f"  {cell.way:<20}{'all three':<10}{'-':>6}  {cell.why}")
        else:
            interval = _interval(cell.alpha.low, cell.alpha.high)
            single = _number(cell.krippendorff.estimate)
            say(f"{start}{_number(cell.alpha.estimate):>6}  {interval:<16}{cell.alpha.num_items:>6}  {single}")
    say("what plays the items of the test:")
    for cell in cells:
        if cell.alpha is not None:
            say(f"  {cell.way}, {cell.label} ({cell.question}): {cell.played_by}")


def _print_truth(report: "TruthReport") -> None:
    say(
        f"the truth of {report.num_clips} clips: {report.true_gap:.3f} of them show another emotion than the one felt. "
        f"ala-paper accepts {report.num_accepted} unseen: the gap measured on them is 0 by construction, in truth "
        f"{report.num_accepted_wrong} of them show another emotion than reported"
    )
    say(f"  {'emotion7 by':<20}{'method':<16}{'right':>6}  {'95 % over people':<17}{'UAR':>6}  gap measured")
    for row in report.categories:
        gap = "-" if row.gap is None else f"{row.gap.estimate:.3f} {_interval(row.gap.low, row.gap.high)}"
        right = f"{row.right.estimate:>6.3f}  {_interval(row.right.low, row.right.high):<17}"
        say(f"  {row.way:<20}{row.method:<16}{right}{row.uar:>6.3f}  {gap}")
    if report.values:
        say(f"  {'':<10}{'by':<20}{'method':<16}{'RMSE':>6}{'CCC':>8}   (majority: the mean of the ratings)")
    for value in report.values:
        say(f"  {value.question:<10}{value.way:<20}{value.method:<16}{value.rmse:>6.3f}{value.ccc:>8.3f}")


def _number(value: float) -> str:
    # Adding 0 turns -0.000 into 0.000.
    return "undefined" if value != value else f"{round(value, 3) + 0.0:.3f}"


def _interval(low: float, high: float) -> str:
    return "-" if low != low else f"[{_number(low)}, {_number(high)}]"
