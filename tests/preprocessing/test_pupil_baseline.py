"""The pupil against what it was before each stimulus."""

import dataclasses

import numpy as np
import pytest
from pydantic import ValidationError

from emogap.errors import DataError, UsageError
from emogap.preprocessing.pupil_baseline import BaselineConfig, correct_baseline
from emogap.preprocessing.trim import trim
from emogap.types import Recording, StimulusInterval
from tests.preprocessing.planted_gaze import NAN, eyes, recording

FILMS = (StimulusInterval("a", 1.0, 2.0), StimulusInterval("b", 3.0, 4.5))


def session() -> Recording:
    """5 s at 100 Hz: before film a the pupils are 3 and 4 mm, before film b 2 and 5 mm; 0.5 mm wider in each film."""
    left, right = np.full(500, 3.0), np.full(500, 4.0)
    left[210:], right[210:] = 2.0, 5.0
    for film in FILMS:
        on = slice(round(100 * film.onset_s), round(100 * film.offset_s))
        left[on] += 0.5
        right[on] += 0.5
    gaze = eyes([[0.0] * 500] * 2, pupil=[left.tolist(), right.tolist()])
    return recording(gaze, stimuli=FILMS)


def pupil_of(result: Recording) -> np.ndarray:
    assert result.gaze is not None
    assert result.gaze.pupil is not None
    return result.gaze.pupil


def with_pupil(changed: Recording, pupil: np.ndarray) -> Recording:
    assert changed.gaze is not None
    return dataclasses.replace(changed, gaze=dataclasses.replace(changed.gaze, pupil=pupil))


def test_each_film_and_eye_is_set_against_its_own_baseline() -> None:
    result = correct_baseline(session())
    pupil = pupil_of(result)
    assert pupil[100:200] == pytest.approx(0.5)
    assert pupil[300:450] == pytest.approx(0.5)
    assert result.gaze is not None
    assert result.gaze.pupil_unit == "mm_from_baseline"
    assert result.steps[-1].parameters["baseline"] == (("a", 1.0, (3.0, 4.0)), ("b", 3.0, (2.0, 5.0)))


def test_a_film_that_is_shown_twice_has_two_baselines() -> None:
    """The step once kept the baseline of the last showing alone, under the film's name."""
    twice = tuple(dataclasses.replace(film, stimulus_id="a") for film in FILMS)
    result = correct_baseline(dataclasses.replace(session(), stimuli=twice))
    assert result.steps[-1].parameters["baseline"] == (("a", 1.0, (3.0, 4.0)), ("a", 3.0, (2.0, 5.0)))


def test_outside_the_films_there_is_no_baseline_and_all_is_marked() -> None:
    result = correct_baseline(session())
    outside = np.r_[0:100, 200:300, 450:500]
    assert np.isnan(pupil_of(result)[outside]).all()
    assert result.gaze is not None
    assert result.gaze.pupil_altered is not None
    assert result.gaze.pupil_altered.all()


def test_the_ratio_has_no_unit() -> None:
    result = correct_baseline(session(), BaselineConfig(method="divisive"))
    assert pupil_of(result)[300:450, 0] == pytest.approx(2.5 / 2.0)
    assert result.gaze is not None
    assert result.gaze.pupil_unit == "share_of_baseline"


def test_the_median_of_the_window_is_taken_and_nothing_after_the_onset() -> None:
    spiked = pupil_of(session()).copy()
    spiked[60:70, 0] = 9.0
    result = correct_baseline(with_pupil(session(), spiked))
    assert result.steps[-1].parameters["baseline"] == (("a", 1.0, (3.0, 4.0)), ("b", 3.0, (2.0, 5.0)))


def test_a_window_with_too_little_pupil_is_refused_for_that_eye_alone() -> None:
    lost = pupil_of(session()).copy()
    lost[50:76, 0] = NAN
    result = correct_baseline(with_pupil(session(), lost))
    assert result.steps[-1].parameters["refused"] == (("a", 1.0, "left"),)
    assert np.isnan(pupil_of(result)[100:200, 0]).all()
    assert pupil_of(result)[100:200, 1] == pytest.approx(0.5)
    enough = lost.copy()
    enough[75, 0] = 3.0
    assert correct_baseline(with_pupil(session(), enough)).steps[-1].parameters["refused"] == ()


def test_a_session_without_any_baseline_is_refused() -> None:
    lost = pupil_of(session()).copy()
    lost[50:100] = lost[250:300] = NAN
    with pytest.raises(DataError, match="none of 2 stimuli has a baseline"):
        correct_baseline(with_pupil(session(), lost))


def test_a_trimmed_recording_has_nothing_before_the_onset() -> None:
    with pytest.raises(UsageError, match="the recording is trimmed"):
        correct_baseline(trim(session(), FILMS[0]))


def test_a_corrected_session_can_be_trimmed() -> None:
    trimmed = trim(correct_baseline(session()), FILMS[1])
    assert pupil_of(trimmed) == pytest.approx(np.full((150, 2), 0.5))


def test_it_is_not_taken_twice_and_not_without_stimuli() -> None:
    with pytest.raises(UsageError, match="mm_from_baseline, a difference already"):
        correct_baseline(correct_baseline(session()))
    with pytest.raises(UsageError, match="does not say what was shown when"):
        correct_baseline(dataclasses.replace(session(), stimuli=()))


def test_an_empty_window_is_no_configuration() -> None:
    with pytest.raises(ValidationError, match="before the onset is empty"):
        BaselineConfig(from_s=0.2, to_s=0.2)
