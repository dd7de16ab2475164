"""The short form of slow_checks/zero_signal.py: two cohorts, the linear model."""

from pathlib import Path

import pytest

from slow_checks.zero_signal import check_cohort, holds_chance


@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_is_found_for_unseen_people_and_films_without_signal(tmp_path: Path, seed: int) -> None:
    found = check_cohort(tmp_path, seed, "linear", "quick", clip_s=3.0)
    assert holds_chance(found["person+stimulus"])
