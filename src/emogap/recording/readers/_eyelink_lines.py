"""The lines of an EyeLink .asc file, told apart: preamble, recording blocks, samples, events, messages.

Read this first, then ``_eyelink_samples``, ``_eyelink_events`` and ``_eyelink_messages``, which give the lines
their meaning.

References
----------
SR Research, EyeLink 1000 User Manual 1.5, section 4.9 "The ASC File Format": 4.9.1 kinds of line, 4.9.3 lines of
events, 4.9.4 lines that describe the data.
"""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from emogap.errors import DataError
from emogap.recording.readers._heading import read_content
from emogap.types import Eye

__all__ = ["AscLines", "Block", "StampedLine", "read_lines"]

EVENT_WORDS = frozenset({"EFIX", "ESACC", "EBLINK"})
STAMPED_WORDS = frozenset({"MSG", "INPUT", "BUTTON"})
OTHER_WORDS = frozenset({"SFIX", "SSACC", "SBLINK", "FIXUPDATE", "PRESCALER", "VPRESCALER", "END"})
NEW_LINE = b"\n"
COMMENTS = ("#", "/", ";")
STAMPED = re.compile(r"(MSG|INPUT|BUTTON)\s+(\d+(?:\.\d+)?)(?:\s(.*))?")


@dataclass(frozen=True, slots=True)
class StampedLine:
    """A line with a time of its own: message, input or button; `line` counts from 1, `time_ms` is the tracker's."""

    line: int
    time_ms: float
    text: str


@dataclass(slots=True)
class Block:
    """One recording from START to END: its lines, counted from 1, and what its header says of the samples.

    `end_line` is None if the block has no END; `end_ms` is the time that END states, infinite where it states none.
    `position` is GAZE, HREF or PUPIL, `pupil` AREA or DIAMETER; both are empty where the file does not say.
    """

    line: int
    end_line: int | None = None
    end_ms: float = math.inf
    eyes: tuple[Eye, ...] = ()
    rate_hz: float | None = None
    position: str = ""
    event_position: str = ""
    pupil: str = ""
    tracking: str = ""
    filter_level: str = ""


@dataclass(slots=True)
class AscLines:
    """A whole file, line by line.

    `samples` and `events` are the numbers of their lines, counted from 1; `stray` are those inside a block that are
    none of the lines of the manual.
    """

    path: Path
    lines: list[str]
    is_utf_8: bool
    preamble: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    samples: list[int] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    stamped: list[StampedLine] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)

    def text(self, line: int) -> str:
        """What stands in a line."""
        return self.lines[line - 1]

    def place(self, line: int) -> str:
        """File and line, for messages."""
        return f"{self.path}, line {line}"


def read_lines(path: Path) -> AscLines:
    """Every line of the file in its group.

    Raises
    ------
    DataError
        If the file is empty, binary, or ends within a line, or if a line of the header of a block cannot be read.
    """
    text, is_utf_8 = _text(path)
    found = AscLines(path, text.split("\n")[:-1], is_utf_8)
    for line, content in enumerate(found.lines, start=1):
        if "0" <= content[:1] <= "9":
            found.samples.append(line)
        elif content and not content.isspace():
            _sort(found, line, content)
    return found


def _text(path: Path) -> tuple[str, bool]:
    """The text, and whether it is UTF-8; messages may hold anything, so that Latin-1 is the second choice."""
    content = read_content(path)
    null = content.find(b"\0")
    if null >= 0:
        raise DataError(
            "there is a NUL byte, so this is binary or damaged, not the text that edf2asc writes",
            where=f"{path}, line {content.count(NEW_LINE, 0, null) + 1}",
            fix="convert the EDF file with edf2asc again",
        )
    if not content.endswith(NEW_LINE):
        raise DataError(
            "the last line has no line end, so it may be cut",
            where=f"{path}, line {content.count(NEW_LINE) + 1}",
            fix="convert the EDF file again; if that line is known to be whole, add a line end",
        )
    content = content.replace(b"\r\n", b"\n")
    try:
        return content.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        return content.decode("latin-1"), False


def _sort(found: AscLines, line: int, content: str) -> None:
    """Put one line that is no sample where it belongs."""
    word = content.split(maxsplit=1)[0] if not content[0].isspace() else ""
    block = found.blocks[-1] if found.blocks and found.blocks[-1].end_line is None else None
    if word.startswith("**"):
        found.preamble.append(content)
    elif word in EVENT_WORDS:
        found.events.append(line)
    elif word in STAMPED_WORDS:
        found.stamped.append(_stamped(found, line, content))
    elif word == "START":
        found.blocks.append(Block(line, eyes=_eyes(content)))
    elif block is not None and word == "END":
        block.end_line, block.end_ms = line, _end_ms(content)
    elif block is not None and word in ("SAMPLES", "EVENTS", "PUPIL"):
        _describe(block, content, found.place(line))
    elif block is not None and word not in OTHER_WORDS and not word.startswith(COMMENTS):
        found.stray.append(line)


def _stamped(found: AscLines, line: int, content: str) -> StampedLine:
    match = STAMPED.match(content)
    if match is None:
        raise DataError(
            f"'{content[:40]}' has no time where one must stand",
            where=found.place(line),
            fix="convert the EDF file again; a message is 'MSG', its time in ms, and its text",
        )
    word, time_ms, text = match.groups()
    text = (text or "").strip()
    return StampedLine(line, float(time_ms), text if word == "MSG" else " ".join([word, *text.split()]))


def _end_ms(content: str) -> float:
    match = re.match(r"END\s+(\d+(?:\.\d+)?)", content)
    return float(match[1]) if match else math.inf


def _eyes(content: str) -> tuple[Eye, ...]:
    words = content.split()
    eyes: tuple[tuple[Eye, str], ...] = (("left", "LEFT"), ("right", "RIGHT"))
    return tuple(eye for eye, word in eyes if word in words)


def _describe(block: Block, content: str, where: str) -> None:
    """Take in one of the lines after START that say what the samples and the events hold."""
    words = content.split()
    kind = words[1] if len(words) > 1 else ""
    if words[0] == "PUPIL":
        block.pupil = kind
        return
    if words[0] == "EVENTS":
        block.event_position = kind
        return
    block.position, block.eyes = kind, _eyes(content)
    block.tracking, block.filter_level = _after(words, "TRACKING"), _after(words, "FILTER")
    rate = _after(words, "RATE")
    try:
        block.rate_hz = float(rate) if rate else None
    except ValueError:
        block.rate_hz = 0.0
    if block.rate_hz is not None and not 0 < block.rate_hz < 1e5:
        raise DataError(f"'{rate}' is no sampling rate", where=where, fix="convert the EDF file again")


def _after(words: list[str], name: str) -> str:
    """The word that follows `name`; empty if there is none."""
    place = words.index(name) + 1 if name in words else len(words)
    return words[place] if place < len(words) else ""
