"""The folders of the EMER release looked over: which clip is in which set, with which files; nothing is read."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emogap.counted_nouns import counted
from emogap.datasets.emer_facts import DEFAULT_PATTERN, Ids
from emogap.datasets.unknown_ids import unknown_id
from emogap.errors import DataError, UsageError
from emogap.rows import read_rows, refuse_repeats

__all__ = ["SETS", "TARGET_WORDS", "ReleaseClip", "Whose", "look_over", "numbered", "safe_name", "whose_clips"]

SETS = tuple(f"set{number}" for number in range(1, 6))
"""The five folders below ``face/``: the folds of the authors' public loader."""

UNPERMITTED = re.compile(r"[^A-Za-z0-9]+")

TARGET_WORDS: Mapping[str, str] = {
    "happy": "happiness",
    "sad": "sadness",
    "fear": "fear",
    "surprise": "surprise",
    "disgust": "disgust",
    "anger": "anger",
    "angry": "anger",
    "neutral": "neutral",
}
"""Words for a target in an ID. Only ``happy`` is known from the public loader; the others are its like."""


@dataclass(frozen=True, slots=True)
class ReleaseClip:
    """One clip of the release.

    Attributes
    ----------
    clip_id : str
        The ID as it is written, such as ``3_film_happy Happy``.
    set_name : str
        ``set1`` to ``set5``.
    pictures : tuple of Path
        The face frames in the order of the numbers in their names.
    eye_path : Path
        Where the gaze file has to be; it may be absent.
    """

    clip_id: str
    set_name: str
    pictures: tuple[Path, ...]
    eye_path: Path

    @property
    def name(self) -> str:
        """The ID in letters, digits and hyphens."""
        return safe_name(self.clip_id)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose a clip is and what was shown, as far as the ID or a table says; else an unknown id.

    `target` is the emotion in the ID, or None.
    """

    participant_id: str
    stimulus_id: str
    target: str | None


def look_over(release: Path) -> tuple[ReleaseClip, ...]:
    """Every clip of the release, in the order of set and ID.

    Raises
    ------
    UsageError
        If the folder is not laid out as the release.
    DataError
        If a set is missing or empty, a clip stands in two sets, or two IDs are one once made safe.
    """
    face, eye = release / "face", release / "eye"
    if not (face.is_dir() and eye.is_dir()):
        raise UsageError(
            f"there is no folder {'eye' if face.is_dir() else 'face'}/",
            where=str(release),
            fix="give the folder that holds face/set1 to face/set5, eye/ and the spreadsheet of labels",
        )
    folders = {name: _clip_folders(face / name) for name in SETS}
    absent = [name for name, found in folders.items() if not found]
    if absent:
        raise DataError(
            f"there is no clip in {', '.join(absent)}: the five sets are the folds, and a fold is missing",
            where=str(face),
            fix="unpack the whole release; a part of it is another data set",
        )
    clips = tuple(
        ReleaseClip(folder.name, name, numbered(folder.glob("*.jpg")), eye / f"{folder.name}.xlsx")
        for name, found in folders.items()
        for folder in found
    )
    _require_distinct(clips, face)
    return clips


def _clip_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def numbered(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Files in the order of the numbers in their names, so that 10 follows 9.

    Notes
    -----
    The public loader orders frames by the last digit of the number alone, which mixes up their times; emogap does not.

    Examples
    --------
    >>> [path.name for path in numbered([Path("f10.jpg"), Path("f9.jpg"), Path("f1.jpg")])]
    ['f1.jpg', 'f9.jpg', 'f10.jpg']
    """

    def order(path: Path) -> tuple[list[tuple[int, str]], str]:
        parts = re.split(r"(\d+)", path.name)
        return [(int(part), "") if part.isdigit() else (-1, part) for part in parts], path.name

    return tuple(sorted(paths, key=order))


def safe_name(clip_id: str) -> str:
    """An ID in letters, digits and hyphens.

    Examples
    --------
    >>> safe_name("3_film_happy Happy")
    '3-film-happy-Happy'
    """
    return UNPERMITTED.sub("-", clip_id).strip("-")


