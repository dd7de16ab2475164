"""The player's answers to scripts: the same numbers as in the files, in windows, by ranges, refused in words."""

from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from fastapi.testclient import TestClient

from emogap.interfaces.web.opened import Opened, open_place
from emogap.preprocessing import cyclopean
from emogap.recording import open_recording
from emogap.recording.study import open_session, open_study
from emogap.recording.video import frame_times
from tests.interfaces.web.conftest import client_of


@pytest.fixture(scope="module")
def client(study: Path) -> TestClient:
    return client_of(open_place(study))


def session_of(study: Path, name: str):  # type: ignore[no-untyped-def]
    opened = open_study(study, with_sessions=False)
    return open_session(study, name, opened.stimuli, sam_points=opened.sam_points)


def test_the_session_is_that_of_the_files(client: TestClient, study: Path) -> None:
    facts = client.get("/api/session/p002").json()
    session = session_of(study, "p002")
    assert [(each["stimulus_id"], each["onset_s"], each["duration_s"]) for each in facts["trials"]] == [
        (trial.stimulus_id, trial.onset_s, trial.duration_s) for trial in session.trials
    ]
    answers = {answer.stimulus_id: answer.emotion7 for answer in session.self_report}
    assert {each["stimulus_id"]: each["felt"]["emotion7"] for each in facts["trials"]} == answers
    assert (facts["face"]["offset_s"], facts["face"]["drift_ppm"]) == (session.clock.offset_s, session.clock.drift_ppm)
    assert facts["face"]["is_clock_known"]


def test_gaze_is_that_of_the_file_sample_by_sample(client: TestClient, study: Path) -> None:
    recording = open_recording(session_of(study, "p001").gaze_path)
    assert recording.gaze is not None
    assert recording.gaze.frame == "screen_mm"
    right_mm, up_mm = cyclopean(recording.gaze)[0].T
    width_mm, height_mm = open_study(study, with_sessions=False).screen.size_mm
    share = np.column_stack([right_mm / width_mm, 1 - up_mm / height_mm])
    sent = np.frombuffer(client.get("/api/session/p001/gaze?from_s=1&to_s=3").content, "<f8").reshape(-1, 3)
    chosen = (recording.gaze.time_s >= 1) & (recording.gaze.time_s < 3)
    assert len(sent) > 200
    np.testing.assert_array_equal(sent, np.column_stack([recording.gaze.time_s, share])[chosen])


def test_signals_come_in_the_cells_that_were_asked_for(client: TestClient) -> None:
    answer = client.get("/api/session/p001/signal/pupil?from_s=1&to_s=3&cells=50")
    low, high = np.frombuffer(answer.content, "<f4").reshape(2, -1)
    assert 10 < len(low) <= 52
    assert (low[np.isfinite(low)] <= high[np.isfinite(high)]).all()
    assert 1.0 <= np.nanmin(low) <= np.nanmax(high) <= 9.0
    assert abs(float(answer.headers["x-start-s"]) - 1) <= float(answer.headers["x-step-s"])


def test_intervals_that_a_picture_cannot_part_are_joined(client: TestClient) -> None:
    def asked(cells: int) -> np.ndarray:
        answer = client.get(f"/api/session/p001/intervals/fixation?from_s=0&to_s=9&cells={cells}")
        return np.frombuffer(answer.content, "<f8").reshape(-1, 2)

    fine, coarse = asked(8000), asked(9)
    assert len(coarse) < len(fine)
    assert (fine[:, 1] > fine[:, 0]).all()
    assert (coarse[0, 0], coarse[-1, 1]) == (fine[0, 0], fine[-1, 1])


@pytest.mark.parametrize("step", [-2, 0, 1, 7])
def test_a_frame_is_where_the_video_has_it(client: TestClient, study: Path, step: int) -> None:
    session = session_of(study, "p001")
    times_s = frame_times(session.face_path)
    scale = 1 + session.clock.drift_ppm * 1e-6
    at_s = session.clock.offset_s + (times_s[30] + 0.013) * scale
    frame = client.get(f"/api/session/p001/frame?at_s={float(at_s)!r}&step={step}").json()
    assert frame["face_s"] == times_s[30 + step]
    assert frame["gaze_s"] == pytest.approx(session.clock.offset_s + times_s[30 + step] * scale, abs=1e-9)
    assert session.clock.to_face_s(frame["gaze_s"]) == pytest.approx(times_s[30 + step], abs=1e-9)


def test_frames_end_with_the_video(client: TestClient, study: Path) -> None:
    times_s = frame_times(session_of(study, "p001").face_path)
    assert client.get("/api/session/p001/frame?at_s=5&step=1000").json()["face_s"] == times_s[-1]
    assert client.get("/api/session/p001/frame?at_s=-1e6").json()["face_s"] == times_s[0]


