"""Recording sessions in the browser: setting up, consent, the runner, and what it sends while it records."""

import shutil
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Form, HTTPException, Path, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from emogap.errors import EmogapError, UnknownNameError, UsageError
from emogap.interfaces.releasing.consent import KINDS, LEVELS, Level
from emogap.interfaces.web.messages import text_in
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.parts import Part
from emogap.interfaces.web.record_markers import OUTLET, SendMarker, has_lsl, open_outlet
from emogap.interfaces.web.record_messages import (
    AnswerBody,
    FaceAnswer,
    Frames,
    MarkBody,
    NewSegment,
    NextStep,
    Safe,
    SegmentAnswer,
    ShownBody,
    SkipBody,
)
from emogap.interfaces.web.record_preview import find_face
from emogap.interfaces.web.record_sessions import RecordingRoom
from emogap.interfaces.web.record_state import Answer, Mark, SessionState, ShownClip
from emogap.interfaces.web.record_studies import (
    USES,
    IntendedUse,
    Recorder,
    is_set_up,
    read_recorder,
    set_up,
)
from emogap.interfaces.web.sessions import film_of
from emogap.interfaces.web.site import Link, Site, language_of
from emogap.interfaces.web.words import words_in
from emogap.rows import ID_PATTERN
from emogap.types import vocabulary

__all__ = ["part"]

HOLDER_COOKIE = "emogap-record"
MOST_PIECE_BYTES = 16 << 20
OLDEST_YEARS = 130
LITTLE_ROOM_GB = 5.0
"""An hour of video at 2.5 Mbit/s takes 1.1 GB, and as much again while it is written at the end."""

ParticipantId = Annotated[str, Path(pattern=r"^[A-Za-z0-9\-]+$", max_length=64)]
SegmentNumber = Annotated[int, Path(ge=1, le=10_000)]
ChosenLevel = Literal["none"] | Level


def part(opened: Opened) -> Part | None:
    """Recording, where there is a study of real people."""
    if opened.study is None or opened.is_simulated:
        return None
    room = RecordingRoom(opened.study)
    return Part(
        lambda site: _router(site, opened, room),
        links=(Link("/record", "nav.record", 15),),
        larger=(("/api/record/sessions/", MOST_PIECE_BYTES),),
    )


def _router(site: Site, opened: Opened, room: RecordingRoom) -> APIRouter:
    router = APIRouter()
    _add_organising(router, site, room)
    _add_consent(router, site, room)
    _add_runner(router, site, room)
    _add_answers(router, room, open_outlet(opened.name))
    _add_camera(router, room)
    return router


def _add_organising(router: APIRouter, site: Site, room: RecordingRoom) -> None:
    @router.get("/record", include_in_schema=False)
    def overview(request: Request) -> HTMLResponse:
        return _overview(request, "")

    def _overview(request: Request, problem: str, status: int = 200) -> HTMLResponse:
        study = room.study()
        if not study.intended_use.strip():
            return site.page(request, "record_setup.html", status=status, study=study, uses=USES, problem=problem)
        films = [each for each in study.stimuli if film_of(study.path, each) is not None]
        return site.page(
            request,
            "record.html",
            status=status,
            study=study,
            num_films=len(films),
            films=[each.stimulus_id for each in films],
            free_gb=shutil.disk_usage(study.path).free / 1e9,
            little_room_gb=LITTLE_ROOM_GB,
            problems=room.problems(),
            no_films=[each.stimulus_id for each in study.stimuli if each not in films],
            states=room.states(),
            has_lsl=has_lsl(),
            outlet=OUTLET,
            problem=problem,
        )

    @router.post("/record/setup", include_in_schema=False)
    def setup(
        request: Request,
        intended_use: Annotated[IntendedUse, Form()],
        width_px: Annotated[int, Form(ge=100, le=20_000)],
        height_px: Annotated[int, Form(ge=100, le=20_000)],
        sam_points: Annotated[int, Form()],
        withdraw_days: Annotated[int, Form(ge=1, le=3650)],
        contact: Annotated[str, Form(max_length=500)] = "",
        information: Annotated[str, Form(max_length=20_000)] = "",
    ) -> Response:
        if sam_points not in (5, 7, 9):
            return _overview(request, "5, 7, 9", 400)
        told = read_recorder(room.study().path).model_copy(
            update={"withdraw_days": withdraw_days, "contact": contact.strip(), "information": information.strip()}
        )
        try:
            set_up(
                room.study().path,
                intended_use=intended_use,
                screen_px=(width_px, height_px),
                sam_points=sam_points,
                recorder=told,
            )
        except EmogapError as error:
            return _overview(request, text_in(language_of(request), error), 400)
        return RedirectResponse("/record", 303)

    @router.post("/record/session/{participant_id}/close", include_in_schema=False)
    def close(participant_id: ParticipantId) -> Response:
        room.finish(participant_id)
        return RedirectResponse("/record", 303)

    @router.post("/record/session/{participant_id}/take-over", include_in_schema=False)
    def take_over(participant_id: ParticipantId) -> Response:
        return _to_runner(room.take_over(participant_id))


