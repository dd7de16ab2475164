"""Eye-Tracking-BIDS 1.11: ``*_recording-eye1_physio.tsv.gz`` and what belongs to it.

One path gives the whole recording: both eyes, eye movements, messages, stimuli, screen. Files that
``recording.bids`` wrote come back as they were; files of others need only what BIDS requires:

- The clock is in the unit that the sidecar states for ``timestamp``, or else the one that fits the rate.
- Points of gaze become one of the frames of this package; a screen with another origin is turned round.
- ``n/a`` in either coordinate is a lost sample.
- Sidecars may be inherited from folders above.
- Eyes that do not share their samples are recordings of their own.

References
----------
BIDS 1.11.1, "Physiological recordings": https://bids-specification.readthedocs.io/en/v1.11.1/
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from emogap.errors import DataError
from emogap.recording.readers._bids_block import Block
from emogap.recording.readers._bids_events import foreign_movements, own_movements
from emogap.recording.readers._bids_eye import EyeFile, eye_files, is_eye_tracking, read_eye
from emogap.recording.readers._bids_gaze import join_eyes, share_clock
from emogap.recording.readers._bids_sidecar import entities_of
from emogap.recording.readers._bids_stimuli import Stage, read_stage
from emogap.recording.readers._eyelink_validation import validated_accuracy
from emogap.recording.readers._heading import file_stem, read_content
from emogap.types import EyeTracker, Recording

__all__ = ["can_read", "read"]


def can_read(path: Path) -> bool:
    """Whether this is a physio table of BIDS whose sidecar says eye tracking; looks at no sample."""
    return is_eye_tracking(path)


def read(path: Path) -> tuple[Recording, ...]:
    """The recording that a physio table belongs to; one for each eye where they do not share their samples.

    Raises
    ------
    DataError
        If a table or a sidecar is absent, cut or damaged, lacks what BIDS requires, or they contradict each other;
        names file and line.
    """
    if not path.name.endswith((".tsv", ".tsv.gz")) or entities_of(path)[1] != "physio":
        read_content(path)
        raise DataError(
            "this is no physio table of BIDS: its name does not end in _physio.tsv.gz",
            where=f"{path}, line 1",
            fix="look at the file with 'emogap look', or rename it as BIDS wants",
        )
    eyes = [read_eye(file) for file in eye_files(path)]
    stage = read_stage(path)
    if share_clock(eyes):
        return (_recording(path, eyes, stage),)
    apart = "the eyes do not share their samples: each is a recording of its own"
    return tuple(_apart(_recording(path, [eye], stage), eye, apart) for eye in eyes)


def _apart(recording: Recording, eye: EyeFile, doubt: str) -> Recording:
    name = f"{recording.recording_id}-{eye.eye}"
    return replace(recording, recording_id=name, doubts=(*recording.doubts, doubt))


def _recording(path: Path, eyes: Sequence[EyeFile], stage: Stage) -> Recording:
    block = eyes[0].block
    if block is not None:
        return _own_recording(path, eyes, stage, block)
    return _foreign_recording(path, eyes, stage)


def _own_recording(path: Path, eyes: Sequence[EyeFile], stage: Stage, block: Block) -> Recording:
    first = eyes[0]
    gaze, _ = join_eyes(eyes, block.screen, stage.origin)
    movements = own_movements(first, block)
    return Recording(
        recording_id=block.recording_id,
        participant_id=block.participant_id,
        stimulus_id=block.stimulus_id,
        source=path.name,
        reader="bids",
        tracker=EyeTracker(str(first.sidecar.get("ManufacturersModelName") or "unknown"), block.nominal_rate_hz),
        screen=block.screen,
        gaze=gaze,
        events=movements.events,
        messages=movements.messages,
        stimuli=stage.stimuli(shift_s=0.0, is_own=True),
        accuracy_deg=validated_accuracy(movements.messages) if block.accuracy_deg is None else block.accuracy_deg,
        steps=block.steps,
        doubts=block.doubts,
        notes=block.notes,
    )


def _foreign_recording(path: Path, eyes: Sequence[EyeFile], stage: Stage) -> Recording:
    first = eyes[0]
    gaze, gaze_doubts = join_eyes(eyes, stage.screen, stage.origin)
    zero_s = float(first.time_s[0])
    movements = foreign_movements(eyes, gaze.frame, zero_s)
    entities, _ = entities_of(path)
    stem = "_".join(f"{key}-{label}" for key, label in entities.items() if key != "recording")
    subject = entities.get("sub")
    doubts = [doubt for eye in eyes for doubt in eye.doubts]
    return Recording(
        recording_id=stem or file_stem(path),
        participant_id=None if subject is None else subject.replace("+", "-"),
        source=path.name,
        reader="bids",
        tracker=_tracker(first),
        screen=stage.screen,
        gaze=gaze,
        events=movements.events,
        messages=movements.messages,
        stimuli=stage.stimuli(shift_s=-first.start_s, is_own=False),
        accuracy_deg=validated_accuracy(movements.messages),
        doubts=(*dict.fromkeys(doubts), *gaze_doubts, *movements.doubts),
    )


def _tracker(eye: EyeFile) -> EyeTracker:
    parts = (eye.sidecar.get(key) for key in ("Manufacturer", "ManufacturersModelName"))
    name = " ".join(part for part in parts if isinstance(part, str))
    return EyeTracker(name or "unknown (BIDS; no device named)", eye.rate_hz)
