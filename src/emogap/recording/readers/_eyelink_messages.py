"""What the messages of an EyeLink .asc file say: screen, calibration, trials; and what its preamble names.

References
----------
SR Research, EyeLink 1000 User Manual 1.5, section 4.9.3 (MSG); EyeLink Data Viewer User's Manual, "Protocol for
EyeLink Data to Viewer Integration" (DISPLAY_COORDS, TRIALID, TRIAL_RESULT, SYNCTIME).
"""

import re
from itertools import pairwise

from emogap.errors import DataError
from emogap.recording.readers._eyelink_lines import AscLines, StampedLine
from emogap.recording.readers._eyelink_validation import parse_validation
from emogap.types import EyeTracker, Message, Screen, StimulusInterval

__all__ = ["calibration_notes", "messages_from", "read_screen", "read_tracker", "trials"]

COORDINATES = ("GAZE_COORDS", "DISPLAY_COORDS")
"""The tracker's own first, then what the experiment wrote."""

TRACKER = re.compile(r"\*\*\s+(EYELINK.*\sv\d[\w.]*)\s.*?(?:\((.*)\))?\s*")
DRIFT = re.compile(r"DRIFTCORRECT \S+ +(LEFT|RIGHT) +at \S+ +OFFSET +(-?[\d.]+) deg\..*", re.DOTALL)


def read_tracker(found: AscLines, rate_hz: float | None) -> tuple[EyeTracker, tuple[str, ...]]:
    """The tracker that the preamble names, and a note on its software."""
    for line in found.preamble:
        match = TRACKER.fullmatch(line)
        if match:
            software, model = match.groups()
            return EyeTracker(model or software, rate_hz), (f"host software: {software}",)
    return EyeTracker("EyeLink (no model named)", rate_hz), ()


def read_screen(found: AscLines) -> tuple[Screen | None, tuple[float, float], tuple[str, ...]]:
    """The screen, the position of its top left corner in the coordinates of the samples, and doubts.

    Raises
    ------
    DataError
        If the coordinates cannot be read, change in the file, or do not run to the right and down.
    """
    for word in COORDINATES:
        stated = [message for message in found.stamped if message.text.split(maxsplit=1)[:1] == [word]]
        if stated:
            return _screen(found, stated)
    return None, (0.0, 0.0), ("the size of the screen is not in the file (no GAZE_COORDS, no DISPLAY_COORDS)",)


def _screen(found: AscLines, stated: list[StampedLine]) -> tuple[Screen | None, tuple[float, float], tuple[str, ...]]:
    corners = [_corners(found, message) for message in stated]
    changed = next((place for place, one in enumerate(corners) if one != corners[0]), None)
    if changed is not None:
        raise DataError(
            f"'{stated[changed].text}' contradicts '{stated[0].text}' in line {stated[0].line}",
            where=found.place(stated[changed].line),
            fix="convert what was recorded on different screens into files of their own",
        )
    left, top, right, bottom = corners[0]
    if right <= left or bottom <= top:
        raise DataError(
            f"'{stated[0].text}' is no screen that runs to the right and down",
            where=found.place(stated[0].line),
            fix="only pixel coordinates with the origin at the top left are read",
        )
    doubts = ["neither the size of the screen in mm nor the viewing distance is in the file: nothing in degrees"]
    width, height = round(right - left), round(bottom - top)
    if width % 2 or height % 2:
        width, height = width + 1, height + 1
    else:
        doubts.insert(
            0,
            f"'{stated[0].text}' should end at the last pixel, but reads as the size of the screen: taken as"
            f" {width} x {height} px",
        )
    if (left, top) != (0.0, 0.0):
        doubts.append(f"the top left corner of the screen is at {left:g}, {top:g}: positions were moved to 0, 0")
    return Screen((width, height)), (left, top), tuple(doubts)


def _corners(found: AscLines, message: StampedLine) -> tuple[float, float, float, float]:
    try:
        left, top, right, bottom = (float(word.rstrip(",")) for word in message.text.split()[1:5])
    except ValueError:
        raise DataError(
            f"'{message.text[:60]}' does not hold four numbers: left, top, right, bottom",
            where=found.place(message.line),
            fix="the line is cut or edited: convert the EDF file again",
        ) from None
    return left, top, right, bottom


def messages_from(found: AscLines, *, zero_ms: float) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """Messages, inputs and buttons in the order of the file, and a doubt if a time goes back.

    Inputs and buttons are written as ``INPUT 0`` and ``BUTTON 3 1``. An offset that a message begins with (such as
    ``-4 SYNCTIME``) is left in its text.
    """
    messages = tuple(Message((line.time_ms - zero_ms) / 1000, line.text) for line in found.stamped)
    back = [after for before, after in pairwise(found.stamped) if after.time_ms < before.time_ms]
    if not back:
        return messages, ()
    doubt = f"{len(back)} messages have a time before that of the message above them, first in line {back[0].line}"
    return messages, (doubt,)


def calibration_notes(found: AscLines) -> tuple[str, ...]:
    """What validations found, in degrees, and how far drift corrections moved gaze."""
    notes, drifts_deg = [], []
    for message in found.stamped:
        if validation := parse_validation(message.text):
            notes.append(
                f"validation of the {validation.eye} eye {validation.verdict}: error {validation.mean_deg:g} deg on"
                f" average, {validation.most_deg:g} deg at most"
            )
        elif match := DRIFT.fullmatch(message.text):
            drifts_deg.append(abs(float(match[2])))
    if drifts_deg:
        notes.append(f"drift corrections: {len(drifts_deg)}, the largest of {max(drifts_deg):g} deg")
    return tuple(notes)


def trials(found: AscLines, *, zero_ms: float) -> tuple[tuple[StimulusInterval, ...], tuple[str, ...]]:
    """One interval per trial, if every TRIALID is followed by its TRIAL_RESULT; else none, and a doubt.

    A trial is named by the text after TRIALID. It begins with its SYNCTIME if it has exactly one, else with TRIALID,
    and ends with TRIAL_RESULT.
    """
    marks = [message for message in found.stamped if _first_word(message) in ("TRIALID", "TRIAL_RESULT")]
    words = [_first_word(message) for message in marks]
    if not marks:
        return (), ()
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    named = all(len(start.text.split(maxsplit=1)) == 2 for start, _ in pairs)
    forward = all(start.time_ms < stop.time_ms for start, stop in pairs)
    if words != ["TRIALID", "TRIAL_RESULT"] * len(pairs) or not named or not forward:
        return (), (
            f"{words.count('TRIALID')} TRIALID and {words.count('TRIAL_RESULT')} TRIAL_RESULT messages do not follow"
            " each other in pairs: no stimulus was taken from them",
        )
    syncs = [message for message in found.stamped if _first_word(message) == "SYNCTIME"]
    intervals = []
    for start, stop in pairs:
        inside = [sync for sync in syncs if start.line < sync.line < stop.line and sync.time_ms < stop.time_ms]
        onset = inside[0] if len(inside) == 1 else start
        name = start.text.split(maxsplit=1)[1]
        intervals.append(StimulusInterval(name, (onset.time_ms - zero_ms) / 1000, (stop.time_ms - zero_ms) / 1000))
    return tuple(intervals), ()


def _first_word(message: StampedLine) -> str:
    return message.text.split(maxsplit=1)[0] if message.text else ""
