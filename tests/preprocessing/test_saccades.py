"""Saccades become lines from the sample before to the sample after."""

import numpy as np
import pytest

from emogap.preprocessing.saccades import correct_saccades
from tests.preprocessing.planted_gaze import NAN, events, eyes, one_eye, without_rows

SACCADE = events(("saccade", 0.03, 0.06))


def test_a_saccade_of_three_samples_is_a_line_over_three_samples() -> None:
    corrected = correct_saccades(one_eye([0, 0, 0, 7, 9, 9, 8, 8]), SACCADE)
    assert corrected.position[:, 0, 0] == pytest.approx([0, 0, 0, 2, 4, 6, 8, 8])
    assert np.flatnonzero(corrected.altered[:, 0]).tolist() == [3, 4, 5]


def test_the_pupil_is_left_alone() -> None:
    gaze = one_eye([0, 0, 0, 7, 9, 9, 8, 8], pupil=[3.0, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7])
    corrected = correct_saccades(gaze, SACCADE)
    assert np.array_equal(corrected.pupil, gaze.pupil)  # type: ignore[arg-type]
    assert not corrected.pupil_altered.any()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "x",
    [[0, 0, NAN, 7, 9, 9, 8, 8], [0, 0, 0, 7, 9, 9, NAN, 8], [0, 0, 0, 7, NAN, 9, 8, 8]],
    ids=["before", "after", "inside"],
)
def test_a_saccade_beside_a_loss_stays_as_measured(x: list[float]) -> None:
    gaze = one_eye(x)
    corrected = correct_saccades(gaze, SACCADE)
    assert np.array_equal(corrected.position, gaze.position, equal_nan=True)
    assert not corrected.altered.any()


def test_a_saccade_beside_a_missing_row_stays_as_measured() -> None:
    gaze = without_rows(one_eye([0, 0, 0, 7, 9, 9, 8, 8]), slice(2, 3))
    assert not correct_saccades(gaze, SACCADE).altered.any()


def test_a_saccade_at_the_start_stays_as_measured() -> None:
    assert not correct_saccades(one_eye([0, 3, 6, 6]), events(("saccade", 0.0, 0.02))).altered.any()


def test_the_eye_with_a_loss_does_not_hold_up_the_other() -> None:
    corrected = correct_saccades(eyes([[0, 0, 0, 7, 9, 9, 8, 8], [0, 0, NAN, 7, 9, 9, 8, 8]]), SACCADE)
    assert corrected.altered.sum(axis=0).tolist() == [3, 0]


def test_without_saccades_nothing_changes() -> None:
    gaze = one_eye([0.0, 5.0, 0.0])
    corrected = correct_saccades(gaze, events(("fixation", 0.0, 0.03)))
    assert np.array_equal(corrected.position, gaze.position)
