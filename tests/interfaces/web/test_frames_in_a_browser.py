"""Browsers differ in what they tell of a video's frames; the clock of the player is that of the frame all the same."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page

from emogap.interfaces.web.opened import open_place
from emogap.recording.study import open_session, open_study
from emogap.recording.video import frame_times
from tests.interfaces.web.browser import SHOWN, browser_on, first_page, served, until

LIKE_FIREFOX = """
const news = HTMLVideoElement.prototype.requestVideoFrameCallback;
HTMLVideoElement.prototype.requestVideoFrameCallback = function (act) {
  return news.call(this, (at, frame) => act(at, { mediaTime: this.paused ? this.currentTime : frame.mediaTime }));
};
"""
"""A video that stands is told to be where it was sent to, and not where the frame begins that it shows."""

WITHOUT_NEWS = "delete HTMLVideoElement.prototype.requestVideoFrameCallback;"


def shown_s(page: Page) -> float:
    return float(page.locator("#player").get_attribute("data-time-s") or "nan")


def settled_s(page: Page) -> float:
    """The moment that is shown once nothing has changed for half a second."""
    seen: list[float] = []
    while len(seen) < 5 or len(set(seen[-5:])) > 1:
        page.wait_for_timeout(100)
        seen.append(shown_s(page))
    return seen[-1]


@pytest.mark.parametrize("browser", [LIKE_FIREFOX, WITHOUT_NEWS])
def test_the_clock_is_that_of_the_frame_in_browsers_that_do_not_tell_it(study: Path, browser: str) -> None:
    """In Firefox 153 the dot stood at the time that was asked for, up to a frame after the one that was shown."""
    opened = open_study(study, with_sessions=False)
    session = open_session(study, "p001", opened.stimuli, sam_points=opened.sam_points)
    assert session.clock is not None
    assert session.face_path is not None
    clock = session.clock
    frames_s = clock.offset_s + frame_times(session.face_path) * (1 + clock.drift_ppm * 1e-6)
    with served(open_place(study)) as address, browser_on() as context:
        context.add_init_script(browser)
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/player/p001?t=3.22")
        page.wait_for_selector("#player[data-ready]")
        assert page.evaluate("document.getElementById('face').readyState") >= 1
        at = int(np.searchsorted(frames_s, 3.22 + 1e-4, side="right")) - 1
        for step in (0, 1, 2, -1):
            if step:
                page.keyboard.press("." if step > 0 else ",")
                at += 1 if step > 0 else -1
            until(page, f"time => Math.abs({SHOWN} - time) <= 2e-6", float(frames_s[at]))
            assert settled_s(page) == pytest.approx(frames_s[at], abs=2e-6)
        page.keyboard.press("Space")
        until(page, f"time => {SHOWN} > time + 0.1", float(frames_s[at]))
