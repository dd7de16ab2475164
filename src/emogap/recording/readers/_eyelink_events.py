"""The tracker's own fixations, saccades and blinks (EFIX, ESACC, EBLINK) of an EyeLink .asc file, one set per eye.

The events of the two eyes interleave and overlap, so that each eye has its own :class:`EyeEvents`, of the methods
``eyelink-left`` and ``eyelink-right``. A blink stands inside a saccade: closing the lid looks like a movement, so
the amplitude of such a saccade is not given.

References
----------
SR Research, EyeLink 1000 User Manual 1.5, section 4.5.3.5 "Blinks" (position and velocity of a saccade around a
blink are not valid) and 4.9.3 "Event Line Formats" (times are those of the first and the last sample).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from emogap.errors import DataError
from emogap.recording.readers._eyelink_lines import AscLines, Block
from emogap.types import EyeEvents

__all__ = ["read_events"]

KIND = {"EFIX": "fixation", "ESACC": "saccade", "EBLINK": "blink"}
NUM_WORDS = {"EFIX": 8, "ESACC": 11, "EBLINK": 5}
EYE = {"L": "left", "R": "right"}
AMPLITUDE = 9
CENTRE = slice(5, 7)


@dataclass(frozen=True, slots=True)
class _Event:
    line: int
    kind: str
    eye: str
    onset_ms: float
    offset_ms: float
    centre_px: tuple[float, float]
    amplitude_deg: float


def read_events(
    found: AscLines, *, zero_ms: float, corner_px: tuple[float, float]
) -> tuple[tuple[EyeEvents, ...], tuple[str, ...]]:
    """The events of each eye that has any, and notes on what was left out.

    Parameters
    ----------
    found : AscLines
    zero_ms : float
        The tracker's time of the recording's zero.
    corner_px : (float, float)
        Position of the top left corner of the screen, taken off the centres.

    Raises
    ------
    DataError
        If an event is cut, ends before it begins, or overlaps one of its kind and eye. Names file and line.
    """
    events = [_event(found, line) for line in found.events]
    series, notes = [], []
    for eye in EYE.values():
        chosen = sorted((event for event in events if event.eye == eye), key=lambda event: event.onset_ms)
        if not chosen:
            continue
        _check_overlaps(found, chosen)
        hold_blink = _hold_blinks(chosen)
        if hold_blink:
            notes.append(
                f"saccades of the {eye} eye around a blink, whose amplitude is left out (EyeLink manual, 4.5.3):"
                f" {len(hold_blink)}"
            )
        series.append(_series(chosen, hold_blink, eye, zero_ms, corner_px))
    return tuple(series), tuple(notes)


def _event(found: AscLines, line: int) -> _Event:
    words = found.text(line).split()
    try:
        eye = EYE[words[1]]
        numbers = [np.nan if word == "." else float(word) for word in words[2 : NUM_WORDS[words[0]]]]
        onset_ms, last_ms = numbers[:2]
    except (KeyError, IndexError, ValueError):
        numbers, eye, onset_ms, last_ms = [], "", 0.0, 0.0
    if len(numbers) != NUM_WORDS[words[0]] - 2:
        raise DataError(
            f"'{found.text(line)[:60]}' is not a whole {words[0]} line: eye, first and last time, duration"
            + (" and positions" if words[0] != "EBLINK" else ""),
            where=found.place(line),
            fix="the line is cut or edited: convert the EDF file again",
        )
    if not last_ms >= onset_ms:
        raise DataError(
            f"the event ends at {last_ms:.1f} ms, before it begins at {onset_ms:.1f} ms",
            where=found.place(line),
            fix="convert the EDF file again",
        )
    block = next((block for block in reversed(found.blocks) if block.line < line), None)
    centre = tuple(numbers[CENTRE.start - 2 : CENTRE.stop - 2]) if words[0] == "EFIX" and _is_gaze(block) else ()
    return _Event(
        line=line,
        kind=KIND[words[0]],
        eye=eye,
        onset_ms=onset_ms,
        offset_ms=last_ms + _interval_ms(block, duration_ms=numbers[2], span_ms=last_ms - onset_ms),
        centre_px=(centre[0], centre[1]) if centre else (np.nan, np.nan),
        amplitude_deg=numbers[AMPLITUDE - 2] if words[0] == "ESACC" else np.nan,
    )


def _is_gaze(block: Block | None) -> bool:
    return block is not None and block.event_position in ("GAZE", "")


def _interval_ms(block: Block | None, *, duration_ms: float, span_ms: float) -> float:
    """The sampling interval: of the block's rate, else what the stated duration counts beyond the last sample."""
    if block is not None and block.rate_hz:
        return 1000 / block.rate_hz
    return duration_ms - span_ms if duration_ms > span_ms else 1.0


def _check_overlaps(found: AscLines, events: list[_Event]) -> None:
    for kind in KIND.values():
        same = [event for event in events if event.kind == kind]
        for before, after in pairwise(same):
            if after.onset_ms < before.offset_ms - 1e-6:
                raise DataError(
                    f"this {kind} begins at {after.onset_ms:.1f} ms, before the one in line {before.line} ends at"
                    f" {before.offset_ms:.1f} ms",
                    where=found.place(after.line),
                    fix="the file holds events twice or was joined from others: convert the EDF file again",
                )


def _hold_blinks(events: list[_Event]) -> set[int]:
    """Lines of the saccades with a blink inside."""
    blinks = [event for event in events if event.kind == "blink"]
    return {
        saccade.line
        for saccade in events
        if saccade.kind == "saccade"
        and any(saccade.onset_ms <= blink.onset_ms and blink.offset_ms <= saccade.offset_ms for blink in blinks)
    }


def _series(
    events: list[_Event], hold_blink: set[int], eye: str, zero_ms: float, corner_px: tuple[float, float]
) -> EyeEvents:
    return EyeEvents(
        kind=np.array([event.kind for event in events]),
        onset_s=np.array([(event.onset_ms - zero_ms) / 1000 for event in events]),
        offset_s=np.array([(event.offset_ms - zero_ms) / 1000 for event in events]),
        centre=np.array([event.centre_px for event in events]) - np.array(corner_px),
        amplitude_deg=np.array([np.nan if event.line in hold_blink else event.amplitude_deg for event in events]),
        method=f"eyelink-{eye}",
        frame="screen_px",
    )
