"""Recordings with planted values, and what it means that two recordings are the same."""

from dataclasses import fields

import numpy as np
from numpy import ndarray

from emogap.types import (
    EyeEvents,
    EyeTracker,
    GazeSeries,
    Message,
    Recording,
    Screen,
    Step,
    StimulusInterval,
)

NUM_SAMPLES, NUM_EYES = 11, 2


def planted_gaze(**changes: object) -> GazeSeries:
    """11 samples of two eyes at 250 Hz; sample 3 lost in both eyes, sample 6 in the right; sample 8 interpolated."""
    rng = np.random.default_rng(5)
    valid = np.ones((NUM_SAMPLES, NUM_EYES), bool)
    valid[3], valid[6, 1] = False, False
    altered = np.zeros_like(valid)
    altered[8, 0] = True
    position = np.where(valid[..., None], rng.normal(400, 90, (NUM_SAMPLES, NUM_EYES, 2)), np.nan)
    direction = rng.normal(size=(NUM_SAMPLES, NUM_EYES, 3))
    pupil = rng.uniform(2, 5, (NUM_SAMPLES, NUM_EYES))
    pupil[4, 0] = np.nan
    parts = {
        "time_s": np.arange(NUM_SAMPLES) / 250 + np.append(0, rng.uniform(0, 1e-4, NUM_SAMPLES - 1)),
        "position": position,
        "frame": "screen_px",
        "valid": valid,
        "altered": altered,
        "eyes": ("left", "right"),
        "rate_hz": 250.00000000000003,
        "pupil": pupil,
        "pupil_unit": "mm",
        "pupil_altered": rng.random((NUM_SAMPLES, NUM_EYES)) < 0.3,
        "direction": direction / np.linalg.norm(direction, axis=2, keepdims=True),
        "origin_mm": rng.normal(300, 20, (NUM_SAMPLES, NUM_EYES, 3)),
        "confidence": rng.random((NUM_SAMPLES, NUM_EYES)),
        "openness": rng.random((NUM_SAMPLES, NUM_EYES)),
    }
    return GazeSeries(**{**parts, **changes})  # type: ignore[arg-type]


def planted_events(method: str, *, frame: str = "deg") -> EyeEvents:
    """Five events, fixations before saccades before blinks rather than in the order of time."""
    return EyeEvents(
        kind=np.array(["fixation", "fixation", "saccade", "saccade", "blink"]),
        onset_s=np.array([0.1, 0.3, 0.0, 0.2 + 1e-16, 1 / 3]),
        offset_s=np.array([0.2, 1 / 3, 0.1, 0.3, 0.5]),
        centre=np.array([[1.5, -2.5], [0.1, 0.2], *[[np.nan, np.nan]] * 3]),
        amplitude_deg=np.array([np.nan, np.nan, 2.25, 1 / 7, np.nan]),
        method=method,
        frame=frame,  # type: ignore[arg-type]
    )


def planted_recording(**changes: object) -> Recording:
    """A recording that uses every field that BIDS has a place for."""
    empty = np.empty(0)
    parts = {
        "recording_id": "R-1",
        "participant_id": "p-07",
        "source": "gaze.tsv",
        "reader": "tobii_pro_lab",
        "tracker": EyeTracker("A tracker", 250.0),
        "screen": Screen((800, 400), (400.1, 100.7), 647.25),
        "gaze": planted_gaze(),
        "events": (
            planted_events("vendor", frame="screen_px"),
            EyeEvents(np.empty(0, "<U8"), empty, empty, np.empty((0, 2)), empty, "ivt", "deg"),
            planted_events("ours"),
        ),
        "messages": (
            Message(0.2, "TRIALID 3\tgo"),
            Message(0.05, "n/a"),
            Message(0.4, ""),
            Message(0.5, 'a "quoted"\nline, \\back'),
        ),
        "stimuli": (StimulusInterval("s1", 0.01, 0.02 + 1e-17), StimulusInterval("s2", 1 / 30, 0.1)),
        "accuracy_deg": {"left": 0.41, "right": 1 / 3},
        "steps": (Step("smooth", {"window_s": 0.02, "kind": "savgol"}, "0.1.0"),),
        "doubts": ("an odd clock",),
        "notes": ("calibrated twice",),
    }
    return Recording(**{**parts, **changes})  # type: ignore[arg-type]


def assert_same_arrays(left: object, right: object) -> None:
    """Every field of two frozen types is the same: arrays bit for bit (any NaN is like any other), shapes and types."""
    assert type(left) is type(right)
    for field in fields(left):  # type: ignore[arg-type]
        one, other = getattr(left, field.name), getattr(right, field.name)
        if not isinstance(one, ndarray):
            assert one == other, field.name
            continue
        assert (one.shape, one.dtype.kind) == (other.shape, other.dtype.kind), field.name
        if one.dtype.kind == "f":
            np.testing.assert_array_equal(np.isnan(one), np.isnan(other), err_msg=field.name)
            there = ~np.isnan(one)
            one, other = one[there].view(np.uint64), other[there].view(np.uint64)
        np.testing.assert_array_equal(one, other, err_msg=field.name)


def assert_same_recording(left: Recording, right: Recording) -> None:
    """Samples, masks, events, and everything else that BIDS has a place for."""
    assert left.gaze is not None
    assert_same_arrays(left.gaze, right.gaze)
    assert len(left.events) == len(right.events)
    for one, other in zip(left.events, right.events, strict=True):
        assert_same_arrays(one, other)
    for name in ("participant_id", "stimulus_id", "tracker", "screen", "messages", "stimuli", "accuracy_deg", "steps"):
        assert getattr(left, name) == getattr(right, name), name
    assert (left.recording_id, left.doubts, left.notes) == (right.recording_id, right.doubts, right.notes)
