"""The agreement is counted as it says, and holds on a few real files."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.event_agreement import match, measure, plain_threshold, recordings_in
from tests.preprocessing.planted_gaze import eyes


def test_fixations_match_by_overlap_over_union_and_one_to_one() -> None:
    mine = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [5.1, 5.3]])
    vendor = np.array([[0.0, 0.6], [2.6, 3.0], [4.0, 5.3]])
    rows, columns = match(mine, vendor)
    assert rows.tolist() == [0, 2]
    assert columns.tolist() == [0, 2]


def test_no_fixations_match_none() -> None:
    assert match(np.zeros((0, 2)), np.ones((3, 2)))[0].size == 0


def test_the_plain_threshold_sees_a_planted_jump() -> None:
    """At 300 Hz three samples on either side: samples 27 to 32 have the jump in their window, 3 at each end none."""
    x = [0.0] * 30 + [5.0] * 30
    found = plain_threshold(eyes([x, x], rate_hz=300.0))
    assert found.kind.tolist() == ["fixation", "saccade", "fixation"]
    assert (300 * found.onset_s).round().tolist() == [3, 27, 33]
    assert (300 * found.offset_s).round().tolist() == [27, 33, 57]


@pytest.mark.shared_data
def test_ours_is_no_worse_than_the_plain_threshold_on_three_real_files(shared_data: Path) -> None:
    """The full form over 80 files is `python -m slow_checks event_agreement`."""
    result = measure(recordings_in(shared_data / "uniss_fgd", files=3))
    ours, plain = result["all"]["ours"], result["all"]["plain"]  # type: ignore[index]
    assert result["recordings"] == 48
    assert ours["sample_agreement"] > 0.99
    assert ours["sample_agreement"] >= plain["sample_agreement"]
    assert ours["fixation_f1"] > 0.95
    assert ours["fixation_f1"] >= plain["fixation_f1"]
    assert ours["onset_error_mean_ms"] <= plain["onset_error_mean_ms"]
    for who, row in result["participants"].items():  # type: ignore[attr-defined]
        assert row["ours"]["fixation_f1"] > 0.9, who
