"""Agreement, consensus and gap of files that hold counts of votes: CREMA-D, FER+ and MDNS as published."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.consensus import CONSENSUS
from emogap.annotation.votes import (
    CremaD,
    IntendedGap,
    VoteCounts,
    agreement_interval,
    gap_difference,
    intended_gap,
    perceived_shares,
    plurality,
    read_cremad,
    read_ferplus,
    read_mdns,
    refuse_without_raters,
    spread,
    vote_entropy,
    vote_shares_of,
    winner_share,
)
from emogap.annotation.votes.opening import recognise_counts
from emogap.errors import UsageError
from emogap.interfaces.consensus_table import write_frame
from emogap.scoring import Interval

__all__ = [
    "SPREAD_AT",
    "CountedAgreement",
    "CountedConsensus",
    "CountedGap",
    "CountedPart",
    "OverItems",
    "agreement_of_counts",
    "consensus_of_counts",
    "gap_of_counts",
    "open_counts",
    "write_consensus_of_counts",
]

MANY_ITEMS = 10_000
"""With more items than this, fewer draws are made."""

SPREAD_AT = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles over items that are told of the spread of votes."""


@dataclass(frozen=True, slots=True, eq=False)
class CountedPart:
    """Votes on one question of a file.

    Attributes
    ----------
    name : str
        What was judged: voice, face, both; faces; or an expression.
    votes : VoteCounts
    actor, sentence : tuple of str or None
        What clips belong to, where the file says so.
    """

    name: str
    votes: VoteCounts
    actor: tuple[str, ...] | None = None
    sentence: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class OverItems:
    """A number of every item that has votes: its mean, and its quantiles at :data:`SPREAD_AT`."""

    mean: float
    quantiles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CountedAgreement:
    """Agreement on one part, and how the votes of an item spread.

    Attributes
    ----------
    name : str
    num_items, num_votes : int
    fewest, most : int
        Votes of an item.
    alpha : Interval
        Krippendorff's, nominal or ordinal.
    kappa : Interval or None
        Fleiss'; None where items have different numbers of votes, or the scale is ordinal.
    entropy_bits : OverItems
        Of an item's votes, Miller's term added.
    winner_share : OverItems
        Share of an item's votes for its most chosen category.
    settled : float
        Share of the items on which one category has more than half of the votes.
    num_tied : int
        Items without a single most chosen category.
    spread : float or None
        Mean difference between two raters of an item, in levels; ordinal scales only.
    """

    name: str
    num_items: int
    num_votes: int
    fewest: int
    most: int
    alpha: Interval
    kappa: Interval | None
    entropy_bits: OverItems
    winner_share: OverItems
    settled: float
    num_tied: int
    spread: float | None


@dataclass(frozen=True, slots=True)
class CountedConsensus:
    """The majority of one part.

    Attributes
    ----------
    name : str
    num_items : int
    settled, plurality, tied : int
        Items whose first category has more than half of the votes, leads with half or less, or ties.
    leading : dict from category to int
        Items of each first category, ties not counted.
    """

    name: str
    num_items: int
    settled: int
    plurality: int
    tied: int
    leading: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class CountedGap:
    """Intended against perceived emotion by modality; `difference` by pair of modalities, on the same clips."""

    modalities: tuple[IntendedGap, ...]
    difference: dict[tuple[str, str], Interval]
    emotions: tuple[str, ...]
    perceived: dict[str, Float[ndarray, "K K"]]


def open_counts(source: str | Path) -> tuple[CountedPart, ...] | None:
    """The parts of a file of counts; None if `source` is no such file.

    Raises
    ------
    DataError
        If it is one and damaged.
    """
    path = Path(source)
    kind = recognise_counts(path)
    if kind == "crema-d":
        return tuple(
            CountedPart(name, clips.votes, clips.actor, clips.sentence) for name, clips in read_cremad(path).items()
        )
    if kind == "fer+":
        return (CountedPart("faces", read_ferplus(path).votes),)
    if kind == "mdns":
        faces = read_mdns(path)
        return tuple(CountedPart(expression, faces.of(expression)) for expression in faces.expressions)
    return None


def agreement_of_counts(
    parts: tuple[CountedPart, ...], *, draws: int = 10_000, seed: int = 0
) -> tuple[CountedAgreement, ...]:
    """The agreement that counts support, for each part.

    Intervals are over actors and sentences drawn at once where the file names them, otherwise over items; with more
    than 10,000 items no more than 1,000 draws are made, which is enough for limits so close together.
    """
    return tuple(_agreement(part, draws, seed) for part in parts)


