"""Windows of an index of gaze, labelled from a file: one every 2.5 s for values, one per segment for classes."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.datasets.gaze_index import GazeIndex
from emogap.datasets.gaze_index.index import dropped_recordings
from emogap.errors import DataError, MismatchError
from emogap.files import fingerprint_file, fingerprint_json
from emogap.learning.finetuning.label_files import LabelSegment, read_label_file
from emogap.learning.finetuning.question import Question
from emogap.learning.finetuning.windows import LabelledWindows

__all__ = ["STEP_S", "window_ends", "windows_of_index"]

STEP_S = 2.5
"""From the end of one window to the end of the next; as in the authors' code (arXiv 2601.12534)."""

SLACK = 1e-9

UNLABELLED = "windows that end where nothing is labelled"
TOO_SHORT = "segments in recordings shorter than a window"
TOO_LITTLE_VALID = "windows with too little valid gaze"
NO_GAZE = "segments of recordings that the index has not"

Placed = tuple[int, int, tuple[float, ...]]
"""Number of the segment of the index, first frame in it, label."""


def window_ends(num_frames: int, window_frames: int, rate_hz: float) -> list[int]:
    """The frame behind each window of a recording: every 2.5 s, from the first end that a whole window has before it.

    Examples
    --------
    >>> window_ends(400, 150, 30.0)
    [150, 225, 300, 375]
    """
    first = math.ceil(window_frames / rate_hz / STEP_S - SLACK)
    last = math.floor(num_frames / rate_hz / STEP_S + SLACK)
    ends = [round(count * STEP_S * rate_hz) for count in range(first, last + 1)]
    return [end for end in ends if window_frames <= end <= num_frames]


def windows_of_index(index: GazeIndex, labels: Path, question: Question, *, window_frames: int) -> LabelledWindows:
    """The labelled windows of an index.

    Parameters
    ----------
    index : GazeIndex
    labels : Path
        See :func:`emogap.learning.finetuning.label_files.read_label_file`. A recording is named by its id in the
        index, or by the folder that it alone lies in.
    question : Question
    window_frames : int
        T, of a window.

    Returns
    -------
    LabelledWindows
        Values: the window every 2.5 s that ends within a segment, with that segment's label, as in the authors' code.
        Classes: one window per segment, its middle on the segment's as far as the recording reaches. A window has at
        least the share of valid frames that the index asks for.

    Raises
    ------
    MismatchError
        If the index does not know who its recordings are of, or no window is labelled.
    DataError
        If the labels are at fault.
    """
    if not index.people_known:
        raise MismatchError(
            "the index does not know who some recordings are of, so nobody can be kept for testing",
            where=str(index.path),
            fix="index again with --participants TABLE or --people folder",
        )
    segments = read_label_file(labels, question)
    dropped: Counter[str] = Counter()
    num_frames = index.recordings["num_frames"].to_numpy()
    placed: list[Placed] = []
    for number, own in _by_segment(index, segments, dropped).items():
        length = int(num_frames[number])
        place = _ends_of if question.kind == "values" else _middles_of
        for start, label in place(own, length, window_frames, index.rate_hz, dropped):
            first_row = int(index.segment_start[number]) + start
            known = np.count_nonzero(index.valid[first_row : first_row + window_frames])
            if known < index.config.min_valid_share * window_frames - SLACK or not known:
                dropped[TOO_LITTLE_VALID] += 1
            else:
                placed.append((number, start, label))
    if not placed:
        raise MismatchError(
            f"none of {counted(len(segments), 'labelled segment')} gave a window of"
            f" {window_frames / index.rate_hz:g} s of gaze ({_told(dropped)})",
            where=str(labels),
            fix="check that the ids of the recordings, and the times from their first frame, are those of the index",
        )
    return _gathered(index, labels, question, placed, window_frames, dropped)


