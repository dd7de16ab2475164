"""The short form of slow_checks/gap_groups.py: are different gaps of two traits recovered, and held?"""

from slow_checks.gap_groups import RATES, recovered
from slow_checks.interval_coverage import binomial_band

REPEATS = 12


def test_planted_gaps_of_two_traits_and_of_single_people_are_recovered() -> None:
    found = {row["group"]: row for row in recovered(REPEATS, draws=60, jobs=1)}
    lowest, _ = binomial_band(REPEATS, level=0.93)
    for trait in RATES:
        assert abs(float(found[trait]["bias"])) < 0.03  # type: ignore[arg-type]
        assert float(found[trait]["coverage"]) >= lowest  # type: ignore[arg-type]
    assert 0.91 < float(found["person"]["coverage"]) < 0.99  # type: ignore[arg-type]
