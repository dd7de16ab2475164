"""New ids for participants, and the key that says who is who: written only where it was asked for, never in OUT."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from emogap.errors import DataError
from emogap.files import write_bytes
from emogap.rows import read_rows, refuse_repeats

__all__ = ["draw_codes", "read_key", "write_key"]

COLUMNS = ("participant_id", "code")


def draw_codes(
    participant_ids: Sequence[str], rng: np.random.Generator, *, known: Mapping[str, str] | None = None
) -> dict[str, str]:
    """A new id for each participant, ``c001`` and so on, in an order that says nothing.

    Parameters
    ----------
    participant_ids : sequence of str
    rng : numpy.random.Generator
        Whoever knows it can draw the same order again: for a release it has to be seeded by the system.
    known : mapping from participant to code, optional
        Codes of earlier releases are kept, and not given to anybody else.

    Examples
    --------
    >>> sorted(draw_codes(["ann", "bob"], np.random.default_rng(0), known={"ann": "c007"}).items())
    [('ann', 'c007'), ('bob', 'c001')]
    """
    kept = {name: code for name, code in (known or {}).items() if name in participant_ids}
    new = [name for name in participant_ids if name not in kept]
    taken = set((known or {}).values())
    free = [code for number in range(1, len(new) + len(taken) + 1) if (code := f"c{number:03d}") not in taken]
    order = rng.permutation(len(new)).tolist()
    return kept | {new[place]: free[rank] for rank, place in enumerate(order)}


def read_key(path: Path) -> dict[str, str]:
    """The codes in a key; empty if there is no such file.

    Raises
    ------
    DataError
        If it is no such table, or names a participant or a code twice.
    """
    if not path.is_file():
        return {}
    rows = read_rows(path, columns=COLUMNS)
    refuse_repeats(rows, ("participant_id",))
    codes = {row.identifier("participant_id"): row.identifier("code") for row in rows}
    if len(set(codes.values())) < len(codes):
        raise DataError("two participants have one code", where=str(path), fix="name another file for a new key")
    return codes


def write_key(path: Path, codes: Mapping[str, str]) -> None:
    """Write the key as a table, whole or not at all."""
    lines = ["\t".join(COLUMNS), *(f"{name}\t{codes[name]}" for name in sorted(codes))]
    write_bytes(path, ("\n".join(lines) + "\n").encode())
