"""A whole session in a real browser with a camera that is played from a file, and what is left when it is killed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Error, Page

from emogap.datasets import BuildConfig, build
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.record_sessions import RecordingRoom
from emogap.recording.markers import read_markers
from emogap.recording.study import open_study
from emogap.recording.video import frame_times, probe_video
from tests.interfaces.web.browser import browser_on, first_page, served
from tests.interfaces.web.recorded_study import new_study, write_camera


@contextmanager
def camera_on(folder: Path, *, width: int = 1440) -> Iterator[BrowserContext]:
    """A browser whose camera sees a drawn face."""
    film = write_camera(folder / "camera.mjpeg")
    flags = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    with browser_on(width=width, flags=flags) as context:
        yield context


def consented(context: BrowserContext, address: str, complaints: list[str], *, face: str = "lab") -> Page:
    page = context.pages[0] if context.pages else first_page(context, address, complaints)
    page.goto(address.split("/?")[0] + "/record")
    page.get_by_role("link", name="New session").click()
    page.get_by_label("Participant").fill("p01")
    for kind, level in {"Face video": face, "Gaze": "lab", "Answers and ratings": "lab"}.items():
        page.get_by_label(kind).select_option(level)
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Agree").click()
    return page


def begin(page: Page) -> None:
    page.locator("#begin:not([disabled])").wait_for()
    page.keyboard.press("Tab")
    page.locator("#begin").focus()
    page.keyboard.press("Enter")


def test_a_session_is_recorded_by_keys_and_read_by_build(tmp_path: Path) -> None:
    study = new_study(tmp_path, {"calm": "neutral", "dread": "negative", "joy": "positive"}, length_s=0.8)
    complaints: list[str] = []
    with served(Opened(study, None)) as address, camera_on(tmp_path) as context:
        page = consented(context, address, complaints)
        page.get_by_text("Your face is well seen").wait_for()
        begin(page)
        for first in "92":
            page.locator("#questions").wait_for()
            # One digit more than there are questions is no answer: it once changed the first.
            for digit in (first, "1", "7", "2", "1", "5"):
                page.keyboard.press(digit)
            page.keyboard.press("Enter")
            page.locator("#questions").wait_for(state="hidden")
        page.get_by_role("heading", name="Thank you").wait_for()
    assert complaints == []
    session = open_study(study).sessions[0]
    assert [trial.stimulus_id for trial in session.trials] == ["dread", "joy", "calm"]
    assert [(a.pleasure, a.arousal, a.dominance, a.emotion7, a.emotion3) for a in session.self_report] == [
        (9, 1, 7, "sadness", "positive"),
        (2, 1, 7, "sadness", "positive"),
    ]
    assert session.face_path is not None
    assert session.clock is not None
    assert session.clock.residual_ms is not None
    assert session.clock.residual_ms < 25
    info = probe_video(session.face_path)
    assert info.codec == "h264"
    assert info.duration_s > session.trials[-1].onset_s + session.trials[-1].duration_s
    report = build(study, tmp_path / "D", BuildConfig(face_detector="haar"), jobs=1)
    assert (report.header.num_samples, report.failures) == (3, ())
    assert any("no gaze was recorded" in doubt for doubt in report.header.doubts)
    assert np.load(tmp_path / "D" / "streams" / "face_mask.npy").all()


def test_a_browser_that_is_killed_loses_less_than_two_seconds_of_video(tmp_path: Path) -> None:
    study = new_study(tmp_path, {"long": "positive"}, length_s=30.0)
    with served(Opened(study, None)) as address, camera_on(tmp_path) as context:
        page = consented(context, address, [])
        begin(page)
        page.locator("#film:not([hidden])").wait_for()
        page.wait_for_timeout(2500)
        killed_s = page.evaluate("(performance.timeOrigin + performance.now()) / 1000")
        assert context.browser is not None
        with suppress(Error):
            context.browser.new_browser_cdp_session().send("Browser.crash")
    session = study / "sessions" / "p01"
    at_s = json.loads((session / "recording" / "state.json").read_text())["marks"][0]["at_s"]
    RecordingRoom(study).finish("p01")
    zero_s = at_s - read_markers(session / "markers.tsv")[0].time_s
    assert killed_s - (zero_s + frame_times(session / "face.mp4")[-1]) < 2


def test_a_page_that_is_loaded_again_goes_on_where_it_was(tmp_path: Path) -> None:
    study = new_study(tmp_path, {"a": "positive", "b": "positive"}, length_s=0.6)
    with served(Opened(study, None)) as address, camera_on(tmp_path) as context:
        page = consented(context, address, [])
        begin(page)
        page.locator("#questions").wait_for()
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        page.locator("#begin:not([disabled])").wait_for()
        page.wait_for_timeout(1000)
        page.get_by_role("button", name="Go on").click()
        page.locator("#questions").wait_for()
        page.get_by_role("button", name="I would rather not answer").click()
        page.locator("#film:not([hidden])").wait_for()
        page.keyboard.press("s")
        page.get_by_role("heading", name="Thank you").wait_for()
    session = open_study(study).sessions[0]
    assert [trial.stimulus_id for trial in session.trials] == ["a"]
    assert session.self_report == ()
    kinds = [marker.kind for marker in read_markers(study / "sessions" / "p01" / "markers.tsv")]
    assert "unanswered a" in kinds
    assert "skip b" in kinds
    assert kinds.index("reload") > kinds.index("questions a")
    assert np.diff(frame_times(study / "sessions" / "p01" / "face.mp4")).max() > 1.0


def test_a_film_that_cannot_be_played_is_named_before_and_passed_over(tmp_path: Path) -> None:
    """It once ended every session: the page that was loaded again came to the same film."""
    study = new_study(tmp_path, {"a": "positive", "b": "positive"}, length_s=0.6)
    (study / "stimuli" / "a.mp4").write_bytes(b"no film")
    with served(Opened(study, None)) as address, camera_on(tmp_path) as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/record")
        page.get_by_text("This browser does not show: a.").wait_for()
        page = consented(context, address, [])
        begin(page)
        page.get_by_text("The film a cannot be played").wait_for()
        assert RecordingRoom(study).state("p01").skipped == ()
        page.get_by_role("button", name="Go on without this film").click()
        begin(page)
        page.locator("#questions").wait_for()
    assert RecordingRoom(study).state("p01").skipped == ("a",)


def test_a_film_waits_while_a_participant_is_asked_whether_to_stop(tmp_path: Path) -> None:
    """With the capital that the page names; the browser has to be asked to play first, and no camera is used."""
    study = new_study(tmp_path, {"a": "positive"}, length_s=3.0)
    with served(Opened(study, None)) as address, browser_on() as context:
        page = consented(context, address, [], face="none")
        page.evaluate(REFUSE_ONCE)
        begin(page)
        page.get_by_role("button", name="Start the film").click()
        page.wait_for_timeout(600)
        page.keyboard.press("X")
        page.get_by_text("Stop the session?").wait_for()
        assert page.evaluate("document.getElementById('film').paused")
        page.wait_for_timeout(1000)
        page.get_by_role("button", name="Go on").click()
        page.locator("#questions").wait_for()
        assert not page.locator("#play").is_visible()
        page.keyboard.press("Enter")
        page.get_by_text("5 questions are open").wait_for()
        page.keyboard.press("X")
        context.set_offline(True)
        page.get_by_role("button", name="Stop", exact=True).last.click()
        page.get_by_text("the program does not answer").wait_for()
        context.set_offline(False)
        page.get_by_role("heading", name="Thank you").wait_for()
    session = open_study(study).sessions[0]
    markers = [each.kind for each in read_markers(study / "sessions" / "p01" / "markers.tsv")]
    wanted = ["onset a", "pause a", "resume a", "offset a", "questions a", "stop"]
    assert [kind for kind in markers if kind in wanted] == wanted
    assert (session.face_path, session.self_report) == (None, ())
    assert session.trials[0].duration_s > 3.0 + 0.8


REFUSE_ONCE = """() => {
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    HTMLMediaElement.prototype.play = play;
    return Promise.reject(new DOMException("asked for without a gesture", "NotAllowedError"));
  };
}"""
"""Before a session: what Safari does with sound that nobody asked for."""


def test_a_screen_reader_finds_no_serious_fault(tmp_path: Path) -> None:
    study = new_study(tmp_path, {"a": "positive"}, length_s=0.6, is_set_up=False)
    with served(Opened(study, None)) as address, camera_on(tmp_path) as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/record")
        require_clean(page, "Before the first session", width=1440, theme="light")
        page.get_by_label("research", exact=True).check()
        page.get_by_role("button", name="Save").click()
        require_clean(page, "Record", width=375, theme="dark")
        page.get_by_role("link", name="New session").click()
        require_clean(page, "Information and consent", width=375, theme="dark")
        page.get_by_label("Participant").fill("p01")
        for kind in ("Face video", "Gaze", "Answers and ratings"):
            page.get_by_label(kind).select_option("lab")
        page.get_by_label("I have read this").check()
        page.get_by_role("button", name="Agree").click()
        page.locator("#begin:not([disabled])").wait_for()
        require_clean(page, "Camera", width=1440, theme="light")
        begin(page)
        require_clean(page, "How did you feel during the film?", width=375, theme="dark")
        page.get_by_role("button", name="Stop").click()
        require_clean(page, "How did you feel during the film?", width=375, theme="dark")
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Continue").click()
        require_clean(page, "Thank you", width=1440, theme="light")
        page.get_by_role("link", name="To the sessions").click()
        require_clean(page, "Record", width=375, theme="dark")


def require_clean(page: Page, heading: str, *, width: int, theme: str) -> None:
    """Nothing serious, and nothing that is cut off at either width."""
    page.get_by_role("heading", name=heading, exact=True).wait_for()
    for other in (375, 1440, width):
        page.set_viewport_size({"width": other, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (heading, other)
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    found = Axe().run(page).response["violations"]
    assert [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")] == []
