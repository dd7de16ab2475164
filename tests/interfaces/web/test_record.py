"""Recording over the app's own answers: what is acknowledged is on disk, what is wrong is refused in words."""

import errno
import html
import json
import os
import sys
import tomllib
import types
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from emogap.annotation.sam import SAM_POINTS
from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.releasing.consent import parse_consent
from emogap.interfaces.web.opened import Opened, open_place
from emogap.interfaces.web.record_markers import OUTLET, has_lsl, open_outlet
from emogap.interfaces.web.record_sessions import RecordingRoom
from emogap.interfaces.web.record_studies import add_participant, begin_study
from emogap.interfaces.web.site import LANGUAGE_COOKIE
from emogap.locks import LOCK_FILE
from emogap.recording.markers import read_markers
from emogap.recording.study import open_session, open_study
from emogap.recording.video import frame_times
from tests.interfaces.web.conftest import client_of
from tests.interfaces.web.recorded_study import CONSENT, new_study, write_camera, write_film
from tests.interfaces.web.test_record_camera import jittered, webm

START_S = 1_790_000_000.0
API = "/api/record/sessions/p01"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of three films of 0.3 s, with nobody in it; nobody writes into it."""
    targets = {"calm": "neutral", "dread": "negative", "joy": "positive"}
    return new_study(tmp_path_factory.mktemp("films"), targets, length_s=0.3)


@pytest.fixture
def study(films: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(films, tmp_path / "study"))


@pytest.fixture
def client(study: Path) -> TestClient:
    """A browser whose participant has consented and whose camera has begun."""
    found = client_of(Opened(study, None))
    assert found.post("/record/consent", data=CONSENT).status_code == 200
    assert post(found, "segments", container="webm", started_s=START_S) == {"segment": 1}
    return found


def post(client: TestClient, path: str, /, **body: object) -> dict[str, object]:
    answer = client.post(f"{API}/{path}", json=body)
    assert answer.status_code in (200, 204), answer.text
    return answer.json() if answer.content else {}


def film_and_answer(client: TestClient, stimulus_id: str, at_s: float, **answers: object) -> dict[str, object]:
    post(client, "marks", kind="onset", stimulus_id=stimulus_id, at_s=at_s)
    post(client, "shown", stimulus_id=stimulus_id, onset_s=at_s, offset_s=at_s + 0.3)
    return post(client, "answers", stimulus_id=stimulus_id, answered_s=at_s + 4.3, **answers)


def test_consent_makes_a_session_and_a_line_of_the_table(study: Path, client: TestClient) -> None:
    person = open_study(study).participants[0]
    assert (person.participant_id, person.sex, person.age, person.glasses) == ("p01", "female", 31, "no")
    assert person.consent == "face:lab gaze:public labels:public"
    assert parse_consent(person.consent, where="here") == {"face": "lab", "gaze": "public", "labels": "public"}
    assert person.withdraw_until is not None
    assert person.withdraw_until in client.get("/record/session/p01").text


def test_what_was_agreed_to_and_when_stands_with_the_session(study: Path) -> None:
    page = client_of(Opened(study, None))
    page.cookies.set(LANGUAGE_COOKIE, "de")
    shown = page.get("/record/consent").text
    before = datetime.now(UTC).replace(microsecond=0)
    assert page.post("/record/consent", data=CONSENT).status_code == 200
    kept = tomllib.loads((study / "sessions" / "p01" / "consent.toml").read_text())
    assert before <= kept["agreed_at"] <= datetime.now(UTC)
    assert kept["consent"] == "face:lab gaze:public labels:public"
    assert kept["withdraw_until"] == open_study(study).participants[0].withdraw_until
    assert kept["language"] == "de"
    assert len(kept["told"]) >= 5
    assert all(html.escape(line) in shown for line in [*kept["told"], kept["agreed_to"]])


def test_one_level_for_all_is_written_as_one_word(study: Path) -> None:
    client_of(Opened(study, None)).post("/record/consent", data={**CONSENT, "gaze": "lab", "labels": "lab"})
    assert open_study(study).participants[0].consent == "lab"


def test_every_answer_is_on_disk_when_it_is_acknowledged(study: Path, client: TestClient) -> None:
    """The clock of the tables begins where the browser was told to record, until the video is read."""
    assert client.get(API).json()["stimulus_id"] == "dread"
    said = film_and_answer(client, "dread", START_S + 2, pleasure=2, arousal=7, emotion7="fear", emotion3="negative")
    session = open_session(study, "p01", open_study(study).stimuli, sam_points=9)
    assert [(t.order, t.stimulus_id, t.onset_s, t.duration_s) for t in session.trials] == [(1, "dread", 2.0, 0.3)]
    answer = session.self_report[0]
    assert (answer.pleasure, answer.arousal, answer.dominance) == (2, 7, None)
    assert (answer.emotion7, answer.emotion3) == ("fear", "negative")
    row = (study / "sessions/p01/selfreport.tsv").read_text().splitlines()[1]
    assert row.endswith("\t6.300")
    assert said == {
        "step": "clip",
        "stimulus_id": "joy",
        "purpose": "study",
        "is_negative": True,
        "num_done": 1,
        "num_clips": 3,
    }


def test_what_is_skipped_is_no_trial_and_no_answer(study: Path, client: TestClient) -> None:
    post(client, "skips", what="clip", stimulus_id="dread", at_s=START_S + 1)
    post(client, "shown", stimulus_id="joy", onset_s=START_S + 2, offset_s=START_S + 3)
    said = post(client, "skips", what="questions", stimulus_id="joy", at_s=START_S + 5)
    assert (said["stimulus_id"], said["purpose"]) == ("calm", "closing")
    said = post(client, "shown", stimulus_id="calm", onset_s=START_S + 6, offset_s=START_S + 7)
    assert said["step"] == "end"
    session = open_session(study, "p01", open_study(study).stimuli, sam_points=9)
    assert [trial.stimulus_id for trial in session.trials] == ["joy", "calm"]
    assert session.self_report == ()
    kinds = {marker.kind: marker.time_s for marker in read_markers(study / "sessions/p01/markers.tsv")}
    assert kinds == {"skip dread": 1.0, "unanswered joy": 5.0}


def test_after_a_negative_clip_that_was_skipped_the_rest_is_the_long_one(client: TestClient) -> None:
    """Whoever skips is not less distressed: the rest once followed from the last clip that was seen to its end."""
    said = post(client, "skips", what="clip", stimulus_id="dread", at_s=START_S + 1)
    assert said["is_negative"] is True
    said = post(client, "skips", what="clip", stimulus_id="joy", at_s=START_S + 2)
    assert said["is_negative"] is False


def test_without_consent_to_the_face_no_video_is_kept(study: Path) -> None:
    """A participant who chose that the face is not shared was filmed all the same."""
    client = client_of(Opened(study, None))
    page = client.post("/record/consent", data={**CONSENT, "face": "none"}).text
    assert 'data-filmed="no"' in page
    refused = client.post(f"{API}/segments", json={"container": "webm", "started_s": START_S})
    assert refused.status_code == 400
    assert "did not agree to be filmed" in refused.json()["error"]
    assert post(client, "segments", container="none", started_s=START_S) == {"segment": 1}
    assert client.post(f"{API}/segments/1/pieces/0", content=webm(jittered(9))).status_code == 400
    film_and_answer(client, "dread", START_S + 1, pleasure=9)
    post(client, "finish")
    session = open_session(study, "p01", open_study(study).stimuli, sam_points=9)
    assert (session.face_path, session.clock, session.trials[0].onset_s) == (None, None, 1.0)
    assert read_markers(study / "sessions/p01/markers.tsv")[0].clock == "session"
    assert not list((study / "sessions/p01/recording").glob("camera*"))
    assert "The camera left no video" not in client.get("/record").text


def test_without_consent_to_answers_nothing_is_asked(study: Path) -> None:
    client = client_of(Opened(study, None))
    client.post("/record/consent", data={**CONSENT, "labels": "none"})
    post(client, "segments", container="webm", started_s=START_S)
    said = post(client, "shown", stimulus_id="dread", onset_s=START_S + 1, offset_s=START_S + 2)
    assert (said["step"], said["stimulus_id"]) == ("clip", "joy")
    refused = client.post(f"{API}/answers", json={"stimulus_id": "dread", "pleasure": 1, "answered_s": START_S + 3})
    assert refused.status_code == 400


def test_at_the_end_everything_is_on_the_clock_of_the_video(study: Path, client: TestClient) -> None:
    """The first frame was captured 0.125 s after the browser was told to record."""
    content = webm(jittered(60))
    middle = len(content) // 2
    for number, piece in enumerate((content[:middle], content[middle:])):
        answer = client.post(f"{API}/segments/1/pieces/{number}", content=piece)
        assert answer.json() == {"pieces": number + 1}
    post(
        client,
        "segments/1/frames",
        captured_s=(START_S + 0.125 + jittered(60)[:45]).tolist(),
        presented_s=(START_S + 0.15 + jittered(60)[:45]).tolist(),
    )
    film_and_answer(client, "dread", START_S + 1, pleasure=9)
    assert [post(client, "finish")["step"] for _ in range(2)] == ["finished", "finished"]
    session = open_session(study, "p01", open_study(study).stimuli, sam_points=9)
    assert session.trials[0].onset_s == pytest.approx(0.875, abs=1e-3)
    assert session.clock is not None
    assert (session.clock.offset_s, session.clock.drift_ppm, session.clock.events) == (0, 0, 45)
    assert session.clock.residual_ms == pytest.approx(0, abs=0.01)
    assert session.face_path is not None
    assert frame_times(session.face_path) == pytest.approx(jittered(60), abs=1e-4)
    assert read_markers(study / "sessions/p01/markers.tsv")[0].time_s == pytest.approx(0.875, abs=1e-3)
    assert sorted(file.name for file in (study / "sessions/p01/recording").iterdir()) == [LOCK_FILE, "state.json"]
    assert "Thank you" in client.get("/record/session/p01").text


def test_what_was_recorded_is_played(study: Path, client: TestClient) -> None:
    client.post(f"{API}/segments/1/pieces/0", content=webm(jittered(60)))
    film_and_answer(client, "dread", START_S + 1, pleasure=9)
    post(client, "finish")
    played = client_of(open_place(study))
    assert played.get("/player/p01").status_code == 200
    facts = played.get("/api/session/p01").json()
    assert (facts["start_s"], facts["signals"], facts["has_place"]) == (0.0, [], False)
    assert facts["stop_s"] == pytest.approx(jittered(60)[-1], abs=1e-3)
    assert "no gaze was recorded in this session" in facts["doubts"]
    assert [(trial["stimulus_id"], trial["has_film"]) for trial in facts["trials"]] == [("dread", True)]


def test_a_server_that_was_started_anew_goes_on_with_the_same_browser(study: Path, client: TestClient) -> None:
    content = webm(jittered(40))
    assert client.post(f"{API}/segments/1/pieces/0", content=content[:500]).json() == {"pieces": 1}
    again = client_of(Opened(study, None))
    again.cookies.set("emogap-record", str(client.cookies.get("emogap-record")))
    assert again.post(f"{API}/segments/1/pieces/1", content=content[500:]).json() == {"pieces": 2}
    post(again, "finish")
    assert frame_times(study / "sessions/p01/face.mp4") == pytest.approx(jittered(40), abs=1e-4)


def test_a_session_without_readable_video_keeps_its_answers(study: Path, client: TestClient) -> None:
    film_and_answer(client, "dread", START_S + 1, pleasure=9)
    assert client.post("/record/session/p01/close").status_code == 200
    session = open_session(study, "p01", open_study(study).stimuli, sam_points=9)
    assert session.face_path is None
    assert session.self_report[0].pleasure == 9
    assert "The camera left no video" in client.get("/record").text


def test_another_browser_is_refused_until_it_takes_over(study: Path, client: TestClient) -> None:
    other = client_of(Opened(study, None))
    assert other.get("/record/session/p01").status_code == 409
    assert other.get(API).status_code == 409
    assert other.post("/record/consent", data=CONSENT).status_code == 409
    assert other.post("/record/session/p01/take-over").status_code == 200
    assert post(other, "segments", container="webm", started_s=START_S + 60) == {"segment": 2}
    assert client.get(API).status_code == 409
    refused = client.post(f"{API}/segments/1/pieces/0", content=b"late")
    assert refused.status_code == 409
    assert "another browser" in refused.json()["error"]


def test_a_page_that_was_loaded_again_closes_the_stretch_before(client: TestClient) -> None:
    post(client, "segments", container="webm", started_s=START_S + 9)
    assert client.post(f"{API}/segments/1/pieces/0", content=b"late").status_code == 409
    assert client.post(f"{API}/segments/2/pieces/0", content=b"now").json() == {"pieces": 1}


def test_the_same_thing_sent_twice_is_kept_once(study: Path, client: TestClient) -> None:
    for _ in range(2):
        post(client, "shown", stimulus_id="dread", onset_s=START_S + 1, offset_s=START_S + 2)
    for _ in range(2):
        post(client, "answers", stimulus_id="dread", answered_s=START_S + 3, pleasure=1)
    session = open_session(study, "p01", open_study(study).stimuli, sam_points=9)
    assert (len(session.trials), len(session.self_report)) == (1, 1)


def test_what_was_sent_again_because_nobody_answered_is_kept_once(study: Path, client: TestClient) -> None:
    """A stretch that was begun, but whose acknowledgement was lost, once ended the session: 'the clock went back'."""
    assert post(client, "segments", container="webm", started_s=START_S) == {"segment": 1}
    for age_s in (0.1, 0.6):
        post(client, "marks", kind="offset", at_s=START_S + 5, age_s=age_s)
    post(client, "marks", kind="rest", at_s=START_S + 4)
    marks = read_markers(study / "sessions/p01/markers.tsv")
    assert [(mark.kind, mark.time_s) for mark in marks] == [("rest", 4.0), ("offset", 5.0)]


def test_a_page_that_was_loaded_again_is_marked(study: Path, client: TestClient) -> None:
    post(client, "segments", container="webm", started_s=START_S + 9)
    assert [mark.kind for mark in read_markers(study / "sessions/p01/markers.tsv")] == ["reload"]


def test_a_full_disk_is_said_and_what_was_acknowledged_stays(
    study: Path, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = webm(jittered(40))
    client.post(f"{API}/segments/1/pieces/0", content=content[:900])
    with monkeypatch.context() as full:

        def no_room(number: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        full.setattr(os, "fsync", no_room)
        answers = [
            client.post(f"{API}/segments/1/pieces/1", content=content[900:]),
            client.post(f"{API}/segments/1/frames", json={"captured_s": [START_S], "presented_s": [START_S]}),
            client.post(f"{API}/marks", json={"kind": "rest", "at_s": START_S}),
        ]
    assert [answer.status_code for answer in answers] == [500, 500, 500]
    assert all("make room" in answer.json()["fix"] for answer in answers)
    assert client.post(f"{API}/segments/1/pieces/1", content=content[900:]).json() == {"pieces": 2}
    post(client, "finish")
    assert frame_times(study / "sessions/p01/face.mp4") == pytest.approx(jittered(40), abs=1e-4)


def test_video_that_could_not_be_read_whole_stays(study: Path, client: TestClient) -> None:
    """It was once removed with the rest when the session was closed."""
    client.post(f"{API}/segments/1/pieces/0", content=webm(jittered(9)))
    post(client, "segments", container="webm", started_s=START_S + 60)
    client.post(f"{API}/segments/2/pieces/0", content=b"no video at all")
    post(client, "finish")
    kept = study / "sessions/p01/recording/camera-2.webm"
    assert kept.read_bytes() == b"no video at all"
    assert not kept.with_name("camera-1.webm").exists()
    assert "camera-2.webm" in client.get("/record").text


def test_a_video_that_ends_before_the_last_clip_did_is_said(study: Path, client: TestClient) -> None:
    """A machine that is too busy films nothing in the end: that once went unsaid."""
    client.post(f"{API}/segments/1/pieces/0", content=webm(jittered(60)))
    ends_s = jittered(60)[-1]
    post(client, "shown", stimulus_id="dread", onset_s=START_S + 1, offset_s=START_S + ends_s + 7)
    post(client, "finish")
    assert "The video ends 7.0 s before the last film did" in client.get("/record").text


def test_one_damaged_session_does_not_keep_others_from_being_recorded(study: Path, client: TestClient) -> None:
    (study / "sessions/p01/recording/state.json").write_text("")
    page = client.get("/record")
    assert page.status_code == 200
    assert "the state of the session is damaged" in page.text
    assert client.post("/record/consent", data={**CONSENT, "participant_id": "p02"}).status_code == 200


BAD = {
    "another clip": ("shown", {"stimulus_id": "joy", "onset_s": START_S + 1, "offset_s": START_S + 2}),
    "no such clip": ("shown", {"stimulus_id": "none", "onset_s": START_S + 1, "offset_s": START_S + 2}),
    "off before on": ("shown", {"stimulus_id": "dread", "onset_s": START_S + 2, "offset_s": START_S + 1}),
    "before the video": ("shown", {"stimulus_id": "dread", "onset_s": START_S - 9, "offset_s": START_S + 1}),
    "no question": ("answers", {"stimulus_id": "dread", "pleasure": 3, "answered_s": START_S}),
    "no such point": ("answers", {"stimulus_id": "dread", "pleasure": 10, "answered_s": START_S}),
    "no such word": ("answers", {"stimulus_id": "dread", "emotion7": "rage", "answered_s": START_S}),
    "no questions to skip": ("skips", {"what": "questions", "stimulus_id": "dread", "at_s": START_S}),
    "an id that is a path": ("shown", {"stimulus_id": "../dread", "onset_s": START_S + 1, "offset_s": START_S + 2}),
    "no time": ("marks", {"kind": "onset", "at_s": "soon"}),
    "a clock that goes back": ("segments", {"container": "webm", "started_s": START_S - 1}),
    "a container that is a path": ("segments", {"container": "../../x", "started_s": START_S + 1}),
    "no numbers": ("segments/1/frames", {"captured_s": ["x"], "presented_s": ["x"]}),
    "no pairs": ("segments/1/frames", {"captured_s": [START_S], "presented_s": []}),
    "a video without consent": ("segments", {"container": "none", "started_s": START_S + 1}),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_refused_in_words(study: Path, client: TestClient, name: str) -> None:
    before = (study / "sessions/p01/recording/state.json").read_bytes()
    what, body = BAD[name]
    answer = client.post(f"{API}/{what}", content=json.dumps(body))
    assert 400 <= answer.status_code < 500
    assert len(answer.json()["error"]) > 10
    assert (study / "sessions/p01/recording/state.json").read_bytes() == before


@pytest.mark.parametrize("path", ["/record/session/..%2f..%2fx", "/record/film/..%2fstudy", "/record/session/nobody"])
def test_nothing_outside_the_study_is_reached(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (404, 422)


def test_a_piece_that_is_too_large_or_out_of_order_is_refused(client: TestClient) -> None:
    assert client.post(f"{API}/segments/1/pieces/0", content=bytes((16 << 20) + 1)).status_code == 413
    answer = client.post(f"{API}/segments/1/pieces/3", content=b"x")
    assert answer.status_code == 400
    assert "0 is due" in answer.json()["error"]


@pytest.mark.parametrize("field", [{"participant_id": "a b"}, {"agreed": "no"}, {"face": "all"}, {"age": "old"}])
def test_without_consent_and_an_id_there_is_no_session(study: Path, field: dict[str, str]) -> None:
    answer = client_of(Opened(study, None)).post("/record/consent", data={**CONSENT, **field})
    assert answer.status_code in (400, 422)
    assert open_study(study).session_ids == ()


def test_an_age_that_nobody_reaches_does_not_spoil_the_study(study: Path) -> None:
    """It once went into participants.tsv, which then no command could read, and no page of the app."""
    client = client_of(Opened(study, None))
    answer = client.post("/record/consent", data={**CONSENT, "age": "310"})
    assert answer.status_code == 400
    assert "310 years: ages go from 0 to 130" in answer.text
    assert open_study(study).participants == ()
    for other in ("\u0663\u0661", "-1", "1e2"):
        assert client.post("/record/consent", data={**CONSENT, "age": other}).status_code == 422


def test_what_was_chosen_stays_chosen_when_the_id_is_taken(client: TestClient) -> None:
    """The form once came back with its defaults: a face that was not to be recorded was then shared in the session."""
    page = client.post("/record/consent", data={**CONSENT, "face": "none", "age": "44"})
    assert page.status_code == 409
    assert page.text.count('<option value="none" selected>') == 1
    assert page.text.count('<option value="public" selected>') == 2
    assert 'name="age" value="44"' in page.text


def test_no_level_of_consent_is_chosen_beforehand(study: Path) -> None:
    page = client_of(Opened(study, None)).get("/record/consent").text
    assert page.count('required><option value="">') == 3
    assert " selected" not in page.partition("<fieldset>")[2]


def test_orders_move_on_from_session_to_session(study: Path) -> None:
    room = RecordingRoom(study)
    firsts = []
    for number in range(2):
        cells = {"participant_id": f"p{number}", "consent": "lab", "withdraw_until": "2030-01-01"}
        firsts.append(room.begin(cells).order[0].stimulus_id)
    assert firsts == ["dread", "joy"]
    with pytest.raises(UsageError, match="p1 is being recorded"):
        room.begin({"participant_id": "p1"})
    with pytest.raises(UnknownNameError):
        room.state("../p1")


def test_a_participant_without_a_session_keeps_the_line(study: Path) -> None:
    add_participant(study, {"participant_id": "p5", "consent": "lab"})
    with pytest.raises(UsageError, match="p5 is in the study already"):
        RecordingRoom(study).begin({"participant_id": "p5", "consent": "lab"})
    assert open_study(study).session_ids == ()


def test_before_a_study_says_what_it_is_for_nobody_is_recorded(tmp_path: Path) -> None:
    place = new_study(tmp_path, {"a": "positive"}, length_s=0.3, is_set_up=False)
    client = client_of(open_place(place))
    assert client.get("/record/consent", follow_redirects=False).headers["location"] == "/record"
    client.post("/record/consent", data=CONSENT)
    assert open_study(place).session_ids == ()
    form = {
        "intended_use": "teaching",
        "width_px": "2560",
        "height_px": "1440",
        "sam_points": "7",
        "withdraw_days": "9",
    }
    assert client.post("/record/setup", data={**form, "sam_points": "6"}).status_code == 400
    assert client.post("/record/setup", data={**form, "intended_use": "hiring"}).status_code == 422
    assert client.post("/record/setup", data=form).status_code == 200
    study = open_study(place)
    assert (study.intended_use, study.screen.size_px, study.sam_points) == ("teaching", (2560, 1440), 7)
    assert 'action="/record/setup"' not in client.get("/record").text
    assert client.post("/record/setup", data=form).status_code == 400


def test_a_new_study_has_a_copy_of_every_film(tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    write_film(films / "sea.mp4", length_s=0.5, grey=90)
    study = open_study(begin_study(tmp_path / "new", "sea-study", films))
    assert [(each.stimulus_id, each.duration_s) for each in study.stimuli] == [("sea", 0.5)]
    assert (study.path / "stimuli/sea.mp4").read_bytes() == (films / "sea.mp4").read_bytes()
    with pytest.raises(UsageError, match="there already"):
        begin_study(tmp_path / "new", "sea-study", films)
    with pytest.raises(UsageError, match="no films"):
        begin_study(tmp_path / "other", "x", tmp_path)
    (films / "hill.MOV").touch()
    with pytest.raises(UsageError, match=r"1 films are not named \*.mp4: hill.MOV"):
        begin_study(tmp_path / "other", "x", films)
    (films / "hill.MOV").unlink()
    write_film(films / "old.mp4", length_s=0.5, grey=90, codec="mpeg4")
    with pytest.raises(UsageError, match=r"old\.mp4 is encoded as mpeg4, which browsers do not play"):
        begin_study(tmp_path / "other", "x", films)
    (films / "old.mp4").unlink()
    (films / "sea.mp4").rename(films / "my sea.mp4")
    with pytest.raises(UsageError, match="'my sea' is no stimulus"):
        begin_study(tmp_path / "other", "x", films)
    assert not (tmp_path / "other").exists()


def test_the_camera_check_says_how_the_face_is_seen(client: TestClient, tmp_path: Path) -> None:
    seen = cv2.VideoCapture(str(write_camera(tmp_path / "camera.mjpeg"))).read()[1]
    moved = np.roll(seen, 180, axis=1)
    for picture, advice in ((seen, "good"), (moved, "off_centre"), (np.full_like(seen, 128), "none")):
        jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
        answer = client.post("/api/record/face", content=jpeg, headers={"content-type": "image/jpeg"})
        assert answer.json()["advice"] == advice
    assert client.post("/api/record/face", content=b"GIF89a").status_code == 400


@pytest.mark.parametrize("points", SAM_POINTS)
def test_the_form_has_as_many_figures_as_the_study_says(study: Path, points: int) -> None:
    facts = study / "study.toml"
    facts.write_text(facts.read_text().replace("sam_points = 9", f"sam_points = {points}"))
    client = client_of(Opened(study, None))
    page = client.post("/record/consent", data=CONSENT).text
    assert page.count("<svg") == 3 * points
    assert page.count('name="arousal"') == points


def test_markers_go_out_where_the_layer_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    layer = types.ModuleType("pylsl")
    layer.__spec__ = types.SimpleNamespace(name="pylsl")  # type: ignore[assignment]
    layer.StreamInfo = lambda *facts: facts  # type: ignore[attr-defined]
    layer.local_clock = lambda: 500.0  # type: ignore[attr-defined]
    layer.StreamOutlet = lambda facts: types.SimpleNamespace(  # type: ignore[attr-defined]
        push_sample=lambda sample, at_s: sent.append((facts[0], sample, at_s))
    )
    monkeypatch.setitem(sys.modules, "pylsl", layer)
    assert has_lsl()
    open_outlet("study")("onset s1", age_s=0.25)
    assert sent == [(OUTLET, ["onset s1"], 499.75)]


def test_a_layer_without_its_library_does_not_keep_the_app_from_starting(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package pylsl raises RuntimeError where liblsl is missing: no page of the study could then be opened."""
    (tmp_path / "pylsl.py").write_text("raise RuntimeError('LSL binary library file was not found.')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pylsl", raising=False)
    assert not has_lsl()
    assert "No markers go out" in client_of(Opened(study, None)).get("/record").text


def test_without_the_layer_the_page_says_so(study: Path) -> None:
    page = client_of(Opened(study, None)).get("/record").text
    assert ("pylsl is not installed" in page) is not has_lsl()


def test_a_simulated_study_is_not_recorded(films: Path) -> None:
    client = client_of(Opened(films, None, is_simulated=True))
    assert client.get("/record").status_code == 404
