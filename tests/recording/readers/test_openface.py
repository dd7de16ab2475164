"""OpenFace: directions as the person sees them, action units, head, several faces, and clocks that are none."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording import open_recordings
from emogap.recording.readers import openface
from emogap.types import Recording
from tests.recording.readers import _examples_openface as example


def read_text(tmp_path: Path, text: str) -> tuple[Recording, ...]:
    path = tmp_path / "face.csv"
    path.write_text(text)
    return openface.read(path)


def read_one(tmp_path: Path, text: str) -> Recording:
    (recording,) = read_text(tmp_path, text)
    return recording


def test_gaze_is_in_degrees_as_the_person_sees_it(tmp_path: Path) -> None:
    gaze = read_one(tmp_path, example.old_layout()).gaze
    assert gaze is not None
    assert (gaze.frame, gaze.eyes) == ("camera_deg", ("left", "right"))
    assert gaze.rate_hz == pytest.approx(25)
    for frame in (0, 1, 2, 3, 5, 6):
        np.testing.assert_allclose(gaze.position[frame], example.gaze_deg(frame), atol=1e-4)


def test_looking_into_the_camera_points_along_its_axis_to_the_camera(tmp_path: Path) -> None:
    text = example.old_layout(3)
    vectors = ",".join(f"{value:.6f}" for eye in (1, 0) for value in example.camera_vector(*example.gaze_deg(1)[eye]))
    assert vectors in text
    gaze = read_one(tmp_path, text.replace(vectors, "0,0,-1,0,0,-1")).gaze
    assert gaze is not None
    assert gaze.direction is not None
    np.testing.assert_array_equal(gaze.position[1], np.zeros((2, 2)))
    np.testing.assert_array_equal(gaze.direction[1], [[0, 0, -1], [0, 0, -1]])


def test_directions_are_unit_vectors_to_the_persons_right_up_and_to_the_camera(tmp_path: Path) -> None:
    gaze = read_one(tmp_path, example.old_layout()).gaze
    assert gaze is not None
    assert gaze.direction is not None
    np.testing.assert_allclose(np.linalg.norm(gaze.direction, axis=2)[gaze.valid], 1)
    left, right = gaze.direction[0]
    assert left[0] > 0 > right[0], "the example's left eye looks to the right and its right eye to the left"
    assert left[1] < 0, "and both look down"
    assert right[1] < 0
    assert left[2] < -0.9


def test_a_frame_without_success_is_lost_but_keeps_its_confidence(tmp_path: Path) -> None:
    recording = read_one(tmp_path, example.old_layout())
    gaze, head, units = recording.gaze, recording.head, recording.action_units
    assert gaze is not None
    assert gaze.confidence is not None
    assert head is not None
    assert units is not None
    assert gaze.valid[:, 0].tolist() == [frame != example.LOST for frame in range(7)]
    assert gaze.confidence[example.LOST].tolist() == [0.02, 0.02]
    assert np.isnan(head.angle_deg[example.LOST]).all()
    assert np.isnan(units.intensity[example.LOST]).all()
    assert not units.success[example.LOST]


def test_action_units_keep_intensity_and_presence_apart(tmp_path: Path) -> None:
    units = read_one(tmp_path, example.old_layout()).action_units
    assert units is not None
    assert units.names == ("AU01", "AU12", "AU28")
    np.testing.assert_array_equal(units.intensity[3], [0.75, 1.5, np.nan])
    np.testing.assert_array_equal(units.presence[3], [np.nan, 1, 1])


def test_head_rotation_becomes_degrees(tmp_path: Path) -> None:
    head = read_one(tmp_path, example.old_layout()).head
    assert head is not None
    np.testing.assert_allclose(head.angle_deg[2], np.degrees([0.12, -0.2, 0.03]))


def test_every_face_is_a_recording_with_its_own_clock(tmp_path: Path) -> None:
    first, second = read_text(tmp_path, example.two_faces())
    assert (first.recording_id, second.recording_id) == ("face-face0", "face-face2")
    assert first.gaze is not None
    assert second.gaze is not None
    assert (len(first.gaze.time_s), len(second.gaze.time_s)) == (5, 4)
    assert second.gaze.time_s[0] == 0
    assert "time 0 is at 0.033 s of the video" in second.notes
    np.testing.assert_allclose(second.gaze.position[1], example.gaze_deg(5), atol=1e-4)


def test_an_angle_that_is_not_that_of_the_vectors_is_doubted(tmp_path: Path) -> None:
    lines = example.two_faces().splitlines(keepends=True)
    cells = lines[3].split(", ")
    cells[11] = "0.500"
    lines[3] = ", ".join(cells)
    first, second = read_text(tmp_path, "".join(lines))
    assert not any("gaze_angle" in doubt for doubt in first.doubts)
    assert any("gaze_angle is more than 2 deg from" in doubt for doubt in second.doubts)


def test_a_file_with_the_angle_of_both_eyes_only_is_cyclopean(tmp_path: Path) -> None:
    text = "frame,timestamp,confidence,success,gaze_angle_x,gaze_angle_y\n"
    text += "".join(f"{frame + 1},{frame / 20:.3f},0.9,1,-0.1,0.{frame + 1}\n" for frame in range(3))
    gaze = read_one(tmp_path, text).gaze
    assert gaze is not None
    assert gaze.eyes == ("cyclopean",)
    assert gaze.direction is None
    np.testing.assert_allclose(gaze.position[1, 0], np.degrees([0.1, -0.2]))


def test_a_file_without_gaze_holds_its_action_units(tmp_path: Path) -> None:
    text = "frame, face_id, timestamp, confidence, success, AU04_r, AU04_c\n"
    text += "".join(f"{frame + 1},0,{frame / 20:.3f},0.9,1,0.{frame}5,{frame % 2}\n" for frame in range(3))
    recording = read_one(tmp_path, text)
    assert recording.gaze is None
    assert recording.action_units is not None
    np.testing.assert_array_equal(recording.action_units.intensity[:, 0], [0.05, 0.15, 0.25])


def test_a_clock_of_one_millisecond_is_no_time(tmp_path: Path) -> None:
    text = "frame,timestamp,confidence,success,AU04_r\n"
    text += "".join(f"{frame + 1},{frame / 1000:.3f},0.9,1,1.00\n" for frame in range(5))
    recording = read_one(tmp_path, text.replace("AU04_r", "gaze_angle_x,gaze_angle_y").replace("1.00", "0.1,0.2"))
    assert recording.gaze is not None
    assert np.isnan(recording.gaze.rate_hz)
    assert any("timestamps step 1 ms" in doubt and "rate is unknown" in doubt for doubt in recording.doubts)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",0.98,", ",1.98,", r"confidence is 1.98, outside 0 to 1 \(6 such cells\)"),
        (",0.50,", ",-3.00,", r"line 4: AU01_r is -3, outside 0 to 5"),
        (",0.080,", ",0.040,", r"line 4: the timestamp 0.040000 s follows 0.040000 s"),
    ],
)
def test_values_that_openface_cannot_write_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_text(tmp_path, example.old_layout().replace(old, new))


def test_frames_that_are_left_out_are_counted(tmp_path: Path) -> None:
    lines = example.old_layout(9).splitlines(keepends=True)
    recording = read_one(tmp_path, "".join([*lines[:3], *lines[5:]]))
    assert "2 frames of the video not in the file" in recording.doubts


def test_columns_that_only_the_user_knows_may_hold_text(tmp_path: Path) -> None:
    lines = example.old_layout().splitlines()
    text = "\n".join([lines[0] + ", group", *(f"{line},control" for line in lines[1:])]) + "\n"
    assert read_one(tmp_path, text).gaze is not None


def test_the_real_export_has_no_rate_and_all_its_units(shared_data: Path) -> None:
    (recording,) = open_recordings(shared_data / "exports" / "openface" / "OpenFace_Test.csv")
    assert recording.gaze is not None
    assert recording.action_units is not None
    assert np.isnan(recording.gaze.rate_hz)
    assert recording.gaze.valid.all()
    assert recording.gaze.confidence is not None
    assert set(np.round(recording.gaze.confidence.ravel(), 3)) == {0.883, 0.983}
    assert len(recording.action_units.names) == 18
    assert len(recording.gaze.time_s) == 100
    # Eyes that look at something near converge: the left one points further to the right.
    assert (recording.gaze.position[:, 0, 0] > recording.gaze.position[:, 1, 0]).all()
