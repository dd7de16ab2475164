"""While a long recording is read, there is a page, and it says so; what was read before does not wait."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from emogap.errors import DataError
from emogap.interfaces.web import sessions
from emogap.interfaces.web.opened import Opened, open_place
from emogap.interfaces.web.tracks import Tracks, tracks_of
from emogap.recording import open_recordings
from emogap.types import Recording
from tests.interfaces.web.browser import browser_on, first_page, served
from tests.interfaces.web.conftest import client_of

PATIENCE_S = 20


class Slow:
    """Reads only when it may, and counts how often."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.count = 0

    def wrapped(self, read: Callable[..., object]) -> Callable[..., object]:
        def reading(*arguments: object) -> object:
            self.count += 1
            assert self.may.wait(PATIENCE_S)
            return read(*arguments)

        return reading


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    found = Slow()
    monkeypatch.setattr(sessions, "tracks_of", found.wrapped(tracks_of))
    monkeypatch.setattr(sessions, "open_recordings", found.wrapped(open_recordings))
    yield found
    found.may.set()


@pytest.fixture
def recording(study: Path) -> Opened:
    return open_place(study / "sessions" / "p001" / "gaze.tsv")


def without_faults(page: Page) -> bool:
    found = Axe().run(page).response["violations"]
    return [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")] == []


def test_the_page_of_a_file_is_there_before_it_is_read(recording: Opened, slow: Slow) -> None:
    """'emogap open FILE' showed nothing at all for as long as two hours of gaze took."""
    client = client_of(recording)
    for path in ("/player", "/player/Recording1?t=3"):
        page = client.get(path, follow_redirects=False)
        assert page.status_code == 200
        assert 'role="status"' in page.text
        assert "<progress" in page.text
    assert slow.count == 0
    slow.may.set()
    assert client.get("/api/sessions").json() == {"names": ["Recording1"]}
    assert client.get("/player", follow_redirects=False).headers["location"] == "/player/Recording1"


def test_a_file_that_is_asked_for_by_many_is_read_once(recording: Opened, slow: Slow) -> None:
    client = client_of(recording)
    asking = [threading.Thread(target=client.get, args=("/api/sessions",)) for _ in range(4)]
    for each in asking:
        each.start()
    slow.may.set()
    for each in asking:
        each.join()
    assert slow.count == 1


def test_what_was_read_does_not_wait_for_what_is_being_read(study: Path, slow: Slow) -> None:
    """One lock held up the player of everybody while the export of one was read."""
    found = sessions.Sessions(open_place(study))
    slow.may.set()
    first = found.tracks("p001")
    slow.may.clear()
    second: list[Tracks] = []
    reading = threading.Thread(target=lambda: second.append(found.tracks("p002")))
    reading.start()
    try:
        again: list[Tracks] = []
        asking = threading.Thread(target=lambda: again.append(found.tracks("p001")))
        asking.start()
        asking.join(5)
        assert again == [first]
    finally:
        slow.may.set()
        reading.join()
    assert len(second) == 1
    assert slow.count == 2


def test_a_session_says_that_it_is_read_until_it_can_be_played(study: Path, slow: Slow) -> None:
    with served(open_place(study)) as address, browser_on(width=375) as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/player/p001")
        assert page.get_by_role("status").get_by_role("progressbar", name="Reading the recording").is_visible()
        assert page.get_by_role("button", name="Play").is_disabled()
        page.keyboard.press("Space")
        page.get_by_text("The first time a long recording is read").wait_for()
        assert without_faults(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        slow.may.set()
        page.wait_for_selector("#player[data-ready]")
        assert page.get_by_role("progressbar").count() == 0
        assert page.get_by_role("button", name="Play").is_enabled()


def test_a_file_says_that_it_is_read_and_then_opens_at_the_moment_that_was_asked_for(
    recording: Opened, slow: Slow
) -> None:
    with served(recording) as address, browser_on() as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/player/Recording1?t=3")
        assert page.get_by_role("progressbar", name="Reading the recording").is_visible()
        assert without_faults(page)
        slow.may.set()
        page.wait_for_selector("#player[data-ready]")
        assert float(page.locator("#player").get_attribute("data-time-s")) == 3.0


def test_a_file_that_cannot_be_read_says_why(recording: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(_: Path) -> Sequence[Recording]:
        raise DataError("the file breaks off", where="gaze.tsv, line 7", fix="export it again")

    monkeypatch.setattr(sessions, "open_recordings", damaged)
    with served(recording) as address, browser_on() as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/player")
        page.get_by_text("the file breaks off · gaze.tsv, line 7 · export it again").wait_for()
        assert page.get_by_role("progressbar").count() == 0
