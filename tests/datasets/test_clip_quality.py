"""The quality of one clip is that of its own time, from what was measured."""

import numpy as np
import pytest

from emogap.datasets.clip_quality import measure_clip
from emogap.types import EyeTracker, GazeSeries, Recording, StimulusInterval


def recorded(valid: np.ndarray, *, rate_hz: float = 100.0, drop: slice | None = None) -> Recording:
    """One eye at the centre of the screen, in degrees."""
    time_s = np.arange(len(valid)) / rate_hz
    keep = np.ones(len(valid), bool)
    if drop is not None:
        keep[drop] = False
    position = np.where(valid[:, None, None], np.zeros((len(valid), 1, 2)), np.nan)
    gaze = GazeSeries(
        time_s=time_s[keep],
        position=position[keep],
        frame="deg",
        valid=valid[keep, None],
        altered=np.zeros((keep.sum(), 1), bool),
        eyes=("left",),
        rate_hz=rate_hz,
    )
    return Recording("p1", "p1.tsv", "hand", EyeTracker("hand", rate_hz), participant_id="p1", gaze=gaze)


def test_only_the_time_of_the_stimulus_counts() -> None:
    valid = np.ones(900, bool)
    valid[:200] = False
    valid[450:470] = False
    clip = measure_clip(recorded(valid), StimulusInterval("s3", 4.0, 6.0))
    assert (clip.participant_id, clip.stimulus_id, clip.num_samples) == ("p1", "s3", 200)
    assert clip.valid_share == pytest.approx(180 / 200)
    assert clip.effective_rate_share == pytest.approx(180 / 200)
    assert clip.longest_gap_s == pytest.approx(0.2)


def test_missing_rows_lower_the_rate_but_not_the_share_of_samples() -> None:
    clip = measure_clip(recorded(np.ones(900, bool), drop=slice(500, 550)), StimulusInterval("s3", 4.0, 6.0))
    assert clip.valid_share == 1.0
    assert clip.effective_rate_share == pytest.approx(150 / 200)
    assert clip.longest_gap_s == pytest.approx(0.5)


def test_a_stimulus_without_gaze_is_a_problem_of_the_clip_alone() -> None:
    valid = np.ones(900, bool)
    valid[400:600] = False
    lost = measure_clip(recorded(valid), StimulusInterval("s3", 4.0, 6.0))
    assert lost.problem == "none of its 200 samples has a valid point of gaze"
    outside = measure_clip(recorded(valid), StimulusInterval("s4", 40.0, 42.0))
    assert outside.problem is not None
    assert "the gaze file runs from 0.000 to 8.990 s" in outside.problem


def test_precision_is_that_of_fixations() -> None:
    clip = measure_clip(recorded(np.ones(900, bool)), StimulusInterval("s3", 4.0, 6.0))
    assert clip.rms_s2s_deg == 0.0
    assert clip.sd_deg == 0.0
    assert np.isnan(clip.accuracy_deg)
