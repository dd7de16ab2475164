"""XDF files of the Lab Streaming Layer: gaze streams with their clocks put together, and markers as messages.

What the streams mean here, and what the format leaves out:

- Gaze streams have the type Gaze or Eyetracker (in any spelling). Which channel is what must stand in the channels'
  own descriptions, with the unit of the points; a stream that does not say is refused.
- Clock: pyxdf puts the streams on the recorder's clock by their clock offsets and evens out the times of streams with
  a nominal rate. The offsets of every stream stand in the notes; a stream without any is doubted. Zero of a
  :class:`~emogap.types.Recording` is the first sample of its gaze stream.
- Texts of any stream become messages, with the name of the stream where there are several.
- Missing is NaN, or a validity channel of 0. Position: px and shares count from the top left, y down, as in the
  meta-data of XDF; Pupil Capture's count from the bottom left of the scene camera and are turned.
- A file of a recorder that broke off has no footers: it is read up to its last whole chunk, and doubted.

References
----------
XDF 1.0 specification and "Gaze Meta-Data", github.com/sccn/xdf/wiki.
"""

import re
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._heading import file_stem
from emogap.recording.readers._samples import measure_rate_hz
from emogap.recording.readers._xdf_chunks import MAGIC, XdfStream, read_streams
from emogap.recording.readers._xdf_gaze import read_gaze
from emogap.types import EyeTracker, Message, Recording

__all__ = ["can_read", "read"]

GAZE_TYPES = ("gaze", "eyetracker", "eyetracking", "eyegaze")
SAME_RATE = 0.05


