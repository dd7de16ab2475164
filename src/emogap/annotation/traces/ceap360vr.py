"""CEAP-360VR: valence and arousal by joystick while eight films were watched in 360 degrees.

References
----------
Xue, El Ali, Zhang, Ding and Cesar (2021), IEEE Transactions on Multimedia, doi:10.1109/TMM.2021.3124080.
"""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import BaseModel, Field, ValidationError

from emogap.annotation.traces.trace_set import TraceSet
from emogap.errors import DataError, UsageError

__all__ = ["holds_ceap_traces", "read_ceap_traces"]

FOLDER = "3_AnnotationData/Transformed"
SUFFIX = "_Annotation_TransData.json"
QUESTIONS = ("valence", "arousal")
LIMITS = (1.0, 9.0)

Scale = Annotated[float, Field(ge=LIMITS[0], le=LIMITS[1])]


class _Sample(BaseModel):
    TimeStamp: float
    Valence: Scale
    Arousal: Scale


class _Film(BaseModel):
    VideoID: str
    TimeStamp_Valence_Arousal: list[_Sample] = Field(min_length=2)


class _Person(BaseModel):
    ParticipantID: str
    Video_Annotation_TransData: list[_Film]


class _File(BaseModel):
    ContinuousAnnotation_TransData: list[_Person] = Field(min_length=1, max_length=1)


def holds_ceap_traces(folder: Path) -> bool:
    """Whether a folder is laid out as CEAP-360VR is, with a place for traces."""
    return (folder / FOLDER).is_dir()


def read_ceap_traces(folder: Path, *, step_s: float = 0.5) -> tuple[TraceSet, ...]:
    """The traces of all people, for each question and film, on one even clock.

    Parameters
    ----------
    folder : Path
        The data set: the folder that holds ``3_AnnotationData``.
    step_s : float
        Seconds between values. Samples come at an uneven 0.05 to 0.24 s and are interpolated linearly; the clock
        ends where the first person's samples end, and before anybody's first sample the value is NaN.

    Returns
    -------
    tuple of TraceSet
        Valence of every film, then arousal; scale 1 to 9. People in the order of their numbers.

    Raises
    ------
    UsageError
        If the folder holds no annotations.
    DataError
        If a file is damaged, a value is off the scale, times do not increase, or somebody lacks a film.
    """
    files = sorted((folder / FOLDER).glob(f"P*{SUFFIX}"), key=_number)
    if not files:
        raise UsageError(f"there is no {FOLDER}/P*{SUFFIX}", where=str(folder), fix="give the folder of CEAP-360VR")
    people = tuple(file.name.removesuffix(SUFFIX) for file in files)
    films = {person: _read(file) for person, file in zip(people, files, strict=True)}
    names = tuple(films[people[0]])
    for person in people:
        if tuple(films[person]) != names:
            raise DataError(
                f"the films are {', '.join(films[person])}, those of {people[0]} are {', '.join(names)}",
                where=f"{person}{SUFFIX}",
                fix="restore the file from the data set",
            )
    end_s = min(samples[-1, 0] for given in films.values() for samples in given.values())
    time_s = np.arange(step_s, end_s + 1e-9, step_s)
    traces = []
    for column, question in enumerate(QUESTIONS, start=1):
        for film in names:
            value = np.stack([_on_clock(films[person][film], column, time_s) for person in people])
            traces.append(TraceSet(film, question, people, time_s.copy(), value, LIMITS))
    return tuple(traces)


def _number(file: Path) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, file.name.removesuffix(SUFFIX)))
    return int(digits or 0), file.name


def _read(file: Path) -> dict[str, Float[ndarray, "S 3"]]:
    """Time, valence and arousal of each film."""
    try:
        content = _File.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (ValidationError, ValueError) as error:
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            problem = f"{'.'.join(map(str, first['loc'][-3:]))}: {first['msg']}"
        else:
            problem = str(error)
        raise DataError(
            f"the annotations are damaged: {problem}", where=file.name, fix="restore the file from the data set"
        ) from error
    films = {}
    for film in content.ContinuousAnnotation_TransData[0].Video_Annotation_TransData:
        rows = [(one.TimeStamp, one.Valence, one.Arousal) for one in film.TimeStamp_Valence_Arousal]
        samples = np.array(rows)
        back = np.flatnonzero(np.diff(samples[:, 0]) <= 0)
        if len(back):
            raise DataError(
                f"{samples[back[0] + 1, 0]:g} s follows {samples[back[0], 0]:g} s",
                where=f"{file.name}, {film.VideoID}",
                fix="restore the file from the data set",
            )
        films[film.VideoID] = samples
    return films


def _on_clock(samples: Float[ndarray, "S 3"], column: int, time_s: Float[ndarray, " T"]) -> Float[ndarray, " T"]:
    return np.asarray(np.interp(time_s, samples[:, 0], samples[:, column], left=np.nan, right=np.nan), np.float64)
