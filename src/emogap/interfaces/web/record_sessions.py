"""Sessions while they are recorded: every answer on disk before it is acknowledged, one browser at a time.

A session is ``sessions/<participant>/`` from its first minute. Its tables are written anew with every answer, on the
clock of the camera video; the folder ``recording`` in it holds the video as it came and what a browser needs to go on.
Several apps may be open on one study: between what one of them reads and what it writes, no other changes anything.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import compare_digest, token_urlsafe

import tomli_w
from pydantic import ValidationError

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.files import write_bytes
from emogap.interfaces.releasing.consent import parse_consent
from emogap.interfaces.web.record_camera import Segment, append_lines, keep_piece, remove_segment, write_face
from emogap.interfaces.web.record_orders import next_order
from emogap.interfaces.web.record_state import Answer, Mark, SegmentFacts, SessionState, ShownClip
from emogap.interfaces.web.record_studies import add_participant
from emogap.interfaces.web.record_tables import (
    clock_toml,
    clock_zero_s,
    read_noted_frames,
    write_state,
    write_tables,
)
from emogap.locks import alone_in
from emogap.recording.session import RECORDER_STATE
from emogap.recording.study import Study, open_study
from emogap.rows import ID_PATTERN

__all__ = ["RecordingRoom"]

MOST_SEGMENTS = 200

CONSENT_FILE = "consent.toml"
"""When a participant agreed to what, and what they had been told: removed with everything else of theirs."""


class RecordingRoom:
    """The sessions of a study that are recorded here.

    Parameters
    ----------
    study : Path
    """

    def __init__(self, study: Path) -> None:
        self._path = study

    def study(self) -> Study:
        """The study as it is now, without its sessions."""
        return open_study(self._path, with_sessions=False)

    def states(self) -> tuple[SessionState, ...]:
        """Every session that was recorded in a browser, by participant, but for damaged ones."""
        return tuple(each for each in self._read_states() if isinstance(each, SessionState))

    def problems(self) -> tuple[DataError, ...]:
        """What is damaged in sessions that were recorded in a browser; the others are not kept from going on."""
        return tuple(each for each in self._read_states() if isinstance(each, DataError))

    def state(self, participant_id: str) -> SessionState:
        """The session of a participant.

        Raises
        ------
        UnknownNameError
            If none was recorded in a browser.
        DataError
            If its state is damaged.
        """
        path = self._state_file(participant_id)
        try:
            return SessionState.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise DataError(
                f"the state of the session is damaged: {error.errors()[0]['msg']}",
                where=str(path),
                fix="close the session by hand: its tables and its video stand beside",
            ) from error

    def has_session(self, participant_id: str) -> bool:
        """Whether the participant is being recorded, or was."""
        return self._folder(participant_id).exists()

    def begin(
        self, cells: Mapping[str, str], *, language: str = "en", told: Sequence[str] = (), agreed_to: str = ""
    ) -> SessionState:
        """A new session for a participant who consented; it is held by whoever has its `holder`.

        Parameters
        ----------
        cells : mapping
            The participant's row of ``participants.tsv``.
        language : str
            Of the page on which they consented.
        told : sequence of str
            What stood there, line by line, as they read it.
        agreed_to : str
            The sentence that they agreed to. It stands with the rest in ``consent.toml`` of the session.

        Raises
        ------
        UsageError
            If the participant has a session, or stands in the study's table without one.
        """
        participant_id = cells["participant_id"]
        folder = self._folder(participant_id)
        with alone_in(self._path):
            if folder.exists():
                raise UsageError(
                    f"participant {participant_id} is being recorded, or was",
                    where=f"sessions/{participant_id}",
                    fix="give every participant an id of their own, or go on with the session on the first page",
                )
            study = self.study()
            agreed = parse_consent(cells["consent"], where="participants.tsv")
            state = SessionState(
                participant_id=participant_id,
                holder=token_urlsafe(32),
                order=next_order(study.stimuli, [each.order for each in self.states()]),
                has_camera="face" in agreed,
                has_questions="labels" in agreed,
            )
            add_participant(self._path, cells)
            # Made aside, so that no command meets a session without its tables.
            aside = self._path / f".session-{participant_id}"
            shutil.rmtree(aside, ignore_errors=True)
            write_tables(aside, state, 0.0)
            write_bytes(aside / "session.toml", tomli_w.dumps({"gaze": "none"}).encode())
            consent = {
                "agreed_at": datetime.now(UTC).replace(microsecond=0),
                "consent": cells["consent"],
                "withdraw_until": cells.get("withdraw_until", ""),
                "language": language,
                "told": list(told),
                "agreed_to": agreed_to,
            }
            write_bytes(aside / CONSENT_FILE, tomli_w.dumps(consent).encode())
            write_state(aside, state)
            aside.rename(folder)
        return state

    def take_over(self, participant_id: str) -> SessionState:
        """The session with a new holder: the browser that had it is refused from now on."""
        with self._alone(participant_id):
            return self._keep(self.state(participant_id).model_copy(update={"holder": token_urlsafe(32)}))

    def held(self, participant_id: str, holder: str) -> SessionState:
        """The session, for the browser that holds it while it is recorded.

        Raises
        ------
        UsageError
            If another browser holds it, or it is finished.
        """
        state = self.state(participant_id)
        if not compare_digest(state.holder.encode(), holder.encode()):
            raise UsageError(
                "another browser records this session",
                where=f"sessions/{participant_id}",
                fix="go on there, or take the session over on the first page",
            )
        if state.status == "finished":
            raise UsageError("the session is finished", where=f"sessions/{participant_id}")
        return state

    def begin_segment(self, participant_id: str, holder: str, *, container: str, started_s: float) -> int:
        """Number of a new stretch of camera video, from 1; asked for again, it is the same.

        Parameters
        ----------
        participant_id, holder : str
        container : str
            ``webm`` or ``mp4``; ``none`` where the participant did not agree to be filmed.
        started_s : float
            When the browser was told to record.

        Raises
        ------
        UsageError
            If it is to be filmed without consent, or begins before the last one did.
        """
        with self._alone(participant_id):
            state = self.held(participant_id, holder)
            if (container != "none") != state.has_camera:
                raise UsageError(
                    f"a video is to come as '{container}', and the participant "
                    + ("agreed to be filmed" if state.has_camera else "did not agree to be filmed"),
                    where=f"sessions/{participant_id}",
                    fix="load the page again",
                )
            number = len(state.segments) + 1
            name = f"camera-{number - 1}.{container}" if state.has_camera else ""
            if state.segments and state.segments[-1] == SegmentFacts(name=name, started_s=started_s):
                return number - 1
            if number > MOST_SEGMENTS:
                raise UsageError(f"the page was loaded {MOST_SEGMENTS} times", fix="close the session")
            if state.segments and started_s <= state.segments[-1].started_s:
                raise UsageError(
                    "the browser's clock went back: this video would begin before the last one",
                    fix="set the clock of the machine right, and load the page again",
                )
            name = f"camera-{number}.{container}" if state.has_camera else ""
            facts = SegmentFacts(name=name, started_s=started_s)
            more = state.model_copy(update={"segments": (*state.segments, facts)})
            self._keep(_marked(more, "reload", started_s) if number > 1 else more)
        return number

    def keep_video(self, participant_id: str, holder: str, segment: int, number: int, content: bytes) -> int:
        """Keep a piece of the newest stretch of video; how many pieces of it are safe."""
        with self._alone(participant_id):
            state = self.held(participant_id, holder)
            return keep_piece(self._newest(state, segment), number, content)

    def keep_frames(
        self, participant_id: str, holder: str, segment: int, noted_s: Iterable[tuple[float, float]]
    ) -> None:
        """Keep when frames of the newest stretch were captured, and shown in the preview, on the browser's clock."""
        with self._alone(participant_id):
            place = self._newest(self.held(participant_id, holder), segment).frames_file
            append_lines(place, [f"{captured_s:.6f}\t{presented_s:.6f}" for captured_s, presented_s in noted_s])

    def mark(self, participant_id: str, holder: str, kind: str, at_s: float) -> None:
        """Note that something happened, once."""
        with self._alone(participant_id):
            state = self.held(participant_id, holder)
            if Mark(kind=kind, at_s=at_s) not in state.marks:
                self._keep(_marked(state, kind, at_s))

    def keep_shown(self, participant_id: str, holder: str, clip: ShownClip) -> SessionState:
        """Keep that a clip was seen to its end.

        Raises
        ------
        UsageError
            If another clip was due, its questions were not closed, no video is recorded, or the times are impossible.
        """
        with self._alone(participant_id):
            state = self.held(participant_id, holder)
            if clip in state.shown:
                return state
            self._require_due(state, clip.stimulus_id)
            earliest_s = max([state.segments[0].started_s, *(each.offset_s for each in state.shown)])
            if not earliest_s <= clip.onset_s < clip.offset_s:
                raise UsageError(
                    f"the clip cannot have been on from {clip.onset_s:.3f} to {clip.offset_s:.3f} s, after"
                    f" {earliest_s:.3f} s",
                    fix="load the page again",
                )
            return self._keep(state.model_copy(update={"shown": (*state.shown, clip)}))

    def skip_clip(self, participant_id: str, holder: str, stimulus_id: str, at_s: float) -> SessionState:
        """Leave a clip that is on: there will be no trial of it and no answer."""
        with self._alone(participant_id):
            state = self.held(participant_id, holder)
            if stimulus_id in state.skipped:
                return state
            self._require_due(state, stimulus_id)
            left = state.model_copy(update={"skipped": (*state.skipped, stimulus_id)})
            return self._keep(_marked(left, f"skip {stimulus_id}", at_s))

    def keep_answer(self, participant_id: str, holder: str, answer: Answer) -> SessionState:
        """Keep the answers to the questions that are due."""
        with self._alone(participant_id):
            state = self.held(participant_id, holder)
            if answer in state.answers:
                return state
            self._require_unasked(state, answer.stimulus_id)
            points = self.study().sam_points
            for name in ("pleasure", "arousal", "dominance"):
                value = getattr(answer, name)
                if value is not None and not 1 <= value <= points:
                    raise UsageError(f"{name} is {value}, outside 1 to {points}", fix="choose one of the figures")
            return self._keep(state.model_copy(update={"answers": (*state.answers, answer)}))

    def skip_answer(self, participant_id: str, holder: str, stimulus_id: str, at_s: float) -> SessionState:
        """Leave the questions that are due without an answer."""
        with self._alone(participant_id):
            state = self.held(participant_id, holder)
            if stimulus_id in state.unanswered:
                return state
            self._require_unasked(state, stimulus_id)
            left = state.model_copy(update={"unanswered": (*state.unanswered, stimulus_id)})
            return self._keep(_marked(left, f"unanswered {stimulus_id}", at_s))

    def finish(self, participant_id: str, *, tell: Callable[[str], None] | None = None) -> SessionState:
        """Write the camera video as ``face.mp4`` with its clock, and the tables on that clock.

        Where the camera left nothing that can be read, the session has no video, and its `problem` says so. The
        pieces are removed if all of them are in the video. What is finished stays as it is.
        """
        with self._alone(participant_id):
            state = self.state(participant_id)
            if state.status == "finished":
                return state
            folder = self._folder(participant_id)
            segments = [self._segment(state, each) for each in state.segments if each.name]
            zero_s = clock_zero_s(state)
            facts: dict[str, object] = {"status": "finished"}
            if state.has_camera:
                try:
                    face = write_face(folder / "face.mp4", segments, [read_noted_frames(each) for each in segments])
                except DataError as error:
                    facts |= {"problem": str(error)}
                else:
                    zero_s = face.clocks[0].offset_s
                    write_bytes(folder / "clock.toml", clock_toml(face.clocks))
                    ends_s = state.shown[-1].offset_s - zero_s if state.shown else 0.0
                    facts |= {"unread": face.unread, "missing_s": max(ends_s - face.end_s, 0.0)}
            done = state.model_copy(update=facts)
            write_tables(folder, done, zero_s)
            write_state(folder, done)
            if not done.problem:
                for segment in segments:
                    if segment.file.name not in done.unread:
                        remove_segment(segment)
            if tell is not None:
                tell(f"session-end {participant_id}")
        return done

    @contextmanager
    def _alone(self, participant_id: str) -> Iterator[None]:
        """Held while a session changes, whichever app on the study changes it.

        The video of one may be written while another is recorded.
        """
        with alone_in(self._state_file(participant_id).parent, is_made=False):
            yield

    def _folder(self, participant_id: str) -> Path:
        if not ID_PATTERN.fullmatch(participant_id):
            raise UnknownNameError("participant", participant_id, ())
        return self._path / "sessions" / participant_id

    def _state_file(self, participant_id: str) -> Path:
        path = self._folder(participant_id) / RECORDER_STATE
        if not path.is_file():
            known = [place.parents[1].name for place in sorted((self._path / "sessions").glob(f"*/{RECORDER_STATE}"))]
            raise UnknownNameError("session", participant_id, known)
        return path

    def _read_states(self) -> Iterator[SessionState | DataError]:
        for name in self.study().session_ids:
            if (self._folder(name) / RECORDER_STATE).is_file():
                try:
                    yield self.state(name)
                except DataError as problem:
                    yield problem

    def _segment(self, state: SessionState, facts: SegmentFacts) -> Segment:
        return Segment(self._folder(state.participant_id) / RECORDER_STATE.parent / facts.name, facts.started_s)

    def _newest(self, state: SessionState, segment: int) -> Segment:
        if segment != len(state.segments):
            raise UsageError(
                f"stretch {segment} of the video is closed: the page was loaded again", fix="go on in the newest page"
            )
        if not state.has_camera:
            raise UsageError("the participant did not agree to be filmed", where=f"sessions/{state.participant_id}")
        return self._segment(state, state.segments[-1])

    def _require_due(self, state: SessionState, stimulus_id: str) -> None:
        due = state.due
        if state.unasked is not None or due is None or due.stimulus_id != stimulus_id:
            expected = (
                f"the questions about {state.unasked}" if state.unasked else due.stimulus_id if due else "the end"
            )
            raise UsageError(f"{stimulus_id} is not due, {expected} is", fix="load the page again")
        if not state.segments:
            raise UsageError("no video is recorded yet", fix="load the page again and let it use the camera")

    def _require_unasked(self, state: SessionState, stimulus_id: str) -> None:
        if state.unasked != stimulus_id:
            raise UsageError(f"no question about {stimulus_id} is open", fix="load the page again")

    def _keep(self, state: SessionState) -> SessionState:
        folder = self._folder(state.participant_id)
        write_state(folder, state)
        write_tables(folder, state, clock_zero_s(state))
        return state


def _marked(state: SessionState, kind: str, at_s: float) -> SessionState:
    return state.model_copy(update={"marks": (*state.marks, Mark(kind=kind, at_s=at_s))})
