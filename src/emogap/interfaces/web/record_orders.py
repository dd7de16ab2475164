"""In which order the stimuli of a session are shown: counterbalanced over sessions, with neutral clips in between."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import Literal

from emogap.errors import UsageError
from emogap.recording.study import Stimulus

__all__ = ["Showing", "next_order", "showing_order", "williams_square"]

NEGATIVE, NEUTRAL = "negative", "neutral"


@dataclass(frozen=True, slots=True)
class Showing:
    """A clip of a session: `study` clips are counterbalanced, a `relief` follows a negative one, `closing` ends."""

    stimulus_id: str
    purpose: Literal["study", "relief", "closing"]


def williams_square(num_conditions: int) -> tuple[tuple[int, ...], ...]:
    """Orders of conditions 0 to `num_conditions` - 1, balanced for position and for what came just before.

    Parameters
    ----------
    num_conditions : int
        At least 1.

    Returns
    -------
    tuple of tuple of int
        One order per row: as many rows as conditions if that number is even (or 1), twice as many if it is odd. Every
        condition stands equally often at each position, and follows every other one equally often.

    Raises
    ------
    UsageError
        If there is no condition.

    Notes
    -----
    The first row is 0, 1, n-1, 2, n-2, ...; row r adds r to each, modulo n. For odd n the mirrored rows are added.

    References
    ----------
    Williams (1949), Aust. J. Sci. Res. A 2(2), 149-168, doi:10.1071/CH9490149.

    Examples
    --------
    >>> williams_square(4)
    ((0, 1, 3, 2), (1, 2, 0, 3), (2, 3, 1, 0), (3, 0, 2, 1))
    """
    if num_conditions < 1:
        raise UsageError(f"there is nothing to order: {num_conditions} conditions", fix="give at least one stimulus")
    first = [
        (step + 1) // 2 if step % 2 else (num_conditions - step // 2) % num_conditions for step in range(num_conditions)
    ]
    rows = [tuple((place + row) % num_conditions for place in first) for row in range(num_conditions)]
    mirrored = [row[::-1] for row in rows] if num_conditions % 2 and num_conditions > 1 else []
    return tuple(rows + mirrored)


def next_order(stimuli: Sequence[Stimulus], earlier: Sequence[tuple[Showing, ...]]) -> tuple[Showing, ...]:
    """The order of a new session: of all turns the first of those that the fewest sessions have taken.

    A session that was withdrawn leaves its turn free, and the next one takes it.

    Parameters
    ----------
    stimuli : sequence of Stimulus
    earlier : sequence of orders
        Of the sessions that there are; orders of other stimuli count for no turn.

    Raises
    ------
    UsageError
        If there is no stimulus.
    """
    roles = _roles(stimuli)
    num_rows, num_neutral = len(williams_square(len(roles.fixed) + roles.num_left)), max(len(roles.neutral), 1)
    num_turns = num_rows * num_neutral if roles.num_left else lcm(num_rows, num_neutral)
    taken = Counter(earlier)
    return min((showing_order(stimuli, turn=turn) for turn in range(num_turns)), key=lambda order: taken[order])


def showing_order(stimuli: Sequence[Stimulus], *, turn: int) -> tuple[Showing, ...]:
    """The clips of a session in the order of showing; every stimulus comes once.

    Parameters
    ----------
    stimuli : sequence of Stimulus
        In the order of the study's table.
    turn : int
        From 0; decides the row of the square, and which neutral clips come where.

    Returns
    -------
    tuple of Showing
        A neutral clip, if there is one, is kept for the end. Further ones follow negative clips; which of them comes
        where moves on with every turn. Neutral clips that are left over, and all others, stand in the order of a
        Williams square; which are left over moves on with every whole square, so that each square is balanced.

    Raises
    ------
    UsageError
        If there is no stimulus.
    """
    roles = _roles(stimuli)
    square = williams_square(len(roles.fixed) + roles.num_left)
    moved = turn // len(square) if roles.num_left else turn
    first = moved % max(len(roles.neutral), 1)
    neutral = [*roles.neutral[first:], *roles.neutral[:first]]
    relief = neutral[roles.num_closing : len(neutral) - roles.num_left]
    shown = [*roles.fixed, *neutral[len(neutral) - roles.num_left :]]
    order: list[Showing] = []
    for place in square[turn % len(square)]:
        order.append(Showing(shown[place], "study"))
        if shown[place] in roles.negative and relief:
            order.append(Showing(relief.pop(0), "relief"))
    return (*order, *(Showing(name, "closing") for name in neutral[: roles.num_closing]))


@dataclass(frozen=True, slots=True)
class _Roles:
    """The `fixed` clips of the square, and neutral ones: how many close, and are left over for the square."""

    fixed: tuple[str, ...]
    negative: frozenset[str]
    neutral: tuple[str, ...]
    num_closing: int
    num_left: int


def _roles(stimuli: Sequence[Stimulus]) -> _Roles:
    neutral = tuple(each.stimulus_id for each in stimuli if each.target_emotion3 == NEUTRAL)
    others = tuple(each.stimulus_id for each in stimuli if each.target_emotion3 != NEUTRAL)
    if not others:
        return _Roles(neutral, frozenset(), (), 0, 0)
    negative = frozenset(each.stimulus_id for each in stimuli if each.target_emotion3 == NEGATIVE)
    num_closing = min(len(neutral), 1)
    return _Roles(others, negative, neutral, num_closing, max(len(neutral) - num_closing - len(negative), 0))
