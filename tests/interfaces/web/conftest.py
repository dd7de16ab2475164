"""The app on a folder of nothing but a header, and a browser's manners."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from emogap.interfaces.web.app import NOTICE_COOKIE, build_app
from emogap.interfaces.web.opened import Opened
from emogap.simulation import SimulationConfig, simulate_study
from tests.annotation.store.conftest import postgres_server, postgres_url

__all__ = ["HOST", "TOKEN", "client_of", "opened", "postgres_server", "postgres_url", "study"]

TOKEN = "t" * 43
HOST = "http://127.0.0.1"


def client_of(opened: Opened, *, has_read: bool = True) -> TestClient:
    """A browser that came in by the address with the token, and has read the notice."""
    client = TestClient(build_app(opened, token=TOKEN, port=0), base_url=HOST, headers={"origin": HOST})
    assert client.get(f"/?token={TOKEN}", follow_redirects=False).status_code == 303
    if has_read:
        client.cookies.set(NOTICE_COOKIE, "read")
    return client


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Folders with names, and nothing in them."""
    return Opened(tmp_path / "study", None)


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two simulated people, two stimuli of 2 s, with face videos at 25 frames/s; nobody writes into it."""
    place = tmp_path_factory.mktemp("web") / "study"
    config = SimulationConfig(participants=2, stimuli=2, clip_s=2.0, pause_s=1.0, seed=6)
    simulate_study(place, config, jobs=1)
    return place
