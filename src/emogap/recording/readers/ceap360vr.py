"""CEAP-360VR: fixations and head path of people who watched 360-degree films in a headset.

A file ``EM_Fixation/P*_Behavior_FixationData.json`` holds one participant. Frame numbers become seconds with
the rate of their own film, from ``1_Stimuli/VideoInfo.json``; the head path comes from the sibling folder
``HM_ScanPath``. There is no raw gaze and no pupil in these files.

References
----------
Xue, El Ali, Zhang, Ding and Cesar (2021), "CEAP-360VR: A Continuous Physiological and Behavioral Emotion
Annotation Dataset for 360 Videos", IEEE Transactions on Multimedia, doi:10.1109/TMM.2021.3124080.
"""

import json
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emogap.errors import DataError
from emogap.types import EyeEvents, EyeTracker, HeadSeries, Recording, StimulusInterval

__all__ = ["HEAD_WINDOW_S", "can_read", "read"]

HEAD_WINDOW_S = 0.2
"""Length of one window of the head path; window ID runs from 1, the position is its centroid."""

HEADER_BYTES = 4096


class _Fixation(BaseModel):
    StartFrame: int = Field(ge=0)
    EndFrame: int = Field(ge=0)
    Pitch: float = Field(ge=-90, le=90)
    Yaw: float = Field(ge=-180, le=180)


class _FilmFixations(BaseModel):
    VideoID: str
    Fixation: list[_Fixation]


class _PersonFixations(BaseModel):
    ParticipantID: str
    Video_Behavior_FixationData: list[_FilmFixations]


class _FixationFile(BaseModel):
    Behavior_FixationData: list[_PersonFixations] = Field(min_length=1, max_length=1)


class _Head(BaseModel):
    ID: int = Field(ge=1)
    Pitch: float = Field(ge=-90, le=90)
    Yaw: float = Field(ge=-180, le=180)


class _FilmHead(BaseModel):
    VideoID: str
    ID_Pitch_Yaw: list[_Head]


class _PersonHead(BaseModel):
    ParticipantID: str
    Video_Behavior_ScanPath_Data: list[_FilmHead]


class _HeadFile(BaseModel):
    Behavior_HeadScanPath_Data: list[_PersonHead] = Field(min_length=1, max_length=1)


class _Film(BaseModel):
    model_config = ConfigDict(frozen=True)

    VideoID: str
    VideoDuration: float = Field(gt=0)
    FrameRate: float = Field(gt=0)


class _FilmFile(BaseModel):
    VideoInfo: list[_Film]


Content = TypeVar("Content", bound=BaseModel)


def can_read(path: Path) -> bool:
    """Whether the file begins like a fixation file of CEAP-360VR."""
    if path.suffix.lower() != ".json":
        return False
    with path.open("rb") as stream:
        return b'"Behavior_FixationData"' in stream.read(HEADER_BYTES)


def read(path: Path) -> tuple[Recording, ...]:
    """One recording per film that the participant watched.

    Parameters
    ----------
    path : Path
        ``.../4_BehaviorData/EM_Fixation/P<n>_Behavior_FixationData.json``, in its place in the data set.

    Returns
    -------
    tuple of Recording
        `events`: the source's fixations, method ``ceap360vr``, centre = yaw and pitch in degrees in the world
        (head and eye together; yaw is an angle that jumps at plus or minus 180). `head`: pitch and yaw of each
        200 ms window, at its centre. `gaze` is None. Time zero is the film's onset.

    Raises
    ------
    DataError
        If the file is damaged, or the film list or the head path is not where the data set has them.

    Notes
    -----
    A fixation lasts from StartFrame / rate to (EndFrame + 1) / rate, because EndFrame is inclusive.
    """
    person = _load(path, _FixationFile).Behavior_FixationData[0]
    films = {film.VideoID: film for film in _load(_film_list(path), _FilmFile).VideoInfo}
    heads = _heads(path, person.ParticipantID)
    recordings = []
    for watched in person.Video_Behavior_FixationData:
        film = films.get(watched.VideoID)
        if film is None or watched.VideoID not in heads:
            raise DataError(
                f"film {watched.VideoID} has no entry in {'VideoInfo.json' if film is None else 'the head path'}",
                where=path.name,
                fix="restore the file from the data set",
            )
        recordings.append(_recording(path, person.ParticipantID, film, watched.Fixation, heads[watched.VideoID]))
    return tuple(recordings)


def _recording(path: Path, participant_id: str, film: _Film, fixations: list[_Fixation], head: HeadSeries) -> Recording:
    recording_id = f"{participant_id}-{film.VideoID}"
    return Recording(
        recording_id=recording_id,
        source=path.name,
        reader="ceap360vr",
        tracker=EyeTracker("CEAP-360VR (the file names no device)"),
        participant_id=participant_id,
        stimulus_id=film.VideoID,
        head=head,
        events=(_events(fixations, film.FrameRate, f"{path.name}, {film.VideoID}"),),
        stimuli=(StimulusInterval(film.VideoID, 0.0, film.VideoDuration),),
        doubts=("fixations are the source's own, at the film's frame rate; there is no raw gaze and no pupil",),
    )


def _events(fixations: list[_Fixation], rate_hz: float, where: str) -> EyeEvents:
    try:
        return EyeEvents(
            kind=np.full(len(fixations), "fixation"),
            onset_s=np.array([fixation.StartFrame for fixation in fixations], np.float64) / rate_hz,
            offset_s=np.array([fixation.EndFrame + 1 for fixation in fixations], np.float64) / rate_hz,
            centre=np.array([(fixation.Yaw, fixation.Pitch) for fixation in fixations]).reshape(-1, 2),
            amplitude_deg=np.full(len(fixations), np.nan),
            method="ceap360vr",
            frame="world_deg",
        )
    except DataError as error:
        raise DataError(error.what, where=where, fix="restore the file from the data set") from error


def _heads(path: Path, participant_id: str) -> dict[str, HeadSeries]:
    """Head path of each film, at the centres of its windows."""
    name = path.name.replace("FixationData", "HeadScanPathData")
    head_path = path.parents[1] / "HM_ScanPath" / name
    person = _load(head_path, _HeadFile).Behavior_HeadScanPath_Data[0]
    if person.ParticipantID != participant_id:
        raise DataError(
            f"the head path is of {person.ParticipantID}, the fixations are of {participant_id}",
            where=name,
            fix="restore both files from the data set",
        )
    return {film.VideoID: _head(film.ID_Pitch_Yaw) for film in person.Video_Behavior_ScanPath_Data}


def _head(points: list[_Head]) -> HeadSeries:
    time_s = np.array([(point.ID - 0.5) * HEAD_WINDOW_S for point in points])
    angle_deg = np.array([(point.Pitch, point.Yaw, np.nan) for point in points]).reshape(-1, 3)
    return HeadSeries(time_s, angle_deg)


def _film_list(path: Path) -> Path:
    return path.parents[2] / "1_Stimuli" / "VideoInfo.json"


def _load(path: Path, content: type[Content]) -> Content:
    """The checked content of one JSON file."""
    where = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        raise DataError("this file of the data set is absent", where=where, fix="restore it from the data set")
    try:
        return content.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        raise DataError(
            f"this is not JSON, or it was cut off: {error.msg}",
            where=f"{where}, line {error.lineno}",
            fix="restore the file from the data set",
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"byte {error.start} is not UTF-8", where=where, fix="restore it from the data set") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"{place}: {first['msg'].lower()}", where=where, fix="restore the file from the data set"
        ) from error
