"""The layout of MMSA's feature files, checked key by key: text, audio, vision and labels of train, valid and test.

Shapes: N clips of one role, T steps, D channels.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.datasets.restricted_pickle import read_restricted_pickle
from emogap.errors import DataError

__all__ = ["ROLES", "STREAMS", "FeatureFile", "RoleFeatures", "read_features"]

ROLES = ("train", "valid", "test")
STREAMS = ("text", "audio", "vision")
NEEDED = ("id", *STREAMS, "regression_labels")

SEPARATOR = "$_$"
"""Between the video and the clip in an id."""

CLASSES = ("negative", "neutral", "positive")
"""Of ``classification_labels`` 0, 1 and 2, and the words of ``annotations``."""

SIMS_KEY = "regression_labels_T"
"""Only SIMS was labelled by modality too, and only its labels lie in [-1, 1]."""

REPLACE = "get the file again from where MMSA publishes it"


@dataclass(frozen=True, slots=True, eq=False)
class RoleFeatures:
    """The N clips of one role in the published split.

    Attributes
    ----------
    role : str
        One of :data:`ROLES`.
    ids : tuple of (video, clip), length N
    values : mapping from stream to float32 array, shape (N, T, D)
        NaN = not finite in the file, or padding.
    masks : mapping from stream to bool array, shape (N, T)
        True = a step that holds something.
    label : float64 array, shape (N,)
        As in the file.
    word : tuple of str or None, length N
        One of :data:`CLASSES`; None if the file says none of them.
    doubts : tuple of str
        What was odd, with counts.
    """

    role: str
    ids: tuple[tuple[str, str], ...]
    values: Mapping[str, Float[ndarray, "N T D"]]
    masks: Mapping[str, Bool[ndarray, "N T"]]
    label: Float[ndarray, " N"]
    word: tuple[str | None, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FeatureFile:
    """A whole file.

    Attributes
    ----------
    is_sims : bool
        Whether it has SIMS's labels by modality; else it is laid out as MOSI and MOSEI are.
    roles : tuple of RoleFeatures
        In the order of :data:`ROLES`.
    """

    is_sims: bool
    roles: tuple[RoleFeatures, ...]

    @property
    def largest_label(self) -> float:
        """What labels lie within: 1 for SIMS, 3 for MOSI and MOSEI."""
        return 1.0 if self.is_sims else 3.0


def read_features(path: Path) -> FeatureFile:
    """Everything in one of MMSA's feature files, such as ``unaligned_39.pkl``; no code in it is run.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        If it is no such file or holds more than features; if a key is missing, lengths do not match, or a label is
        NaN or out of range: naming role and key.

    Notes
    -----
    A step counts as there if it lies below the stated length (``audio_lengths``, ``vision_lengths``), or, for the
    text, where the second row of ``text_bert`` is 1; where the file states neither, unless it is all zero.

    References
    ----------
    Mao, Yuan, Xu, Yu, Liu and Gao (2022), M-SENA, ACL demonstrations, arXiv 2203.12441 (the toolkit MMSA, whose
    loader defines the keys). Yu et al. (2020), CH-SIMS, ACL, doi:10.18653/v1/2020.acl-main.343.
    """
    content = read_restricted_pickle(path)
    tables = [_table(content, role, path) for role in ROLES]
    is_sims = SIMS_KEY in tables[0]
    file = FeatureFile(
        is_sims, tuple(_role(role, table, f"{path}, {role}") for role, table in zip(ROLES, tables, strict=True))
    )
    for name in STREAMS:
        shapes = {role.role: role.values[name].shape[1:] for role in file.roles}
        if len(set(shapes.values())) > 1:
            told = ", ".join(f"{role} {shape[0]} x {shape[1]}" for role, shape in shapes.items())
            raise DataError(f"the steps x channels of {name} differ: {told}", where=str(path), fix=REPLACE)
    for role in file.roles:
        _require_range(role, file.largest_label, path)
    return file


def _table(content: object, role: str, path: Path) -> Mapping[str, object]:
    if not isinstance(content, dict) or not isinstance(content.get(role), dict):
        found = ", ".join(map(str, list(content)[:6])) if isinstance(content, dict) else type(content).__name__
        raise DataError(
            f"the file has no table '{role}' (it holds: {found})",
            where=str(path),
            fix="give a feature file of MMSA, with train, valid and test",
        )
    table: dict[str, object] = content[role]
    missing = [key for key in NEEDED if key not in table]
    if missing:
        raise DataError(
            f"the key {missing[0]} is missing (there are: {', '.join(map(str, table))})",
            where=f"{path}, {role}",
            fix="give a feature file of MMSA with text, audio and vision",
        )
    return table


def _role(role: str, table: Mapping[str, object], where: str) -> RoleFeatures:
    ids = tuple(_ids(table["id"], f"{where}, id"))
    doubts: list[str] = []
    values, masks = {}, {}
    for name in STREAMS:
        values[name], masks[name] = _stream(name, table, len(ids), where, doubts)
    return RoleFeatures(
        role=role,
        ids=ids,
        values=values,
        masks=masks,
        label=_numbers(table["regression_labels"], len(ids), f"{where}, regression_labels"),
        word=_words(table, len(ids), where, doubts),
        doubts=tuple(f"{role}: {doubt}" for doubt in doubts),
    )


def _ids(given: object, where: str) -> Iterator[tuple[str, str]]:
    names = _listed(given, where)
    for name in names:
        video, separator, clip = name.partition(SEPARATOR) if isinstance(name, str) else ("", "", "")
        if not (separator and video and clip):
            raise DataError(f"{name!r:.60} is not video{SEPARATOR}clip", where=where, fix=REPLACE)
        yield video, clip


def _stream(
    name: str, table: Mapping[str, object], num_clips: int, where: str, doubts: list[str]
) -> tuple[Float[ndarray, "N T D"], Bool[ndarray, "N T"]]:
    """Values and mask of a stream; what is odd about it is added to `doubts`."""
    array = table[name]
    if not isinstance(array, ndarray) or array.ndim != 3 or array.dtype.kind not in "fiu" or len(array) != num_clips:
        found = f"{array.dtype} of shape {array.shape}" if isinstance(array, ndarray) else type(array).__name__
        raise DataError(
            f"{num_clips} clips x steps x channels of numbers belong here, this is {found}",
            where=f"{where}, {name}",
            fix=REPLACE,
        )
    with np.errstate(over="ignore"):
        values = array.astype(np.float32)
    is_finite = np.isfinite(values)
    if not is_finite.all():
        clips = int((~is_finite).any(axis=(1, 2)).sum())
        doubts.append(
            f"{counted(int((~is_finite).sum()), 'value')} of {name} in {counted(clips, 'clip')}: -inf, inf or NaN, not"
            " measured"
        )
        values[~is_finite] = np.nan
    holds = (values != 0).any(axis=2)
    mask = _stated_mask(name, table, values.shape[:2], where)
    if mask is None:
        doubts.append(f"no lengths of {name} are stated: steps that are all zero count as padding")
        mask = holds
    elif (beyond := (holds & ~mask).any(axis=1)).any() and name != "text":
        doubts.append(
            f"{counted(int(beyond.sum()), 'clip', 'holds')} {name} beyond their stated length: it is left out"
        )
    mask = mask & is_finite.any(axis=2)
    values[~mask] = np.nan
    return values, mask


def _stated_mask(
    name: str, table: Mapping[str, object], shape: tuple[int, ...], where: str
) -> Bool[ndarray, "N T"] | None:
    """Which steps the file says are there; None if it does not say."""
    num_clips, num_steps = shape
    if name == "text":
        bert = table.get("text_bert")
        if bert is None:
            return None
        if not isinstance(bert, ndarray) or bert.shape != (num_clips, 3, num_steps) or bert.dtype.kind not in "fiu":
            found = f"shape {bert.shape}" if isinstance(bert, ndarray) else type(bert).__name__
            raise DataError(
                f"shape {(num_clips, 3, num_steps)} belongs to the text, this is {found}",
                where=f"{where}, text_bert",
                fix=REPLACE,
            )
        return np.asarray(bert[:, 1] == 1)
    key = f"{name}_lengths"
    if table.get(key) is None:
        return None
    length = _numbers(table[key], num_clips, f"{where}, {key}")
    wrong = np.flatnonzero((length < 0) | (length > num_steps) | (length != np.floor(length)))
    if len(wrong):
        raise DataError(
            f"{len(wrong)} lengths are not between 0 and the {num_steps} steps of {name}, first {length[wrong[0]]:g}",
            where=f"{where}, {key}, clip {wrong[0]}",
            fix=REPLACE,
        )
    return np.asarray(np.arange(num_steps) < length[:, None])


def _words(table: Mapping[str, object], num_clips: int, where: str, doubts: list[str]) -> tuple[str | None, ...]:
    """The class of each clip: the word of ``annotations``, else the number of ``classification_labels``."""
    said: list[str | None] | None = None
    if table.get("annotations") is not None:
        given = _listed(table["annotations"], f"{where}, annotations", num_clips)
        said = [word if (word := str(each).strip().lower()) in CLASSES else None for each in given]
    coded: list[str | None] | None = None
    if table.get("classification_labels") is not None:
        number = _numbers(table["classification_labels"], num_clips, f"{where}, classification_labels")
        coded = [CLASSES[int(code)] if code in (0, 1, 2) else None for code in number]
    if said is not None and coded is not None and (odd := sum(a != b for a, b in zip(said, coded, strict=True))):
        doubts.append(
            f"classification_labels differ from annotations in {counted(odd, 'clip')}: the annotations are taken"
        )
    words = said if said is not None else coded if coded is not None else [None] * num_clips
    if unknown := sum(word is None for word in words):
        doubts.append(f"{counted(unknown, 'clip', 'is')} called neither negative, neutral nor positive: no class")
    return tuple(words)


def _listed(given: object, where: str, num_clips: int | None = None) -> Sequence[object]:
    entries: Sequence[object] | None = None
    if isinstance(given, list | tuple):
        entries = [each.item() if isinstance(each, ndarray) and each.ndim == 0 else each for each in given]
    elif isinstance(given, ndarray) and given.ndim >= 1:
        entries = given.tolist()
    if entries is None or num_clips not in (None, len(entries)):
        found = counted(len(entries), "entry") if entries is not None else type(given).__name__
        raise DataError(f"one entry for each of {num_clips or 'the'} clips belongs here, this is {found}", where=where)
    return entries


def _numbers(given: object, num_clips: int, where: str) -> Float[ndarray, " N"] | Int[ndarray, " N"]:
    """One finite number per clip."""
    entries = given if isinstance(given, ndarray) else _listed(given, where)
    try:
        numbers = np.asarray(entries, np.float64)
    except (TypeError, ValueError) as error:
        raise DataError("these are not all numbers", where=where, fix=REPLACE) from error
    if numbers.shape not in ((num_clips,), (num_clips, 1)):
        raise DataError(
            f"one number for each of {num_clips} clips belongs here, the shape is {numbers.shape}",
            where=where,
            fix=REPLACE,
        )
    numbers = numbers.reshape(-1)
    absent = np.flatnonzero(~np.isfinite(numbers))
    if len(absent):
        raise DataError(
            f"{len(absent)} of {num_clips} are NaN or infinite", where=f"{where}, first clip {absent[0]}", fix=REPLACE
        )
    return numbers


def _require_range(role: RoleFeatures, largest: float, path: Path) -> None:
    outside = np.flatnonzero(np.abs(role.label) > largest * (1 + 1e-6))
    if len(outside):
        raise DataError(
            f"{len(outside)} labels lie outside [-{largest:g}, {largest:g}], first {role.label[outside[0]]:g}",
            where=f"{path}, {role.role}, regression_labels, clip {outside[0]}",
            fix=REPLACE,
        )