def can_read(path: Path) -> bool:
    """Whether the file begins as an XDF file; looks at nothing else."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == MAGIC


def read(path: Path) -> tuple[Recording, ...]:
    """One recording per gaze stream, in the order of the file.

    Raises
    ------
    DataError
        If there is no gaze stream, one does not say what its channels are, its times do not increase, or the file is
        cut or damaged; names file, and byte or stream.
    """
    streams = read_streams(path)
    gaze = [one for one in streams.values() if not one.is_text and _is_gaze(one) and one.num_samples]
    if not gaze:
        named = ", ".join(f"'{one.name}' ({one.text('type') or 'no type'})" for one in streams.values()) or "none"
        raise DataError(
            f"no stream of gaze with samples in it; the streams are {named}",
            where=f"{path}, byte 4",
            fix="record the stream of the eye tracker too; its type must be Gaze",
        )
    texts = [one for one in streams.values() if one.is_text]
    loaded = _load(path, [*gaze, *texts])
    notes, doubts = _notes(streams, loaded), _doubts(streams)
    recordings = []
    for one in gaze:
        recording_id = file_stem(path) if len(gaze) == 1 else f"{file_stem(path)}-{one.name}"
        recordings.append(_recording(path, one, loaded, texts, recording_id, notes, doubts))
    return tuple(recordings)


def _is_gaze(stream: XdfStream) -> bool:
    return re.sub(r"[^a-z]", "", stream.text("type").lower()) in GAZE_TYPES


def _load(path: Path, streams: Sequence[XdfStream]) -> dict[int, Mapping[str, Any]]:
    """Samples and times of the streams by number, on one clock, as many as their chunks announce."""
    import pyxdf

    try:
        found, _ = pyxdf.load_xdf(
            str(path),
            select_streams=[one.stream_id for one in streams],
            synchronize_clocks=True,
            dejitter_timestamps=True,
        )
    except (ValueError, KeyError, IndexError, TypeError, EOFError, struct.error, ElementTree.ParseError) as error:
        raise DataError(
            f"the samples cannot be read ({error})", where=f"{path}, byte 4", fix="copy the file again"
        ) from error
    loaded = {int(one["info"]["stream_id"]): one for one in found}
    for one in streams:
        num_read = len(loaded[one.stream_id]["time_stamps"]) if one.stream_id in loaded else 0
        if num_read != one.num_samples:
            raise DataError(
                f"stream '{one.name}' announces {counted(one.num_samples, 'sample')}, and {num_read} can be read",
                where=f"{path}, byte 4",
                fix="copy the file again",
            )
    return loaded


def _recording(
    path: Path,
    stream: XdfStream,
    loaded: Mapping[int, Mapping[str, Any]],
    texts: Sequence[XdfStream],
    recording_id: str,
    notes: tuple[str, ...],
    doubts: tuple[str, ...],
) -> Recording:
    stamps_s = np.asarray(loaded[stream.stream_id]["time_stamps"], np.float64)
    _require_increasing(path, stream, stamps_s)
    values = np.asarray(loaded[stream.stream_id]["time_series"], np.float64)
    rate_hz = measure_rate_hz(stamps_s)
    if rate_hz is None:
        raise DataError(
            f"stream '{stream.name}' has one sample, which has no sampling rate",
            where=f"{path}, byte 4",
            fix="record for longer",
        )
    gaze, gaze_doubts = read_gaze(path, stream, values, stamps_s - stamps_s[0], rate_hz)
    nominal_hz = stream.nominal_hz or None
    if nominal_hz and abs(rate_hz / nominal_hz - 1) > SAME_RATE:
        gaze_doubts += (f"stream '{stream.name}' states {nominal_hz:g} Hz, and its clock gives {rate_hz:.1f} Hz",)
    return Recording(
        recording_id=recording_id,
        source=path.name,
        reader="xdf",
        tracker=EyeTracker(_device(stream), nominal_hz),
        gaze=gaze,
        messages=_messages(texts, loaded, float(stamps_s[0])),
        doubts=(*gaze_doubts, *doubts),
        notes=notes,
    )


def _device(stream: XdfStream) -> str:
    parts = [stream.text(f"desc/acquisition/{name}") for name in ("manufacturer", "model")]
    return " ".join(part for part in parts if part) or f"stream '{stream.name}' (no device named)"


def _require_increasing(path: Path, stream: XdfStream, stamps_s: Float[ndarray, " T"]) -> None:
    wrong = np.flatnonzero(~(np.diff(stamps_s) > 0))
    if len(wrong):
        first = int(wrong[0])
        raise DataError(
            f"the time {stamps_s[first + 1]:.6f} s follows {stamps_s[first]:.6f} s"
            f" ({counted(len(wrong), 'such sample')})",
            where=f"{path}, stream '{stream.name}', sample {first + 2}",
            fix="record with the time stamps of the device, or mend the clock offsets of the file",
        )


def _messages(
    texts: Sequence[XdfStream], loaded: Mapping[int, Mapping[str, Any]], zero_s: float
) -> tuple[Message, ...]:
    messages = [
        Message(float(stamp_s) - zero_s, f"{one.name}: {text}" if len(texts) > 1 else text)
        for one in texts
        for stamp_s, sample in zip(
            loaded[one.stream_id]["time_stamps"], loaded[one.stream_id]["time_series"], strict=True
        )
        if (text := " ".join(str(part) for part in sample).strip())
    ]
    return tuple(sorted(messages, key=lambda message: message.time_s))


def _notes(streams: Mapping[int, XdfStream], loaded: Mapping[int, Mapping[str, Any]]) -> tuple[str, ...]:
    """One sentence per stream: size, rate, and the clock offsets that were applied."""
    notes = []
    for one in streams.values():
        rate = f"{one.nominal_hz:g} Hz nominal" if one.nominal_hz else "irregular"
        note = f"stream '{one.name}' ({one.text('type') or 'no type'}): {one.num_samples:,} samples, {rate}"
        if one.stream_id not in loaded:
            notes.append(f"{note}; not read")
            continue
        offsets_s = np.asarray(loaded[one.stream_id]["clock_values"], np.float64)
        at_s = np.asarray(loaded[one.stream_id]["clock_times"], np.float64)
        if len(offsets_s):
            note += f"; clock offset {offsets_s[0] * 1000:.3f} ms at first, {offsets_s[-1] * 1000:.3f} ms at last"
            note += f" ({len(offsets_s)} measurements over {np.ptp(at_s):.1f} s), applied"
        notes.append(note)
    return tuple(notes)


def _doubts(streams: Mapping[int, XdfStream]) -> tuple[str, ...]:
    doubts = []
    sources = Counter(one.text("source_id") for one in streams.values() if one.text("source_id"))
    for source, count in sources.items():
        if count > 1:
            doubts.append(
                f"{counted(count, 'stream', 'has')} the source_id '{source}': one device may have been recorded twice"
            )
    for one in streams.values():
        if one.num_samples and not one.num_offsets:
            doubts.append(f"stream '{one.name}' has no clock offset: how it lies in time to the others is not known")
        if one.footer is None:
            doubts.append(f"stream '{one.name}' has no footer: the recorder broke off, or the file was cut")
        elif (one.footer.findtext("sample_count") or "").strip() not in ("", str(one.num_samples)):
            stated = one.footer.findtext("sample_count")
            doubts.append(f"the footer of stream '{one.name}' counts {stated} samples, the file {one.num_samples}")
    return tuple(doubts)
