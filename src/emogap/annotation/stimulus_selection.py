"""Which candidates become stimuli: for each class, those that experts name it for most."""

from dataclasses import dataclass
from typing import Literal

from emogap.annotation.annotators import count_answers, machines_of, only_annotators, people_of
from emogap.annotation.votes import VoteCounts, agreement_interval, plurality
from emogap.errors import UsageError
from emogap.scoring import Interval
from emogap.types import RatingTable

__all__ = ["Chosen", "Selection", "Ties", "count_votes", "select_stimuli"]

PER_CLASS = 4
"""As in EMER: four of each of seven classes, from 115 candidates."""

Ties = Literal["keep", "leave-out"]
"""What becomes of candidates that tie for the last place of a class: all are kept, or none."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One selected candidate.

    Attributes
    ----------
    stimulus_id, emotion : str
    votes, num_votes : int
        Votes for the class, and votes in all.
    is_tied : bool
        Whether it shares the last place with more candidates than there were places.
    """

    stimulus_id: str
    emotion: str
    votes: int
    num_votes: int
    is_tied: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """The selected candidates, class by class, best first.

    Attributes
    ----------
    chosen : tuple of Chosen
    tied_out : tuple of Chosen
        Left out because they tie for the last place (with ``leave-out``).
    undecided : dict from candidate to tuple of str
        Candidates whose votes tie between classes: they stand for none, and are never selected.
    short : dict from class to int
        Classes with fewer candidates than wanted, and how many are selected.
    agreement : Interval
        Krippendorff's nominal alpha of all votes, over candidates; NaN limits if it does not exist.
    left_out_machines : tuple of str
        Annotators that are no people; their votes are not counted.
    """

    chosen: tuple[Chosen, ...]
    tied_out: tuple[Chosen, ...]
    undecided: dict[str, tuple[str, ...]]
    short: dict[str, int]
    agreement: Interval
    left_out_machines: tuple[str, ...]


def count_votes(table: RatingTable) -> VoteCounts:
    """The votes of people in a nominal table, counted per item and category; machines are left out.

    Raises
    ------
    UsageError
        If the table is not nominal, or holds no person's vote.
    """
    if table.scale != "nominal":
        raise UsageError(
            f"votes name classes, but these ratings are numbers on an {table.scale} scale",
            fix="choose the question that asks for a class with --question",
        )
    people = only_annotators(table, people_of(table), keep_unrated=True)
    if people is None:
        raise UsageError("there is no vote of a person", fix="name the file with the experts' votes")
    return VoteCounts(table.items, table.categories, count_answers(people.rating, range(len(table.categories))))


def select_stimuli(
    table: RatingTable, *, per_class: int = PER_CLASS, ties: Ties = "keep", draws: int = 10_000, seed: int = 0
) -> Selection:
    """The `per_class` candidates of each class with the largest share of votes for it.

    Parameters
    ----------
    table : RatingTable
        Candidates by experts, nominal.
    per_class : int
        At least 1.
    ties : Ties
        Among equal shares more votes come first; what is equal then is a tie. With ``keep`` a class may get more
        than `per_class`, with ``leave-out`` fewer. Nothing is decided by name or by chance.
    draws, seed : int
        Of the interval of the agreement.

    Returns
    -------
    Selection

    Raises
    ------
    UsageError
        If `per_class` is less than 1, or the table is not nominal.

    References
    ----------
    The rule (top four per class by the votes of four experts): EMER, arXiv 2512.16485, section III.

    Examples
    --------
    >>> import numpy as np
    >>> votes = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> table = RatingTable(("s1", "s2", "s3"), ("ann", "ben"), votes, "nominal", ("fear", "anger"))
    >>> selection = select_stimuli(table, per_class=1, draws=100)
    >>> [(chosen.stimulus_id, chosen.emotion) for chosen in selection.chosen], selection.undecided
    ([('s1', 'fear'), ('s3', 'anger')], {'s2': ('fear', 'anger')})
    """
    if per_class < 1:
        raise UsageError(f"{per_class} stimuli per class", fix="choose at least 1")
    votes = count_votes(table)
    most = plurality(votes)
    kept: list[Chosen] = []
    tied_out: list[Chosen] = []
    short = {}
    for column, emotion in enumerate(votes.categories):
        rows = [row for row, chosen in enumerate(most) if chosen == (emotion,)]
        selected, out = _best(votes, rows, column, per_class, ties)
        kept += selected
        tied_out += out
        if len(selected) < per_class:
            short[emotion] = len(selected)
    return Selection(
        chosen=tuple(kept),
        tied_out=tuple(tied_out),
        undecided={item: chosen for item, chosen in zip(votes.items, most, strict=True) if len(chosen) > 1},
        short=short,
        agreement=agreement_interval(
            votes, "krippendorff_alpha", clusters=votes.items, names=("candidates", ""), draws=draws, seed=seed
        ),
        left_out_machines=machines_of(table),
    )


def _best(
    votes: VoteCounts, rows: list[int], column: int, per_class: int, ties: Ties
) -> tuple[list[Chosen], list[Chosen]]:
    """The selected candidates of one class, best first, and those left out for a tie."""
    number = votes.num_votes

    def rank(row: int) -> tuple[float, int]:
        return float(votes.count[row, column] / number[row]), int(number[row])

    ordered = sorted(rows, key=lambda row: (*(-part for part in rank(row)), votes.items[row]))
    is_cut = len(ordered) > per_class and rank(ordered[per_class - 1]) == rank(ordered[per_class])
    last = rank(ordered[per_class - 1]) if is_cut else None
    selected, out = [], []
    for place, row in enumerate(ordered):
        is_tied = rank(row) == last
        chosen = Chosen(
            votes.items[row], votes.categories[column], int(votes.count[row, column]), int(number[row]), is_tied
        )
        if is_tied and ties == "leave-out":
            out.append(chosen)
        elif is_tied or place < per_class:
            selected.append(chosen)
    return selected, out
