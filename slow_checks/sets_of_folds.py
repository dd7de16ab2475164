"""Why conformal sets from models of several folds hold the truth more often than stated, one cause at a time.

Scores are drawn, so that what each cause does is known: all clips are of one class, a clip has a strangeness that all
models see, and each model adds its own. New people are drawn like the others. The last rows fit least squares to
noise with as many cues as clips, the worst case known for methods of this kind (Barber et al. 2021, section 7).
"""

import time
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from emogap.scoring.conformal import cross_conformal
from emogap.scoring.seated_conformal import seated_conformal
from slow_checks._evidence import write_evidence

LEVELS = (0.8, 0.9)
COHORTS, FITTED_COHORTS = 200, 60
NEW_PEOPLE = 40


class Drawn(NamedTuple):
    """What a cohort of scores is drawn with."""

    cause: str
    people: int
    clips: int
    models: int
    own: float
    """Share of the variance that is each model's own."""

    between: float = 0.2
    """Share of the rest that lies between people."""

    drift: float = 0.0
    """Standard deviation of what a model adds to every clip, and of the logarithm of what it multiplies by."""

    decimals: int | None = None


CAUSES = (
    Drawn("one model, one clip of each person", 80, 1, 1, 0.0, 0.0),
    Drawn("several clips of each person", 80, 6, 1, 0.0),
    Drawn("few people", 20, 6, 1, 0.0),
    Drawn("equal scores, two decimals", 80, 6, 1, 0.0, decimals=2),
    Drawn("five models that agree", 80, 6, 5, 0.0),
    Drawn("five models, a tenth their own", 80, 6, 5, 0.1),
    Drawn("five models, a quarter their own", 80, 6, 5, 0.25),
    Drawn("five models, half their own", 80, 6, 5, 0.5),
    Drawn("twenty models, a quarter their own", 80, 6, 20, 0.25),
    Drawn("five models, a quarter their own, other numbers", 80, 6, 5, 0.25, drift=1.0),
    Drawn("few people, a quarter their own", 20, 6, 5, 0.25),
)

CUES = (20, 240, 400)
"""Of 300 clips of 60 people, 240 of whom train a model."""


def of_many_models(level: float, own: float) -> float:
    """Coverage by the mean rank of many models, all normal: Phi(Phi^-1(level) sqrt((1 + own) / (1 - own)))."""
    return float(norm.cdf(norm.ppf(level) * np.sqrt((1 + own) / (1 - own))))


def drawn_coverage(drawn: Drawn, level: float, rng: np.random.Generator) -> tuple[float, float]:
    """Share of the new clips of one cohort whose set holds their class: by one model, by all."""
    everybody = drawn.people + NEW_PEOPLE
    person, clip = rng.normal(size=(everybody, 1)), rng.normal(size=(everybody, drawn.clips))
    shared = np.sqrt(1 - drawn.own) * (np.sqrt(drawn.between) * person + np.sqrt(1 - drawn.between) * clip)
    said = shared + np.sqrt(drawn.own) * rng.normal(size=(drawn.models, everybody, drawn.clips))
    added, factor = drawn.drift * rng.normal(size=(2, drawn.models, 1, 1))
    probability = norm.cdf((np.exp(factor) * said + added) / 2)
    if drawn.decimals is not None:
        probability = probability.round(drawn.decimals)
    fold = np.arange(drawn.people) % drawn.models
    known = probability[fold, np.arange(drawn.people)].reshape(-1)
    new = probability[:, drawn.people :].reshape(drawn.models, -1)
    label = np.zeros(len(known), int), np.zeros(new.shape[1], int)
    return _both_coverages(label, known, new, fold.repeat(drawn.clips), drawn.clips, level, rng)


def fitted_coverage(num_cues: int, level: float, rng: np.random.Generator) -> tuple[float, float]:
    """The same for least squares of least norm on `num_cues` cues, 5 of which tell something of the label."""
    people, clips, models = 60, 5, 5
    fold = (np.arange(people) % models).repeat(clips)
    cues = rng.normal(size=((people + NEW_PEOPLE) * clips, num_cues))
    label = (rng.random(len(cues)) > norm.cdf(0.3 * cues[:, :5].sum(axis=1))).astype(int)
    train, test = cues[: len(fold)], cues[len(fold) :]
    target = 0.5 - label[: len(fold)]
    weights = np.stack([np.linalg.pinv(train[fold != each]) @ target[fold != each] for each in range(models)])
    known, new = norm.cdf((train * weights[fold]).sum(axis=1)), norm.cdf(weights @ test.T)
    return _both_coverages((label[: len(fold)], label[len(fold) :]), known, new, fold, clips, level, rng)


def _both_coverages(
    label: tuple[np.ndarray, np.ndarray],
    known: np.ndarray,
    new: np.ndarray,
    fold: np.ndarray,
    clips: int,
    level: float,
    rng: np.random.Generator,
) -> tuple[float, float]:
    people, new_people = (np.arange(len(each) // clips).repeat(clips) for each in label)
    said = label[0], np.stack([known, 1 - known], axis=-1), fold, np.stack([new, 1 - new], axis=-1)
    by_one = seated_conformal(*said, level=level, rng=rng, groups=people, new_groups=new_people)
    by_all = cross_conformal(*said, level=level, groups=people)
    truth = np.arange(len(label[1])), label[1]
    return float(by_one[truth].mean()), float(by_all[truth].mean())


def summary(cohorts: int = COHORTS, fitted_cohorts: int = FITTED_COHORTS) -> list[dict[str, object]]:
    """Mean coverages of every cause and level, with standard errors over cohorts."""
    rows: list[dict[str, object]] = []
    for level in LEVELS:
        rng = np.random.default_rng([0, int(100 * level)])
        for drawn in CAUSES:
            found = [drawn_coverage(drawn, level, rng) for _ in range(cohorts)]
            theory = round(of_many_models(level, drawn.own), 4)
            rows.append(_row(drawn._asdict() | {"by_many_in_theory": theory}, level, found))
        for num_cues in CUES:
            found = [fitted_coverage(num_cues, level, rng) for _ in range(fitted_cohorts)]
            rows.append(_row({"cause": f"least squares, {num_cues} cues of 240 clips", "people": 60}, level, found))
    return rows


def _row(described: dict[str, object], level: float, found: list[tuple[float, float]]) -> dict[str, object]:
    mean = np.mean(found, axis=0)
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    numbers = {
        f"by_{name}{what}": round(float(value), 4)
        for what, values in (("", mean), ("_standard_error", error))
        for name, value in zip(("one", "all"), values, strict=True)
    }
    return {**described, "level": level, "cohorts": len(found), **numbers}


def run() -> None:
    """Print and write the coverage of every cause."""
    started = time.perf_counter()
    rows = summary()
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
    write_evidence("sets_of_folds", {"causes": rows, "seconds": round(time.perf_counter() - started)})
