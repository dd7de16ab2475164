"""The player: face, stimulus with gaze, and one time line under both, all on the gaze clock."""

import math
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from jaxtyping import Float
from numpy import ndarray
from pydantic import BaseModel

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.web.clips import ClipAnswers, clips_of_study
from emogap.interfaces.web.messages import line_in
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.parts import Part
from emogap.interfaces.web.ratings_now import RatingsNow
from emogap.interfaces.web.run_curves import ModelSays, curves_of_run
from emogap.interfaces.web.run_pages import named_runs
from emogap.interfaces.web.sessions import Sessions
from emogap.interfaces.web.site import Link, Site, language_of
from emogap.interfaces.web.study_now import state_of
from emogap.recording.session import ClockRelation
from emogap.recording.video import frame_times

__all__ = ["part"]

MOST_CELLS = 8192
LONGEST_GAZE_S = 120.0
"""Of gaze that is sent sample by sample; longer stretches are sent as cells."""

BINARY: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}}}

Seconds = Annotated[float, Query(allow_inf_nan=False, ge=-1e9, le=1e9)]


class TrialFacts(BaseModel):
    """One trial and everything said about it."""

    stimulus_id: str
    onset_s: float
    duration_s: float
    has_film: bool
    felt: dict[str, str | float]
    shown: dict[str, str | float]
    votes: dict[str, dict[str, float]]
    num_raters: int
    machine: dict[str, dict[str, str | float]]
    gap: float | None
    models: list[dict[str, str | float | None]]


class FaceFacts(BaseModel):
    """The face video and how its clock relates: gaze_s = offset_s + face_s * (1 + drift_ppm * 1e-6)."""

    offset_s: float
    drift_ppm: float
    duration_s: float
    is_clock_known: bool


class SignalFacts(BaseModel):
    """One signal: its unit and its lowest and highest value."""

    name: str
    unit: str
    low: float
    high: float


class SessionFacts(BaseModel):
    """What the player needs before it draws; signals and gaze are asked for by window."""

    name: str
    start_s: float
    stop_s: float
    rate_hz: float
    has_place: bool
    screen_px: tuple[int, int] | None
    trials: list[TrialFacts]
    face: FaceFacts | None
    signals: list[SignalFacts]
    intervals: dict[str, int]
    doubts: list[str]


class SessionNames(BaseModel):
    """Participants with a session, or names of the recordings in a file."""

    names: list[str]


class FrameTime(BaseModel):
    """A frame of the face video: when it is shown, on its own clock and on the gaze clock."""

    face_s: float
    gaze_s: float


def part(opened: Opened) -> Part | None:
    """The player, where there are sessions to play."""
    if opened.study is None and opened.recording is None:
        return None
    return Part(lambda site: _router(site, opened), links=(Link("/player", "nav.player", 10),))


def _router(site: Site, opened: Opened) -> APIRouter:
    router = APIRouter()
    sessions = Sessions(opened)
    _add_pages(router, site, sessions)
    _add_facts(router, sessions, opened, RatingsNow(opened.store))
    _add_signals(router, sessions)
    _add_media(router, sessions)
    return router


def _add_pages(router: APIRouter, site: Site, sessions: Sessions) -> None:
    @router.get("/player", include_in_schema=False)
    def first(request: Request) -> Response:
        if not sessions.is_known:
            return site.page(request, "player_reading.html")
        names = sessions.names
        if not names:
            raise UsageError("there is no session to play yet", fix="record one, or put it into the folder sessions")
        return RedirectResponse(f"/player/{quote(names[0], safe='')}", 303)

    @router.get("/player/{name}", include_in_schema=False)
    def player(request: Request, name: str) -> HTMLResponse:
        if not sessions.is_known:
            return site.page(request, "player_reading.html")
        session = sessions.session(name)
        return site.page(request, "player.html", session=session, names=sessions.names)


