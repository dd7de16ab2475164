"""The app put together: security first, then every part of the shelf."""

import mimetypes
from collections.abc import Iterable
from http import HTTPStatus
from typing import Protocol, cast

from fastapi import FastAPI, Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from emogap.errors import EmogapError, OutputError, UnknownNameError, UsageError
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.parts import PARTS, Part
from emogap.interfaces.web.security import LocalOnly
from emogap.interfaces.web.site import LANGUAGE_COOKIE, STATIC, Link, Site, error_json, language_of, wants_json
from emogap.interfaces.web.words import LANGUAGES

__all__ = ["NOTICE_COOKIE", "build_app"]

NOTICE_COOKIE = "emogap-notice"
YEAR_S = 365 * 24 * 3600
WITHOUT_NOTICE = ("/notice", "/static/", "/language")
STATIC_TYPES = {"text/javascript": ".js", "text/css": ".css", "image/svg+xml": ".svg"}
NO_PAGE = {404: "there is no such page", 405: "this page cannot be asked for like that"}
"""By status, where nobody said more."""


class _PartModule(Protocol):
    def part(self, opened: Opened) -> Part | None: ...


def build_app(opened: Opened, *, token: str, port: int, ticket: str = "") -> FastAPI:
    """The app on what was opened.

    Parameters
    ----------
    opened : Opened
    token : str
        What every request must carry.
    port : int
        Of the address; 0 = any, for tests.
    ticket : str
        Signs in once in place of the token; empty = none.
    """
    app = FastAPI(title="emogap", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    parts = list(_parts(opened))
    links = sorted((link for part in parts for link in part.links), key=lambda link: link.order)
    site = Site(opened, (Link("/", "nav.home", 0), *links))
    app.state.site = site
    for part in parts:
        app.include_router(part.router(site))
    _add_notice(app, site)
    _add_language(app)
    # Windows asks its registry what a file is, where other programs may have called scripts plain text.
    for kind, suffix in STATIC_TYPES.items():
        mimetypes.add_type(kind, suffix)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    larger = [pair for part in parts for pair in part.larger]
    app.add_middleware(LocalOnly, token=token, port=port, larger=larger, ticket=ticket)
    _add_errors(app, site)
    return app


def _parts(opened: Opened) -> Iterable[Part]:
    for name in PARTS:
        part = cast(_PartModule, PARTS.open(name)).part(opened)
        if part is not None:
            yield part


def _add_notice(app: FastAPI, site: Site) -> None:
    """The notice is read before the first page is shown."""

    @app.middleware("http")
    async def notice_first(request: Request, call_next):  # type: ignore[no-untyped-def]
        path = request.url.path
        is_free = path.startswith(WITHOUT_NOTICE) or wants_json(request)
        if request.method in ("GET", "HEAD") and not is_free and NOTICE_COOKIE not in request.cookies:
            return site.page(request, "notice.html", status=200, wanted=_address_of(request), is_first=True)
        return await call_next(request)

    @app.get("/notice", include_in_schema=False)
    def notice(request: Request) -> Response:
        return site.page(request, "notice.html", wanted="/", is_first=False)

    @app.post("/notice", include_in_schema=False)
    def read(wanted: str = Form("/", max_length=2000)) -> Response:
        answer = RedirectResponse(_own_path(wanted), 303)
        answer.set_cookie(NOTICE_COOKIE, "read", max_age=YEAR_S, httponly=True, samesite="strict")
        return answer


def _add_language(app: FastAPI) -> None:
    @app.post("/language", include_in_schema=False)
    def language(chosen: str = Form(max_length=8), wanted: str = Form("/", max_length=2000)) -> Response:
        answer = RedirectResponse(_own_path(wanted), 303)
        if chosen in LANGUAGES:
            answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR_S, httponly=True, samesite="strict")
        return answer


def _add_errors(app: FastAPI, site: Site) -> None:
    def answer(request: Request, status: int, error: EmogapError) -> Response:
        if wants_json(request):
            return Response(error_json(language_of(request), error), status, media_type="application/json")
        return site.page(request, "error.html", status=status, error=error)

    @app.exception_handler(EmogapError)
    async def known(request: Request, error: EmogapError) -> Response:
        status = 404 if isinstance(error, UnknownNameError) else 500 if isinstance(error, OutputError) else 400
        return answer(request, status, error)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        what = NO_PAGE.get(error.status_code) if error.detail == HTTPStatus(error.status_code).phrase else None
        return answer(request, error.status_code, UsageError(what or str(error.detail)))

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = " ".join(str(part) for part in first["loc"])
        return answer(request, 422, UsageError(f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}"))


def _own_path(wanted: str) -> str:
    """A path of this app; where it names another host, home."""
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else "/"


def _address_of(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
