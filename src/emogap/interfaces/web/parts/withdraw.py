"""Withdrawal: what there is of a participant, and its removal once the name was typed again."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from emogap.errors import UsageError
from emogap.interfaces.forgetting import erase
from emogap.interfaces.forgetting_plan import plan_erasure
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.parts import Part
from emogap.interfaces.web.site import Link, Site
from emogap.interfaces.web.study_now import StudyNow
from emogap.reporting.id_order import id_order

__all__ = ["part"]


def part(opened: Opened) -> Part | None:
    """Withdrawal, where there is a study."""
    if opened.study is None:
        return None
    watched = StudyNow(opened.study)
    stores = (opened.store,) if opened.store else ()
    return Part(lambda site: _router(site, watched, stores), links=(Link("/withdraw", "nav.withdraw", 90),))


def _router(site: Site, watched: StudyNow, stores: tuple[str, ...]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/withdraw")
    def choose(request: Request) -> HTMLResponse:
        people = sorted((each.participant_id for each in watched.now().participants), key=id_order)
        return site.page(request, "withdraw.html", people=people)

    @router.get("/withdraw/{participant_id}")
    def listed(request: Request, participant_id: str) -> HTMLResponse:
        plan = plan_erasure(watched.path, participant_id, stores=stores)
        return site.page(request, "withdraw_list.html", plan=plan, receipt=None)

    @router.post("/withdraw/{participant_id}")
    def remove(request: Request, participant_id: str, typed: Annotated[str, Form(max_length=200)] = "") -> HTMLResponse:
        plan = plan_erasure(watched.path, participant_id, stores=stores)
        if typed.strip() != participant_id:
            raise UsageError(
                f"'{typed.strip()}' was typed, not '{participant_id}': nothing was removed",
                fix="type the participant's id to confirm",
            )
        return site.page(request, "withdraw_list.html", plan=plan, receipt=erase(plan).name)

    return router
