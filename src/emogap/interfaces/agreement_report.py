"""Agreement on every question of a source of ratings: which coefficients exist, and who was left out and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emogap.annotation.agreement import AGREEMENT, AgreementResult, complete_items, measure_all
from emogap.annotation.annotators import machines_of, only_annotators, people_of
from emogap.annotation.opening import open_ratings
from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.files import write_bytes
from emogap.reporting.figures.agreements import CoefficientMark, agreement_figure
from emogap.types import RatingTable

__all__ = ["QuestionAgreement", "chosen_methods", "report_agreement", "write_figure"]


@dataclass(frozen=True, slots=True)
class QuestionAgreement:
    """One question.

    Attributes
    ----------
    question : str
    scale : str
    annotators : tuple of str
        Whose ratings were compared.
    results : tuple of AgreementResult
    refused : mapping from method to str
        Coefficients that do not exist for these ratings, and why.
    left_out : tuple of str
        Who and what was left out and why, one sentence each.
    """

    question: str
    scale: str
    annotators: tuple[str, ...]
    results: tuple[AgreementResult, ...]
    refused: Mapping[str, str]
    left_out: tuple[str, ...]


def chosen_methods(words: str) -> tuple[str, ...]:
    """The coefficients that ``a,b`` or ``all`` names.

    Raises
    ------
    UnknownNameError
        If one of them does not exist; with the nearest.
    """
    if words == "all":
        return AGREEMENT.names()
    names = tuple(word.strip() for word in words.split(",") if word.strip())
    if not names:
        raise UsageError("--method names no coefficient", fix=f"all, or some of {', '.join(AGREEMENT.names())}")
    for name in names:
        AGREEMENT.open(name)
    return names


def report_agreement(
    source: str | Path,
    *,
    methods: str = "all",
    question: str | None = None,
    scale: str | None = None,
    machines: bool = False,
    complete: bool = False,
    draws: int = 10_000,
    seed: int = 0,
) -> tuple[QuestionAgreement, ...]:
    """Coefficients of agreement on every question of `source`, or on one.

    Parameters
    ----------
    source : str or Path
        As for :func:`emogap.annotation.opening.open_ratings`.
    methods : str
        ``all``, or names separated by commas.
    question, scale : str, optional
        As for ``open_ratings``.
    machines : bool
        Whether annotators named ``machine-*`` count; by default only people do.
    complete : bool
        Whether to leave out the items that not everybody rated.
    draws : int
        Resamples of items of each interval; 0 = none.
    seed : int

    Raises
    ------
    UnknownNameError
        If there is no such coefficient, question or scale.
    UsageError
        If no coefficient exists for any question; with the first reason.
    DataError
        If the source is no table of ratings.
    """
    names = chosen_methods(methods)
    reports = tuple(
        _report(name, table, names, machines=machines, complete=complete, draws=draws, seed=seed)
        for name, table in open_ratings(source, question=question, scale=scale).items()
    )
    if not any(report.results for report in reports):
        why = [reason for report in reports for reason in (*report.refused.values(), *report.left_out)]
        raise UsageError(
            f"there is nothing to compute: {why[0]}", where=str(source), fix="--method all says why for each"
        )
    return reports


def write_figure(reports: Sequence[QuestionAgreement], path: Path) -> None:
    """Draw every coefficient of every question with its interval, as SVG.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    marks = {
        f"{report.question} ({report.scale}, {counted(len(report.annotators), 'annotator')})": [
            CoefficientMark(result.method, result.estimate, result.low, result.high) for result in report.results
        ]
        for report in reports
        if report.results
    }
    write_bytes(path, agreement_figure(marks, title="Agreement of annotators").encode())


def _report(
    question: str,
    table: RatingTable,
    names: tuple[str, ...],
    *,
    machines: bool,
    complete: bool,
    draws: int,
    seed: int,
) -> QuestionAgreement:
    left_out = []
    compared: RatingTable | None = table
    programs = machines_of(table)
    if programs and not machines:
        compared = only_annotators(table, people_of(table))
        left_out.append(f"{', '.join(programs)}: a program (--machines counts it)")
        if compared is not None and len(compared.items) < len(table.items):
            left_out.append(f"{counted(len(table.items) - len(compared.items), 'item')}: only a program rated them")
    if compared is None:
        return QuestionAgreement(question, table.scale, (), (), {}, (*left_out, "nobody is left who rated"))
    if complete:
        try:
            whole = complete_items(compared)
        except UsageError as error:
            return QuestionAgreement(question, table.scale, compared.annotators, (), {}, (*left_out, error.what))
        if len(whole.items) < len(compared.items):
            left_out.append(
                f"{counted(len(compared.items) - len(whole.items), 'item')}: not rated by everybody (--complete)"
            )
        compared = whole
    num_single = int(np.sum(np.sum(~np.isnan(compared.rating), axis=1) == 1))
    if num_single:
        left_out.append(f"{counted(num_single, 'item')}: one rating, nothing to compare it with")
    results, refused = measure_all(compared, names, draws=draws, seed=seed)
    return QuestionAgreement(question, table.scale, compared.annotators, results, refused, tuple(left_out))
