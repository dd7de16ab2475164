"""The first page: what was opened, and where to go."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.parts import Part
from emogap.interfaces.web.site import Site

__all__ = ["part"]


def part(opened: Opened) -> Part:
    """The first page; there always is one."""
    return Part(_router)


def _router(site: Site) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def home(request: Request) -> HTMLResponse:
        return site.page(request, "home.html", tiles=[link for link in site.links if link.path != "/"])

    return router