def _by_segment(
    index: GazeIndex, segments: Sequence[LabelSegment], dropped: Counter[str]
) -> dict[int, list[LabelSegment]]:
    """Labels by the number of the index's segment, ascending; unknown recordings are counted."""
    ids, trials, stimuli = (index.recordings[name].to_list() for name in ("recording_id", "trial", "stimulus_id"))
    # Which trials there were matters only where recordings are cut into trials.
    incomplete = dropped_recordings(index) if any(stimuli) else frozenset()
    by_name: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(ids):
        by_name[name].append(number)
    by_folder: dict[str, set[str]] = defaultdict(set)
    for name in by_name:
        by_folder[PurePosixPath(name).parent.as_posix()].add(name)
    found: dict[int, list[LabelSegment]] = defaultdict(list)
    for segment in segments:
        names = {segment.recording} if segment.recording in by_name else by_folder.get(segment.recording, set())
        if len(names) > 1:
            raise DataError(
                f"'{segment.recording}' is a folder of {len(names)} recordings, {sorted(names)[0]} among them",
                where=segment.where,
                fix="name the recording that the label is of",
            )
        numbers = [number for name in names for number in by_name[name]]
        if segment.trial is None and len(numbers) > 1:
            raise DataError(
                f"'{segment.recording}' is cut into {len(numbers)} trials, and the label does not say which it is of",
                where=segment.where,
                fix="write the labels as parquet with a column trial, counted from 0",
            )
        if segment.trial is None and numbers and (trials[numbers[0]] or ids[numbers[0]] in incomplete):
            raise DataError(
                f"'{segment.recording}' is cut into trials, of which the index has number {trials[numbers[0]]} alone,"
                " and the label does not say which it is of",
                where=segment.where,
                fix="write the labels as parquet with a column trial, counted from 0",
            )
        numbers = [number for number in numbers if segment.trial in (None, trials[number])]
        if not numbers:
            dropped[NO_GAZE] += 1
            continue
        found[numbers[0]].append(segment)
    return dict(sorted(found.items()))


def _ends_of(
    segments: Sequence[LabelSegment], num_frames: int, window_frames: int, rate_hz: float, dropped: Counter[str]
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """First frame and label of the window every 2.5 s that ends within one of the segments, which are in order."""
    starts = np.array([segment.start_s for segment in segments])
    for end in window_ends(num_frames, window_frames, rate_hz):
        place = int(np.searchsorted(starts, end / rate_hz + SLACK, side="right")) - 1
        if place < 0 or end / rate_hz >= segments[place].stop_s - SLACK:
            dropped[UNLABELLED] += 1
        else:
            yield end - window_frames, segments[place].label


def _middles_of(
    segments: Sequence[LabelSegment], num_frames: int, window_frames: int, rate_hz: float, dropped: Counter[str]
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """First frame and label of the window around the middle of each segment."""
    for segment in segments:
        if num_frames < window_frames or segment.start_s * rate_hz >= num_frames:
            dropped[TOO_SHORT] += 1
            continue
        middle = round((segment.start_s + segment.stop_s) / 2 * rate_hz)
        yield min(max(middle - window_frames // 2, 0), num_frames - window_frames), segment.label


def _gathered(
    index: GazeIndex,
    labels: Path,
    question: Question,
    placed: Sequence[Placed],
    window_frames: int,
    dropped: Counter[str],
) -> LabelledWindows:
    gaze: Float[ndarray, "N T D"] = np.empty((len(placed), window_frames, len(index.channels)), np.float32)
    valid: Bool[ndarray, "N T"] = np.empty((len(placed), window_frames), bool)
    values, known = np.asarray(index.values), np.asarray(index.valid)
    for place, (number, start, _) in enumerate(placed):
        first_row = int(index.segment_start[number]) + start
        gaze[place] = values[first_row : first_row + window_frames]
        valid[place] = known[first_row : first_row + window_frames]
    start_s = np.array([start for _, start, _ in placed]) / index.rate_hz
    ids, origins = (index.recordings[name].to_list() for name in ("recording_id", "measured_from"))
    return LabelledWindows(
        name=index.name,
        question=question,
        gaze=gaze,
        valid=valid,
        label=np.array([label for _, _, label in placed], np.float64),
        people=tuple(index.participants[number] for number, _, _ in placed),
        recordings=tuple(ids[number] for number, _, _ in placed),
        start_s=start_s,
        stop_s=start_s + window_frames / index.rate_hz,
        channels=index.channels,
        rate_hz=index.rate_hz,
        simulated=index.simulated,
        fingerprint=fingerprint_json([index.fingerprint, fingerprint_file(labels), window_frames]),
        dropped={reason: count for reason, count in sorted(dropped.items()) if count},
        measured_from=tuple(sorted({origins[number] for number, _, _ in placed})),
    )


def _told(dropped: Counter[str]) -> str:
    return "; ".join(f"{count} {reason}" for reason, count in sorted(dropped.items())) or "none ends within one"
