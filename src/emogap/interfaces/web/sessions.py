"""The sessions that can be played: those of a study, or what one file of a tracker holds."""

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from emogap.datasets.catalogue.study import placed
from emogap.errors import OutputError, UnknownNameError
from emogap.interfaces.web.kept_tracks import keep_tracks, kept_place, key_of, read_tracks
from emogap.interfaces.web.opened import Opened
from emogap.interfaces.web.study_now import StudyNow, state_of
from emogap.interfaces.web.tracks import Tracks, tracks_of, tracks_without_gaze
from emogap.recording import open_recording, open_recordings
from emogap.recording.session import ClockRelation, SessionFiles
from emogap.recording.study import Stimulus, Study, open_session
from emogap.recording.video import frame_times
from emogap.types import Recording

__all__ = ["PlayedSession", "PlayedTrial", "Sessions"]

log = logging.getLogger(__name__)

LEAST_BYTES_KEPT = 8 << 20
"""Of a gaze file, from which on the study keeps what is drawn of it: some three minutes at 120 Hz."""

FRACTION_SLASH = "\N{FRACTION SLASH}"

MOST_KEPT = 3
"""Recordings in memory; one of two hours at 120 Hz takes about 100 MB."""


@dataclass(frozen=True, slots=True)
class PlayedTrial:
    """When a stimulus was on, in s of the gaze clock, and its film if there is one."""

    stimulus_id: str
    onset_s: float
    duration_s: float
    film: Path | None


@dataclass(frozen=True, slots=True)
class PlayedSession:
    """What can be played of one session besides its tracks.

    Attributes
    ----------
    name : str
        Participant of a study, or name of a recording in a file.
    trials : tuple of PlayedTrial
        In the order in which they were shown.
    face : Path or None
        Video of the face.
    clock : ClockRelation or None
        How the two clocks relate; None = not known, the video is then taken to begin with the gaze.
    screen_px : (int, int) or None
    """

    name: str
    trials: tuple[PlayedTrial, ...]
    face: Path | None
    clock: ClockRelation | None
    screen_px: tuple[int, int] | None


