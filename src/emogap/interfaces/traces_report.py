"""Continuous ratings of CEAP-360VR: agreement over time, mean traces, lags; numbers to print, and figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.traces import (
    AgreementCourse,
    PersonLag,
    TraceSet,
    agreement_course,
    agreement_with_others,
    by_question,
    mean_trace,
    person_lags,
)
from emogap.counted_nouns import counted
from emogap.errors import UnknownNameError, UsageError
from emogap.files import write_bytes
from emogap.reporting.figures.agreements import agreement_floor
from emogap.reporting.figures.traces import LagCurve, TraceBand, lag_curves, mean_traces

__all__ = [
    "QuestionTraces",
    "median_known",
    "places_to_tell",
    "report_traces",
    "thirds",
    "traces_as_dict",
    "write_trace_figures",
]


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
    with_others: dict[str, Float[ndarray, " P"]]
    lags: tuple[PersonLag, ...]


def report_traces(
    traces: Sequence[TraceSet], *, question: str | None = None, draws: int = 2_000, seed: int = 0
) -> tuple[QuestionTraces, ...]:
    """Agreement, mean traces and lags of continuous ratings, for every question or one.

    Parameters
    ----------
    traces : sequence of TraceSet
        As :func:`emogap.annotation.traces.read_ceap_traces` gives them.
    question : str, optional
    draws, seed : int
        Resamples of films for the interval of a lag; at least 1.

    Raises
    ------
    UnknownNameError
        If nobody was asked this question.
    UsageError
        If there are fewer than two films or three people, or the films are too short to look for a lag.
    """
    asked = by_question(traces)
    if question is not None and question not in asked:
        raise UnknownNameError("question", question, asked)
    return tuple(
        QuestionTraces(
            name,
            films,
            agreement_course(films),
            {film.stimulus_id: agreement_with_others(film) for film in films},
            person_lags(films, draws=draws, seed=seed),
        )
        for name, films in asked.items()
        if question in (None, name)
    )


def places_to_tell(time_s: Float[ndarray, " T"]) -> tuple[int, ...]:
    """Places of a few round times: 5 s, every 10 s, and the last; of films under 30 s, a tenth of that."""
    step_s = 10.0 if time_s[-1] > 30 else 1.0
    wanted = [step_s / 2, *np.arange(step_s, time_s[-1], step_s), time_s[-1]]
    return tuple(dict.fromkeys(int(np.argmin(np.abs(time_s - one))) for one in wanted))


def thirds(time_s: Float[ndarray, " T"]) -> tuple[int, ...]:
    """Places of the times after one and two thirds, and of the last."""
    return tuple(int(np.argmin(np.abs(time_s - part * time_s[-1] / 3))) for part in (1, 2, 3))


def median_known(values: Float[ndarray, " P"]) -> float:
    """The median of the values that are not NaN; NaN if all are."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else math.nan


def traces_as_dict(traces: QuestionTraces) -> dict[str, object]:
    """All numbers of one question, for JSON; seconds, and values on the scale of the question."""
    course = traces.course
    return {
        "limits": traces.films[0].limits,
        "agreement": {
            name: column.tolist()
            for name, column in (
                ("time_s", course.time_s),
                ("alpha", course.alpha),
                ("low", course.low),
                ("high", course.high),
            )
        },
        "films": [_film_as_dict(film, traces.with_others[film.stimulus_id]) for film in traces.films],
        "lags": [
            {
                "person": lag.person,
                "lag_s": lag.lag_s,
                "low_s": lag.low_s,
                "high_s": lag.high_s,
                "r": lag.r,
                "num_films": lag.num_films,
            }
            for lag in traces.lags
        ],
    }


def _film_as_dict(film: TraceSet, with_others: Float[ndarray, " P"]) -> dict[str, object]:
    band = _band(film)
    return {
        "film": band.panel,
        "time_s": band.time_s,
        "mean": band.mean,
        "low": band.low,
        "high": band.high,
        "r_with_others": dict(zip(film.people, with_others.tolist(), strict=True)),
    }


def write_trace_figures(questions: Sequence[QuestionTraces], out: Path) -> tuple[Path, ...]:
    """Write ``mean_traces.svg``, ``agreement.svg`` and one ``lag_<question>.svg`` per question into the folder `out`.

    Raises
    ------
    UsageError
        If `out` is a file, or is named like one.
    OutputError
        If a figure cannot be written.
    """
    if out.suffix or out.is_file():
        raise UsageError("traces are drawn in several figures", where=str(out), fix="name a folder: --figure figures")
    first = questions[0].films[0]
    people, films = len(first.people), len(questions[0].films)
    bands = [_band(film) for question in questions for film in question.films]
    figures = {
        "mean_traces.svg": mean_traces(
            bands, limits=first.limits, title=f"Mean of {counted(people, 'person')} with 95 % interval at each time"
        ),
        "agreement.svg": _agreement_figure(
            questions, title=f"Krippendorff's alpha over {counted(films, 'film')} at each time"
        ),
    }
    for question in questions:
        curves = [
            LagCurve(lag.person, lag.lags_s.tolist(), lag.curve.tolist(), lag.lag_s, lag.low_s, lag.high_s)
            for lag in question.lags
        ]
        title = (
            f"{question.question.capitalize()}: each person against the mean of the others, {counted(films, 'film')}"
        )
        figures[f"lag_{question.question}.svg"] = lag_curves(curves, title=title)
    for name, content in figures.items():
        write_bytes(out / name, content.encode())
    return tuple(out / name for name in figures)


def _agreement_figure(questions: Sequence[QuestionTraces], *, title: str) -> str:
    bands = [
        TraceBand(
            one.question,
            one.question,
            *(column.tolist() for column in (one.course.time_s, one.course.alpha, one.course.low, one.course.high)),
        )
        for one in questions
    ]
    low = agreement_floor(end for band in bands for end in band.low)
    return mean_traces(bands, limits=(low, 1.0), title=title)


def _band(film: TraceSet) -> TraceBand:
    mean = mean_trace(film)
    columns = (mean.time_s, mean.mean, mean.low, mean.high)
    return TraceBand(film.stimulus_id, film.question, *(column.tolist() for column in columns))
