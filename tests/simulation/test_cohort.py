from collections import Counter
from dataclasses import astuple

import numpy as np
import pytest
from pydantic import ValidationError

from emogap.simulation.affect import EMOTIONS, mask_probability, target_tone
from emogap.simulation.cohort import Cohort, draw_cohort, shown_stimuli, stimulus_targets
from emogap.simulation.config import SimulationConfig


def cues(cohort: Cohort, name: str) -> np.ndarray:
    return np.array([getattr(clip, name) for clips in cohort.clips for clip in clips])


def labels(cohort: Cohort, name: str) -> np.ndarray:
    return np.array([getattr(clip, name) for clips in cohort.clips for clip in clips])


@pytest.fixture(scope="module")
def large() -> Cohort:
    return draw_cohort(SimulationConfig(participants=60, stimuli=35, seed=4))


def test_targets_are_dealt_evenly_whatever_the_number_of_stimuli() -> None:
    for number in (3, 14, 17, 35):
        counts = Counter(stimulus_targets(SimulationConfig(stimuli=number)))
        assert max(counts.values()) - min(counts.get(target, 0) for target in range(7)) <= 1


def test_the_share_of_masked_clips_is_the_one_that_was_asked_for() -> None:
    cohort = draw_cohort(SimulationConfig(participants=50, stimuli=41, display_rules=0.35))
    differs = (labels(cohort, "felt7") != labels(cohort, "shown7")).mean()
    assert differs == pytest.approx(0.35, abs=4 * np.sqrt(0.35 * 0.65 / 2050))


def test_without_display_rules_the_face_shows_what_is_felt() -> None:
    cohort = draw_cohort(SimulationConfig(participants=5, stimuli=6, display_rules=0.0))
    assert (labels(cohort, "felt7") == labels(cohort, "shown7")).all()


def test_each_row_of_the_mask_is_a_distribution() -> None:
    mask = mask_probability(0.4)
    assert mask.sum(axis=1) == pytest.approx(1)
    assert mask.min() >= 0
    assert mask.diagonal() == pytest.approx(0.6)


def test_the_felt_emotion_is_often_but_not_always_the_target(large: Cohort) -> None:
    hits = np.mean([clip.felt7 == s.target7 for row in large.clips for clip, s in zip(row, large.stimuli, strict=True)])
    assert 0.5 < hits < 0.75


def test_the_three_classes_are_reasonably_balanced(large: Cohort) -> None:
    counts = Counter(labels(large, "felt3").tolist())
    assert min(counts.values()) > 0.18 * sum(counts.values())
    assert max(counts.values()) < 0.50 * sum(counts.values())


def test_surprise_is_answered_as_positive_and_as_negative(large: Cohort) -> None:
    surprised = labels(large, "felt3")[labels(large, "felt7") == EMOTIONS.index("surprise")]
    assert {"positive", "negative"} <= set(surprised.tolist())


def test_the_target_tone_of_surprise_is_that_of_the_stimulus() -> None:
    surprise = EMOTIONS.index("surprise")
    assert (target_tone(surprise, 0.1), target_tone(surprise, -0.1)) == ("positive", "negative")
    assert target_tone(EMOTIONS.index("neutral"), 0.1) == "neutral"


def test_signal_moves_the_eye_cues_and_its_absence_leaves_them_independent_of_the_label() -> None:
    """Share of variance of each cue between felt emotions; under no signal it is that of shuffled labels."""
    with_signal, without = (
        draw_cohort(SimulationConfig(participants=60, stimuli=35, signal=signal, person_effect=0, stimulus_effect=0))
        for signal in (1.0, 0.0)
    )

    def between(cohort: Cohort) -> np.ndarray:
        felt, cue = labels(cohort, "felt7"), cues(cohort, "eye_cue")
        means = np.array([cue[felt == k].mean(axis=0) for k in felt])
        return means.var(axis=0) / cue.var(axis=0)

    assert between(with_signal).min() > 0.05
    assert between(without).max() < 6 / 2100 * 4


