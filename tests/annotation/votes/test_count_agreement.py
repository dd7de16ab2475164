"""Fleiss' kappa and Krippendorff's alpha from counts."""

import krippendorff
import numpy as np
import pytest

from emogap.annotation.votes import (
    VoteCounts,
    agreement_interval,
    fleiss_kappa_of_counts,
    krippendorff_alpha_of_counts,
)
from emogap.errors import UsageError

FLEISS_1971 = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
"""The example of 10 subjects and 14 raters that textbooks work through; kappa = 0.210."""


def counted(rows: list[list[int]], scale: str = "nominal") -> VoteCounts:
    names = tuple(f"item{row}" for row in range(len(rows)))
    return VoteCounts(names, tuple("abcdefg"[: len(rows[0])]), np.array(rows), scale)  # type: ignore[arg-type]


def test_fleiss_kappa_of_the_worked_example() -> None:
    assert fleiss_kappa_of_counts(counted(FLEISS_1971)) == pytest.approx(0.210, abs=5e-4)


def test_fleiss_kappa_refuses_unequal_numbers_of_votes() -> None:
    with pytest.raises(UsageError, match="there are 3 to 4"):
        fleiss_kappa_of_counts(counted([[2, 1], [2, 2]]))


@pytest.mark.parametrize("scale", ["nominal", "ordinal"])
@pytest.mark.parametrize("num_raters", [3, 9])
def test_alpha_is_that_of_the_reference_with_unequal_numbers_of_votes(scale: str, num_raters: int) -> None:
    rng = np.random.default_rng(num_raters)
    counts = rng.multinomial(num_raters, [0.4, 0.3, 0.1, 0.1, 0.1], size=31)
    counts[4] = [0, 1, 0, 0, 0]
    counts[6] = 0
    expected = krippendorff.alpha(value_counts=counts[counts.sum(axis=1) > 0], level_of_measurement=scale)
    assert krippendorff_alpha_of_counts(counted(counts.tolist(), scale)) == pytest.approx(expected, abs=1e-12)


def test_agreement_by_chance_is_undefined_when_all_votes_are_alike() -> None:
    votes = counted([[4, 0, 0], [4, 0, 0]])
    assert np.isnan(fleiss_kappa_of_counts(votes))
    assert np.isnan(krippendorff_alpha_of_counts(votes))


def test_the_interval_over_items_holds_the_estimate() -> None:
    interval = agreement_interval(counted(FLEISS_1971), "fleiss_kappa", draws=400)
    assert interval.low < interval.estimate < interval.high
    assert interval.clusters == "10 items"


def test_clips_of_few_actors_make_the_interval_wider() -> None:
    """Forty clips of four actors are not forty independent clips, when actors differ."""
    rng = np.random.default_rng(8)
    clarity = np.repeat([0.2, 0.5, 0.8, 0.95], 10)
    rows = [rng.multinomial(9, np.where(np.arange(3) == clip % 3, c, (1 - c) / 2)) for clip, c in enumerate(clarity)]
    votes = counted([row.tolist() for row in rows])
    items = agreement_interval(votes, "krippendorff_alpha", draws=500)
    actors = agreement_interval(
        votes, "krippendorff_alpha", clusters=np.repeat(list("wxyz"), 10), names=("actors", ""), draws=500
    )
    assert actors.clusters == "4 actors"
    assert actors.high - actors.low > 1.5 * (items.high - items.low)


def test_other_coefficients_are_refused() -> None:
    with pytest.raises(UsageError, match="cronbach_alpha"):
        agreement_interval(counted(FLEISS_1971), "cronbach_alpha")
