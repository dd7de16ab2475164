"""The app on a folder of nothing but a header, and a browser's manners."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from emogap.interfaces.web.app import NOTICE_COOKIE, build_app
from emogap.interfaces.web.opened import Opened

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
