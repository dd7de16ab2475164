"""Coefficients with their intervals over items."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.scoring.resampling import draw_counts, interval_of
from emogap.shelf import Shelf
from emogap.types import RatingTable

__all__ = ["AGREEMENT", "AgreementResult", "measure_agreement", "measure_all"]

AGREEMENT = Shelf(
    "emogap.annotation.agreement",
    kind="coefficient of agreement",
    defines=("TITLE", "SCALES", "ALLOWS_MISSING", "ASSUMES", "coefficient", "item_sums", "from_sums"),
)
"""Every coefficient by its name."""

DRAWS = 10_000
"""Draws of an interval, as in scoring."""

NUMBERS_AT_ONCE = 10_000_000
"""So many numbers a block of draws may take."""


@dataclass(frozen=True, slots=True)
class AgreementResult:
    """One coefficient of one table.

    Attributes
    ----------
    method : str
        Name on the shelf.
    title : str
        Its name in words.
    estimate : float
        NaN = undefined, such as where all ratings are the same.
    low, high : float
        Bootstrap interval over items; NaN if undefined, or of a single item.
    level : float
        Nominal coverage.
    num_items : int
        Items with at least two ratings: on which agreement can be seen.
    num_items_left_out : int
        Items with one rating or none.
    num_raters : int
    num_ratings : int
    draws, undefined_draws : int
        Resamples, and how many of them had no coefficient and were left out.
    feldt : (float, float) or None
        Feldt's interval, of Cronbach's alpha of numbers.
    """

    method: str
    title: str
    estimate: float
    low: float
    high: float
    level: float
    num_items: int
    num_items_left_out: int
    num_raters: int
    num_ratings: int
    draws: int
    undefined_draws: int
    feldt: tuple[float, float] | None = None


def measure_agreement(
    table: RatingTable, name: str, *, draws: int = DRAWS, level: float = 0.95, seed: int = 0
) -> AgreementResult:
    """A coefficient of agreement and its bootstrap interval over items.

    Parameters
    ----------
    table : RatingTable
        I items by A annotators.
    name : str
        Coefficient on the shelf, such as ``"krippendorff_alpha"``.
    draws : int
        Resamples; 0 = no interval.
    level : float
        In (0, 1).
    seed : int

    Returns
    -------
    AgreementResult

    Raises
    ------
    UnknownNameError
        If there is no such coefficient.
    UsageError
        If the coefficient does not exist for this scale or for missing ratings.

    Notes
    -----
    Items are drawn with replacement, each with all its ratings; annotators stay. The interval is therefore about
    other items and *these* annotators. Bias-corrected and accelerated, tails widened for few items
    (:func:`emogap.scoring.resampling.interval_of`). Where items of one person or of one stimulus are alike it is too
    narrow.

    Examples
    --------
    >>> rating = np.array([[9.0, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> table = RatingTable(tuple("uvwxyz"), tuple("abcd"), rating, "interval")
    >>> round(measure_agreement(table, "icc2_1", draws=200).estimate, 2)
    0.29
    """
    entry = AGREEMENT.open(name)
    (result,) = _measure(table, {name: (entry, entry.item_sums(table))}, draws=draws, level=level, seed=seed)
    return result


def measure_all(
    table: RatingTable,
    names: Iterable[str] | None = None,
    *,
    draws: int = DRAWS,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[tuple[AgreementResult, ...], dict[str, str]]:
    """Several coefficients from the same resamples of items, and why others do not exist for this table.

    Parameters
    ----------
    table, draws, level, seed
        As in :func:`measure_agreement`, which gives the same numbers one by one.
    names : iterable of str, optional
        Coefficients on the shelf; all by default.

    Returns
    -------
    tuple of AgreementResult, dict from name to str
        Results in the order of the names; the reason of each coefficient that was refused.

    Raises
    ------
    UnknownNameError
        If there is no such coefficient.
    """
    known: dict[str, tuple[ModuleType, Float[ndarray, "I F"]]] = {}
    refused: dict[str, str] = {}
    for name in AGREEMENT.names() if names is None else names:
        entry = AGREEMENT.open(name)
        try:
            known[name] = (entry, entry.item_sums(table))
        except UsageError as error:
            refused[name] = error.what
    return _measure(table, known, draws=draws, level=level, seed=seed), refused


def _measure(
    table: RatingTable,
    entries: Mapping[str, tuple[ModuleType, Float[ndarray, "I F"]]],
    *,
    draws: int,
    level: float,
    seed: int,
) -> tuple[AgreementResult, ...]:
    num_ratings = np.sum(~np.isnan(table.rating), axis=1)
    rated = {name: (entry, sums[num_ratings > 0]) for name, (entry, sums) in entries.items()}
    num_items = int(np.sum(num_ratings > 1))
    resampled = {}
    if draws and num_items > 1 and rated:
        resampled = _resampled(rated, table, draws, np.random.default_rng(seed))
    results = []
    for name, (entry, sums) in rated.items():
        total = sums.sum(axis=0)
        estimate = float(entry.from_sums(total, table))
        low = high = np.nan
        undefined = 0
        if name in resampled:
            interval = interval_of(
                estimate,
                resampled[name],
                left_out=(_without_each(entry, total - sums, table),),
                method="bca",
                level=level,
                clusters=counted(len(sums), "item"),
            )
            low, high, undefined = interval.low, interval.high, interval.undefined_draws
        feldt = None
        if hasattr(entry, "feldt_interval") and table.scale != "nominal" and np.isfinite(estimate):
            num_raters = len(table.annotators)
            feldt = entry.feldt_interval(estimate, num_items=num_items, num_raters=num_raters, level=level)
        results.append(
            AgreementResult(
                method=name,
                title=entry.TITLE,
                estimate=estimate,
                low=low,
                high=high,
                level=level,
                num_items=num_items,
                num_items_left_out=len(table.items) - num_items,
                num_raters=len(table.annotators),
                num_ratings=int(num_ratings.sum()),
                draws=draws,
                undefined_draws=undefined,
                feldt=feldt,
            )
        )
    return tuple(results)


def _resampled(
    entries: Mapping[str, tuple[ModuleType, Float[ndarray, "I F"]]],
    table: RatingTable,
    draws: int,
    rng: np.random.Generator,
) -> dict[str, Float[ndarray, " draws"]]:
    """The coefficients of each draw of items."""
    num_items = len(next(iter(entries.values()))[1])
    block = max(1, min(draws, NUMBERS_AT_ONCE // max(num_items, *(sums.shape[1] for _, sums in entries.values()))))
    parts: dict[str, list[Float[ndarray, " block"]]] = {name: [] for name in entries}
    with np.errstate(divide="ignore", invalid="ignore"):
        for start in range(0, draws, block):
            counts = draw_counts(num_items, min(block, draws - start), rng)
            for name, (entry, sums) in entries.items():
                parts[name].append(np.asarray(entry.from_sums(counts @ sums, table)))
    return {name: np.concatenate(part) for name, part in parts.items()}


def _without_each(entry: ModuleType, sums: Float[ndarray, "I F"], table: RatingTable) -> Float[ndarray, " I"]:
    """The coefficient of each row of sums, a block of rows at a time."""
    block = max(1, NUMBERS_AT_ONCE // sums.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [entry.from_sums(sums[start : start + block], table) for start in range(0, len(sums), block)]
    return np.concatenate(parts)
