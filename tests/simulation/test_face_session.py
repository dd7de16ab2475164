import numpy as np
import pytest

from emogap.simulation.blinks import lid_opening
from emogap.simulation.cohort import draw_cohort
from emogap.simulation.config import SimulationConfig
from emogap.simulation.face_session import FaceClock, draw_clock, expression_weights, face_frames
from emogap.simulation.session import plan_session, run_session

CONFIG = SimulationConfig(participants=1, stimuli=3, clip_s=4.0, seed=8, display_rules=0.0)


def test_expressions_appear_in_the_clip_and_fade_in_the_pause() -> None:
    cohort, timeline = draw_cohort(CONFIG), plan_session(CONFIG, 0)
    gaze_s = np.arange(round(timeline.length_s * 25)) / 25
    weights = expression_weights(cohort.clips[0], timeline, gaze_s, np.random.default_rng(0))
    assert weights.shape == (len(gaze_s), 6)
    assert weights.min() >= 0
    assert weights.sum(axis=1).max() <= 1 + 1e-12
    for trial in timeline.trials:
        cue = np.clip(cohort.clips[0][trial.stimulus].face_cue, 0, None)
        late = (gaze_s > trial.onset_s + 2) & (gaze_s < trial.offset_s)
        expected = cue / max(cue.sum(), 1)
        assert weights[late].mean(axis=0) == pytest.approx(expected, abs=0.12)
        before = (gaze_s > trial.onset_s - 0.5) & (gaze_s < trial.onset_s)
        assert weights[before].max() == 0


def test_the_clock_runs_both_ways() -> None:
    clock = FaceClock(offset_s=-0.4, drift_ppm=30.0)
    assert clock.to_gaze_s(np.array([clock.to_face_s(100.0)])) == pytest.approx([100.0])
    drawn = draw_clock(SimulationConfig(), np.random.default_rng(0))
    assert -0.8 <= drawn.offset_s <= -0.2


def test_blinks_of_the_tracker_are_seen_in_the_video_at_the_same_time() -> None:
    """Dark pixels of the eye region where iris and pupil are: fewer in the frames whose lids are shut."""
    cohort, timeline = draw_cohort(CONFIG), plan_session(CONFIG, 0)
    eyes, clock = run_session(cohort, 0, timeline), FaceClock(-0.3, 0.0)
    frames = np.stack([frame[105:140, 85:171] for frame in face_frames(cohort, 0, timeline, eyes, clock)])
    gaze_s = clock.to_gaze_s(np.arange(len(frames)) / 25)
    lids = lid_opening(eyes.blinks, gaze_s, CONFIG.blinks)
    assert (lids < 0.1).any()
    white = (frames.min(axis=3) > 190).mean(axis=(1, 2))
    assert white[lids < 0.1].mean() < 0.5 * white[lids == 1].mean()