def test_the_video_comes_by_ranges(client: TestClient, study: Path) -> None:
    content = session_of(study, "p001").face_path.read_bytes()
    answer = client.get("/media/face/p001", headers={"range": "bytes=100-299"})
    assert answer.status_code == 206
    assert answer.content == content[100:300]
    assert answer.headers["content-range"] == f"bytes 100-299/{len(content)}"
    assert client.get("/media/face/p001", headers={"range": f"bytes={len(content)}-"}).status_code == 416


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/session/p009", 404),
        ("/api/session/..%2f..%2fetc", 404),
        ("/player/p009", 404),
        ("/media/face/p009", 404),
        ("/media/face/..%2fp001", 404),
        ("/media/film/p001/s001", 404),
        ("/media/film/p001/..%2f..%2fstudy.toml", 404),
        ("/api/session/p001/signal/pulse?from_s=0&to_s=1", 404),
        ("/api/session/p001/signal/pupil?from_s=0&to_s=nan", 422),
        ("/api/session/p001/signal/pupil?from_s=0&to_s=1e300", 422),
        ("/api/session/p001/signal/pupil?from_s=0&to_s=1&cells=0", 422),
        ("/api/session/p001/signal/pupil?from_s=2&to_s=1", 400),
        ("/api/session/p001/intervals/blinks?from_s=0&to_s=1", 404),
        ("/api/session/p001/gaze?from_s=0&to_s=7200", 400),
        ("/api/session/p001/gaze?from_s=0", 422),
        ("/api/session/p001/frame?at_s=x", 422),
    ],
)
def test_what_is_not_there_or_not_right_is_refused_in_words(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    if path.startswith("/api"):
        assert answer.json()["error"]


def test_a_film_outside_the_study_is_not_played(study: Path, tmp_path: Path) -> None:
    import shutil

    place = tmp_path / "study"
    shutil.copytree(study, place)
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    table = (place / "stimuli.tsv").read_text().splitlines()
    columns = table[0].split("\t")
    rows = [line.split("\t") for line in table[1:]]
    for row in rows:
        row += [""] * (len(columns) - len(row))
        row[columns.index("file")] = "../secret.mp4"
    (place / "stimuli.tsv").write_text("\n".join(["\t".join(each) for each in [columns, *rows]]) + "\n")
    stimulus = rows[0][columns.index("stimulus_id")]
    answer = client_of(open_place(place)).get(f"/media/film/p001/{stimulus}")
    assert answer.status_code == 404
    assert b"secret" not in answer.content


def test_a_single_recording_is_played_too(study: Path) -> None:
    place = session_of(study, "p001").gaze_path
    client = client_of(open_place(place))
    (name,) = client.get("/api/sessions").json()["names"]
    facts = client.get(f"/api/session/{name}").json()
    assert facts["face"] is None
    assert {signal["name"] for signal in facts["signals"]} == {"pupil", "gaze_x", "gaze_y"}


def test_a_damaged_face_video_leaves_gaze_and_signals(study: Path, tmp_path: Path) -> None:
    import shutil

    place = shutil.copytree(study, tmp_path / "study")
    client = client_of(open_place(place))
    assert client.get("/api/session/p001").json()["face"]["duration_s"] > 4
    (place / "sessions" / "p001" / "face.mp4").write_bytes(b"damaged")
    facts = client.get("/api/session/p001").json()
    assert facts["face"] is None
    assert any("the face video cannot be played" in doubt for doubt in facts["doubts"])
    assert facts["signals"]


def test_a_new_session_of_an_old_name_is_played_as_it_is_now(study: Path, tmp_path: Path) -> None:
    """What was drawn of a session that had been removed was drawn of the next one with its name."""
    import shutil

    place = shutil.copytree(study, tmp_path / "study")
    client = client_of(open_place(place))
    window = "gaze?from_s=1&to_s=3"
    before = {name: client.get(f"/api/session/{name}/{window}").content for name in ("p001", "p002")}
    assert before["p001"] != before["p002"]
    shutil.rmtree(place / "sessions" / "p001")
    assert client.get(f"/api/session/p001/{window}").status_code == 404
    shutil.copytree(place / "sessions" / "p002", place / "sessions" / "p001", copy_function=shutil.copyfile)
    assert client.get(f"/api/session/p001/{window}").content == before["p002"]


@pytest.mark.parametrize(("name", "called"), [("Zo\u00eb #1 & 50% a?", "Zo\u00eb #1 & 50% a?"), ("a/b", "a\u2044b")])
def test_a_recording_may_be_named_as_trackers_allow(study: Path, tmp_path: Path, name: str, called: str) -> None:
    """Of 'Zoe #1' the browser asked for 'Zoe ', and said that there is no such session."""
    place = tmp_path / "gaze.tsv"
    content = session_of(study, "p001").gaze_path.read_text(encoding="utf-8")
    place.write_text(content.replace("Recording1", name), encoding="utf-8")
    client = client_of(Opened(None, None, recording=place))
    assert client.get("/api/sessions").json()["names"] == [called]
    answer = client.get("/player")
    assert answer.status_code == 200
    assert (answer.url.path, answer.url.query, answer.url.fragment) == (f"/player/{called}", b"", "")
    assert client.get(f"/api/session/{quote(called)}").json()["name"] == called
