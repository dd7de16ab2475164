"""CEAP-360VR: frames become seconds at the film's own rate, and yaw stays an angle."""

import json
from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording.readers import ceap360vr

FILMS = [
    {"VideoID": "V1", "VideoDuration": 60, "FrameRate": 25},
    {"VideoID": "V2", "VideoDuration": 60, "FrameRate": 30},
]


def write_person(folder: Path, person: str = "P7") -> Path:
    """One participant with two films, in the folders of the data set; the fixation file."""
    fixations = [
        {"StartFrame": 0, "EndFrame": 9, "Pitch": 10.0, "Yaw": 179.0},
        {"StartFrame": 50, "EndFrame": 74, "Pitch": -5.0, "Yaw": -178.0},
    ]
    head = [{"ID": number, "Pitch": 1.0, "Yaw": -2.0 * number} for number in (1, 2, 3)]
    contents = {
        "1_Stimuli/VideoInfo.json": {"VideoInfo": FILMS},
        f"4_BehaviorData/EM_Fixation/{person}_Behavior_FixationData.json": {
            "Behavior_FixationData": [
                {
                    "ParticipantID": person,
                    "Video_Behavior_FixationData": [
                        {"VideoID": film["VideoID"], "Fixation": fixations} for film in FILMS
                    ],
                }
            ]
        },
        f"4_BehaviorData/HM_ScanPath/{person}_Behavior_HeadScanPathData.json": {
            "Behavior_HeadScanPath_Data": [
                {
                    "ParticipantID": person,
                    "Video_Behavior_ScanPath_Data": [
                        {"VideoID": film["VideoID"], "ID_Pitch_Yaw": head} for film in FILMS
                    ],
                }
            ]
        },
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content, indent=4))
    return folder / "4_BehaviorData" / "EM_Fixation" / f"{person}_Behavior_FixationData.json"


def test_each_film_is_a_recording_at_its_own_frame_rate(tmp_path: Path) -> None:
    slow, fast = ceap360vr.read(write_person(tmp_path))
    assert [(each.recording_id, each.participant_id, each.stimulus_id) for each in (slow, fast)] == [
        ("P7-V1", "P7", "V1"),
        ("P7-V2", "P7", "V2"),
    ]
    np.testing.assert_allclose(slow.events[0].onset_s, [0, 50 / 25])
    np.testing.assert_allclose(slow.events[0].offset_s, [10 / 25, 75 / 25])
    np.testing.assert_allclose(fast.events[0].offset_s, [10 / 30, 75 / 30])


def test_fixations_are_directions_in_the_world_and_there_is_no_gaze(tmp_path: Path) -> None:
    recording = ceap360vr.read(write_person(tmp_path))[0]
    (events,) = recording.events
    assert (events.frame, events.method, recording.gaze) == ("world_deg", "ceap360vr", None)
    np.testing.assert_allclose(events.centre, [[179, 10], [-178, -5]])


def test_a_head_window_stands_at_its_centre(tmp_path: Path) -> None:
    head = ceap360vr.read(write_person(tmp_path))[0].head
    assert head is not None
    np.testing.assert_allclose(head.time_s, [0.1, 0.3, 0.5])
    np.testing.assert_allclose(head.angle_deg, [[1, -2, np.nan], [1, -4, np.nan], [1, -6, np.nan]])


def test_it_knows_its_own_files_only(tmp_path: Path) -> None:
    own = write_person(tmp_path)
    assert ceap360vr.can_read(own)
    for other in (tmp_path / "1_Stimuli" / "VideoInfo.json", own.with_suffix(".tsv")):
        other.touch()
        assert not ceap360vr.can_read(other)


def test_a_file_cut_anywhere_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write_person(tmp_path)
    content = path.read_bytes()
    for length in range(0, len(content), 97):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match=r"FixationData\.json"):
            ceap360vr.read(path)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"Yaw": 179.0', '"Yaw": 181.0', "Yaw"),
        ('"Yaw": 179.0', '"Yaw": "east"', "Yaw"),
        ('"StartFrame": 50', '"StartFrame": 5', "overlap"),
        ('"VideoID": "V2"', '"VideoID": "V9"', "film V9 has no entry in VideoInfo"),
    ],
)
def test_a_value_that_cannot_be_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    path = write_person(tmp_path)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(DataError, match=complaint):
        ceap360vr.read(path)


@pytest.mark.parametrize(
    "name", ["1_Stimuli/VideoInfo.json", "4_BehaviorData/HM_ScanPath/P7_Behavior_HeadScanPathData.json"]
)
def test_a_file_it_needs_is_named_if_absent(tmp_path: Path, name: str) -> None:
    path = write_person(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(DataError, match=f"{Path(name).name}: this file of the data set is absent"):
        ceap360vr.read(path)


def test_the_real_files_hold_what_their_description_counts(shared_data: Path) -> None:
    """24 people x 8 films; 6,804 fixations and 57,408 head points, as counted in the data set's description."""
    folder = shared_data / "ceap360vr" / "4_BehaviorData" / "EM_Fixation"
    recordings = [recording for path in sorted(folder.glob("*.json")) for recording in ceap360vr.read(path)]
    assert len(recordings) == 24 * 8
    assert sum(len(recording.events[0].kind) for recording in recordings) == 6804
    assert sum(len(recording.head.time_s) for recording in recordings if recording.head) == 57408
    assert max(recording.events[0].offset_s[-1] for recording in recordings) <= 60 + 1e-9
