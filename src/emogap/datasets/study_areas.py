"""Areas of interest over a whole study: every participant with every stimulus that has areas. Labels are not opened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets.catalogue.study import placed
from emogap.datasets.cutting import require_covered
from emogap.errors import DataError, EmogapError
from emogap.preprocessing.aoi import AreaResult, fixation_places, measure_areas, on_screen, screen_share
from emogap.preprocessing.face_areas import RADIUS, face_parts
from emogap.preprocessing.merge import cyclopean
from emogap.preprocessing.pipeline import clean
from emogap.preprocessing.trim import trim
from emogap.progress import track
from emogap.recording import open_recording
from emogap.recording.aoi_file import EVERY_STIMULUS, AreaFile, FaceEntry, PlaceEntry, read_area_file, read_landmarks
from emogap.recording.study import Stimulus, Study, open_session, open_study
from emogap.types import Recording, StimulusInterval
from emogap.types.aoi import AreaOfInterest, Overlap

__all__ = ["ClipAreas", "StudyAreas", "areas_by_stimulus", "measure_study_areas"]


@dataclass(frozen=True, slots=True, eq=False)
class ClipAreas:
    """What one participant did on one stimulus.

    Attributes
    ----------
    participant_id, stimulus_id : str
    result : AreaResult
    fixation_share : float64 array, shape (N, 2)
        Where fixations lay, as a share of the screen.
    fixation_s : float64 array, shape (N,)
        Their durations.
    """

    participant_id: str
    stimulus_id: str
    result: AreaResult
    fixation_share: Float[ndarray, "N 2"]
    fixation_s: Float[ndarray, " N"]


@dataclass(frozen=True, slots=True)
class StudyAreas:
    """Areas and measures of a study.

    Attributes
    ----------
    study : Study
    areas : mapping from stimulus to its areas, as a share of the screen
    overlap : Overlap
    clips : tuple of ClipAreas
    failures : tuple of (item, problem)
        Sessions and clips that could not be measured.
    doubts : tuple of str
    """

    study: Study
    areas: Mapping[str, tuple[AreaOfInterest, ...]]
    overlap: Overlap
    clips: tuple[ClipAreas, ...]
    failures: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]


def measure_study_areas(path: Path, area_path: Path) -> StudyAreas:
    """Measure every participant on every stimulus that has areas.

    Raises
    ------
    UsageError
        If the folder is no study, there is no such file of areas, or degrees are asked for without the screen's size.
    DataError
        If the file of areas, a table of landmarks or a table of the study is at fault.
    """
    study = open_study(path, with_sessions=False)
    content = read_area_file(area_path, [stimulus.stimulus_id for stimulus in study.stimuli])
    areas = areas_by_stimulus(content, study, area_path.parent)
    clips: list[ClipAreas] = []
    failures: list[tuple[str, str]] = []
    for participant_id in track(study.session_ids, "measuring sessions", total=len(study.session_ids)):
        for item in _session(study, participant_id, areas, content.overlap):
            if isinstance(item, ClipAreas):
                clips.append(item)
            else:
                failures.append(item)
    return StudyAreas(study, areas, content.overlap, tuple(clips), tuple(failures), tuple(_doubts(areas, study)))


def areas_by_stimulus(content: AreaFile, study: Study, folder: Path) -> dict[str, tuple[AreaOfInterest, ...]]:
    """The areas of every stimulus that has some, as a share of the screen, in the order of the file.

    Parameters
    ----------
    content : AreaFile
    study : Study
    folder : Path
        That tables of landmarks are named from.

    Raises
    ------
    DataError
        If an area lies beside its stimulus, or a table of landmarks is at fault.
    UsageError
        If degrees are asked for, and size or distance of the screen are unknown.
    """
    places = {place.id: place for place in content.stimulus}
    found: dict[str, tuple[AreaOfInterest, ...]] = {}
    for stimulus in study.stimuli:
        place = places.get(stimulus.stimulus_id)
        raw = [*_drawn(content, stimulus), *_faces(content, stimulus, folder)]
        if raw:
            found[stimulus.stimulus_id] = tuple(_put(area, study, place) for area in raw)
    return found


def _drawn(content: AreaFile, stimulus: Stimulus) -> Iterator[AreaOfInterest]:
    for entry in content.area:
        if entry.stimulus in (stimulus.stimulus_id, EVERY_STIMULUS):
            yield AreaOfInterest(entry.name, stimulus.stimulus_id, *entry.shape(), content.unit)


def _faces(content: AreaFile, stimulus: Stimulus, folder: Path) -> Iterator[AreaOfInterest]:
    for entry in content.face:
        if entry.stimulus == stimulus.stimulus_id:
            yield from _parts(entry, stimulus.stimulus_id, folder)


def _parts(entry: FaceEntry, stimulus_id: str, folder: Path) -> Iterator[AreaOfInterest]:
    time_s, landmarks_px = read_landmarks(folder / entry.landmarks, face=entry.face)
    radius = RADIUS if entry.radius is None else entry.radius
    for part, polygons in face_parts(landmarks_px, radius=radius).items():
        if part in entry.parts:
            for vertices in polygons:
                yield AreaOfInterest(f"{entry.prefix}{part}", stimulus_id, time_s, vertices, "px")


def _put(area: AreaOfInterest, study: Study, place: PlaceEntry | None) -> AreaOfInterest:
    """The area on the screen; refused if it lies beside it, which a wrong unit would do."""
    size_px: tuple[float, float] | None = None
    shown_px: tuple[float, float, float, float] | None = None
    if place is not None and place.size_px is not None:
        size_px = (place.size_px[0], place.size_px[1])
    if place is not None and place.on_screen_px is not None:
        left, top, right, bottom = place.on_screen_px
        shown_px = (left, top, right, bottom)
    put = on_screen(area, study.screen, size_px=size_px, on_screen_px=shown_px)
    low, high = np.nanmin(put.vertices, axis=(0, 1)), np.nanmax(put.vertices, axis=(0, 1))
    if (high <= 0).any() or (low >= 1).any():
        raise DataError(
            f"the area '{area.name}' of {area.stimulus_id} lies beside the screen, from {low.round(3).tolist()} to"
            f" {high.round(3).tolist()} of its width and height",
            fix=f"check unit = '{area.unit}', and size_px and on_screen_px of the [[stimulus]]",
        )
    return put


def _session(
    study: Study, participant_id: str, areas: Mapping[str, Sequence[AreaOfInterest]], overlap: Overlap
) -> Iterator[ClipAreas | tuple[str, str]]:
    try:
        session = open_session(
            study.path, participant_id, study.stimuli, sam_points=study.sam_points, with_answers=False
        )
        recording = placed(open_recording(session.gaze_path), study, session)
    except EmogapError as problem:
        yield participant_id, str(problem)
        return
    for trial in session.trials:
        if trial.stimulus_id in areas:
            try:
                yield _clip(recording, trial.interval, areas[trial.stimulus_id], overlap)
            except EmogapError as problem:
                yield f"{participant_id} {trial.stimulus_id}", str(problem)


def _clip(
    recording: Recording, interval: StimulusInterval, areas: Sequence[AreaOfInterest], overlap: Overlap
) -> ClipAreas:
    require_covered(recording, interval)
    trimmed = trim(recording, interval)
    gaze = trimmed.gaze
    assert gaze is not None
    point = screen_share(cyclopean(gaze)[0], gaze.frame, trimmed.screen, where=recording.recording_id)
    events = clean(trimmed, "none").events[-1]
    fixation = events.kind == "fixation"
    onset_s, offset_s = events.onset_s[fixation], events.offset_s[fixation]
    result = measure_areas(
        areas,
        time_s=gaze.time_s,
        point=point,
        rate_hz=gaze.rate_hz,
        fixation_onset_s=onset_s,
        fixation_offset_s=offset_s,
        overlap=overlap,
    )
    place, kept = fixation_places(gaze.time_s, point, onset_s, offset_s)
    return ClipAreas(
        recording.participant_id or recording.recording_id,
        interval.stimulus_id,
        result,
        place[kept],
        (offset_s - onset_s)[kept],
    )


def _doubts(areas: Mapping[str, Sequence[AreaOfInterest]], study: Study) -> Iterator[str]:
    """Moving areas that end before their stimulus does."""
    lasts_s = {stimulus.stimulus_id: stimulus.duration_s for stimulus in study.stimuli}
    for stimulus_id, own in areas.items():
        duration_s = lasts_s[stimulus_id]
        for area in own:
            last_s = float(area.time_s[-1])
            if len(area.time_s) > 1 and duration_s is not None and last_s < duration_s - 0.1:
                yield (
                    f"the area '{area.name}' of {stimulus_id} ends with its last keyframe at {last_s:g} s; the stimulus"
                    f" goes on until {duration_s:g} s"
                )
