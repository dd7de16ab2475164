"""What the recorder describes of its answers, tried out by schemathesis in the browser that holds a session."""

from pathlib import Path

import pytest

from emogap.interfaces.web.opened import open_place
from emogap.interfaces.web.record_sessions import RecordingRoom
from emogap.recording.study import open_study
from tests.interfaces.web import test_api
from tests.interfaces.web.recorded_study import new_study


def test_whatever_is_sent_while_recording_is_kept_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = new_study(tmp_path, {"a": "positive", "b": "negative"}, length_s=0.3)
    state = RecordingRoom(study).begin({"participant_id": "p01", "consent": "lab"})
    monkeypatch.setitem(test_api.HEADERS, "cookie", f"emogap-record={state.holder}")
    statuses = test_api.try_out(open_place(study), "p01")
    start = "/api/record/sessions/{participant_id}"
    assert {(start, 200), (start, 404), (f"{start}/marks", 204), (f"{start}/shown", 404)} <= statuses
    assert [session.participant_id for session in open_study(study).sessions] == ["p01"]
