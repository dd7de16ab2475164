"""The shelf of parts of the app: one file per job, such as the player or the annotation.

An entry defines ``part(opened)``, which gives a :class:`Part`, or None where what was opened has nothing for it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter

from emogap.interfaces.web.site import Link, Site
from emogap.shelf import Shelf

__all__ = ["PARTS", "Part"]

PARTS = Shelf("emogap.interfaces.web.parts", kind="part of the app", defines=("part",))


@dataclass(frozen=True, slots=True)
class Part:
    """What one file of the shelf adds.

    Attributes
    ----------
    router : function from Site to APIRouter
        Its pages, and its answers to scripts below ``/api``.
    links : tuple of Link
        Its entries of the navigation.
    larger : tuple of (str, int)
        Beginnings of its paths that take larger requests than usual, and how many bytes.
    """

    router: Callable[[Site], APIRouter]
    links: tuple[Link, ...] = ()
    larger: tuple[tuple[str, int], ...] = ()
