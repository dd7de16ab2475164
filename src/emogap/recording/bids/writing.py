"""One recording as BIDS files: two per eye, its eye movements, its trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars

from emogap import __version__
from emogap.errors import DataError, OutputError
from emogap.recording.bids.columns import BLOCK, describe_columns, eye_columns
from emogap.recording.bids.eye_events import EVENT_COLUMNS, event_lists, event_table
from emogap.recording.bids.frames import FRAME_TERMS, stimulus_presentation
from emogap.recording.bids.names import BidsName
from emogap.recording.bids.tables import write_compressed, write_sidecar
from emogap.recording.bids.trials import TrialColumn, TrialRow, write_events
from emogap.types import GazeSeries, Recording

__all__ = ["Written", "write_recording"]

NO_FACTS: Mapping[str, str] = MappingProxyType({})

CUSTOM = (
    "gaze on the screen, in the unit and from the origin that the columns describe; size or distance of the screen is"
    " not known, without which BIDS does not call it gaze-on-screen"
)


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of a recording.

    Attributes
    ----------
    num_samples : int
        Samples of all eyes.
    left_out : tuple of str
        What BIDS has no place for, in words.
    """

    num_samples: int
    left_out: tuple[str, ...]


def write_recording(
    recording: Recording,
    root: Path,
    name: BidsName,
    *,
    task_description: str | None = None,
    facts: Mapping[str, str] = NO_FACTS,
    trials: Sequence[TrialRow] = (),
    trial_columns: Sequence[TrialColumn] = (),
) -> Written:
    """Write a recording into the data set in the folder `root`; files of the same name are replaced.

    Samples, masks, events and steps come back equal when ``readers.bids`` reads the files: numbers are written with
    all their digits.

    Parameters
    ----------
    recording : Recording
    root : Path
        Root of the data set.
    name : BidsName
        What the files are called.
    task_description : str, optional
        What the participant did, in a sentence.
    facts : mapping from key to text
        What else BIDS recommends to say of the task and the place, such as ``Instructions``.
    trials : sequence of TrialRow
        Trials that the recording itself does not know, on its clock.
    trial_columns : sequence of TrialColumn
        The columns that `trials` fill.

    Raises
    ------
    DataError
        If the recording has no gaze, or its clock is not to be trusted: BIDS asks for a sampling frequency.
    OutputError
        If a file cannot be written.
    """
    gaze = recording.gaze
    if gaze is None or not len(gaze.time_s):
        raise DataError("there is no gaze sample to write", where=recording.recording_id)
    if not np.isfinite(gaze.rate_hz):
        raise DataError(
            "the sampling rate is unknown, and BIDS asks for it",
            where=recording.recording_id,
            fix=f"what is wrong with the clock: {'; '.join(recording.doubts) or 'the file does not say'}",
        )
    described = facts.get("TaskDescription", task_description)
    task = {"TaskName": name.task} | ({} if described is None else {"TaskDescription": described})
    try:
        (root / name.folder).mkdir(parents=True, exist_ok=True)
        _write_gaze(recording, gaze, root, name, task)
        _write_eye_events(recording, root, name, task)
        write_events(
            root / name.path("events.tsv"),
            task={**task, **facts},
            trials=trials,
            columns=trial_columns,
            stimuli=recording.stimuli,
            presentation=stimulus_presentation(recording.screen, FRAME_TERMS[gaze.frame].origin),
        )
    except OSError as error:
        raise OutputError(
            f"could not write: {error.strerror}",
            where=str(root / name.folder),
            fix="make room and run the same command again: what was finished is kept",
        ) from error
    return Written(len(gaze.time_s) * len(gaze.eyes), _left_out(recording))


def _write_gaze(recording: Recording, gaze: GazeSeries, root: Path, name: BidsName, task: Mapping[str, str]) -> None:
    for eye, side in enumerate(gaze.eyes):
        columns = eye_columns(gaze, eye)
        ending = f"recording-eye{eye + 1}_physio"
        write_compressed(root / name.path(f"{ending}.tsv.gz"), polars.DataFrame(columns))
        sidecar = {
            **task,
            "SamplingFrequency": gaze.rate_hz,
            "StartTime": float(gaze.time_s[0]),
            "Columns": list(columns),
            "PhysioType": "eyetrack",
            "RecordedEye": side,
            **_coordinate_system(recording, gaze),
            "ManufacturersModelName": recording.tracker.model,
            **({"AverageCalibrationError": recording.accuracy_deg[side]} if side in recording.accuracy_deg else {}),
            **describe_columns(gaze, list(columns)),
            BLOCK: _block(recording, gaze),
        }
        write_sidecar(root / name.path(f"{ending}.json"), sidecar)


def _coordinate_system(recording: Recording, gaze: GazeSeries) -> dict[str, object]:
    terms = FRAME_TERMS[gaze.frame]
    if terms.origin is not None and stimulus_presentation(recording.screen, terms.origin) is None:
        return {"SampleCoordinateSystem": "custom", "SampleCoordinateSystemDescription": CUSTOM}
    if terms.system == "custom":
        return {"SampleCoordinateSystem": "custom", "SampleCoordinateSystemDescription": f"{terms.x} {terms.y}"}
    return {"SampleCoordinateSystem": terms.system}


def _block(recording: Recording, gaze: GazeSeries) -> dict[str, object]:
    """What BIDS has no field for, and what makes a recording that is read back the same."""
    screen = recording.screen
    return {
        "Version": __version__,
        "RecordingId": recording.recording_id,
        "ParticipantId": recording.participant_id,
        "StimulusId": recording.stimulus_id,
        "Source": recording.source,
        "Reader": recording.reader,
        "NominalRate": recording.tracker.rate_hz,
        "Frame": gaze.frame,
        "PupilUnit": gaze.pupil_unit,
        "Screen": None
        if screen is None
        else {"SizePx": screen.size_px, "SizeMm": screen.size_mm, "DistanceMm": screen.distance_mm},
        "EventLists": event_lists(recording.events),
        "NumMessages": len(recording.messages),
        "AccuracyDeg": recording.accuracy_deg,
        "Steps": [
            {"Name": step.name, "Parameters": dict(step.parameters), "Version": step.version}
            for step in recording.steps
        ],
        "Doubts": recording.doubts,
        "Notes": recording.notes,
    }


def _write_eye_events(recording: Recording, root: Path, name: BidsName, task: Mapping[str, str]) -> None:
    """The events of both eyes together stand with the first eye; without any there is no file."""
    table = event_table(recording.events, recording.messages)
    if not table.height:
        return
    ending = "recording-eye1_physioevents"
    write_compressed(root / name.path(f"{ending}.tsv.gz"), table)
    sidecar = {
        **task,
        "Columns": list(EVENT_COLUMNS),
        "OnsetSource": "timestamp",
        "Description": "Eye movements of the recording, both eyes taken together, and messages of the device.",
        **EVENT_COLUMNS,
    }
    write_sidecar(root / name.path(f"{ending}.json"), sidecar)


def _left_out(recording: Recording) -> tuple[str, ...]:
    absent = {
        "head orientation": recording.head,
        "face track": recording.face,
        "action units": recording.action_units,
        "absolute start (a date can identify a person)": recording.start_ns,
    }
    return tuple(name for name, value in absent.items() if value is not None)