def _agreement(part: CountedPart, draws: int, seed: int) -> CountedAgreement:
    votes = part.votes
    number = votes.num_votes
    is_ordinal = votes.scale == "ordinal"

    def interval(coefficient: str) -> Interval:
        if part.actor is None:
            most_draws = draws if len(votes.items) <= MANY_ITEMS else min(draws, 1_000)
            return agreement_interval(votes, coefficient, draws=most_draws, seed=seed)
        return agreement_interval(
            votes,
            coefficient,
            clusters=part.actor,
            crossed=part.sentence,
            names=("actors", "sentences"),
            draws=draws,
            seed=seed,
        )

    winner = winner_share(votes)
    has_kappa = not is_ordinal and bool((number == number[0]).all())
    return CountedAgreement(
        name=part.name,
        num_items=len(votes.items),
        num_votes=int(number.sum()),
        fewest=int(number.min()),
        most=int(number.max()),
        alpha=interval("krippendorff_alpha"),
        kappa=interval("fleiss_kappa") if has_kappa else None,
        entropy_bits=_over_items(vote_entropy(votes)),
        winner_share=_over_items(winner),
        settled=float(np.mean(winner[number > 0] > 0.5)),
        num_tied=sum(len(chosen) > 1 for chosen in plurality(votes)),
        spread=float(np.nanmean(spread(votes))) if is_ordinal else None,
    )


def _over_items(values: Float[ndarray, " I"]) -> OverItems:
    known = values[np.isfinite(values)]
    return OverItems(float(known.mean()), tuple(np.quantile(known, SPREAD_AT).tolist()))


def consensus_of_counts(
    parts: tuple[CountedPart, ...], method: str = "majority", *, where: str | None = None
) -> tuple[CountedConsensus, ...]:
    """The majority of every part.

    Raises
    ------
    UnknownNameError
        If no method has this name.
    UsageError
        If `method` is another: all others weigh raters, and counts do not say who they are.
    """
    if method != "majority":
        CONSENSUS.open(method)
        refuse_without_raters(method, where=where)
    return tuple(_consensus(part) for part in parts)


def _consensus(part: CountedPart) -> CountedConsensus:
    votes = part.votes
    most = plurality(votes)
    alone = np.array([len(chosen) == 1 for chosen in most])
    has_half = winner_share(votes) > 0.5
    first = Counter(chosen[0] for chosen in most if len(chosen) == 1)
    return CountedConsensus(
        name=part.name,
        num_items=len(most),
        settled=int((alone & has_half).sum()),
        plurality=int((alone & ~has_half).sum()),
        tied=sum(len(chosen) > 1 for chosen in most),
        leading={category: first[category] for category in votes.categories},
    )


def write_consensus_of_counts(parts: tuple[CountedPart, ...], out: Path) -> None:
    """Write the majority of every item as CSV or Parquet, by the suffix of `out`.

    Columns are part, item, label (empty at a tie), tied, num_votes, and the shares; empty where a part does not ask for
    the category.

    Raises
    ------
    UsageError
        If the suffix is another.
    OutputError
        If the file cannot be written.
    """
    frames = [_majority_rows(part) for part in parts]
    write_frame(pl.concat(frames, how="diagonal").with_columns(pl.selectors.float().fill_nan(None)), out)


def _majority_rows(part: CountedPart) -> pl.DataFrame:
    most = plurality(part.votes)
    share = vote_shares_of(part.votes)
    return pl.DataFrame(
        {
            "part": [part.name] * len(most),
            "item": part.votes.items,
            "label": pl.Series([chosen[0] if len(chosen) == 1 else None for chosen in most], dtype=pl.String),
            "tied": pl.Series([" ".join(chosen) if len(chosen) > 1 else None for chosen in most], dtype=pl.String),
            "num_votes": part.votes.num_votes,
            **{f"share_{category}": share[:, column] for column, category in enumerate(part.votes.categories)},
        }
    )


def gap_of_counts(source: str | Path, *, draws: int = 10_000, seed: int = 0) -> CountedGap:
    """Intended against perceived emotion of CREMA-D, by modality.

    Raises
    ------
    UsageError
        If the file does not say what was intended.
    """
    path = Path(source)
    if recognise_counts(path) != "crema-d":
        raise UsageError(
            "a gap needs two views of one clip, and this file holds the observers' votes alone",
            where=str(source),
            fix="of the known files of counts only CREMA-D says what was intended",
        )
    clips = read_cremad(path)
    names = tuple(clips)
    pairs = [(names[i], names[j]) for i in range(len(names)) for j in range(i + 1, len(names))]
    return CountedGap(
        modalities=tuple(intended_gap(part, draws=draws, seed=seed) for part in clips.values()),
        difference={pair: gap_difference(clips[pair[0]], clips[pair[1]], draws=draws, seed=seed) for pair in pairs},
        emotions=_emotions(clips),
        perceived={name: perceived_shares(part) for name, part in clips.items()},
    )


def _emotions(clips: dict[str, CremaD]) -> tuple[str, ...]:
    return next(iter(clips.values())).votes.categories
