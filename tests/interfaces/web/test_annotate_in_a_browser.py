"""Judging by keys alone, in a real browser; a trace is drawn while the clip plays."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

from emogap.annotation.answers import read_csv_answers
from emogap.interfaces.web.opened import Opened
from tests.interfaces.web.browser import browser_on, first_page, served, until


@pytest.fixture
def place(study: Path, tmp_path: Path) -> Path:
    """The simulated study without the experts' answers."""
    copy = tmp_path / "study"
    shutil.copytree(study, copy)
    for file in (copy / "ratings").glob("expert-*.csv"):
        file.unlink()
    return copy


@pytest.fixture
def page(place: Path) -> Iterator[Page]:
    complaints: list[str] = []
    with served(Opened(place, None)) as address, browser_on() as context:
        found = first_page(context, address, complaints)
        found.goto(address.split("/?")[0] + "/annotate")
        found.get_by_label("Your id").fill("e1")
        found.get_by_label("Which clips").select_option("all-clips")
        found.keyboard.press("Enter")
        found.wait_for_selector("#judging")
        yield found
    assert complaints == []


def answers(place: Path) -> dict[str, str]:
    return {answer.question: answer.text for answer in read_csv_answers(place / "ratings" / "e1.csv")}


def test_a_clip_is_judged_by_keys_alone(page: Page, place: Path) -> None:
    first = page.locator("input[name=item]").input_value()
    page.keyboard.press("6")
    page.keyboard.press("r")
    page.locator("#valence-range").focus()
    page.keyboard.press("Home")
    page.locator("#arousal-range").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"input[name=item]:not([value='{first}'])", state="attached")
    assert answers(place) == {"emotion7": "anger", "valence": "-1", "arousal": "1", "intensity": "3"}
    page.keyboard.press("u")
    page.wait_for_selector(f"input[name=item][value='{first}']", state="attached")
    assert page.get_by_role("radio", name="6 anger").is_checked()


def test_the_clip_is_played_again_by_space_after_a_category_was_chosen_too(page: Page) -> None:
    page.keyboard.press("1")
    page.evaluate("document.getElementById('clip').pause()")
    page.keyboard.press(" ")
    until(page, "() => !document.getElementById('clip').paused")
    assert page.get_by_role("radio", name="1 happiness").is_checked()


def test_what_is_pressed_before_the_page_is_ready_is_not_lost(page: Page, place: Path) -> None:
    held: list[Route] = []
    page.route("**/static/annotate.js", lambda route: held.append(route))
    page.reload(wait_until="commit")
    page.wait_for_selector("#judging")
    first = page.locator("input[name=item]").input_value()
    page.locator("#valence-range").focus()
    for key in ("End", "6", "r", "Enter"):
        page.keyboard.press(key)
    assert page.locator("input[name=item]").input_value() == first
    assert not page.get_by_role("radio", name="6 anger").is_checked()
    held[0].continue_()
    page.wait_for_selector(f"input[name=item]:not([value='{first}'])", state="attached")
    assert answers(place) == {"emotion7": "anger", "intensity": "3", "valence": "1", "arousal": "0"}


def test_what_was_not_set_is_not_answered(page: Page, place: Path) -> None:
    first = page.locator("input[name=item]").input_value()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"input[name=item]:not([value='{first}'])", state="attached")
    assert answers(place) == {"emotion7": "happiness"}


def test_what_was_set_is_left_open_again_by_keys(page: Page, place: Path) -> None:
    first = page.locator("input[name=item]").input_value()
    page.keyboard.press("4")
    page.keyboard.press("e")
    page.locator("#valence-range").focus()
    page.keyboard.press("End")
    assert page.locator("#pad-value").inner_text() == "1.00, 0.00"
    page.keyboard.press("t")
    page.keyboard.press("x")
    assert page.locator("#pad-value").inner_text() == "not set"
    page.keyboard.press("Enter")
    page.wait_for_selector(f"input[name=item]:not([value='{first}'])", state="attached")
    assert answers(place) == {"emotion7": "surprise"}


def test_what_was_set_is_left_open_again_by_pointer_and_may_be_set_anew(page: Page, place: Path) -> None:
    first = page.locator("input[name=item]").input_value()
    page.get_by_role("radio", name="7 neutral").check()
    page.get_by_role("radio", name="w slight").check()
    page.locator("#pad").click(position={"x": 20, "y": 20})
    page.get_by_role("radio", name="left open").check()
    page.get_by_role("button", name="Leave open").click()
    assert page.locator("#valence-range").input_value() == "0"
    page.get_by_role("radio", name="r strong").check()
    page.get_by_role("button", name="Keep").click()
    page.wait_for_selector(f"input[name=item]:not([value='{first}'])", state="attached")
    assert answers(place) == {"emotion7": "neutral", "intensity": "3"}


def test_a_trace_is_drawn_while_the_clip_plays_and_stops_with_it(page: Page, place: Path) -> None:
    item = page.locator("input[name=item]").input_value()
    page.get_by_label("Trace").check()
    page.locator("#pad").click(position={"x": 200, "y": 30})
    page.get_by_role("button", name="Play again").click()
    page.wait_for_timeout(3500)
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"input[name=item]:not([value='{item}'])", state="attached")
    lines = (place / "ratings" / "beside" / "e1" / f"{item.replace('/', '-')}-1.tsv").read_text().splitlines()[1:]
    times_s = [float(line.split("\t")[0]) for line in lines]
    assert len(times_s) > 5
    assert times_s == sorted(times_s)
    assert 0 <= times_s[0] < 0.7
    assert times_s[-1] <= 2.0
    assert all(float(line.split("\t")[1]) > 0.5 for line in lines)


def test_a_screen_reader_finds_no_serious_fault(page: Page) -> None:
    for path in ("/annotate", "/annotate/clip", "/annotate/progress"):
        page.goto(page.url.split("/annotate")[0] + path)
        for width in (375, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            for theme in ("light", "dark"):
                page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
                found = Axe().run(page).response["violations"]
                assert [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")] == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