def _add_facts(router: APIRouter, sessions: Sessions, opened: Opened, ratings: RatingsNow) -> None:
    @router.get("/api/sessions")
    def names() -> SessionNames:
        """Names of all sessions; a file that was opened on its own is read for them, which may take its time."""
        return SessionNames(names=list(sessions.names))

    @router.get("/api/session/{name}")
    def facts(request: Request, name: str) -> SessionFacts:
        session, tracks = sessions.session(name), sessions.tracks(name)
        answers = _answers(sessions, name, ratings)
        said, problems = _said(opened, name)
        doubts = [*tracks.doubts, *problems]
        face = None
        try:
            face = None if session.face is None else _face(session.face, session.clock, start_s=tracks.start_s)
        except DataError as problem:
            doubts.append(f"the face video cannot be played: {problem.what}")
        if face is not None and not face.is_clock_known:
            doubts.append(
                "how the clocks of face video and gaze relate is unknown: they are shown as if they began together"
            )
        return SessionFacts(
            name=name,
            start_s=tracks.start_s,
            stop_s=tracks.stop_s,
            rate_hz=tracks.rate_hz,
            has_place=tracks.place is not None,
            screen_px=session.screen_px,
            trials=[
                _trial(trial.stimulus_id, trial.onset_s, trial.duration_s, trial.film, answers, said)
                for trial in session.trials
            ],
            face=face,
            signals=[
                SignalFacts(name=signal.name, unit=signal.unit, low=limits[0], high=limits[1])
                for signal in tracks.signals.values()
                if (limits := signal.pyramid.limits) is not None
            ],
            intervals={kind: len(each) for kind, each in tracks.intervals.items()},
            doubts=[line_in(language_of(request), doubt) for doubt in doubts],
        )


def _face(video: Path, clock: ClockRelation | None, *, start_s: float) -> FaceFacts:
    return FaceFacts(
        offset_s=start_s if clock is None else clock.offset_s,
        drift_ppm=0.0 if clock is None else clock.drift_ppm,
        duration_s=_length_s(video),
        is_clock_known=clock is not None,
    )


def _answers(sessions: Sessions, name: str, ratings: RatingsNow) -> dict[str, ClipAnswers]:
    study = sessions.study
    if study is None:
        return {}
    return {clip.stimulus_id: clip for clip in clips_of_study(study, participants=[name], ratings=ratings.of(study))}


def _said(opened: Opened, name: str) -> tuple[dict[str, list[tuple[str, ModelSays]]], list[str]]:
    """What the models of the runs say by stimulus, and why others say nothing; a run may go while the app is open."""
    said: dict[str, list[tuple[str, ModelSays]]] = {}
    problems = []
    for run_name, run in named_runs(opened.runs).items():
        if not run.is_dir():
            continue
        try:
            curves = curves_of_run(run, name)
        except DataError as problem:
            problems.append(f"no predictions of the run {run_name}: {problem.what}")
            continue
        for stimulus, each in curves.items():
            said.setdefault(stimulus, []).extend((run_name, says) for says in each)
    return said, problems


def _trial(
    stimulus_id: str,
    onset_s: float,
    duration_s: float,
    film: Path | None,
    answers: dict[str, ClipAnswers],
    said: dict[str, list[tuple[str, ModelSays]]],
) -> TrialFacts:
    clip = answers.get(stimulus_id)
    models: list[dict[str, Any]] = [
        {"run": run, **{name: getattr(each, name) for name in ModelSays.__slots__}}
        for run, each in said.get(stimulus_id, ())
    ]
    return TrialFacts(
        stimulus_id=stimulus_id,
        onset_s=onset_s,
        duration_s=duration_s,
        has_film=film is not None,
        felt=dict(clip.felt) if clip else {},
        shown=dict(clip.shown) if clip else {},
        votes={space: dict(share) for space, share in clip.votes.items()} if clip else {},
        num_raters=clip.num_raters if clip else 0,
        machine={who: dict(said) for who, said in clip.machine.items()} if clip else {},
        gap=clip.gap if clip else None,
        models=models,
    )


