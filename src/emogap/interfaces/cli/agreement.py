"""``emogap agreement``: how far annotators agree."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._agreement_tables import tell_counted, tell_questions, tell_traces, tell_ways
from emogap.interfaces.cli._output import AsJson, say, warn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emogap.interfaces.agreement_report import QuestionAgreement


def run(
    ratings: Annotated[
        str,
        typer.Argument(
            metavar="RATINGS",
            help="A .csv or .parquet file, a folder, a study, a store, votes of CREMA-D, FER+ or MDNS, or the folder of"
            " CEAP-360VR.",
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
        typer.Option(help="Draw what is printed, with intervals: .svg; of traces a folder.", show_default=False),
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

    Counts of votes (CREMA-D, FER+, MDNS) are recognised: coefficients that need no raters, and how the votes of an item
    spread (entropy, share of the winner). Traces (CEAP-360VR, continuous ratings) too: agreement at each time, mean
    traces, each person's agreement with the others and lag; --draws are then of films.

    Example: emogap agreement my-study --question emotion7
    """
    from emogap.errors import UsageError

    chosen = {
        "--method": method != "all",
        "--scale": scale is not None,
        "--machines": machines,
        "--complete": complete,
    }
    if not table_vi and (truth or machine is not None):
        raise UsageError("--truth and --machine go with --table-vi only", fix="emogap agreement STUDY --table-vi")
    if table_vi:
        _refuse(chosen, "--table-vi chooses coefficient, annotators and items itself", where=ratings)
        _compare_ways(ratings, question, machine, truth=truth, draws=draws, seed=seed, figure=figure, as_json=as_json)
    elif _is_traces(ratings):
        _refuse(chosen, "these are traces, ratings moment by moment, which have measures of their own", where=ratings)
        _measure_traces(ratings, question, draws=draws, seed=seed, figure=figure, as_json=as_json)
    elif _is_counts(ratings):
        unfit = chosen | {"--question": question is not None}
        _refuse(unfit, "this file holds counts of votes, not who gave them", where=ratings)
        _measure_counts(ratings, draws=draws, seed=seed, figure=figure, as_json=as_json)
    else:
        from emogap.interfaces.agreement_report import report_agreement, write_figure

        _require_svg(figure)
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
            _note(ratings, figure)
            write_figure(reports, figure)
        tell_questions(reports, as_json=as_json)
        _say_drawn(figure, as_json=as_json)
        _warn_of_undefined(reports)


def _refuse(options: "Mapping[str, bool]", why: str, *, where: str) -> None:
    """Refuse options that do not apply; those that are True were given."""
    from emogap.errors import UsageError

    unfit = ", ".join(name for name, is_given in options.items() if is_given)
    if unfit:
        raise UsageError(f"{why}: {unfit} does not apply", where=where, fix=f"leave out {unfit}")


def _require_svg(figure: Path | None) -> None:
    from emogap.interfaces.consensus_table import require_suffix

    require_suffix(figure, (".svg",))


def _note(ratings: str, figure: Path) -> None:
    from emogap.interfaces.consensus_table import note_items

    note_items(ratings, figure, by="agreement")


def _say_drawn(figure: Path | None, *, as_json: bool) -> None:
    if figure is not None and not as_json:
        say(f"drawn in {figure}")


def _compare_ways(
    ratings: str,
    question: str | None,
    machine: str | None,
    *,
    truth: bool,
    draws: int,
    seed: int,
    figure: Path | None,
    as_json: bool,
) -> None:
    from emogap.errors import UsageError
    from emogap.interfaces.labels_and_truth import compare_with_truth
    from emogap.interfaces.ways_figure import write_ways_figure
    from emogap.interfaces.ways_to_annotate import compare_ways

    if truth and draws == 0:
        raise UsageError("--truth needs resamples of people", fix="leave --draws out")
    _require_svg(figure)
    cells = compare_ways(ratings, question=question, machine=machine, draws=draws, seed=seed)
    report = compare_with_truth(ratings, machine=machine, draws=draws, seed=seed) if truth else None
    if figure is not None:
        _note(ratings, figure)
        write_ways_figure(cells, report, figure)
    tell_ways(cells, report, as_json=as_json)
    _say_drawn(figure, as_json=as_json)


def _is_traces(ratings: str) -> bool:
    from emogap.annotation.traces import holds_ceap_traces

    return holds_ceap_traces(Path(ratings))


def _measure_traces(
    ratings: str, question: str | None, *, draws: int, seed: int, figure: Path | None, as_json: bool
) -> None:
    from emogap.annotation.traces import read_ceap_traces
    from emogap.errors import UsageError
    from emogap.interfaces.traces_report import report_traces, write_trace_figures

    if draws == 0:
        raise UsageError("the interval of a lag needs resamples of films", fix="leave --draws out")
    questions = report_traces(read_ceap_traces(Path(ratings)), question=question, draws=draws, seed=seed)
    if figure is not None:
        _note(ratings, figure)
        write_trace_figures(questions, figure)
    tell_traces(questions, as_json=as_json)
    _say_drawn(figure, as_json=as_json)


def _is_counts(ratings: str) -> bool:
    from emogap.annotation.votes import recognise_counts

    return recognise_counts(Path(ratings)) is not None


def _measure_counts(ratings: str, *, draws: int, seed: int, figure: Path | None, as_json: bool) -> None:
    from emogap.errors import UsageError
    from emogap.interfaces.counted_figure import write_counted_figure
    from emogap.interfaces.counted_votes import agreement_of_counts, open_counts

    if draws == 0:
        raise UsageError("intervals of counts need resamples", fix="leave --draws out")
    _require_svg(figure)
    parts = open_counts(ratings)
    assert parts is not None
    measured = agreement_of_counts(parts, draws=draws, seed=seed)
    if figure is not None:
        _note(ratings, figure)
        write_counted_figure(measured, figure)
    tell_counted(measured, as_json=as_json)
    _say_drawn(figure, as_json=as_json)


def _warn_of_undefined(reports: "Sequence[QuestionAgreement]") -> None:
    for report in reports:
        for result in report.results:
            if result.undefined_draws:
                has_limits = result.low == result.low
                warn(
                    f"{report.question}: {result.method} was undefined in {result.undefined_draws} of {result.draws} "
                    f"resamples, {'which are left out of its interval' if has_limits else 'too many for an interval'}"
                )
