"""Face videos that are slow or damaged, and models beside what was felt and judged, in the player."""

import re
import shutil
import time
from pathlib import Path

from playwright.sync_api import Route, expect

from emogap.interfaces.web.opened import Opened, open_place
from tests.interfaces.web.browser import browser_on, first_page, served
from tests.interfaces.web.recorded_study import write_film


def test_a_clip_is_opened_in_the_clip_with_a_slow_camera_too(study: Path, tmp_path: Path) -> None:
    """At fewer than 20 frames/s it was opened at the frame before its stimulus: 'Between two stimuli'."""
    place = Path(shutil.copytree(study, tmp_path / "study"))
    session = place / "sessions" / "p001"
    write_film(session / "face.mp4", length_s=9.0, grey=90, rate_hz=3)
    (session / "clock.toml").write_text("offset_s = 0.0\ndrift_ppm = 0.0\n")
    with served(Opened(place, None)) as address, browser_on() as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/player/p001")
        page.wait_for_selector("#player[data-ready]")
        clips = page.locator("#clip-rows tr td:nth-child(2)").all_text_contents()
        expect(page.locator("#card")).to_contain_text(clips[0])
        page.keyboard.press("ArrowDown")
        expect(page.locator("#card")).to_contain_text(clips[1])
        page.keyboard.press("ArrowUp")
        expect(page.locator("#card")).to_contain_text(clips[0])


def test_of_jumps_in_quick_succession_the_last_counts(study: Path) -> None:
    """Up right after down did nothing, as down was still asking where it leads; then down arrived."""

    def answer_late(route: Route) -> None:
        time.sleep(0.2)
        route.continue_()

    with served(Opened(study, None)) as address, browser_on() as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/player/p001")
        page.wait_for_selector("#player[data-ready]")
        clips = page.locator("#clip-rows tr td:nth-child(2)").all_text_contents()
        page.route("**/api/session/p001/frame?*", answer_late)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.wait_for_timeout(1500)
        expect(page.locator("#card")).to_contain_text(clips[0])
        for key in ("ArrowDown", "ArrowUp", "ArrowDown"):
            page.keyboard.press(key)
        expect(page.locator("#card")).to_contain_text(clips[1])
        page.unroute_all(behavior="ignoreErrors")


def test_the_link_leads_to_the_frame_and_not_to_the_one_before(study: Path, tmp_path: Path) -> None:
    """Rounded to a millisecond, it led a frame back where the frame began less than half of one after it."""
    place = Path(shutil.copytree(study, tmp_path / "study"))
    (place / "sessions" / "p001" / "clock.toml").write_text("offset_s = 0.0003\ndrift_ppm = 0.0\n")
    with served(Opened(place, None)) as address, browser_on() as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/player/p001?t=2.0103")
        shown, link = page.locator("#time"), page.locator("#link")
        page.wait_for_selector("#player[data-ready]")
        # 25 frames/s: this one begins at 2.0003 s.
        expect(page.locator("#player")).to_have_attribute("data-time-s", re.compile(r"^2\.0003"))
        link.click()
        page.wait_for_url("**?t=2.000300")
        expect(link).to_have_text("Copied")
        page.reload()
        page.wait_for_selector("#player[data-ready]")
        page.keyboard.press(".")
        expect(shown).to_have_text("0:02.040 s")
        page.keyboard.press(",")
        expect(shown).to_have_text("0:02.000 s")
        link.click()
        expect(link).to_have_text("Copied")
        page.keyboard.press(".")
        expect(link).to_have_text("Link to this moment")


def test_a_video_that_cannot_be_played_leaves_no_hole(study: Path, tmp_path: Path) -> None:
    """A black box stood there, and why was told far below."""
    place = Path(shutil.copytree(study, tmp_path / "study"))
    (place / "sessions" / "p001" / "face.mp4").write_bytes(b"no video")
    with served(Opened(place, None)) as address, browser_on() as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/player/p001")
        page.wait_for_selector("#player[data-ready]")
        assert page.locator("#face").count() == 0
        assert "the face video cannot be played" in page.locator("#doubts").inner_text()
        before = page.locator("#time").inner_text()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#time")).not_to_have_text(before)


def test_what_a_model_predicts_is_not_taken_for_what_was_said(benched: Path) -> None:
    """The card said 'Self-report' twice: once of the person, once of the model."""
    with served(open_place(benched / "study")) as address, browser_on() as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/largest-gap")
        page.wait_for_selector("#player[data-ready]")
        said = page.locator("#card .felt").all_inner_texts()
        assert len(said) == 2
        assert said[0].startswith("Self-report: ")
        assert said[1].startswith("Self-report, predicted by linear: ")