def _add_signals(router: APIRouter, sessions: Sessions) -> None:
    @router.get("/api/session/{name}/signal/{signal}", responses=BINARY, response_class=Response)
    def signal(
        name: str,
        signal: str,
        from_s: Seconds,
        to_s: Seconds,
        cells: Annotated[int, Query(ge=1, le=MOST_CELLS)] = 1000,
    ) -> Response:
        """float32: lowest values of all cells, then highest; NaN = none. Headers say where the cells lie."""
        known = sessions.tracks(name).signals
        if signal not in known:
            raise UnknownNameError("signal", signal, known)
        _require_forward(from_s, to_s)
        window = known[signal].pyramid.window(from_s, to_s, cells=cells)
        headers = {"x-start-s": repr(window.start_s), "x-step-s": repr(window.step_s), "cache-control": "no-store"}
        content = np.concatenate([window.low, window.high]).astype("<f4").tobytes()
        return Response(content, media_type="application/octet-stream", headers=headers)

    @router.get("/api/session/{name}/intervals/{kind}", responses=BINARY, response_class=Response)
    def intervals(
        name: str,
        kind: str,
        from_s: Seconds,
        to_s: Seconds,
        cells: Annotated[int, Query(ge=1, le=MOST_CELLS)] = 1000,
    ) -> Response:
        """float64: onset and offset of each; those that would fall into one cell of a picture are joined."""
        known = sessions.tracks(name).intervals
        if kind not in known:
            raise UnknownNameError("kind of interval", kind, known)
        _require_forward(from_s, to_s)
        chosen = known[kind]
        # Offsets grow as onsets do: intervals of one kind do not overlap.
        first = int(np.searchsorted(chosen[:, 1], from_s, side="right"))
        stop = int(np.searchsorted(chosen[:, 0], to_s, side="left"))
        joined = _joined(chosen[first:stop], closer_s=(to_s - from_s) / cells)
        return Response(joined.astype("<f8").tobytes(), media_type="application/octet-stream")

    @router.get("/api/session/{name}/gaze", responses=BINARY, response_class=Response)
    def gaze(name: str, from_s: Seconds, to_s: Seconds) -> Response:
        """float64: time in s, and point of gaze as share of the screen from its top left, of every sample."""
        tracks = sessions.tracks(name)
        _require_forward(from_s, to_s)
        if to_s - from_s > LONGEST_GAZE_S:
            raise UsageError(f"{to_s - from_s:g} s of gaze are more than {LONGEST_GAZE_S:g}", fix="ask for less")
        first, stop = np.searchsorted(tracks.time_s, [from_s, to_s], side="left")
        if tracks.place is None:
            return Response(b"", media_type="application/octet-stream")
        rows = np.column_stack([tracks.time_s[first:stop], tracks.place[first:stop]])
        return Response(rows.astype("<f8").tobytes(), media_type="application/octet-stream")


def _require_forward(from_s: float, to_s: float) -> None:
    if not to_s > from_s:
        raise UsageError(f"the stretch from {from_s:g} to {to_s:g} s is empty", fix="give to_s after from_s")


def _times_s(video: Path) -> Float[ndarray, " F"]:
    return _times_of(video, state_of(video))


@lru_cache(maxsize=4)
def _times_of(video: Path, _state: tuple[int, int]) -> Float[ndarray, " F"]:
    """Kept until the file is another one."""
    return frame_times(video)


def _length_s(video: Path) -> float:
    times_s = _times_s(video)
    return float(times_s[-1] + (times_s[-1] - times_s[0]) / max(len(times_s) - 1, 1))


def _joined(intervals: Float[ndarray, "N 2"], *, closer_s: float) -> Float[ndarray, "M 2"]:
    """Intervals with less than `closer_s` between them as one."""
    if len(intervals) < 2:
        return intervals
    apart = np.flatnonzero(intervals[1:, 0] - intervals[:-1, 1] >= closer_s) + 1
    first, last = np.r_[0, apart], np.r_[apart, len(intervals)] - 1
    return np.column_stack([intervals[first, 0], intervals[last, 1]])


def _add_media(router: APIRouter, sessions: Sessions) -> None:
    @router.get("/media/face/{name}", include_in_schema=False)
    def face(name: str) -> FileResponse:
        path = sessions.session(name).face
        if path is None:
            raise UnknownNameError("face video of", name, ())
        return FileResponse(path, media_type="video/mp4", headers={"cache-control": "no-store"})

    @router.get("/media/film/{name}/{stimulus_id}", include_in_schema=False)
    def film(name: str, stimulus_id: str) -> FileResponse:
        films = {trial.stimulus_id: trial.film for trial in sessions.session(name).trials if trial.film is not None}
        if stimulus_id not in films:
            raise UnknownNameError("film of stimulus", stimulus_id, films)
        return FileResponse(films[stimulus_id], media_type="video/mp4", headers={"cache-control": "no-store"})

    @router.get("/api/session/{name}/frame")
    def frame(name: str, at_s: Seconds, step: Annotated[int, Query(ge=-1000, le=1000)] = 0) -> FrameTime:
        """The frame of the face video that is shown at `at_s` of the gaze clock, or `step` frames from it."""
        session = sessions.session(name)
        if session.face is None:
            raise UnknownNameError("face video of", name, ())
        tracks = sessions.tracks(name)
        offset_s = tracks.start_s if session.clock is None else session.clock.offset_s
        scale = 1.0 if session.clock is None else 1 + session.clock.drift_ppm * 1e-6
        times_s = _times_s(session.face)
        # A frame is shown from its time on; the tolerance is that of a time that went through the browser.
        shown = int(np.searchsorted(times_s, (at_s - offset_s) / scale + 1e-4, side="right")) - 1
        chosen = float(times_s[min(max(shown + step, 0), len(times_s) - 1)])
        return FrameTime(face_s=chosen, gaze_s=math.fsum([offset_s, chosen * scale]))
