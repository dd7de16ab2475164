"""The app's own description of its answers, tried out by schemathesis: whatever comes, nothing breaks."""

import shutil
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from emogap.interfaces.web.app import build_app
from emogap.interfaces.web.opened import Opened, open_place
from tests.interfaces.web.conftest import HOST, TOKEN

HEADERS = {"authorization": f"Bearer {TOKEN}", "host": "127.0.0.1"}
FEW = settings(
    max_examples=10,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def try_out(opened: Opened, session: str) -> set[tuple[str, int]]:
    """Ask everything that is described, of names that are there and that are not; which path answered what."""
    known = {"name": session, "participant_id": session, "signal": "pupil", "kind": "fixation"}
    statuses: set[tuple[str, int]] = set()
    app = build_app(opened, token=TOKEN, port=0)
    described = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=HEADERS)
    operations = [found.ok() for found in described.get_all_operations()]
    for operation in operations:

        @FEW
        @given(case=operation.as_strategy(), is_known=st.booleans())
        def ask(case: schemathesis.Case, is_known: bool) -> None:
            if is_known:
                named = {name: known.get(name, value) for name, value in case.path_parameters.items()}
                case.path_parameters.update(named)
            answer = case.call(headers=HEADERS, base_url=HOST)
            statuses.add((case.operation.path, answer.status_code))
            case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

        ask()
    return statuses


def test_whatever_is_asked_of_a_study_is_answered_or_refused(study: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(study, tmp_path / "study"))
    statuses = try_out(open_place(place), "p001")
    assert {("/api/session/{name}", 200), ("/api/session/{name}", 404)} <= statuses
    assert {(path, status) for path, status in statuses if path.endswith("{signal}")} >= {
        ("/api/session/{name}/signal/{signal}", 404),
        ("/api/session/{name}/signal/{signal}", 400),
    }


def test_whatever_is_asked_of_a_recording_is_answered_or_refused(study: Path) -> None:
    opened = open_place(study / "sessions" / "p001" / "gaze.tsv")
    assert ("/api/session/{name}", 200) in try_out(opened, "Recording1")
