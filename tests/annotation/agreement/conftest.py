"""Tables of ratings in which items, annotators and categories never have the same number."""

from collections.abc import Callable

import numpy as np
import pytest

from emogap.types import RatingTable


def table_of(rating: np.ndarray, scale: str, *, num_categories: int = 0) -> RatingTable:
    """A table of any ratings; categories c1, c2 ... on a nominal scale."""
    rating = np.array(rating, np.float64)
    num_categories = num_categories or (int(np.nanmax(rating)) + 1 if scale == "nominal" else 0)
    return RatingTable(
        tuple(f"p{number}/s1" for number in range(rating.shape[0])),
        tuple(f"rater-{number}" for number in range(rating.shape[1])),
        rating,
        scale,
        tuple(f"c{number}" for number in range(num_categories)),
    )


def noisy_ratings(
    scale: str, num_items: int, num_raters: int, num_categories: int, *, missing: float = 0.0, seed: int = 0
) -> RatingTable:
    """Annotators who see the same thing, each with errors of their own, and leave out some items at random."""
    rng = np.random.default_rng(seed)
    if scale == "interval":
        severity = rng.normal(0, 0.4, num_raters)
        rating = rng.normal(0, 1, (num_items, 1)) + severity + rng.normal(0, 0.7, (num_items, num_raters))
    else:
        truth = rng.choice(num_categories, (num_items, 1), p=rng.dirichlet(np.full(num_categories, 3.0)))
        errors = rng.integers(0, num_categories, (num_items, num_raters))
        rating = np.where(rng.random(errors.shape) < 0.6, truth, errors).astype(np.float64)
    rating[rng.random(rating.shape) < missing] = np.nan
    rating = rating[~np.isnan(rating).all(axis=1)]
    return table_of(rating, scale, num_categories=num_categories if scale == "nominal" else 0)


@pytest.fixture(scope="session")
def make_table() -> Callable[..., RatingTable]:
    return table_of


@pytest.fixture(scope="session")
def make_noisy() -> Callable[..., RatingTable]:
    return noisy_ratings


@pytest.fixture(scope="session")
def shrout_fleiss() -> RatingTable:
    """Six targets, four judges: Shrout & Fleiss (1979), Psychol. Bull. 86(2), table 2, and the results of table 4."""
    rating = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    return table_of(np.array(rating), "interval")


@pytest.fixture(scope="session")
def krippendorff_2011() -> dict[str, RatingTable]:
    """Twelve units, four observers, values 1 to 5 with gaps: Krippendorff (2011), section D, on each scale."""
    rows = ("12332141 2...", "12332241 25.3", ".3332342 251.", "12332441 251.")
    rating = np.array([[np.nan if cell == "." else float(cell) for cell in row.replace(" ", "")] for row in rows]).T
    return {
        "nominal": table_of(rating - 1, "nominal", num_categories=5),
        "ordinal": table_of(rating, "ordinal"),
        "interval": table_of(rating, "interval"),
    }
