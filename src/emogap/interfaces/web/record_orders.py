"""In which order the stimuli of a session are shown: counterbalanced over sessions, with neutral clips in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from emogap.errors import UsageError
from emogap.recording.study import Stimulus

__all__ = ["Showing", "showing_order", "williams_square"]

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


def showing_order(stimuli: Sequence[Stimulus], *, num_earlier: int) -> tuple[Showing, ...]:
    """The clips of a session in the order of showing; every stimulus comes once.

    Parameters
    ----------
    stimuli : sequence of Stimulus
        In the order of the study's table.
    num_earlier : int
        Sessions of the study that were begun before; decides the row of the square.

    Returns
    -------
    tuple of Showing
        A neutral clip, if there is one, is kept for the end. Further ones follow negative clips; which of them comes
        where moves on with every session. Neutral clips that are left over, and all others, stand in the order of a
        Williams square.

    Raises
    ------
    UsageError
        If there is no stimulus.
    """
    neutral = [each.stimulus_id for each in stimuli if each.target_emotion3 == NEUTRAL]
    turn = num_earlier % len(neutral) if neutral else 0
    neutral = neutral[turn:] + neutral[:turn]
    negative = {each.stimulus_id for each in stimuli if each.target_emotion3 == NEGATIVE}
    others = [each.stimulus_id for each in stimuli if each.target_emotion3 != NEUTRAL]
    if not others:
        closing, relief, shown = [], [], neutral
    else:
        closing = neutral[:1]
        relief = neutral[1 : 1 + len(negative)]
        shown = others + neutral[1 + len(negative) :]
    square = williams_square(len(shown))
    order: list[Showing] = []
    for place in square[num_earlier % len(square)]:
        order.append(Showing(shown[place], "study"))
        if shown[place] in negative and relief:
            order.append(Showing(relief.pop(0), "relief"))
    return (*order, *(Showing(name, "closing") for name in closing))
