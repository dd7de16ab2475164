"""Pickles of numbers and words, read without running anything that a file names.

A pickle is a program: it may name any function and call it. Here it may name only what an array is written with, and
even those names stand for classes of this module, which keep what they are given; arrays are made afterwards, from
plain bytes. Every other name is refused before it is looked up.
"""

import math
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emogap.errors import DataError

__all__ = ["read_restricted_pickle"]

PLAIN_TYPE = re.compile(r"[|<>=]?([biufSU]\d+|O8?|\?)")
"""Numbers, text, and lists of them; no records, no dates."""

ARRAY_MODULES = {
    "numpy",
    "numpy.core.multiarray",
    "numpy._core.multiarray",
    "numpy.core.numeric",
    "numpy._core.numeric",
}


class _Refused(pickle.UnpicklingError):
    """A name that no array needs."""


@dataclass(slots=True)
class _Type:
    """A dtype as the file describes it, not yet made."""

    words: str
    order: str = "="

    def __setstate__(self, state: Any) -> None:
        if len(state) < 5 or any(part is not None for part in state[2:5]):
            raise _Refused("a numpy dtype with fields")
        self.order = str(state[1])

    @property
    def is_object(self) -> bool:
        return "O" in self.words

    def made(self) -> np.dtype[Any]:
        plain = np.dtype(self.words)
        return plain if self.order == "|" else plain.newbyteorder(self.order)  # type: ignore[arg-type]


@dataclass(slots=True)
class _Array:
    """An array as the file describes it: bytes, or a list for an array of Python objects."""

    kind: _Type | None = None
    shape: tuple[int, ...] = ()
    is_fortran: bool = False
    content: Any = b""

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, is_fortran, content = state
        if not isinstance(kind, _Type):
            raise ValueError("an array without a dtype")
        self.kind, self.shape, self.is_fortran, self.content = kind, tuple(shape), bool(is_fortran), content

    def made(self) -> np.ndarray | list[Any]:
        """The array; a nested list if it holds Python objects."""
        if self.kind is None:
            raise ValueError("an array without content")
        if self.kind.is_object:
            if len(self.shape) != 1 or not isinstance(self.content, list) or len(self.content) != self.shape[0]:
                raise ValueError(f"an array of objects of shape {self.shape}")
            return [_made(each) for each in self.content]
        if math.prod(self.shape) == 0:
            return np.empty(self.shape, self.kind.made())
        flat = np.frombuffer(self.content, self.kind.made())
        return flat.reshape(self.shape, order="F" if self.is_fortran else "C")


class _Name:
    """What a permitted name stands for: it can be called, and nothing else can be done to it."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., object]) -> None:
        self._make = make

    def __call__(self, *arguments: object) -> object:
        return self._make(*arguments)

    def __setstate__(self, state: object) -> None:
        raise _Refused("a change of a permitted name")


def _type(words: object, *_: object) -> _Type:
    if not (isinstance(words, str) and PLAIN_TYPE.fullmatch(words)):
        raise _Refused(f"numpy.dtype({words!r:.40})")
    return _Type(words)


def _empty(*_: object) -> _Array:
    return _Array()


def _from_bytes(content: object, kind: _Type, shape: Any, order: str) -> _Array:
    return _Array(kind, tuple(shape), order == "F", content)


def _scalar(kind: _Type, content: object) -> _Array:
    return _Array(kind, (), is_fortran=False, content=content)


def _encoded(words: object, encoding: object) -> bytes:
    if not isinstance(words, str) or encoding not in ("latin1", "latin-1"):
        raise _Refused(f"_codecs.encode to {encoding!r:.40}")
    return words.encode("latin1")


def _no_bytes(*arguments: object) -> bytes:
    if arguments:
        raise _Refused("builtins.bytes of something")
    return b""


CONTAINERS: dict[str, Callable[..., object]] = {
    "dict": dict,
    "list": list,
    "tuple": tuple,
    "set": set,
    "bytes": _no_bytes,
}

ARRAY_NAMES: dict[str, Callable[..., object]] = {
    "ndarray": _empty,
    "dtype": _type,
    "_reconstruct": _empty,
    "scalar": _scalar,
    "_frombuffer": _from_bytes,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> _Name:
        module = module.replace("__builtin__", "builtins")  # its name in protocols 0 to 2
        if module in ARRAY_MODULES and name in ARRAY_NAMES:
            return _Name(ARRAY_NAMES[name])
        if module == "builtins" and name in CONTAINERS:
            return _Name(CONTAINERS[name])
        if (module, name) == ("_codecs", "encode"):
            return _Name(_encoded)
        raise _Refused(f"{module}.{name}")


def read_restricted_pickle(path: Path) -> object:
    """The dicts, lists, tuples, numbers, words and NumPy arrays in a pickle; nothing in it is run.

    Parameters
    ----------
    path : Path

    Returns
    -------
    object
        Arrays of numbers or text are NumPy arrays, possibly read-only; arrays of Python objects are lists; NumPy
        scalars are arrays of shape ().

    Raises
    ------
    DataError
        If the file names anything else than those, naming what; if it is damaged, cut off or no pickle; or if it
        does not fit into the memory.

    Notes
    -----
    Permitted are ``ndarray``, ``dtype``, ``_reconstruct``, ``scalar`` and ``_frombuffer`` of numpy, under the names
    of NumPy 1 and 2, ``dict``, ``list``, ``tuple`` and ``set`` of builtins, empty ``bytes``, and ``_codecs.encode``
    to latin1 (how protocol 2 writes bytes). None of them is looked up: a dtype is made from its few letters and an
    array from its bytes, so that a file cannot hand NumPy a state of its own making either.

    References
    ----------
    Python documentation, module ``pickle``, section "Restricting Globals".
    """
    try:
        with path.open("rb") as file:
            return _made(_Unpickler(file).load())
    except _Refused as error:
        raise DataError(
            f"the pickle asks for {error}, which no table of features needs; nothing of it was run",
            where=str(path),
            fix="do not open this file with pickle; get the features again from where they were published",
        ) from error
    except (
        pickle.UnpicklingError,
        EOFError,
        AttributeError,
        IndexError,
        KeyError,
        TypeError,
        ValueError,
        OverflowError,
        RecursionError,
        MemoryError,
        OSError,
    ) as error:
        raise DataError(
            f"the file cannot be read as a pickle of features: {type(error).__name__}: {error}",
            where=str(path),
            fix="get the file again: it is cut off, damaged, no pickle, or larger than the memory",
        ) from error


def _made(part: object) -> object:
    """`part` with every described array made."""
    if isinstance(part, _Array):
        return part.made()
    if isinstance(part, dict):
        return {key: _made(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_made(value) for value in part]
    if isinstance(part, tuple):
        return tuple(_made(value) for value in part)
    if isinstance(part, _Type | _Name):
        raise ValueError(f"a {type(part).__name__.strip('_').lower()} stands where a value belongs")
    return part
