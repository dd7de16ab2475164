"""What is drawn of a long recording, kept in the study, so that only its first opening reads the whole export.

One file per participant in ``derived/tracks``, named in the study's list of what was made from it. It is used only
while the recording, the study's screen and tracker and emogap are those that it was made with.
"""

import json
import zipfile
from pathlib import Path

import numpy as np

from emogap import __version__
from emogap.files import fingerprint_bytes, write_aside
from emogap.interfaces.web.pyramid import Pyramid
from emogap.interfaces.web.tracks import Signal, Tracks
from emogap.locks import alone_in
from emogap.recording.derived import record_derived
from emogap.recording.session import SessionFiles
from emogap.recording.study import Study

__all__ = ["keep_tracks", "kept_place", "key_of", "read_tracks"]

LAYOUT = 1
"""Counts up when what is kept, or how it is found, changes within a version."""

ENDS_BYTES = 1 << 16


def kept_place(study: Path, participant_id: str) -> Path:
    """Where the tracks of a participant are kept."""
    return study / "derived" / "tracks" / f"{participant_id}.npz"


def key_of(study: Study, files: SessionFiles) -> str:
    """What the tracks of a session depend on.

    Of the gaze file these are size, time of change and both ends: hashing the whole of a long one would take as long as
    the page may.
    """
    path = files.gaze_path
    state = path.stat()
    with path.open("rb") as file:
        begin = file.read(ENDS_BYTES)
        file.seek(max(0, state.st_size - ENDS_BYTES))
        end = file.read()
    made_by = f"{__version__} {LAYOUT} {files.participant_id} {study.screen} {study.tracker}"
    return fingerprint_bytes([made_by.encode(), f"{state.st_size} {state.st_mtime_ns}".encode(), begin, end])


def keep_tracks(study: Path, place: Path, key: str, tracks: Tracks) -> None:
    """Write `tracks` to `place`, and to the study's list before.

    Raises
    ------
    OutputError
        If the study cannot be written to.
    """
    facts = {
        "key": key,
        "start_s": tracks.start_s,
        "stop_s": tracks.stop_s,
        "rate_hz": tracks.rate_hz,
        "doubts": tracks.doubts,
        "signals": [
            [name, each.unit, each.pyramid.start_s, each.pyramid.step_s] for name, each in tracks.signals.items()
        ],
        "intervals": list(tracks.intervals),
    }
    arrays = {"time_s": tracks.time_s}
    if tracks.place is not None:
        arrays["place"] = tracks.place
    for name, signal in tracks.signals.items():
        arrays[f"low_{name}"], arrays[f"high_{name}"] = signal.pyramid.levels[0]
    for kind, intervals in tracks.intervals.items():
        arrays[f"intervals_{kind}"] = intervals
    record_derived(study, place.parent, by="open")
    # Two apps that are open on the study may read the same recording at once.
    with alone_in(place.parent), write_aside(place) as partial, partial.open("wb") as file:
        np.savez(file, allow_pickle=False, facts=np.array(json.dumps(facts)), **arrays)


def read_tracks(place: Path, key: str) -> Tracks | None:
    """The tracks kept at `place`; None if there are none, they are of another state of the files, or damaged."""
    try:
        with place.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            facts = json.loads(str(kept["facts"]))
            if facts["key"] != key:
                return None
            signals = {
                name: Signal(name, unit, Pyramid.from_cells(start_s, step_s, kept[f"low_{name}"], kept[f"high_{name}"]))
                for name, unit, start_s, step_s in facts["signals"]
            }
            return Tracks(
                start_s=facts["start_s"],
                stop_s=facts["stop_s"],
                rate_hz=facts["rate_hz"],
                time_s=kept["time_s"],
                place=kept.get("place"),
                signals=signals,
                intervals={kind: kept[f"intervals_{kind}"] for kind in facts["intervals"]},
                doubts=tuple(facts["doubts"]),
            )
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
