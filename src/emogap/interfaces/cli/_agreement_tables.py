"""The tables that ``emogap agreement`` prints: of ratings, of counted votes, of traces, and of ways to annotate."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emogap.interfaces.cli._output import counted, say, say_json

if TYPE_CHECKING:
    from emogap.annotation.agreement import AgreementResult
    from emogap.interfaces.agreement_report import QuestionAgreement
    from emogap.interfaces.counted_votes import CountedAgreement
    from emogap.interfaces.labels_and_truth import TruthReport
    from emogap.interfaces.traces_report import QuestionTraces
    from emogap.interfaces.ways_to_annotate import WayAgreement

__all__ = ["tell_counted", "tell_questions", "tell_traces", "tell_ways"]


def tell_counted(measured: "Sequence[CountedAgreement]", *, as_json: bool) -> None:
    """Coefficients of counts of votes, and how the votes of an item spread."""
    if as_json:
        from dataclasses import asdict

        say_json({"counts": [asdict(one) for one in measured]})
        return
    wide = max(16, *(len(one.name) + 2 for one in measured))
    say("counts of votes, without who gave them: no kappa between raters, no ICC, no reliability of a rater")
    heads = f"{'krippendorff_alpha':<24}{'fleiss_kappa':<24}{'settled':>8}{'ties':>7}"
    say(f"  {'':<{wide}}{'items':>7}  {'votes':<7}{heads}")
    for one in measured:
        votes = str(one.fewest) if one.fewest == one.most else f"{one.fewest}-{one.most}"
        alpha, kappa = (
            "-" if found is None else f"{_number(found.estimate)} {_interval(found.low, found.high)}"
            for found in (one.alpha, one.kappa)
        )
        start = f"  {one.name:<{wide}}{one.num_items:>7}  {votes:<7}{alpha:<24}{kappa:<24}"
        say(f"{start}{one.settled:>8.1%}{one.num_tied:>7}")
    clusters = "; ".join(dict.fromkeys(one.alpha.clusters for one in measured))
    say(f"95 % over {clusters}; settled: more than half of the votes are for one answer")
    say("fleiss_kappa: only of words with equally many votes on every item")
    _tell_spread(measured, wide)


def _tell_spread(measured: "Sequence[CountedAgreement]", wide: int) -> None:
    from emogap.interfaces.counted_votes import SPREAD_AT

    ends = "".join(f"{f'{at:.0%}':>6}" for at in SPREAD_AT)
    say("how the votes of an item spread: mean, and quantiles over the items")
    has_levels = any(one.spread is not None for one in measured)
    levels = "  levels apart" if has_levels else ""
    say(f"  {'':<{wide}}{'entropy (bits)':<38}{'share of the winner':<36}{levels}".rstrip())
    say(f"  {'':<{wide}}{'mean':>6}{ends}  {'mean':>6}{ends}")
    for one in measured:
        numbers = "  ".join(
            f"{spread.mean:>6.2f}" + "".join(f"{value:>6.2f}" for value in spread.quantiles)
            for spread in (one.entropy_bits, one.winner_share)
        )
        apart = "" if one.spread is None else f"{one.spread:>14.2f}"
        say(f"  {one.name:<{wide}}{numbers}{apart}")


def tell_questions(reports: "Sequence[QuestionAgreement]", *, as_json: bool) -> None:
    """Every coefficient of every question, who was left out, and what is assumed."""
    if as_json:
        say_json({"questions": {report.question: _question_as_json(report) for report in reports}})
        return
    for report in reports:
        _tell_question(report)
    from emogap.annotation.agreement import AGREEMENT

    say("what they assume:")
    for name in dict.fromkeys(result.method for report in reports for result in report.results):
        say(f"  {name}: {AGREEMENT.open(name).ASSUMES}")


def _question_as_json(report: "QuestionAgreement") -> dict[str, object]:
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

    return asdict(result) | {"assumes": AGREEMENT.open(result.method).ASSUMES}


def _tell_question(report: "QuestionAgreement") -> None:
    from emogap.annotation.agreement import AGREEMENT

    annotators = counted(len(report.annotators), "annotator")
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


def tell_ways(cells: "Sequence[WayAgreement]", truth: "TruthReport | None", *, as_json: bool) -> None:
    """Four ways to annotate, and how close each is to the truth."""
    if as_json:
        from dataclasses import asdict

        known = None if truth is None else asdict(truth)
        say_json({"table_vi": [_cell_as_json(cell) for cell in cells], "truth": known})
        return
    _tell_cells(cells)
    if truth is not None:
        _tell_truth(truth)


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


def _tell_cells(cells: "Sequence[WayAgreement]") -> None:
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


def _tell_truth(report: "TruthReport") -> None:
    say(
        f"the truth of {counted(report.num_clips, 'clip')}: {report.true_gap:.3f} of them show another emotion"
        " than the one felt. "
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


def tell_traces(questions: "Sequence[QuestionTraces]", *, as_json: bool) -> None:
    """Agreement over time, mean traces, and the lag of every person."""
    if as_json:
        from emogap.interfaces.traces_report import traces_as_dict

        say_json({"traces": {one.question: traces_as_dict(one) for one in questions}})
        return
    from emogap.annotation.traces.lag import FROM_S

    first = questions[0].films[0]
    people, films = len(first.people), len(questions[0].films)
    say(
        f"traces of {counted(people, 'person')} on {counted(films, 'film')}, one value every {first.step_s:g} s"
        f" up to {first.time_s[-1]:g} s"
    )
    for one in questions:
        low, high = one.films[0].limits
        say(f"{one.question} ({low:g} to {high:g})")
        _tell_course(one)
        _tell_films(one)
        _tell_lags(one)
    say("alpha: Krippendorff's, with the films as items, 95 % by leaving out one person at a time")
    say("mean: 95 % over people at that time alone; r: of a person with the mean of the others, median over people")
    say(f"lag: against the mean of the others, the first {FROM_S:g} s left out, 95 % when other films are drawn;")
    say("  positive = later than the others; - = no peak within the range looked at")


def _tell_course(traces: "QuestionTraces") -> None:
    from emogap.interfaces.traces_report import places_to_tell

    say(f"  {'seconds':<9}{'alpha':>6}  95 % over people")
    course = traces.course
    for place in places_to_tell(course.time_s):
        interval = _interval(course.low[place], course.high[place], digits=2)
        say(f"  {course.time_s[place]:<9g}{_number(course.alpha[place], digits=2):>6}  {interval}")


def _tell_films(traces: "QuestionTraces") -> None:
    from emogap.annotation.traces import mean_trace
    from emogap.interfaces.traces_report import median_known, thirds

    places = thirds(traces.course.time_s)
    heads = "".join(f"{f'mean at {traces.course.time_s[place]:g} s':<20}" for place in places)
    say(f"  {'film':<9}{heads}{'r':>6}  never moves")
    for film in traces.films:
        mean = mean_trace(film)
        cells = "".join(
            f"{f'{mean.mean[place]:.2f} {_interval(mean.low[place], mean.high[place], digits=2)}':<20}"
            for place in places
        )
        r = traces.with_others[film.stimulus_id]
        still = [person for person, value in zip(film.people, r, strict=True) if value != value]
        say(f"  {film.stimulus_id:<9}{cells}{_number(median_known(r), digits=2):>6}  {', '.join(still) or '-'}")


def _tell_lags(traces: "QuestionTraces") -> None:
    say(f"  {'person':<9}{'lag (s)':>8}  {'95 % over films':<18}{'r':>6}{'films':>7}")
    for lag in traces.lags:
        told = "-" if lag.lag_s != lag.lag_s else f"{lag.lag_s:+.2f}"
        interval = "-" if lag.low_s != lag.low_s else f"[{lag.low_s:+.1f}, {lag.high_s:+.1f}]"
        say(f"  {lag.person:<9}{told:>8}  {interval:<18}{_number(lag.r, digits=2):>6}{lag.num_films:>7}")


def _number(value: float, *, digits: int = 3) -> str:
    # Adding 0 turns -0.000 into 0.000.
    return "undefined" if value != value else f"{round(value, digits) + 0.0:.{digits}f}"


def _interval(low: float, high: float, *, digits: int = 3) -> str:
    return "-" if low != low else f"[{_number(low, digits=digits)}, {_number(high, digits=digits)}]"
