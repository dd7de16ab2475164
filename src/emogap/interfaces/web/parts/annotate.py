"""Judging clips: the queue, one clip at a time, by keys; and how far everybody is."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from emogap.errors import EmogapError, UnknownNameError, UsageError
from emogap.interfaces.annotating import ClipToJudge
from emogap.interfaces.web.clips import ClipAnswers, clips_of_study
from emogap.interfaces.web.judging import JudgingRoom, read_trace
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.parts import Part
from emogap.interfaces.web.site import Link, Site
from emogap.rows import ID_PATTERN
from emogap.types import vocabulary

__all__ = ["part"]

ANNOTATOR_COOKIE = "emogap-annotator"
WORDS = vocabulary("emotion7")


def part(opened: Opened) -> Part | None:
    """Judging, where there is a study."""
    if opened.study is None:
        return None
    room = JudgingRoom(opened.study, opened.store)
    return Part(
        lambda site: _router(site, room),
        links=(Link("/annotate", "nav.annotate", 20),),
        larger=(("/annotate/answer", 8 << 20),),
    )


def _router(site: Site, room: JudgingRoom) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    _add_joining(router, site, room)
    _add_clip(router, site, room)
    _add_progress(router, site, room)
    return router


def _add_joining(router: APIRouter, site: Site, room: JudgingRoom) -> None:
    @router.get("/annotate")
    def welcome(request: Request) -> HTMLResponse:
        return _welcome(request)

    def _welcome(request: Request, error: EmogapError | None = None, status: int = 200) -> HTMLResponse:
        return site.page(
            request,
            "annotate_join.html",
            status=status,
            annotator=_annotator(request) or "",
            has_queue=room.has_queue,
            is_blind=room.is_blind,
            presets=() if room.has_queue else room.presets,
            error=error,
        )

    @router.post("/annotate/join")
    def join(
        request: Request,
        annotator: Annotated[str, Form(max_length=64)],
        preset: Annotated[str, Form(max_length=64)] = "",
        blind: Annotated[str, Form(max_length=8)] = "yes",
    ) -> Response:
        try:
            room.agree(annotator.strip(), preset=preset, is_blind=blind != "no")
        except EmogapError as error:
            return _welcome(request, error, 400)
        answer = RedirectResponse("/annotate/clip", 303)
        answer.set_cookie(_cookie(request), annotator.strip(), httponly=True, samesite="strict")
        return answer


def _add_clip(router: APIRouter, site: Site, room: JudgingRoom) -> None:
    @router.get("/annotate/clip")
    def clip(request: Request, again: bool = False) -> Response:
        annotator = _annotator(request)
        if annotator is None or not room.has_queue:
            return RedirectResponse("/annotate", 303)
        chosen = (room.again(annotator) if again else None) or room.next_for(annotator)
        if chosen is None:
            return site.page(request, "annotate_done.html", annotator=annotator)
        return site.page(
            request,
            "annotate.html",
            annotator=annotator,
            clip=chosen,
            is_blind=room.is_blind,
            video=None if chosen.video is None else f"/annotate/video/{chosen.item}",
            words=WORDS,
            said=room.answers_of(annotator, chosen.item) if again else {},
            told=None if room.is_blind else _told(room, chosen),
        )

    @router.get("/annotate/video/{participant_id}/{stimulus_id}")
    def video(participant_id: str, stimulus_id: str) -> FileResponse:
        found = room.desk.clip(f"{participant_id}/{stimulus_id}", "emotion7", num_left=0).video
        if found is None:
            raise UnknownNameError("face video of", participant_id, ())
        return FileResponse(found, media_type="video/mp4", headers={"cache-control": "no-store"})

    @router.post("/annotate/answer")
    def answer(
        request: Request,
        item: Annotated[str, Form(max_length=200)],
        judge: Annotated[str, Form(max_length=64)] = "",
        emotion7: Annotated[str, Form(max_length=40)] = "",
        valence: Annotated[str, Form(max_length=40)] = "",
        arousal: Annotated[str, Form(max_length=40)] = "",
        intensity: Annotated[str, Form(max_length=40)] = "",
        comment: Annotated[str, Form(max_length=4000)] = "",
        trace: Annotated[str, Form(max_length=8_000_000)] = "",
    ) -> Response:
        annotator = _annotator(request)
        if annotator is None:
            return RedirectResponse("/annotate", 303)
        _require_same(judge, annotator)
        given = {"emotion7": emotion7, "valence": valence, "arousal": arousal, "intensity": intensity}
        chosen = room.desk.clip(item, "emotion7", num_left=0)
        longest_s = 86_400.0 if chosen.from_s is None or chosen.to_s is None else chosen.to_s - chosen.from_s
        points = read_trace(trace, longest_s=longest_s)
        if points and chosen.from_s is None:
            raise UsageError(
                "a trace has no place in time where the relation of the clocks is not known", fix="emogap align STUDY"
            )
        answers = {question: text.strip() for question, text in given.items() if text.strip()}
        room.keep(annotator, item, answers, comment=comment, trace=points)
        return RedirectResponse("/annotate/clip", 303)

    @router.post("/annotate/skip")
    def skip(
        request: Request,
        item: Annotated[str, Form(max_length=200)],
        judge: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        annotator = _annotator(request)
        if annotator is not None:
            _require_same(judge, annotator)
            room.skip(annotator, item)
        return RedirectResponse("/annotate/clip", 303)


def _add_progress(router: APIRouter, site: Site, room: JudgingRoom) -> None:
    @router.get("/annotate/progress")
    def progress(request: Request) -> Response:
        if not room.has_queue:
            return RedirectResponse("/annotate", 303)
        return site.page(request, "annotate_progress.html", status_=room.status(), agreement=room.agreement())

    @router.get("/annotate/progress/table")
    def table(request: Request) -> Response:
        if not room.has_queue:
            return RedirectResponse("/annotate", 303)
        return site.page(request, "annotate_progress_table.html", status_=room.status(), agreement=room.agreement())


def _annotator(request: Request) -> str | None:
    """Who judges here; None if nobody has said so."""
    name = request.cookies.get(_cookie(request), "")
    return name if ID_PATTERN.fullmatch(name) else None


def _cookie(request: Request) -> str:
    """Browsers share cookies between the ports of a machine: each app has its own."""
    return f"{ANNOTATOR_COOKIE}-{request.url.port or 80}"


def _require_same(judge: str, annotator: str) -> None:
    """Raise where somebody else has begun in this browser since the page was made."""
    if judge and judge != annotator:
        raise UsageError(
            f"this page was made for {judge}, and {annotator} has begun in this browser since: nothing was kept",
            fix=f"begin again as {judge}; two people judge in two browsers",
        )


def _told(room: JudgingRoom, clip: ClipToJudge) -> ClipAnswers | None:
    """Self-report and machine of the clip: for experts who agreed not to be blind."""
    participant_id, _, stimulus_id = clip.item.partition("/")
    clips = clips_of_study(room.desk.study, participants=[participant_id], ratings=room.desk.book.ratings())
    return next((each for each in clips if each.stimulus_id == stimulus_id), None)
