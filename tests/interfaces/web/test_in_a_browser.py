"""What only a real browser shows: its own rules let the app work, and nobody is locked out."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from emogap.interfaces.web.opened import Opened, open_place
from tests.interfaces.small_study import write_study
from tests.interfaces.web.browser import browser_on, first_page, served


def test_the_notice_is_read_once_and_the_browser_has_no_complaint(opened: Opened) -> None:
    complaints: list[str] = []
    with served(opened) as address, browser_on() as context:
        page = first_page(context, address, complaints)
        assert "token" not in page.url
        assert page.get_by_role("heading", level=1).inner_text() == opened.name
        page.get_by_label("Language").select_option("de")
        page.get_by_role("link", name="Hinweis").click()
        page.get_by_role("heading", name="Hinweis").wait_for()
    assert complaints == []


def test_light_and_dark_are_chosen_and_kept(opened: Opened) -> None:
    with served(opened) as address, browser_on() as context:
        page = first_page(context, address, [])
        ground = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(ground)
        page.get_by_role("button", name="Light or dark").click()
        dark = page.evaluate(ground)
        page.reload()
        assert page.evaluate(ground) == dark != light


@pytest.mark.parametrize("width", [375, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_screen_reader_finds_no_serious_fault(opened: Opened, width: int, theme: str) -> None:
    with served(opened) as address, browser_on(width=width) as context:
        page = first_page(context, address, [])
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        for path in ("/", "/notice", "/no-such-page"):
            page.goto(address.split("/?")[0] + path)
            found = Axe().run(page).response["violations"]
            assert [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")] == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_part_of_a_page_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """Where a file of ratings was damaged, the first page said 'Reading...' for ever."""
    study = write_study(tmp_path / "study")
    (study / "ratings").mkdir()
    (study / "ratings" / "e1.csv").write_text("item,annotator,question,rating\np01/s1,e1,emotion7,joy\n")
    opened = Opened(study, None)
    with served(opened) as address, browser_on() as context:
        page = first_page(context, address, [])
        alert = page.get_by_role("alert")
        alert.wait_for()
        assert "joy" in alert.inner_text()
        assert page.get_by_text("Reading").count() == 0


def test_long_choices_fit_a_narrow_screen(study: Path) -> None:
    with served(open_place(study)) as address, browser_on(width=375) as context:
        page = first_page(context, address, [])
        page.goto(address.split("/?")[0] + "/annotate")
        assert page.locator("select[name=preset] option").count() == 3
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