def _add_consent(router: APIRouter, site: Site, room: RecordingRoom) -> None:
    @router.get("/record/consent", include_in_schema=False)
    def consent(request: Request) -> Response:
        if not is_set_up(room.study().path):
            return RedirectResponse("/record", 303)
        return _consent(request, "", dict.fromkeys(("participant_id", "sex", "age", "glasses", *KINDS), ""))

    def _consent(request: Request, problem: str, given: dict[str, str], status: int = 200) -> HTMLResponse:
        told = read_recorder(room.study().path)
        return site.page(
            request,
            "record_consent.html",
            status=status,
            kinds=KINDS,
            levels=("none", *LEVELS),
            paragraphs=_paragraphs(told),
            lines=_lines(told, language_of(request)),
            given=given,
            problem=problem,
        )

    @router.post("/record/consent", include_in_schema=False)
    def begin(
        request: Request,
        participant_id: Annotated[str, Form(max_length=64)],
        agreed: Annotated[Literal["yes"], Form()],
        face: Annotated[ChosenLevel, Form()],
        gaze: Annotated[ChosenLevel, Form()],
        labels: Annotated[ChosenLevel, Form()],
        sex: Annotated[Literal["", "female", "male", "other"], Form()] = "",
        age: Annotated[str, Form(pattern=r"^[0-9]{0,3}$")] = "",
        glasses: Annotated[Literal["", "yes", "no"], Form()] = "",
    ) -> Response:
        chosen: dict[str, str] = {"face": face, "gaze": gaze, "labels": labels}
        about = {"participant_id": participant_id, "sex": sex, "age": age, "glasses": glasses}
        t = words_in(language_of(request))
        if not ID_PATTERN.fullmatch(participant_id):
            return _consent(request, f"'{participant_id}': {t('record.id_form')}", about | chosen, 400)
        if age and int(age) > OLDEST_YEARS:
            return _consent(request, t("record.bad_age", age=age, oldest=OLDEST_YEARS), about | chosen, 400)
        if not is_set_up(room.study().path):
            return RedirectResponse("/record", 303)
        told = read_recorder(room.study().path)
        cells = {
            **about,
            "consent": face if face == gaze == labels else f"face:{face} gaze:{gaze} labels:{labels}",
            "withdraw_until": _withdraw_until(told),
        }
        is_taken = room.has_session(participant_id)
        try:
            state = room.begin(
                cells,
                language=language_of(request),
                told=(*_paragraphs(told), *_lines(told, language_of(request))),
                agreed_to=t("record.agree"),
            )
        except EmogapError as error:
            problem = text_in(language_of(request), error)
            return _consent(request, problem, about | chosen, 409 if is_taken else 400)
        return _to_runner(state)