def test_without_signal_streams_and_labels_are_unrelated_even_with_effects_on_both() -> None:
    """Person effects on cues against person effects on labels, over 300 people: no correlation beyond chance."""
    people = draw_cohort(SimulationConfig(participants=300, stimuli=1, signal=0.0)).people
    on_labels = np.column_stack([np.array([p.felt_logit for p in people]), [p.valence_bias for p in people]])
    on_cues = np.column_stack([np.array([p.eye_cue for p in people]), np.array([p.face_cue for p in people])])
    correlation = np.corrcoef(on_labels.T, on_cues.T)[:8, 8:]
    assert correlation.shape == (8, 11)
    assert np.abs(correlation).max() < 4 / np.sqrt(300)


def test_people_without_a_person_effect_differ_in_nothing_that_is_measured() -> None:
    first, second = draw_cohort(SimulationConfig(participants=2, stimuli=1, person_effect=0)).people
    for name in ("felt_logit", "eye_cue", "face_cue", "accuracy_deg", "eye_origin_mm"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    for name in ("valence_bias", "arousal_bias", "log_pupil", "log_noise", "log_blink_rate", "log_velocity"):
        assert getattr(first, name) == getattr(second, name) == 0, name


def test_stimuli_without_a_stimulus_effect_are_one_film_with_different_targets() -> None:
    films = draw_cohort(SimulationConfig(participants=1, stimuli=7, stimulus_effect=0)).stimuli
    assert len({film.target7 for film in films}) == 7
    for name in ("felt_logit", "eye_cue", "attractor_deg", "attractor_phase", "attractor_hz", "luminance"):
        assert all(np.array_equal(getattr(film, name), getattr(films[0], name)) for film in films), name


def test_a_larger_cohort_begins_with_the_same_people_films_and_clips() -> None:
    small, large = (draw_cohort(SimulationConfig(participants=n, stimuli=7)) for n in (2, 4))
    assert [str(astuple(clip)) for clip in large.clips[1]] == [str(astuple(clip)) for clip in small.clips[1]]


def test_another_seed_gives_other_people() -> None:
    first, second = (draw_cohort(SimulationConfig(participants=1, stimuli=1, seed=seed)) for seed in (0, 1))
    assert not np.array_equal(first.people[0].eye_cue, second.people[0].eye_cue)


def test_where_people_are_shown_a_part_every_film_is_shown_equally_often_and_to_nobody_twice() -> None:
    config = SimulationConfig(participants=121, stimuli=28, stimuli_per_participant=11)
    shown = shown_stimuli(config)
    assert [len(set(films)) for films in shown] == [11] * 121
    counts = Counter(film for films in shown for film in films)
    assert sum(counts.values()) == 1331
    assert set(counts.values()) == {47, 48}


def test_which_films_are_seen_together_differs_from_person_to_person() -> None:
    shown = shown_stimuli(SimulationConfig(participants=60, stimuli=28, stimuli_per_participant=11))
    assert len(set(shown)) == 60


def test_a_clip_that_is_shown_is_the_one_of_a_study_that_shows_all() -> None:
    every = draw_cohort(SimulationConfig(participants=4, stimuli=6))
    part = draw_cohort(SimulationConfig(participants=4, stimuli=6, stimuli_per_participant=2))
    whole = {(person.participant_id, film.stimulus_id): clip.felt7 for person, film, clip in every.shown()}
    chosen = {(person.participant_id, film.stimulus_id): clip.felt7 for person, film, clip in part.shown()}
    assert (len(whole), len(chosen)) == (24, 8)
    assert chosen.items() <= whole.items()


def test_more_films_than_there_are_cannot_be_shown() -> None:
    with pytest.raises(ValidationError, match="at most 6"):
        SimulationConfig(stimuli=6, stimuli_per_participant=7)
