"""The first page: what was opened, how far it is, and where to go; with people by stimuli, and one page per person."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.overview import Overview
from emogap.interfaces.web.parts import Part
from emogap.interfaces.web.ratings_now import RatingsNow
from emogap.interfaces.web.site import Site
from emogap.interfaces.web.study_now import StudyNow
from emogap.reporting.data_quality import read_data_quality

__all__ = ["part"]


def part(opened: Opened) -> Part:
    """The first page; there always is one."""
    return Part(lambda site: _router(site, opened))


def _router(site: Site, opened: Opened) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    watched = None if opened.study is None else StudyNow(opened.study)
    overview = None if watched is None else Overview(watched, RatingsNow(opened.store))

    @router.get("/")
    def home(request: Request) -> HTMLResponse:
        tiles = [link for link in site.links if link.path != "/"]
        study = None if watched is None else watched.now()
        return site.page(request, "home.html", tiles=tiles, study=study, has_dataset=opened.dataset is not None)

    @router.get("/home/clips")
    def clips(request: Request) -> HTMLResponse:
        if overview is None:
            raise UnknownNameError("study", opened.name, ())
        return site.page(request, "home_clips.html", glance=overview.now())

    @router.get("/home/quality")
    def quality(request: Request) -> HTMLResponse:
        found = None if opened.dataset is None else read_data_quality(opened.dataset)
        return site.page(request, "home_quality.html", quality=found)

    @router.get("/largest-gap")
    def largest_gap() -> Response:
        largest = None if overview is None else overview.now().largest
        if largest is None:
            raise UsageError(
                "no clip has a self-report and a judged expression yet: there is no gap to show",
                fix="judge expressions on the page for it, or with 'emogap annotate add'",
            )
        return RedirectResponse(largest.address, 303)

    @router.get("/people/{participant_id}")
    def person(request: Request, participant_id: str) -> HTMLResponse:
        study = None if watched is None else watched.now()
        known = [] if study is None else [each for each in study.participants if each.participant_id == participant_id]
        if study is None or overview is None or not known:
            raise UnknownNameError("participant", participant_id, study.session_ids if study else ())
        glance = overview.now()
        cells = sorted(
            (cell for (name, _), cell in glance.cells.items() if name == participant_id), key=lambda cell: cell.onset_s
        )
        return site.page(request, "person.html", person=known[0], cells=cells)

    return router