def _add_runner(router: APIRouter, site: Site, room: RecordingRoom) -> None:
    @router.get("/record/session/{participant_id}", include_in_schema=False)
    def runner(request: Request, participant_id: ParticipantId) -> HTMLResponse:
        state = room.state(participant_id)
        study = room.study()
        told = read_recorder(study.path)
        if state.status == "finished":
            return site.page(request, "record_thanks.html", state=state, person=_person(room, state), told=told)
        if state.holder != _holder(request):
            return site.page(request, "record_elsewhere.html", status=409, state=state)
        return site.page(
            request,
            "record_session.html",
            state=state,
            points=study.sam_points,
            told=told,
            person=_person(room, state),
            words7=vocabulary("emotion7"),
            words3=vocabulary("emotion3"),
            screen_px=study.screen.size_px,
        )

    @router.get("/record/film/{stimulus_id}", include_in_schema=False)
    def film(stimulus_id: str) -> FileResponse:
        study = room.study()
        stimulus = next((each for each in study.stimuli if each.stimulus_id == stimulus_id), None)
        found = None if stimulus is None else film_of(study.path, stimulus)
        if found is None:
            raise UnknownNameError("film", stimulus_id, [each.stimulus_id for each in study.stimuli])
        return FileResponse(found, media_type="video/mp4", headers={"cache-control": "no-store"})


def _add_answers(router: APIRouter, room: RecordingRoom, send: SendMarker) -> None:
    @router.get("/api/record/sessions/{participant_id}")
    def where(request: Request, participant_id: ParticipantId) -> NextStep:
        """Where the session is."""
        state = room.state(participant_id)
        return _next(room, state if state.status == "finished" else _held(request, room, participant_id))

    @router.post("/api/record/sessions/{participant_id}/marks", status_code=204)
    def mark(request: Request, participant_id: ParticipantId, body: MarkBody) -> None:
        """Note a moment, once; it is sent over the Lab Streaming Layer at once, with the time at which it was."""
        state = _held(request, room, participant_id)
        marker = f"{body.kind} {body.stimulus_id}" if body.stimulus_id else body.kind
        if Mark(kind=marker, at_s=body.at_s) not in state.marks:
            send(marker, age_s=body.age_s)
        room.mark(participant_id, _holder(request), marker, body.at_s)

    @router.post("/api/record/sessions/{participant_id}/shown")
    def shown(request: Request, participant_id: ParticipantId, body: ShownBody) -> NextStep:
        """Keep that a clip was seen to its end."""
        _held(request, room, participant_id)
        clip = ShownClip(**body.model_dump())
        return _next(room, room.keep_shown(participant_id, _holder(request), clip))

    @router.post("/api/record/sessions/{participant_id}/skips")
    def skip(request: Request, participant_id: ParticipantId, body: SkipBody) -> NextStep:
        """Leave the clip, or the questions about it."""
        _held(request, room, participant_id)
        leave = room.skip_clip if body.what == "clip" else room.skip_answer
        return _next(room, leave(participant_id, _holder(request), body.stimulus_id, body.at_s))

    @router.post("/api/record/sessions/{participant_id}/answers")
    def answer(request: Request, participant_id: ParticipantId, body: AnswerBody) -> NextStep:
        """Keep the answers about a clip."""
        _held(request, room, participant_id)
        return _next(room, room.keep_answer(participant_id, _holder(request), Answer(**body.model_dump())))

    @router.post("/api/record/sessions/{participant_id}/finish")
    def finish(request: Request, participant_id: ParticipantId) -> NextStep:
        """Write the video and the tables as they will stay; asked again, it tells that they are."""
        if room.state(participant_id).status != "finished":
            _held(request, room, participant_id)
        return _next(room, room.finish(participant_id, tell=send))


