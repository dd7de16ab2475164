"""The order in which participants are listed: by id, never by score."""

import re

__all__ = ["id_order"]


def id_order(identifier: str) -> list[tuple[int, str]]:
    """A sort key that counts: p2 before p10.

    Examples
    --------
    >>> sorted(["P10", "P2", "P1"], key=id_order)
    ['P1', 'P2', 'P10']
    """
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", identifier) if part]
