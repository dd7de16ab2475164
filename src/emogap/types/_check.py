"""Checks at the door of the types; inside, everything trusts."""

import numpy as np
from numpy.typing import NDArray

from emogap.errors import DataError

__all__ = ["freeze", "require", "require_shape"]


def require(holds: bool, what: str, *, fix: str | None = None) -> None:
    """Raise a :class:`DataError` saying `what` unless `holds`."""
    if not holds:
        raise DataError(what, fix=fix)


def require_shape(name: str, array: NDArray[np.generic], shape: tuple[int | None, ...]) -> None:
    """Raise unless `array` has `shape`; None stands for any size."""
    fits = array.ndim == len(shape) and all(
        expected is None or expected == actual for expected, actual in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        require(False, f"{name} must have shape ({wanted}) but has shape {array.shape}")


def freeze(array: NDArray[np.generic]) -> None:
    """Make a view's data read-only, so that a frozen type stays what it was when it was checked."""
    array.flags.writeable = False
