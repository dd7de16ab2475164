"""Two hours of recording in a real browser: whatever part of the time line is looked at, little is sent for it."""

import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, Request, Response

from emogap.interfaces.web import sessions
from emogap.interfaces.web.kept_tracks import keep_tracks, kept_place, key_of
from emogap.interfaces.web.opened import open_place
from emogap.interfaces.web.pyramid import Pyramid
from emogap.interfaces.web.tracks import Signal, Tracks
from emogap.recording.study import open_session, open_study
from tests.interfaces.web.browser import browser_on, first_page, served

RATE_HZ, LENGTH_S = 120.0, 7200.0
FIXATION_S = 0.3
MINUTE_S = 60.0


def two_hours() -> Tracks:
    """A walk of the pupil, and 24 000 fixations; nothing is sent of it but what was asked for."""
    time_s = np.arange(int(RATE_HZ * LENGTH_S)) / RATE_HZ
    walk = np.random.default_rng(0).normal(size=len(time_s)).cumsum() / 100
    onset_s = np.arange(0, LENGTH_S, FIXATION_S)
    place = np.column_stack([np.sin(time_s / 7), np.cos(time_s / 11)]) * 0.4 + 0.5
    return Tracks(
        start_s=0.0,
        stop_s=LENGTH_S,
        rate_hz=RATE_HZ,
        time_s=time_s,
        place=place,
        signals={"pupil": Signal("pupil", "mm", Pyramid(time_s, walk, RATE_HZ))},
        intervals={
            "fixation": np.column_stack([onset_s, onset_s + FIXATION_S * 0.8]),
            **{kind: np.zeros((0, 2)) for kind in ("saccade", "blink", "loss")},
        },
        doubts=(),
    )


@pytest.fixture
def long_study(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small study whose first session is taken to be two hours long."""
    monkeypatch.setattr(sessions, "LEAST_BYTES_KEPT", 0)
    place = Path(shutil.copytree(study, tmp_path / "study"))
    opened = open_study(place, with_sessions=False)
    session = open_session(place, "p001", opened.stimuli, sam_points=opened.sam_points)
    keep_tracks(place, kept_place(place, "p001"), key_of(opened, session), two_hours())
    return place


def asked_of(address: str) -> tuple[float, int]:
    """How many seconds were asked for, and in how many cells."""
    query = parse_qs(urlsplit(address).query)
    return float(query["to_s"][0]) - float(query["from_s"][0]), int(query.get("cells", ["0"])[0])


def settle(page: Page, on_the_way: set[Request]) -> None:
    """Wait until what is seen was drawn and everything that it asked for has come."""
    for _ in range(500):
        page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        if not on_the_way:
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{len(on_the_way)} requests were not answered")


def look_around(page: Page, on_the_way: set[Request]) -> None:
    """From the whole down to a few seconds and back, dragging at every zoom; the keys, then the wheel."""
    box = page.locator("#timeline").bounding_box()
    assert box is not None
    middle, height = box["x"] + box["width"] / 2, box["y"] + 20
    for _ in range(11):
        for _ in range(2):
            page.keyboard.press("+")
        page.mouse.move(middle, height)
        page.mouse.down()
        page.mouse.move(middle - 300, height, steps=3)
        page.mouse.up()
        settle(page, on_the_way)
    page.keyboard.press("0")
    settle(page, on_the_way)
    page.mouse.move(middle, height)
    for _ in range(4):
        page.mouse.wheel(0, -600)
        settle(page, on_the_way)


def test_whatever_is_looked_at_little_is_sent(long_study: Path) -> None:
    answers: list[Response] = []
    with served(open_place(long_study)) as address, browser_on() as context:
        page = first_page(context, address, [])
        on_the_way: set[Request] = set()
        page.on("request", lambda request: on_the_way.add(request))
        for ended in ("requestfinished", "requestfailed"):
            page.on(ended, lambda request: on_the_way.discard(request))
        page.on("response", lambda answer: answers.append(answer))
        page.goto(address.split("/?")[0] + "/player/p001")
        page.wait_for_selector("#player[data-ready]")
        page.locator("#timeline").scroll_into_view_if_needed()
        look_around(page, on_the_way)
        width = page.evaluate("document.getElementById('timeline').clientWidth")
    windows = [answer for answer in answers if "/signal/" in answer.url or "/intervals/" in answer.url]
    spans_s = []
    for answer in windows:
        span_s, cells = asked_of(answer.url)
        spans_s.append(span_s)
        assert answer.status == 200
        assert cells <= 3 * width
        # Lowest and highest as float32, or onset and offset as float64; a cell more at either edge.
        bytes_per_cell = 8 if "/signal/" in answer.url else 16
        assert int(answer.headers["content-length"]) <= bytes_per_cell * (cells + 2)
    assert max(spans_s) > LENGTH_S
    assert min(spans_s) < MINUTE_S
    assert len(windows) > 10
    gaze = [answer for answer in answers if urlsplit(answer.url).path.endswith("/gaze")]
    assert all(
        int(answer.headers["content-length"]) <= 3 * 8 * RATE_HZ * asked_of(answer.url)[0] + 24 for answer in gaze
    )
    assert all(asked_of(answer.url)[0] <= MINUTE_S for answer in gaze)
