"""What ``emogap stimuli check`` does: measure every film, and ask whether a plain property gives its class away."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from emogap.analysis.stimulus_confounds import ClassFromProperty, class_from_property
from emogap.datasets.stimulus_facts import (
    FILM_SUFFIXES,
    STIMULUS_FACTS,
    find_film,
    hear_film,
    luminance_facts,
    watch_film,
)
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.files import write_bytes
from emogap.interfaces.derived_folder import write_table
from emogap.preprocessing.face.detectors import DETECTORS, settle_detector
from emogap.preprocessing.stimulus_motion import STEP_S
from emogap.progress import track, without_bars
from emogap.recording.luminance import read_luminance
from emogap.rows import Row, read_rows, refuse_repeats

__all__ = ["PROPERTIES", "StimulusCheck", "StimulusProperties", "check_stimuli", "write_check"]

PROPERTIES = {
    "duration_s": "length (s)",
    **STIMULUS_FACTS,
    "rms_dbfs": "RMS level (dBFS)",
    "num_faces": "faces on screen (mean)",
    "face_share": "time with a face (share)",
}
"""What is measured, with the words of tables."""

FACE_STEP_S = 0.5
"""Faces are looked for twice a second."""


@dataclass(frozen=True, slots=True)
class StimulusProperties:
    """One stimulus.

    Attributes
    ----------
    stimulus_id, stimulus_group : str
    emotion : str or None
        The class it stands for; None = not stated.
    file : Path or None
        The film; None if it is not there.
    value : dict from property to float
        Those of :data:`PROPERTIES` that could be measured.
    problem : str or None
        What could not be read.
    """

    stimulus_id: str
    stimulus_group: str
    emotion: str | None
    file: Path | None
    value: dict[str, float] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class StimulusCheck:
    """All stimuli, and how well each property alone predicts the class.

    Attributes
    ----------
    stimuli : tuple of StimulusProperties
    predictions : dict from property to ClassFromProperty
        Properties that are known of too few stimuli, or equal for all, are absent.
    not_predicted : dict from property to str
        Why.
    detector : str or None
        The face detector; None if no film was there.
    """

    stimuli: tuple[StimulusProperties, ...]
    predictions: dict[str, ClassFromProperty]
    not_predicted: dict[str, str]
    detector: str | None


def check_stimuli(
    source: Path,
    *,
    target: str = "target_emotion7",
    detector: str = "auto",
    draws: int = 10_000,
    seed: int = 0,
) -> StimulusCheck:
    """Measure the stimuli of a study or folder.

    Parameters
    ----------
    source : Path
        A folder with ``stimuli.tsv`` (a study has one), whose column `target` states the class; or a folder of films,
        one folder per class, or without classes. Where a film is absent but ``stimuli/<id>.luminance.tsv`` is
        there, luminance is taken from that.
    target : str
        Column of ``stimuli.tsv``.
    detector : str
        Entry of the shelf of face detectors, ``auto``, or ``none``.
    draws, seed : int
        Of the shuffles.

    Raises
    ------
    UsageError
        If the folder holds neither ``stimuli.tsv`` nor a film.
    UnknownNameError
        If ``stimuli.tsv`` has no column `target`, or there is no such detector.
    DataError
        If ``stimuli.tsv`` is damaged or lists nothing.
    """
    listed = tuple(_listed(source, target))
    has_films = any(stimulus.file is not None for stimulus in listed)
    detector_name = settle_detector(detector) if has_films and detector != "none" else None
    with without_bars():
        measured = tuple(_measured(source, stimulus, detector_name) for stimulus in track(listed, "measuring films"))
    predictions, not_predicted = {}, {}
    for name in PROPERTIES:
        try:
            predictions[name] = _prediction(measured, name, draws=draws, seed=seed)
        except UsageError as error:
            not_predicted[name] = error.what
    return StimulusCheck(measured, predictions, not_predicted, detector_name)


def write_check(check: StimulusCheck, out: Path) -> None:
    """Write ``stimulus_properties.tsv`` and ``class_from_property.json`` into the folder `out`.

    Raises
    ------
    UsageError
        If `out` holds something else.
    OutputError
        If a file cannot be written.
    """
    files = {"stimulus_properties.tsv", "class_from_property.json"}
    other = {file.name for file in out.iterdir()} - files if out.is_dir() else set()
    if other:
        raise UsageError(f"the folder holds something else: {min(other)}", where=str(out), fix="name a new folder")
    about = ("stimulus_id", "stimulus_group", "emotion")
    rows = [
        {name: getattr(stimulus, name) for name in (*about, "problem")}
        | {name: stimulus.value.get(name) for name in PROPERTIES}
        for stimulus in check.stimuli
    ]
    write_table(out / "stimulus_properties.tsv", (*about, *PROPERTIES, "problem"), rows)
    content = {
        "detector": check.detector,
        "predictions": {name: asdict(found) for name, found in check.predictions.items()},
        "not_predicted": check.not_predicted,
    }
    write_bytes(out / "class_from_property.json", (json.dumps(content, indent=2) + "\n").encode())


def _listed(source: Path, target: str) -> Iterator[StimulusProperties]:
    if (source / "stimuli.tsv").is_file():
        rows = read_rows(source / "stimuli.tsv", columns=("stimulus_id",))
        refuse_repeats(rows, ("stimulus_id",))
        if not rows:
            raise DataError(
                "there is no stimulus in it", where=str(source / "stimuli.tsv"), fix="list the stimuli, one a row"
            )
        if target not in rows[0].cells:
            raise UnknownNameError("column of stimuli.tsv", target, rows[0].cells)
        yield from (_of_row(source, row, target) for row in rows)
        return
    films = sorted(file for file in source.rglob("*") if file.suffix.lower() in FILM_SUFFIXES)
    if not films:
        raise UsageError(
            "there is neither stimuli.tsv nor a film",
            where=str(source),
            fix=f"give a study, or a folder of films ({', '.join(sorted(FILM_SUFFIXES))}), one folder per class",
        )
    for film in films:
        emotion = film.parent.name if film.parent != source else None
        name = film.relative_to(source).with_suffix("").as_posix()
        yield StimulusProperties(name, name, emotion, film)


def _of_row(source: Path, row: Row, target: str) -> StimulusProperties:
    name = row.identifier("stimulus_id")
    stated = row.optional("file")
    film = find_film(source, name, stated)
    problem = f"the film {stated} is not there" if stated is not None and film is None else None
    duration_s = row.optional_number("duration_s", low=0)
    value = {} if duration_s is None else {"duration_s": duration_s}
    return StimulusProperties(name, row.optional("stimulus_group") or name, row.optional(target), film, value, problem)


def _measured(source: Path, stimulus: StimulusProperties, detector: str | None) -> StimulusProperties:
    value, problem = dict(stimulus.value), stimulus.problem
    try:
        if stimulus.file is not None:
            value |= _of_film(stimulus.file, detector) | hear_film(stimulus.file)
        else:
            table = source / "stimuli" / f"{stimulus.stimulus_id}.luminance.tsv"
            if table.is_file():
                value |= luminance_facts(read_luminance(table))
    except DataError as error:
        problem = str(error).split("\n")[0]
    known = {name: number for name, number in value.items() if np.isfinite(number)}
    return StimulusProperties(
        stimulus.stimulus_id, stimulus.stimulus_group, stimulus.emotion, stimulus.file, known, problem
    )


def _of_film(film: Path, detector: str | None) -> dict[str, float]:
    """Properties of one film, decoded once."""
    detect = None if detector is None else DETECTORS.open(detector).open_detector(None)
    faces: list[int] = []

    def look(step: int, picture: np.ndarray) -> None:
        if detect is not None and step % round(FACE_STEP_S / STEP_S) == 0:
            faces.append(len(detect(picture)))

    value = watch_film(film, show=look)
    if faces:
        value |= {"num_faces": float(np.mean(faces)), "face_share": float(np.mean(np.array(faces) > 0))}
    return value


def _prediction(stimuli: tuple[StimulusProperties, ...], name: str, *, draws: int, seed: int) -> ClassFromProperty:
    value = np.array([stimulus.value.get(name, np.nan) for stimulus in stimuli])
    known = value[np.isfinite(value)]
    if not len(known):
        raise UsageError("not measured of any stimulus")
    if len(known) > 1 and np.ptp(known) == 0:
        raise UsageError(f"the same for all ({known[0]:g})")
    classes = np.array([stimulus.emotion or "" for stimulus in stimuli])
    groups = np.array([stimulus.stimulus_group for stimulus in stimuli])
    return class_from_property(value, classes, groups=groups, draws=draws, seed=seed)
