"""Continuous ratings: what several people said of one film, moment by moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.stats import t as student

from emogap.annotation.agreement import krippendorff_alpha
from emogap.counted_nouns import counted
from emogap.errors import DataError, MismatchError, UsageError
from emogap.types import RatingTable

__all__ = [
    "AgreementCourse",
    "MeanTrace",
    "TraceSet",
    "agreement_course",
    "agreement_with_others",
    "by_question",
    "correlation",
    "mean_trace",
    "own_and_others",
    "require_comparable",
]

LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class TraceSet:
    """Traces of P people on one film and one question, on a common clock.

    Attributes
    ----------
    stimulus_id, question : str
    people : tuple of str, length P
    time_s : float64 array, shape (T,)
        Seconds from the start of the film, evenly spaced.
    value : float64 array, shape (P, T)
        NaN = not annotated.
    limits : (float, float)
        Ends of the scale.
    """

    stimulus_id: str
    question: str
    people: tuple[str, ...]
    time_s: Float[ndarray, " T"]
    value: Float[ndarray, "P T"]
    limits: tuple[float, float]

    def __post_init__(self) -> None:
        if self.value.shape != (len(self.people), len(self.time_s)):
            raise DataError(
                f"traces must have shape ({len(self.people)}, {len(self.time_s)}), got {self.value.shape}",
                where=f"{self.stimulus_id}, {self.question}",
            )
        steps = np.diff(self.time_s)
        if len(steps) and not (steps[0] > 0 and np.allclose(steps, steps[0], atol=1e-6)):
            raise DataError("times of traces must be evenly spaced and increase", where=self.stimulus_id)
        self.time_s.flags.writeable = self.value.flags.writeable = False

    @property
    def step_s(self) -> float:
        """Seconds from one value to the next."""
        return float(self.time_s[1] - self.time_s[0])


@dataclass(frozen=True, slots=True, eq=False)
class MeanTrace:
    """Mean over people at each time, with limits; float64 arrays (T,), in units of the scale.

    `num_people` is how many annotated at each time, `sd` how far they are apart.
    """

    time_s: Float[ndarray, " T"]
    mean: Float[ndarray, " T"]
    low: Float[ndarray, " T"]
    high: Float[ndarray, " T"]
    sd: Float[ndarray, " T"]
    num_people: ndarray


def mean_trace(traces: TraceSet, *, level: float = LEVEL) -> MeanTrace:
    """The mean of the people at each time, with an interval over people.

    Returns
    -------
    MeanTrace
        NaN where fewer than one (mean) or two (limits) people annotated.

    Notes
    -----
    ``m +- t s / sqrt(n)`` with Student's t of n - 1 degrees of freedom, at each time alone: of 20 independent times
    one is expected to lie outside. It is not a band for the whole course. Limits may leave the scale where most
    people are at its end.
    """
    present = np.isfinite(traces.value)
    number = present.sum(axis=0)
    filled = np.where(present, traces.value, 0.0)
    mean = filled.sum(axis=0) / np.where(number > 0, number, np.nan)
    squares = (np.where(present, traces.value - mean, 0.0) ** 2).sum(axis=0)
    sd = np.sqrt(squares / np.where(number > 1, number - 1, np.nan))
    half = student.ppf((1 + level) / 2, np.maximum(number - 1, 1)) * sd / np.sqrt(np.maximum(number, 1))
    return MeanTrace(traces.time_s, mean, mean - half, mean + half, sd, number)


def agreement_with_others(traces: TraceSet) -> Float[ndarray, " P"]:
    """Pearson's r of each person's trace with the mean of the others; NaN for a trace that never moves.

    Returns
    -------
    float64 array, shape (P,), in [-1, 1].

    Raises
    ------
    UsageError
        If there are fewer than two people.

    Notes
    -----
    It asks for the same ups and downs, not for the same level. Traces are smooth: hundreds of samples are a few
    independent ones, so no p value goes with it.
    """
    if len(traces.people) < 2:
        raise UsageError("agreement needs at least two people", where=traces.stimulus_id)
    return np.array([correlation(own, others) for own, others in own_and_others(traces)])


@dataclass(frozen=True, slots=True, eq=False)
class AgreementCourse:
    """Krippendorff's interval alpha over films at each time; float64 arrays (T,)."""

    time_s: Float[ndarray, " T"]
    alpha: Float[ndarray, " T"]
    low: Float[ndarray, " T"]
    high: Float[ndarray, " T"]