def _require_distinct(clips: Sequence[ReleaseClip], face: Path) -> None:
    earlier: dict[str, ReleaseClip] = {}
    twice = []
    for clip in clips:
        other = earlier.setdefault(clip.name, clip)
        if other is not clip:
            twice.append((other, clip))
    if not twice:
        return
    other, clip = twice[0]
    if other.clip_id == clip.clip_id:
        raise DataError(
            f"the clip '{clip.clip_id}' is in {other.set_name} and in {clip.set_name}"
            f" ({counted(len(twice), 'such clip')}): a clip is tested in one fold only",
            where=str(face),
            fix="find out which set it belongs to, and remove it from the other",
        )
    raise DataError(
        f"'{other.clip_id}' and '{clip.clip_id}' are one once they are written in letters, digits and hyphens",
        where=str(face),
        fix="rename one of them, its gaze file and its label",
    )


def whose_clips(clip_ids: Sequence[str], ids: Ids, table: Path | None) -> dict[str, Whose]:
    """Whose each clip is and what it shows.

    Parameters
    ----------
    clip_ids : sequence of str
    ids : Ids
    table : Path or None
        The table of `ids`, if there is one.

    Raises
    ------
    DataError
        If the table is damaged, lacks a clip or holds one twice; if a pattern of the user's fits some IDs only; or if
        two clips are of the same person and stimulus.
    """
    rows = _table_rows(table) if table is not None else {}
    absent = [clip_id for clip_id in clip_ids if clip_id not in rows] if rows else []
    if absent:
        raise DataError(
            f"{len(absent)} of {len(clip_ids)} clips are not in the table, first '{absent[0]}'",
            where=str(table),
            fix="add a row for each of them",
        )
    matches = {clip_id: re.fullmatch(ids.pattern, clip_id) for clip_id in clip_ids}
    unlike = [clip_id for clip_id, match in matches.items() if match is None]
    if unlike and ids.pattern != DEFAULT_PATTERN:
        raise DataError(
            f"{len(unlike)} of {len(clip_ids)} IDs are not of the stated pattern, first '{unlike[0]}'",
            where="[ids] pattern",
            fix="correct the pattern so that it fits every ID, or name people in a table",
        )
    found = {clip_id: _whose(clip_id, match, rows.get(clip_id)) for clip_id, match in matches.items()}
    _require_one_clip_each(found)
    return found


def _table_rows(table: Path) -> dict[str, tuple[str, str | None]]:
    rows = read_rows(table, columns=("ID", "participant_id"))
    refuse_repeats(rows, ("ID",))
    return {
        row.text("ID"): (
            row.identifier("participant_id"),
            row.identifier("stimulus_id") if row.optional("stimulus_id") else None,
        )
        for row in rows
    }


def _whose(clip_id: str, match: re.Match[str] | None, row: tuple[str, str | None] | None) -> Whose:
    groups = {name: text for name, text in match.groupdict().items() if text} if match else {}
    unknown = unknown_id(safe_name(clip_id))
    participant = safe_name(groups["participant"]) if "participant" in groups else unknown
    stimulus = safe_name(groups["stimulus"]) if "stimulus" in groups else unknown
    if row is not None:
        participant, stimulus = row[0], row[1] or stimulus
    return Whose(participant, stimulus, TARGET_WORDS.get(groups.get("target", "").lower()))


def _require_one_clip_each(found: Mapping[str, Whose]) -> None:
    first: dict[tuple[str, str], str] = {}
    for clip_id, whose in found.items():
        earlier = first.setdefault((whose.participant_id, whose.stimulus_id), clip_id)
        if earlier != clip_id:
            raise DataError(
                f"'{earlier}' and '{clip_id}' are both of participant {whose.participant_id} with stimulus"
                f" {whose.stimulus_id}",
                where="[ids]",
                fix="correct pattern or table: a person sees a stimulus once",
            )
