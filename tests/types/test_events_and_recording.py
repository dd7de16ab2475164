"""Events, stimulus intervals, maps, faces and recordings refuse what cannot be."""

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.types import (
    ActionUnits,
    EyeEvents,
    EyeTracker,
    FaceTrack,
    FixationMap,
    HeadSeries,
    Recording,
    Screen,
    StimulusInterval,
)
from tests.types.test_gaze import gaze_series


def events(onset_s: list[float], offset_s: list[float], kind: list[str]) -> EyeEvents:
    num_events = len(kind)
    return EyeEvents(
        kind=np.array(kind),
        onset_s=np.array(onset_s),
        offset_s=np.array(offset_s),
        centre=np.zeros((num_events, 2)),
        amplitude_deg=np.full(num_events, np.nan),
        method="test",
        frame="deg",
    )


def test_kinds_may_overlap_each_other_but_not_themselves() -> None:
    assert len(events([0.0, 0.1, 0.5], [0.5, 0.3, 0.9], ["fixation", "blink", "fixation"]).kind) == 3
    with pytest.raises(DataError, match="1 events of kind fixation overlap"):
        events([0.0, 0.4], [0.5, 0.9], ["fixation", "fixation"])


def test_an_event_without_duration_is_refused() -> None:
    with pytest.raises(DataError, match="1 events end before they begin"):
        events([0.0, 0.4], [0.1, 0.4], ["blink", "blink"])


def test_a_word_that_is_no_event_is_refused() -> None:
    with pytest.raises(DataError, match="unknown kinds of event"):
        events([0.0], [0.1], ["pursuit"])


def test_a_map_sums_to_one_or_is_empty() -> None:
    for density in (np.zeros((3, 5), np.float32), np.full((3, 5), 1 / 15, np.float32)):
        assert FixationMap(density, (30.0, 20.0), 1.0, 0.0, 8.0).density.shape == (3, 5)
    with pytest.raises(DataError, match="must sum to 1"):
        FixationMap(np.ones((3, 5), np.float32), (30.0, 20.0), 1.0, 0.0, 8.0)


def test_a_face_box_has_an_area() -> None:
    with pytest.raises(DataError, match="1 face boxes have no area, first in frame 1"):
        FaceTrack(
            time_s=np.array([0.0, 0.04]),
            box_px=np.array([[0.0, 0, 9, 9], [5, 0, 5, 9]]),
            landmarks_px=np.zeros((2, 0, 2)),
            confidence=np.ones(2),
            video="face.mp4",
        )


def test_a_track_may_hold_no_frame() -> None:
    empty = np.zeros((0, 4))
    track = FaceTrack(np.zeros(0), empty, np.zeros((0, 5, 2)), np.zeros(0), "face.mp4")
    assert track.box_px.shape == (0, 4)


def test_a_stimulus_ends_after_it_begins() -> None:
    with pytest.raises(DataError, match="not after its onset"):
        StimulusInterval("film", 4.0, 4.0)


@pytest.mark.parametrize("size", [{"size_px": (0, 768)}, {"size_px": (1024, 768), "distance_mm": 0.0}])
def test_a_screen_has_a_size(size: dict[str, object]) -> None:
    with pytest.raises(DataError, match="must be positive"):
        Screen(**size)  # type: ignore[arg-type]


def test_streams_of_a_recording_overlap_in_time() -> None:
    head = HeadSeries(time_s=np.array([100.0, 101.0, 102.0]), angle_deg=np.zeros((3, 3)))
    with pytest.raises(DataError, match="do not overlap in time"):
        Recording("r1", source="a.tsv", reader="test", tracker=EyeTracker("simulated"), gaze=gaze_series(), head=head)


def test_action_units_whose_frames_disagree_or_go_back_are_refused() -> None:
    def units(time_s: list[float], num_frames: int) -> ActionUnits:
        return ActionUnits(
            time_s=np.array(time_s),
            names=("AU01", "AU12"),
            intensity=np.zeros((num_frames, 2)),
            presence=np.ones((num_frames, 2)),
            confidence=np.ones(num_frames),
            success=np.ones(num_frames, bool),
        )

    assert units([0.0, 0.04, 0.08], 3).names == ("AU01", "AU12")
    with pytest.raises(DataError, match="intensity"):
        units([0.0, 0.04, 0.08], 4)
    with pytest.raises(DataError, match="must increase"):
        units([0.0, 0.04, 0.04], 3)
