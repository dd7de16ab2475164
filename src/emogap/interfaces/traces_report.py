"""Continuous ratings of CEAP-360VR: agreement over time, mean traces, lags; tables and figures."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emogap.annotation.traces import (
    AgreementCourse,
    PersonLag,
    TraceSet,
    agreement_course,
    agreement_with_others,
    by_question,
    mean_trace,
    person_lags,
    read_ceap_traces,
)
from emogap.files import write_bytes
from emogap.reporting.figures.traces import LagCurve, TraceBand, lag_curves, mean_traces

__all__ = ["QuestionTraces", "report_traces", "write_trace_figures"]


@dataclass(frozen=True, slots=True, eq=False)
class QuestionTraces:
    """All that is said of one question.

    Attributes
    ----------
    question : str
    films : tuple of TraceSet
    course : AgreementCourse
        Over films, at each time.
    with_others : dict from film to float array (P,)
        Each person's r with the mean of the others.
    lags : tuple of PersonLag
    """

    question: str
    films: tuple[TraceSet, ...]
    course: AgreementCourse
    with_others: dict[str, np.ndarray]
    lags: tuple[PersonLag, ...]


def report_traces(
    folder: Path, *, step_s: float = 0.5, draws: int = 2_000, seed: int = 0
) -> tuple[QuestionTraces, ...]:
    """Agreement, mean traces and lags of the continuous ratings in `folder` (CEAP-360VR).

    Raises
    ------
    UsageError
        If the folder holds no annotations.
    DataError
        If a file is damaged.
    """
    return tuple(
        QuestionTraces(
            question,
            films,
            agreement_course(films),
            {film.stimulus_id: agreement_with_others(film) for film in films},
            person_lags(films, draws=draws, seed=seed),
        )
        for question, films in by_question(read_ceap_traces(folder, step_s=step_s)).items()
    )


def write_trace_figures(questions: tuple[QuestionTraces, ...], out: Path) -> tuple[Path, ...]:
    """Write ``mean_traces.svg`` and one ``lag_<question>.svg`` per question into the folder `out`.

    Raises
    ------
    OutputError
        If a figure cannot be written.
    """
    bands = [_band(film) for question in questions for film in question.films]
    people = len(questions[0].films[0].people)
    figures = {
        "mean_traces.svg": mean_traces(
            bands,
            limits=questions[0].films[0].limits,
            title=f"Mean of {people} people with 95 % interval at each time",
        )
    }
    for question in questions:
        curves = [
            LagCurve(lag.person, lag.lags_s.tolist(), lag.curve.tolist(), lag.lag_s, lag.low_s, lag.high_s)
            for lag in question.lags
        ]
        title = (
            f"{question.question.capitalize()}: each person against the mean of the others, {len(question.films)} films"
        )
        figures[f"lag_{question.question}.svg"] = lag_curves(curves, title=title)
    for name, content in figures.items():
        write_bytes(out / name, content.encode())
    return tuple(out / name for name in figures)


def _band(film: TraceSet) -> TraceBand:
    mean = mean_trace(film)
    columns = (mean.time_s, mean.mean, mean.low, mean.high)
    return TraceBand(film.stimulus_id, film.question, *(column.tolist() for column in columns))
