"""Which groups of people are silent: those that are too small, and those by which a small one could be found out."""

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["silent_groups"]


def silent_groups(
    sizes: Mapping[str, Sequence[int]], *, least: Sequence[int], nameless: Sequence[int] | None = None
) -> tuple[str, ...]:
    """Names of the groups to be silent about where the total of all is known.

    Parameters
    ----------
    sizes : mapping from group to sequence of K int
        How large each group is, counted in K ways such as people and clips. No clip is in two groups.
    least : sequence of K int
        A group with a smaller count is too small.
    nameless : sequence of K int, optional
        How large the rest is that is in no group, and so never shown; nothing if None.

    Returns
    -------
    tuple of str
        In the order of `sizes`.

    Notes
    -----
    A single silent group is the total less the groups that are shown. So the smallest shown group becomes silent too,
    and the next one, until at least two parts are silent and these together are not too small either: what is left of
    the total is then a sum over several groups, and of enough people. The rule looks at one trait at a time; two
    traits whose groups hold nearly the same people may still be set against each other.

    References
    ----------
    Cox (1980), JASA 75(370), 377-385, doi:10.1080/01621459.1980.10477481 (complementary suppression). Hundepool et al.
    (2012), *Statistical Disclosure Control*, doi:10.1002/9781118348239, chapter 4.

    Examples
    --------
    Three left-handed people of 24, and the right-handed ones who would give them away:

    >>> silent_groups({"right": [13], "left": [3], "both": [8]}, least=[5])
    ('left', 'both')
    """

    def is_small(counts: Sequence[int]) -> bool:
        return any(count < fewest for count, fewest in zip(counts, least, strict=True))

    rest = [0] * len(least) if nameless is None else list(nameless)
    silent = {name for name, counts in sizes.items() if is_small(counts)}
    if not silent and not (any(rest) and is_small(rest)):
        return ()
    for name in sorted(sizes, key=lambda name: tuple(sizes[name])):
        num_parts = len(silent) + any(rest)
        together = np.sum([rest, *(sizes[one] for one in silent)], axis=0)
        if num_parts > 1 and not is_small(together.tolist()):
            break
        silent.add(name)
    return tuple(name for name in sizes if name in silent)
