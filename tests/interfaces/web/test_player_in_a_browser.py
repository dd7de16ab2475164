"""The player in a real browser: one clock for face, gaze and time line; keys alone are enough."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from emogap.interfaces.web.opened import open_place
from emogap.recording.study import open_session, open_study
from emogap.recording.video import frame_times
from tests.interfaces.web.browser import SHOWN, browser_on, first_page, served, until

FRAME_S = 1 / 25


@pytest.fixture(scope="module")
def page(study: Path) -> Iterator[Page]:
    with served(open_place(study)) as address, browser_on() as context:
        found = first_page(context, address, [])
        found.goto(address.split("/?")[0] + "/player/p001?t=3.2")
        found.wait_for_selector("#player[data-ready]")
        yield found


def shown_s(page: Page) -> float:
    return float(page.locator("#player").get_attribute("data-time-s"))


def settled_s(page: Page) -> float:
    """The moment that is shown once the video has stopped seeking and nothing has changed for half a second."""
    until(page, "() => !document.getElementById('face').seeking")
    seen: list[float] = []
    while len(seen) < 5 or len(set(seen[-5:])) > 1:
        seen.append(shown_s(page))
        page.wait_for_timeout(100)
    return seen[-1]


def test_the_dot_is_within_a_frame_of_the_stored_time_at_every_step(page: Page, study: Path) -> None:
    """Steps of one frame forward and back: the frame that is really shown, and the sample of its time."""
    opened = open_study(study, with_sessions=False)
    session = open_session(study, "p001", opened.stimuli, sam_points=opened.sam_points)
    assert session.clock is not None
    assert session.face_path is not None
    times_s = frame_times(session.face_path)
    page.goto(page.url.split("?")[0] + "?t=3.2")
    page.wait_for_selector("#player[data-ready]")
    before = np.searchsorted(times_s, session.clock.to_face_s(settled_s(page)) + 1e-3) - 1
    for presses, key in ((5, "."), (3, ",")):
        for _ in range(presses):
            page.keyboard.press(key)
            before += 1 if key == "." else -1
            expected_s = session.clock.offset_s + times_s[before] * (1 + session.clock.drift_ppm * 1e-6)
            until(page, f"time => Math.abs({SHOWN} - time) < 0.002", expected_s)
            now_s = settled_s(page)
            assert abs(now_s - expected_s) < 2e-3
            dot = page.locator("#player").get_attribute("data-gaze").split()
            if dot:
                assert abs(float(dot[0]) - now_s) < FRAME_S
                assert all(-0.5 < float(share) < 1.5 for share in dot[1:])


def test_the_dot_is_drawn_where_the_sample_says(page: Page) -> None:
    """The yellow of the dot on the picture, against the stored share of the screen."""
    page.goto(page.url.split("?")[0] + "?t=3.6")
    page.wait_for_selector("#player[data-ready]")
    settled_s(page)
    until(page, "() => document.getElementById('player').dataset.gaze")
    share = [float(part) for part in page.locator("#player").get_attribute("data-gaze").split()[1:]]
    pixel = page.evaluate(
        """([x, y]) => {
            const canvas = document.getElementById("gaze");
            return [...canvas.getContext("2d").getImageData(x * canvas.width, y * canvas.height, 1, 1).data];
        }""",
        share,
    )
    assert pixel[0] > 200
    assert pixel[2] < 60


def test_the_picture_under_the_dot_has_the_proportions_of_the_screen(page: Page, study: Path) -> None:
    width_px, height_px = open_study(study, with_sessions=False).screen.size_px
    for size in ({"width": 1440, "height": 500}, {"width": 375, "height": 800}, {"width": 1440, "height": 900}):
        page.set_viewport_size(size)
        box = page.locator("#stimulus").bounding_box()
        assert box is not None
        assert box["width"] / box["height"] == pytest.approx(width_px / height_px, rel=0.01)


def test_playing_moves_everything_along_and_stops(page: Page) -> None:
    page.goto(page.url.split("?")[0] + "?t=1.5")
    page.wait_for_selector("#player[data-ready]")
    begun_s = settled_s(page)
    page.keyboard.press(" ")
    until(page, f"begun => {SHOWN} > begun + 0.4", begun_s)
    page.keyboard.press(" ")
    stopped_s = settled_s(page)
    page.wait_for_timeout(200)
    assert shown_s(page) == stopped_s
    assert float(page.locator("#timeline").get_attribute("aria-valuenow")) == pytest.approx(stopped_s, abs=0.06)


def test_arrows_move_by_a_second_and_zoom_keeps_the_moment(page: Page) -> None:
    page.goto(page.url.split("?")[0] + "?t=2.0")
    page.wait_for_selector("#player[data-ready]")
    begun_s = settled_s(page)
    page.keyboard.press("ArrowRight")
    until(page, f"begun => {SHOWN} > begun + 0.9", begun_s)
    assert settled_s(page) == pytest.approx(begun_s + 1, abs=1.5 * FRAME_S)
    now_s = shown_s(page)
    for _ in range(4):
        page.keyboard.press("+")
    assert shown_s(page) == now_s


def test_the_link_leads_back_to_the_moment(page: Page) -> None:
    page.goto(page.url.split("?")[0] + "?t=2.72")
    page.wait_for_selector("#player[data-ready]")
    moment_s = settled_s(page)
    assert abs(moment_s - 2.72) <= FRAME_S + 2e-3
    page.get_by_role("button", name="Link to this moment").click()
    page.wait_for_url("**?t=*")
    page.reload()
    page.wait_for_selector("#player[data-ready]")
    assert settled_s(page) == pytest.approx(moment_s, abs=2e-3)


def test_keys_play_on_after_the_heat_map_was_chosen(page: Page) -> None:
    """With the focus in its box no key did anything any more."""
    page.goto(page.url.split("?")[0] + "?t=2.0")
    page.wait_for_selector("#player[data-ready]")
    begun_s = settled_s(page)
    page.get_by_label("Heat map").click()
    page.keyboard.press("ArrowRight")
    until(page, f"begun => {SHOWN} > begun + 0.9", begun_s)
    page.keyboard.press("Space")
    assert not page.get_by_label("Heat map").is_checked()


@pytest.mark.parametrize(
    ("time_s", "step", "told"),
    [
        (59.7, 1, "1:00"),
        (59.4, 1, "0:59"),
        (59.9996, 0.001, "1:00.000"),
        (119.96, 0.1, "2:00.0"),
        (3.25, 0.01, "0:03.25"),
    ],
)
def test_a_minute_has_sixty_seconds(page: Page, time_s: float, step: float, told: str) -> None:
    """Of 59.7 s the table said '0:60'."""
    asked = "async ([time, step]) => (await import('/static/timeline.js')).clockTime(time, step)"
    assert page.evaluate(asked, [time_s, step]) == told


def test_the_choice_of_a_session_is_that_of_the_page_when_one_goes_back(page: Page) -> None:
    """It named the session that one had come from."""
    page.get_by_label("Session").select_option("p002")
    page.wait_for_url("**/player/p002")
    page.wait_for_selector("#player[data-ready]")
    page.go_back()
    page.wait_for_url("**/player/p001*")
    page.wait_for_selector("#player[data-ready]")
    assert page.get_by_label("Session").input_value() == page.get_by_role("heading", level=1).inner_text() == "p001"


def test_the_help_names_the_keys(page: Page) -> None:
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    assert "Next gap" in page.get_by_role("dialog").inner_text()
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()


def test_a_screen_reader_finds_no_serious_fault_in_either_theme_at_either_width(page: Page) -> None:
    for width in (375, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for theme in ("light", "dark"):
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            found = Axe().run(page).response["violations"]
            assert [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_emotions_are_named_in_the_language_of_the_page(page: Page) -> None:
    page.get_by_label("Language").select_option("de")
    page.wait_for_selector("html[lang=de] #player[data-ready]")
    words = page.locator("#clip-rows").inner_text(timeout=5000) or page.locator("#clip-rows").text_content() or ""
    german = {"Freude", "Traurigkeit", "Angst", "Überraschung", "Ekel", "Ärger", "neutral"}
    assert any(word in words for word in german)
    assert not any(word in words for word in ("happiness", "sadness", "surprise", "disgust", "anger"))
    page.get_by_label("Sprache").select_option("en")
    page.wait_for_selector("html[lang=en] #player[data-ready]")