def agreement_course(films: Sequence[TraceSet], *, level: float = LEVEL) -> AgreementCourse:
    """How well people agree, at each time after the start, which film is higher and by how much.

    Parameters
    ----------
    films : sequence of TraceSet
        One question, the same people and times, at least two films: they are the items.
    level : float

    Returns
    -------
    AgreementCourse
        NaN where all values are alike, as before anybody has moved. Limits are over people: other people, the same
        films.

    Raises
    ------
    MismatchError
        If people, times or questions differ between films.
    UsageError
        If there are fewer than two films or three people.

    Notes
    -----
    Jackknife: with alpha_i without person i, ``se^2 = (n - 1) / n sum (alpha_i - mean)^2`` and Student's t with n - 1
    degrees of freedom. A bootstrap would draw a person twice, and a person agrees with himself.

    References
    ----------
    Krippendorff (2011), https://repository.upenn.edu/asc_papers/43. Efron and Stein (1981), Annals of Statistics 9(3),
    586-596, doi:10.1214/aos/1176345462.
    """
    require_comparable(films)
    value_FPT = np.stack([film.value for film in films])
    num_people = value_FPT.shape[1]
    everybody = _alphas(value_FPT)
    without = np.stack([_alphas(np.delete(value_FPT, person, axis=1)) for person in range(num_people)])
    spread = ((without - without.mean(axis=0)) ** 2).sum(axis=0)
    half = student.ppf((1 + level) / 2, num_people - 1) * np.sqrt((num_people - 1) / num_people * spread)
    return AgreementCourse(films[0].time_s, everybody, everybody - half, everybody + half)


def _alphas(value_FPT: Float[ndarray, "F P T"]) -> Float[ndarray, " T"]:
    items = tuple(f"film{row}" for row in range(value_FPT.shape[0]))
    people = tuple(f"person{row}" for row in range(value_FPT.shape[1]))
    alphas = np.full(value_FPT.shape[2], np.nan)
    for place in range(value_FPT.shape[2]):
        rating = value_FPT[:, :, place].copy()
        if np.nanmax(rating) > np.nanmin(rating):
            alphas[place] = krippendorff_alpha.coefficient(RatingTable(items, people, rating, "interval"))
    return alphas


def require_comparable(films: Sequence[TraceSet]) -> None:
    """Raise unless there are two films and three people, the same ones at the same times on every film."""
    if len(films) < 2 or len(films[0].people) < 3:
        raise UsageError(f"agreement over films needs two films and three people, got {counted(len(films), 'film')}")
    first = films[0]
    for film in films[1:]:
        is_same = film.people == first.people and film.question == first.question
        if not is_same or len(film.time_s) != len(first.time_s) or not np.allclose(film.time_s, first.time_s):
            raise MismatchError(
                f"people, times or question of {film.stimulus_id} and {first.stimulus_id} differ",
                fix="cut both to the times and people that they share",
            )


def by_question(traces: Sequence[TraceSet]) -> Mapping[str, tuple[TraceSet, ...]]:
    """The traces of each question, in the order given."""
    questions = dict.fromkeys(one.question for one in traces)
    return {question: tuple(one for one in traces if one.question == question) for question in questions}


def own_and_others(traces: TraceSet) -> list[tuple[Float[ndarray, " T"], Float[ndarray, " T"]]]:
    """Each person's trace beside the mean of the others; float64 arrays (T,), NaN = not annotated."""
    present = np.isfinite(traces.value)
    total, number = np.where(present, traces.value, 0.0).sum(axis=0), present.sum(axis=0)
    pairs = []
    for own, is_there in zip(traces.value, present, strict=True):
        others = number - is_there
        pairs.append((own, (total - np.where(is_there, own, 0.0)) / np.where(others > 0, others, np.nan)))
    return pairs


def correlation(first: Float[ndarray, " T"], second: Float[ndarray, " T"]) -> float:
    """Pearson's r where both are known; NaN with fewer than three such times, or if either never moves."""
    both = np.isfinite(first) & np.isfinite(second)
    if both.sum() < 3:
        return float("nan")
    first, second = first[both] - first[both].mean(), second[both] - second[both].mean()
    scale = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum() / scale) if scale > 1e-9 else float("nan")
