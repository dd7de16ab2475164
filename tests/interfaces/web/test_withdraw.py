"""Withdrawal in the app: listed first, removed only when the name was typed."""

import shutil
from pathlib import Path

from emogap.interfaces.web.opened import Opened
from tests.interfaces.web.conftest import client_of


def test_it_is_listed_then_typed_then_gone_and_the_app_goes_on(study: Path, tmp_path: Path) -> None:
    place = tmp_path / "study"
    shutil.copytree(study, place)
    client = client_of(Opened(place, None))
    assert client.get("/home/clips").text.count("/player/p002?t=") == 2
    assert "p002" in client.get("/withdraw").text
    assert "sessions/p002" in client.get("/withdraw/p002").text
    refused = client.post("/withdraw/p002", data={"typed": "p001"})
    assert refused.status_code == 400
    assert "nothing was removed" in refused.text
    assert (place / "sessions" / "p002").is_dir()
    done = client.post("/withdraw/p002", data={"typed": "p002"})
    assert done.status_code == 200
    assert "Receipt: forgotten/" in done.text
    assert not (place / "sessions" / "p002").exists()
    assert "p002" not in client.get("/withdraw").text
    assert client.get("/home/clips").text.count("/player/p001?t=") == 2
    assert "p002" not in client.get("/home/clips").text
    assert client.get("/api/session/p002").status_code == 404
    assert client.get("/withdraw/p002").status_code == 404


def test_nobody_else_can_ask_for_it(study: Path, tmp_path: Path) -> None:
    place = tmp_path / "study"
    shutil.copytree(study, place)
    client = client_of(Opened(place, None))
    answer = client.post("/withdraw/p001", data={"typed": "p001"}, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403
    assert (place / "sessions" / "p001").is_dir()
