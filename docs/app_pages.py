"""Write the pictures of ``docs/app.md``: every page of the app, as a browser shows it.

Run it with a simulated study that was built and benchmarked, and a gaze file of Uniss-FGD:
``python -m docs.app_pages demo/study ../shared/data/uniss_fgd/fgd/000.csv.gz``. It works on a copy of the study. Of
real people only gaze is shown, never a face or a stimulus.
"""

import io
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageOps
from playwright.sync_api import Page

from emogap.interfaces.web.opened import open_place
from tests.interfaces.web.browser import browser_on, first_page, served
from tests.interfaces.web.recorded_study import new_study

IMAGES = Path(__file__).parent / "images"
WIDE, NARROW, HIGH = 1440, 375, 900
MOST_BYTES = 250_000
PALETTE = 256
SETTLED_MS = 1200

STILL_TO_JUDGE = ("expert-3", "expert-4")
"""Simulated experts whose ratings are taken away for the pages of judging: else no clip would wait."""


def main(study: Path, gaze_file: Path) -> None:
    """All pictures, the simulated study's first."""
    with TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(study, Path(folder) / study.name))
        with served(open_place(copy)) as address:
            _wide_pages(address)
            _narrow_pages(address)
        for expert in STILL_TO_JUDGE:
            (copy / "ratings" / f"{expert}.csv").unlink()
        with served(open_place(copy)) as address:
            _judging(address)
        targets = {"garden": "neutral", "party": "positive", "wolf": "negative", "sea": "neutral"}
        with served(open_place(new_study(Path(folder) / "new", targets, length_s=1.0))) as address:
            _recording(address)
    with served(open_place(gaze_file)) as address, browser_on(width=WIDE, height=HIGH) as context:
        page = first_page(context, address, [])
        page.goto(f"{_root(address)}/player/000-02?t=1.62")
        _take(page, "player-uniss-fgd")


def _wide_pages(address: str) -> None:
    root = _root(address)
    with browser_on(width=WIDE, height=HIGH) as context:
        page = context.new_page()
        page.goto(address)
        _take(page, "notice")
        page.get_by_role("button", name="I have read this").click()
        page.wait_for_url("**/")
        _take(page, "home")
        page.goto(f"{root}/largest-gap")
        _take(page, "player")
        page.evaluate(
            "document.documentElement.dataset.theme = 'dark'; document.dispatchEvent(new Event('themechange'))"
        )
        _take(page, "player-dark")
        page.evaluate("delete document.documentElement.dataset.theme")
        page.goto(f"{root}/people/p002")
        _take(page, "person")
        page.goto(f"{root}/results")
        _take(page, "results")
        page.locator("main a[href^='/results/']").first.click()
        _take(page, "run")
        page.locator("main a[href*='/clips']").first.click()
        _take(page, "clips", is_whole=False)
        page.goto(f"{root}/withdraw")
        _take(page, "withdraw")


def _judging(address: str) -> None:
    """Two clips by one expert, the third one is shown."""
    root = _root(address)
    with browser_on(width=WIDE, height=HIGH) as context:
        page = first_page(context, address, [])
        page.goto(f"{root}/annotate")
        _take(page, "annotate-join")
        _judge(page)
        page.goto(f"{root}/annotate/progress")
        _take(page, "progress")


def _judge(page: Page) -> None:
    page.locator("input[name=annotator]").fill("e5")
    page.locator("main form button[type=submit], main form button").first.click()
    for category in ("1", "5"):
        page.wait_for_url("**/annotate/clip")
        page.keyboard.press(category)
        page.keyboard.press("Enter")
        page.wait_for_timeout(SETTLED_MS)
    page.keyboard.press("3")
    _take(page, "annotate")


def _recording(address: str) -> None:
    root = _root(address)
    with browser_on(width=WIDE, height=HIGH) as context:
        page = first_page(context, address, [])
        page.goto(f"{root}/record")
        _take(page, "record")
        page.goto(f"{root}/record/consent")
        _take(page, "record-consent")


def _narrow_pages(address: str) -> None:
    with browser_on(width=NARROW, height=HIGH) as context:
        page = first_page(context, address, [])
        _take(page, "home-375")
        page.goto(f"{_root(address)}/largest-gap")
        _take(page, "player-375")


def _root(address: str) -> str:
    return address.split("/?")[0]


def _take(page: Page, name: str, *, is_whole: bool = True) -> None:
    """The page as a PNG: the whole of it, or what is seen at first."""
    page.wait_for_load_state()
    if page.locator("#player").count():
        page.wait_for_selector("#player[data-ready]", timeout=60_000)
    # Parts that come after the page: each holds a table then.
    page.wait_for_selector("[hx-trigger=load]:not(:has(table))", state="detached", timeout=60_000)
    page.wait_for_timeout(SETTLED_MS)
    image = Image.open(io.BytesIO(page.screenshot(full_page=is_whole))).convert("RGB")
    target = IMAGES / f"app-{name}.png"
    image.save(target, optimize=True)
    if target.stat().st_size > MOST_BYTES and not page.locator("video").count():
        image.quantize(PALETTE, dither=Image.Dither.NONE).save(target, optimize=True)
    for bits in (7, 6, 5, 4):
        if target.stat().st_size <= MOST_BYTES:
            break
        # Fewer shades of the face's noise; plain areas move by a shade that nobody sees.
        ImageOps.posterize(image, bits).save(target, optimize=True)
    sys.stdout.write(f"{target.name}: {image.width} x {image.height}, {target.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
