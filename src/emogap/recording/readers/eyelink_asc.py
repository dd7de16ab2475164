"""SR Research EyeLink: the text (.asc) that edf2asc makes of an EDF file.

What the lines mean here, and what the format leaves out:

- Clock: the tracker's, in ms, with half ms at 2000 Hz. Zero of a :class:`~emogap.types.Recording` is the first
  sample; messages before it, such as those of the calibration, have negative times.
- All blocks (START to END) of a file are one recording; between them nothing was recorded and nothing is filled in.
  Eyes may change between blocks: an eye that a block did not record is lost there.
- The rate is measured inside the blocks. Where the steps do not bear out the rate that the header states, the rate is
  unknown and a doubt says why.
- Missing is a lone ``.``, with a pupil of 0. Gaze is in screen px, origin top left, y down.
- The pupil is an area or a diameter in the tracker's own unit; without a calibration with an artificial eye it cannot
  be given in mm.
- Events of the two eyes interleave: each eye has its own, of the method ``eyelink-left`` or ``eyelink-right``.
- Messages (also those with a blank instead of the tab), inputs and buttons are kept as they are. Trials become
  stimuli only if TRIALID and TRIAL_RESULT alternate.

References
----------
SR Research, EyeLink 1000 User Manual 1.5, section 4.9 "The ASC File Format".
"""

from pathlib import Path

import numpy as np

from emogap.counted_nouns import counted
from emogap.recording.readers._eyelink_events import read_events
from emogap.recording.readers._eyelink_lines import AscLines, Block, read_lines
from emogap.recording.readers._eyelink_messages import (
    calibration_notes,
    messages_from,
    read_screen,
    read_tracker,
    trials,
)
from emogap.recording.readers._eyelink_samples import AscSamples, measure_block_rate_hz, read_samples
from emogap.recording.readers._eyelink_validation import validated_accuracy
from emogap.recording.readers._heading import file_stem, read_heading
from emogap.types import GazeSeries, Recording

__all__ = ["can_read", "read"]

PREAMBLE = ("** CONVERTED FROM", "** DATE:", "** TYPE: EDF_FILE", "** VERSION: EYELINK", "** SOURCE: EYELINK")
FILTERS = {"0": "off", "1": "standard", "2": "extra"}


def can_read(path: Path) -> bool:
    """Whether the first line is one of the preamble that edf2asc writes; looks at nothing else."""
    heading = read_heading(path)
    return bool(heading) and heading[0].startswith(PREAMBLE)


def read(path: Path) -> tuple[Recording, ...]:
    """The one recording of an .asc file: all its blocks.

    Raises
    ------
    DataError
        If the file holds no gaze samples, or is cut, damaged or contradicts itself; names file and line.
    """
    found = read_lines(path)
    samples = read_samples(found)
    blocks = [found.blocks[number] for number in np.unique(samples.block).tolist()]
    rates = {block.rate_hz for block in blocks}
    nominal_hz = next(iter(rates)) if len(rates) == 1 else None
    zero_ms = float(samples.time_ms[0])
    screen, corner_px, screen_doubts = read_screen(found)
    tracker, tracker_notes = read_tracker(found, nominal_hz)
    rate_hz, rate_doubts = _rate_hz(samples, blocks, nominal_hz)
    events, event_notes = read_events(found, zero_ms=zero_ms, corner_px=corner_px)
    messages, message_doubts = messages_from(found, zero_ms=zero_ms)
    stimuli, trial_doubts = trials(found, zero_ms=zero_ms)
    recording = Recording(
        recording_id=file_stem(path),
        source=path.name,
        reader="eyelink_asc",
        tracker=tracker,
        screen=screen,
        gaze=_gaze(samples, rate_hz, corner_px),
        events=events,
        messages=messages,
        stimuli=stimuli,
        accuracy_deg=validated_accuracy(messages),
        doubts=(
            *rate_doubts,
            *samples.doubts,
            *screen_doubts,
            *_block_doubts(found, samples, blocks),
            *message_doubts,
            *trial_doubts,
        ),
        notes=(*tracker_notes, *_block_notes(blocks, len(messages)), *calibration_notes(found), *event_notes),
    )
    return (recording,)


def _rate_hz(samples: AscSamples, blocks: list[Block], nominal_hz: float | None) -> tuple[float, tuple[str, ...]]:
    rates = sorted({block.rate_hz or 0.0 for block in blocks})
    if len(rates) > 1:
        named = ", ".join(f"{rate:g}" if rate else "not stated" for rate in rates)
        return np.nan, (f"the blocks were recorded at different rates ({named} Hz): there is no one rate",)
    return measure_block_rate_hz(samples, nominal_hz)


def _gaze(samples: AscSamples, rate_hz: float, corner_px: tuple[float, float]) -> GazeSeries:
    valid = np.isfinite(samples.position).all(axis=2)
    has_pupil = bool(np.isfinite(samples.pupil).any())
    return GazeSeries(
        time_s=(samples.time_ms - samples.time_ms[0]) / 1000,
        position=samples.position - np.array(corner_px),
        frame="screen_px",
        valid=valid,
        altered=np.zeros_like(valid),
        eyes=samples.eyes,
        rate_hz=rate_hz,
        pupil=samples.pupil if has_pupil else None,
        pupil_unit="au" if has_pupil else None,
        pupil_altered=np.zeros_like(valid) if has_pupil else None,
    )


def _block_doubts(found: AscLines, samples: AscSamples, blocks: list[Block]) -> tuple[str, ...]:
    doubts = []
    open_blocks = [block for block in found.blocks if block.end_line is None]
    if open_blocks:
        doubts.append(f"the recording that starts in line {open_blocks[0].line} has no END: the file may have been cut")
    late = next((block for block in blocks if block.end_line and _last_ms(samples, block) > block.end_ms), None)
    if late is not None:
        doubts.append(
            f"END in line {late.end_line} is at {late.end_ms:.1f} ms, before the last sample of its recording at"
            f" {_last_ms(samples, late):.1f} ms: the file was edited"
        )
    for eye in samples.eyes:
        without = sum(eye not in block.eyes for block in blocks)
        if without:
            doubts.append(f"{without} of {len(blocks)} recording blocks do not hold the {eye} eye: it is lost there")
    if found.stray:
        is_or_are = "is" if len(found.stray) == 1 else "are"
        doubts.append(
            f"{counted(len(found.stray), 'line')} inside a recording that {is_or_are} neither sample nor event nor"
            f" message, first line {found.stray[0]}: left out"
        )
    if not found.is_utf_8:
        doubts.append("the text is not UTF-8: it was read as Latin-1, so accents in messages may be wrong")
    return tuple(doubts)


def _last_ms(samples: AscSamples, block: Block) -> float:
    return float(samples.time_ms[samples.line < (block.end_line or np.inf)][-1])


def _block_notes(blocks: list[Block], num_messages: int) -> tuple[str, ...]:
    notes = [f"recording blocks: {len(blocks)}; messages, inputs and buttons: {num_messages}"]
    for tracking, level in dict.fromkeys((block.tracking, block.filter_level) for block in blocks):
        mode = {"CR": "pupil and corneal reflection", "P": "pupil only"}.get(tracking, tracking or "not stated")
        notes.append(f"tracking: {mode}; filter of the samples: {FILTERS.get(level, level or 'not stated')}")
    kinds = dict.fromkeys(block.pupil for block in blocks if block.pupil)
    return (*notes, *(f"the pupil is {kind} in the tracker's own unit, not mm" for kind in kinds))
