from collections import Counter

import numpy as np
import pytest

from emogap.simulation.affect import EMOTIONS, NEUTRAL
from emogap.simulation.cohort import Cohort, draw_cohort
from emogap.simulation.config import RaterConfig, SimulationConfig
from emogap.simulation.raters import MACHINE, RatingRow, confusion_matrix, expert_names, rate, tone_probability


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return draw_cohort(SimulationConfig(participants=40, stimuli=35))


@pytest.fixture(scope="module")
def ratings(cohort: Cohort) -> dict[str, tuple[RatingRow, ...]]:
    return rate(cohort)


def test_the_confusion_matrix_of_the_machine_is_recovered_from_its_answers(
    cohort: Cohort, ratings: dict[str, tuple[RatingRow, ...]]
) -> None:
    answers = [row.rating for row in ratings[MACHINE] if row.question == "emotion7"]
    shown = [clip.shown7 for clips in cohort.clips for clip in clips]
    counts = np.zeros((7, 7))
    np.add.at(counts, (shown, [EMOTIONS.index(answer) for answer in answers]), 1)
    number = counts.sum(axis=1, keepdims=True)
    expected = confusion_matrix(0.65)
    standard_error = np.sqrt(expected * (1 - expected) / number)
    assert (np.abs(counts / number - expected) < 4 * standard_error).all()


def test_every_expert_and_the_machine_answer_five_questions_on_every_clip() -> None:
    ratings = rate(draw_cohort(SimulationConfig(participants=3, stimuli=2)))
    assert set(ratings) == {"expert-1", "expert-2", "expert-3", "expert-4", "machine-simulated"}
    for rows in ratings.values():
        assert set(Counter((row.item, row.question) for row in rows).values()) == {1}
        assert len(rows) == 3 * 2 * 5


def test_experts_are_as_accurate_as_stated(cohort: Cohort, ratings: dict[str, tuple[RatingRow, ...]]) -> None:
    shown = [EMOTIONS[clip.shown7] for clips in cohort.clips for clip in clips]
    for name, accuracy in zip(expert_names(RaterConfig()), (0.85, 0.80, 0.80, 0.75), strict=True):
        answers = [row.rating for row in ratings[name] if row.question == "emotion7"]
        assert np.mean(np.array(answers) == np.array(shown)) == pytest.approx(accuracy, abs=0.03)


def test_a_stronger_smile_is_called_positive_more_often() -> None:
    tones = tone_probability(EMOTIONS.index("happiness"), np.array([0.1, 0.5, 0.9]), RaterConfig())
    assert tones.shape == (3, 3)
    assert tones.sum(axis=1) == pytest.approx(1)
    assert (np.diff(tones[:, 0]) > 0).all()


def test_a_neutral_face_is_mostly_called_neutral() -> None:
    assert tone_probability(NEUTRAL, np.zeros(1), RaterConfig())[0].argmax() == 2


def test_intensity_follows_strength_and_numbers_stay_on_their_scales(
    cohort: Cohort, ratings: dict[str, tuple[RatingRow, ...]]
) -> None:
    rows = ratings["expert-1"]
    intensity = np.array([int(row.rating) for row in rows if row.question == "intensity"])
    strength = np.array([clip.strength for clips in cohort.clips for clip in clips])
    assert np.corrcoef(intensity, strength)[0, 1] > 0.8
    assert set(intensity.tolist()) == {0, 1, 2, 3}
    scales = [float(row.rating) for row in rows if row.question in ("valence", "arousal")]
    assert -1 <= min(scales) <= max(scales) <= 1
