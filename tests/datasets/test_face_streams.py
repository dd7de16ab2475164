"""Faces are looked for where offset and drift of the video's clock put them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.face_streams import cut_faces
from emogap.datasets.plan import BuildConfig
from emogap.recording.session import ClockRelation, SessionFiles, Trial
from emogap.simulation.face import draw_face, pure_expression, sample_identity
from emogap.simulation.face_video import write_face_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 s at 5 frames/s: grey for 6 s, then a face."""
    face = draw_face(sample_identity(np.random.default_rng(3)), pure_expression("neutral"))
    path = tmp_path_factory.mktemp("video") / "face.mp4"
    write_face_video(path, iter([np.full_like(face, 128)] * 30 + [face] * 30), rate_hz=5)
    return path


@pytest.mark.parametrize(
    ("offset_s", "drift_ppm", "num_found"),
    [(0.0, 0.0, 8), (2.5, 0.0, 0), (0.0, 3e5, 0), (-2.5, 3e5, 8)],
    ids=["neither", "offset", "drift", "both"],
)
def test_offset_and_drift_decide_what_is_seen(video: Path, offset_s: float, drift_ppm: float, num_found: int) -> None:
    """The trial from 6.5 to 7.5 s is at 4 to 5 s of a video 2.5 s late, and at 5 to 5.8 s of one a third slow."""
    session = SessionFiles(
        participant_id="p1",
        gaze_file=video.with_name("gaze.tsv"),
        face_path=video,
        clock=ClockRelation(offset_s=offset_s, drift_ppm=drift_ppm),
        trials=(Trial(1, "s1", 6.5, 1.0),),
        self_report=(),
    )
    streams = cut_faces(session, BuildConfig(face_detector="haar"))[0].streams
    assert (int(streams["face"].mask.sum()) if streams else 0) == num_found


def test_windows_that_overlap_see_what_each_would_see_alone(video: Path) -> None:
    """Sliding windows of a recording with a face video ended in an error: times of frames went back."""
    trials = tuple(
        Trial(number, f"s{number}", onset_s, 1.0) for number, onset_s in enumerate((5.5, 6.0, 6.5, 8.0, 4.0))
    )
    session = SessionFiles(
        participant_id="p1",
        gaze_file=video.with_name("gaze.tsv"),
        face_path=video,
        clock=ClockRelation(offset_s=0.0, drift_ppm=0.0),
        trials=trials,
        self_report=(),
    )
    config = BuildConfig(face_detector="haar")
    together = cut_faces(session, config)
    assert [len(found.streams) for found in together] == [1, 1, 1, 1, 0]
    for trial, found in zip(trials, together, strict=True):
        (alone,) = cut_faces(replace(session, trials=(trial,)), config)
        assert found.streams.keys() == alone.streams.keys()
        for name, stream in alone.streams.items():
            np.testing.assert_array_equal(found.streams[name].mask, stream.mask)
            np.testing.assert_array_equal(found.streams[name].values, stream.values)