class Sessions:
    """All sessions of what was opened; the tracks of the last few stay in memory.

    Parameters
    ----------
    opened : Opened
        With a study or a recording.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._watched = None if opened.study is None else StudyNow(opened.study)
        self._kept: OrderedDict[str, tuple[tuple[tuple[int, int], ...], Tracks]] = OrderedDict()
        self._lock = threading.Lock()
        self._one_at_a_time = threading.Lock()
        self._reading = threading.Lock()
        self._read: dict[str, Recording] | None = None

    @property
    def study(self) -> Study | None:
        """The study without its sessions, as it is now; None if a recording was opened."""
        return None if self._watched is None else self._watched.now()

    @property
    def is_known(self) -> bool:
        """Whether names and trials can be told at once; a file that was opened on its own is read for them first."""
        return self._watched is not None or self._read is not None

    @property
    def _recordings(self) -> dict[str, Recording]:
        """The recordings of the file; several requests at once read it once."""
        assert self._opened.recording is not None
        with self._reading:
            if self._read is None:
                found = open_recordings(self._opened.recording)
                # A slash would part the address of a recording.
                self._read = {each.recording_id.replace("/", FRACTION_SLASH): each for each in found}
            return self._read

    @property
    def names(self) -> tuple[str, ...]:
        """Participants with a session, or names of the recordings in the file."""
        return tuple(self._recordings) if self.study is None else self.study.session_ids

    def session(self, name: str) -> PlayedSession:
        """What can be played of the session `name`.

        Raises
        ------
        UnknownNameError
            If there is no such session.
        DataError
            If one of its tables is damaged.
        """
        self._require_known(name)
        if self.study is None:
            recording = self._recordings[name]
            trials = [
                PlayedTrial(each.stimulus_id, each.onset_s, each.offset_s - each.onset_s, None)
                for each in recording.stimuli
            ]
            screen = None if recording.screen is None else recording.screen.size_px
            return PlayedSession(name, tuple(trials), None, None, screen)
        files = self._files(name)
        films = {stimulus.stimulus_id: film_of(self.study.path, stimulus) for stimulus in self.study.stimuli}
        return PlayedSession(
            name,
            tuple(
                PlayedTrial(each.stimulus_id, each.onset_s, each.duration_s, films.get(each.stimulus_id))
                for each in files.trials
            ),
            files.face_path,
            files.clock,
            self.study.screen.size_px,
        )

    def tracks(self, name: str) -> Tracks:
        """What is drawn of the session `name`; read once, then kept until its files are others or it is gone.

        Raises
        ------
        UnknownNameError
            If there is no such session.
        UsageError, DataError
            If its gaze cannot be read or played.
        """
        self._require_known(name)
        state = self._state(name)
        kept = self._in_memory(name, state)
        if kept is not None:
            return kept
        # One is read at a time, for the memory that it takes; what is in memory does not wait for it.
        with self._one_at_a_time:
            kept = self._in_memory(name, state)
            if kept is not None:
                return kept
            tracks = self._tracks_of(name)
            with self._lock:
                self._kept[name] = state, tracks
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            return tracks

    def _in_memory(self, name: str, state: tuple[tuple[int, int], ...]) -> Tracks | None:
        names = set(self.names)
        with self._lock:
            for gone in set(self._kept) - names:
                del self._kept[gone]
            if name not in self._kept or self._kept[name][0] != state:
                return None
            self._kept.move_to_end(name)
            return self._kept[name][1]

    def _state(self, name: str) -> tuple[tuple[int, int], ...]:
        """What changes when the session is recorded again, or a new one takes the name of one that was removed."""
        if self.study is None:
            return ()
        folder = self.study.path / "sessions" / name
        places = (self.study.path / "study.toml", folder / "trials.tsv", *sorted(folder.glob("gaze.*")))
        return tuple(state_of(place) for place in places)

    def _tracks_of(self, name: str) -> Tracks:
        """From the study if it keeps them, else from the recording; what took long to read is kept there then."""
        if self.study is None:
            return tracks_of(self.recording(name))
        files = self._files(name)
        if files.gaze_file is None:
            return tracks_without_gaze(_end_s(files))
        if files.gaze_path.stat().st_size < LEAST_BYTES_KEPT:
            return tracks_of(self.recording(name))
        place = kept_place(self.study.path, name)
        key = key_of(self.study, files)
        tracks = read_tracks(place, key)
        if tracks is None:
            tracks = tracks_of(self.recording(name))
            try:
                keep_tracks(self.study.path, place, key, tracks)
            except OutputError as problem:
                log.warning("what is drawn of %s is not kept, it will be read again: %s", name, problem)
        return tracks

    def recording(self, name: str) -> Recording:
        """The recording of the session `name`, read anew where it is a study's.

        Raises
        ------
        UnknownNameError
            If there is no such session.
        UsageError, DataError
            If its gaze cannot be read.
        """
        self._require_known(name)
        if self.study is None:
            return self._recordings[name]
        files = self._files(name)
        return placed(open_recording(files.gaze_path), self.study, files)

    def _files(self, name: str) -> SessionFiles:
        assert self.study is not None
        return open_session(
            self.study.path, name, self.study.stimuli, sam_points=self.study.sam_points, with_answers=False
        )

    def _require_known(self, name: str) -> None:
        if name not in self.names:
            raise UnknownNameError("session", name, self.names)


def _end_s(files: SessionFiles) -> float:
    """When a session without gaze ends: with its video or its last trial."""
    ends_s = [trial.onset_s + trial.duration_s for trial in files.trials]
    if files.face_path is not None:
        ends_s.append(float(frame_times(files.face_path)[-1]))
    return max(ends_s, default=0.0)


def film_of(study: Path, stimulus: Stimulus) -> Path | None:
    """The film of a stimulus in the folder of the study; None if it is not there, or would lie outside."""
    named = stimulus.file or f"{stimulus.stimulus_id}.mp4"
    folder = (study / "stimuli").resolve()
    for place in ((study / named).resolve(), (folder / named).resolve()):
        if place.is_file() and place.is_relative_to(folder):
            return place
    return None
