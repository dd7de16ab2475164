"""A real browser on the app: Debian's Chromium, driven by Playwright."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from emogap.interfaces.web.app import build_app
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.security import new_token
from emogap.interfaces.web.serving import listen

__all__ = ["CHROMIUM", "SHOWN", "browser_on", "first_page", "served", "until"]

PATIENCE_MS = 20_000
"""For whatever is waited for: machines differ, and a busy one is slow."""

expect.set_options(timeout=PATIENCE_MS)

CHROMIUM = Path("/usr/bin/chromium")
SHOWN = "Number(document.getElementById('player').dataset.timeS)"
"""In the page of the player: the moment that is shown, in s of the gaze clock."""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@contextmanager
def served(opened: Opened) -> Iterator[str]:
    """The app in a thread of its own; its address with the token."""
    listening = listen(0)
    port = listening.getsockname()[1]
    token = new_token()
    server = uvicorn.Server(uvicorn.Config(build_app(opened, token=token, port=port), log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/?token={token}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@contextmanager
def browser_on(*, width: int = 1440, height: int = 900, flags: tuple[str, ...] = ()) -> Iterator[BrowserContext]:
    """A fresh browser; the test is skipped, in words, where there is none, and fails there where CI=true."""
    if not CHROMIUM.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"there is no browser at {CHROMIUM}")
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *flags])
        context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        context.set_default_timeout(PATIENCE_MS)
        yield context
        browser.close()


def first_page(context: BrowserContext, address: str, complaints: list[str]) -> Page:
    """The first page, signed in and with the notice read; what the browser complains of goes into `complaints`."""
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.get_by_role("button", name="I have read this").click()
    page.wait_for_url("**/")
    return page


def until(page: Page, expression: str, value: float = 0.0) -> None:
    """Wait until a function of one number is true in the page, whose policy forbids Playwright's own way."""
    for _ in range(PATIENCE_MS // 50):
        if page.evaluate(expression, value):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not within {PATIENCE_MS} ms: {expression} with {value}")
