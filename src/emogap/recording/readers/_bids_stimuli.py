"""The screen and the stimuli of a BIDS recording, from its events."""

import math
from dataclasses import dataclass
from pathlib import Path

from emogap.errors import DataError
from emogap.recording.bids.frames import screen_from_presentation
from emogap.recording.bids.trials import PRESENTATION
from emogap.recording.readers._bids_sidecar import Sidecar, entities_of, read_sidecar
from emogap.rows import Row, read_rows
from emogap.types import Screen, StimulusInterval

__all__ = ["Stage", "read_stage"]

NAME_COLUMNS = ("stimulus_id", "stim_id", "stim_file")
ORIGIN_WORDS = ("top", "bottom", "left", "right", "center")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and when something was shown.

    Attributes
    ----------
    screen : Screen or None
    origin : (str, str) or None
        ``ScreenOrigin``: vertical, horizontal.
    rows : tuple of Row
        The rows of the events table; onsets are on the clock that ``StartTime`` refers to.
    """

    screen: Screen | None
    origin: tuple[str, str] | None
    rows: tuple[Row, ...]

    def stimuli(self, *, shift_s: float, is_own: bool) -> tuple[StimulusInterval, ...]:
        """Every stimulus that has a name and a duration.

        Parameters
        ----------
        shift_s : float
            Time of the recording minus time of the events.
        is_own : bool
            Whether this package wrote the table: then what the tracker's file said, else, if it said nothing, the
            trials of the study.

        Raises
        ------
        DataError
            If an onset or a duration is no number; names file and line.
        """
        rows = self.rows
        if is_own:
            presented = tuple(row for row in rows if row.optional("trial_type") == PRESENTATION)
            rows = presented or rows
        found = (self._interval(row, shift_s, is_own) for row in rows)
        return tuple(interval for interval in found if interval is not None)

    def _interval(self, row: Row, shift_s: float, is_own: bool) -> StimulusInterval | None:
        name = next((value for column in NAME_COLUMNS if (value := _known(row, column)) is not None), None)
        if name is None or _known(row, "onset") is None or _known(row, "duration") is None:
            return None
        onset_s, duration_s = row.number("onset"), row.number("duration")
        if duration_s <= 0:
            return None
        end_s = row.number("offset") if is_own and _known(row, "offset") is not None else onset_s + duration_s
        return StimulusInterval(Path(name).stem, onset_s + shift_s, end_s + shift_s)


def _known(row: Row, column: str) -> str | None:
    value = row.optional(column)
    return None if value == "n/a" else value


def read_stage(path: Path) -> Stage:
    """Screen and events that belong to the physio table `path`; nothing of either if there is no events file.

    Raises
    ------
    DataError
        If a table or a JSON file is damaged, or ``StimulusPresentation`` holds what it cannot.
    """
    entities, _ = entities_of(path)
    stem = "_".join(f"{key}-{label}" for key, label in entities.items() if key != "recording")
    table = path.with_name(f"{stem}_events.tsv" if stem else "events.tsv")
    sidecar = read_sidecar(table)
    rows = read_rows(table, columns=("onset", "duration")) if table.is_file() else ()
    if sidecar is None:
        return Stage(None, None, rows)
    return Stage(_screen(sidecar), _origin(sidecar), rows)


def _origin(sidecar: Sidecar) -> tuple[str, str] | None:
    value = sidecar.mapping("StimulusPresentation").get("ScreenOrigin")
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(word in ORIGIN_WORDS for word in value):
        vertical, horizontal = value if value[0] not in ("left", "right") else value[::-1]
        return str(vertical), str(horizontal)
    raise DataError(
        f"ScreenOrigin is {value!r}",
        where=sidecar.place("StimulusPresentation"),
        fix='write two words, such as ["top", "left"]',
    )


def _screen(sidecar: Sidecar) -> Screen | None:
    stated = sidecar.mapping("StimulusPresentation")
    resolution = _numbers(sidecar, "ScreenResolution", stated.get("ScreenResolution"), 2)
    if resolution is None:
        return None
    size_m = _numbers(sidecar, "ScreenSize", stated.get("ScreenSize"), 2)
    distance = stated.get("ScreenDistance")
    if isinstance(distance, list):
        distance = distance[-1:]
    distance_m = _numbers(sidecar, "ScreenDistance", distance if isinstance(distance, list) else [distance], 1)
    return screen_from_presentation(
        (int(resolution[0]), int(resolution[1])),
        None if size_m is None else (size_m[0], size_m[1]),
        None if distance_m is None else distance_m[0],
    )


def _numbers(sidecar: Sidecar, key: str, value: object, count: int) -> list[float] | None:
    """A list of so many positive numbers; None if it is absent or n/a."""
    if value in (None, "n/a", [None], ["n/a"]):
        return None
    numbers = value if isinstance(value, list) else []
    if len(numbers) == count and all(isinstance(number, (int, float)) and 0 < number < math.inf for number in numbers):
        return [float(number) for number in numbers]
    raise DataError(
        f"{key} is {value!r}, not {count} positive number{'s' if count > 1 else ''}",
        where=sidecar.place("StimulusPresentation"),
        fix=f"correct {key}",
    )