def _add_camera(router: APIRouter, room: RecordingRoom) -> None:
    @router.post("/api/record/face")
    def face(content: Annotated[bytes, Body(media_type="image/jpeg")]) -> FaceAnswer:
        """Whether a picture of the camera holds a face, how large and how centred."""
        found = find_face(content)
        return FaceAnswer(
            num_faces=found.num_faces,
            height_share=found.height_share,
            across_share=found.across_share,
            down_share=found.down_share,
            advice=found.advice,
        )

    @router.post("/api/record/sessions/{participant_id}/segments")
    def begin_segment(request: Request, participant_id: ParticipantId, body: NewSegment) -> SegmentAnswer:
        """Begin a stretch of camera video."""
        _held(request, room, participant_id)
        number = room.begin_segment(
            participant_id, _holder(request), container=body.container, started_s=body.started_s
        )
        return SegmentAnswer(segment=number)

    @router.post("/api/record/sessions/{participant_id}/segments/{segment}/pieces/{number}")
    def piece(
        request: Request,
        participant_id: ParticipantId,
        segment: SegmentNumber,
        number: Annotated[int, Path(ge=0, le=10_000_000)],
        content: Annotated[bytes, Body(media_type="application/octet-stream")],
    ) -> Safe:
        """Keep a piece of camera video: it is on disk when this answers."""
        _require_newest(_held(request, room, participant_id), segment)
        return Safe(pieces=room.keep_video(participant_id, _holder(request), segment, number, content))

    @router.post("/api/record/sessions/{participant_id}/segments/{segment}/frames", status_code=204)
    def frames(request: Request, participant_id: ParticipantId, segment: SegmentNumber, body: Frames) -> None:
        """Keep when frames of the camera were captured and shown."""
        _require_newest(_held(request, room, participant_id), segment)
        room.keep_frames(participant_id, _holder(request), segment, zip(body.captured_s, body.presented_s, strict=True))


def _held(request: Request, room: RecordingRoom, participant_id: str) -> SessionState:
    """The session, if this browser records it; status 409 otherwise."""
    try:
        return room.held(participant_id, _holder(request))
    except UnknownNameError:
        raise
    except UsageError as error:
        raise HTTPException(409, str(error)) from error


def _require_newest(state: SessionState, segment: int) -> None:
    """Refuse pieces of a page that was loaded again since."""
    if segment != len(state.segments):
        raise HTTPException(409, f"stretch {segment} of the video is not the one that is recorded: load the page again")


def _next(room: RecordingRoom, state: SessionState) -> NextStep:
    num_done = len(state.shown) + len(state.skipped)
    negative = {each.stimulus_id for each in room.study().stimuli if each.target_emotion3 == "negative"}
    last = state.last_done
    if state.status == "finished":
        step, stimulus_id, purpose = "finished", None, None
    elif state.unasked is not None:
        step, stimulus_id, purpose = "questions", state.unasked, None
    elif state.due is not None:
        step, stimulus_id, purpose = "clip", state.due.stimulus_id, state.due.purpose
    else:
        step, stimulus_id, purpose = "end", None, None
    return NextStep.model_validate(
        {
            "step": step,
            "stimulus_id": stimulus_id,
            "purpose": purpose,
            "is_negative": last is not None and last.stimulus_id in negative,
            "num_done": num_done,
            "num_clips": len(state.order),
        }
    )


def _to_runner(state: SessionState) -> Response:
    answer = RedirectResponse(f"/record/session/{state.participant_id}", 303)
    answer.set_cookie(HOLDER_COOKIE, state.holder, httponly=True, samesite="strict")
    return answer


def _holder(request: Request) -> str:
    return request.cookies.get(HOLDER_COOKIE, "")


def _person(room: RecordingRoom, state: SessionState) -> object:
    return next(each for each in room.study().participants if each.participant_id == state.participant_id)


def _paragraphs(told: Recorder) -> tuple[str, ...]:
    """The study's own information."""
    return tuple(line for line in told.information.split("\n") if line.strip())


def _lines(told: Recorder, language: str) -> tuple[str, ...]:
    """What the app tells every participant."""
    t = words_in(language)
    lines = [t(f"record.told_{key}") for key in ("what", "where", "stop")]
    lines += [t("record.told_withdraw", day=_withdraw_until(told)), t("record.told_machine")]
    return (*lines, *([t("record.told_contact", contact=told.contact)] if told.contact else []))


def _withdraw_until(told: Recorder) -> str:
    return (date.today() + timedelta(days=told.withdraw_days)).isoformat()
