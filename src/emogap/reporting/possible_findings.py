"""What a table could have shown: the smallest difference that its people reveal, and which models are alike."""

from collections.abc import Iterator, Mapping

import numpy as np

from emogap.reporting.numbers import plain
from emogap.scoring import holm
from emogap.scoring.detectable import detectable_difference
from emogap.scoring.equivalence import MARGIN, equivalence_groups, equivalence_p
from emogap.types.scores import PairRecord, SplitScores

__all__ = ["alike_p", "what_was_possible"]


def what_was_possible(split: SplitScores, primary: str) -> Iterator[str]:
    """Sentences about the paired comparisons under one split; none for a run without standard errors.

    Parameters
    ----------
    split : SplitScores
    primary : str
        Title of the metric that was compared.

    Notes
    -----
    Only pairs of models count; floors would make the smallest difference look larger than it is.
    """
    models = [row["model"] for row in split["rows"] if row["role"] == "model"]
    pairs = [pair for pair in split["pairs"] if {pair["first"], pair["second"]} <= set(models)]
    errors = {
        (pair["first"], pair["second"]): (error, _num_drawn(pair))
        for pair in pairs
        if (error := pair.get("standard_error")) is not None and error > 0
    }
    if not errors:
        return
    smallest = {
        names: detectable_difference(error, freedom=num_drawn - 1) for names, (error, num_drawn) in errors.items()
    }
    first, last = min(smallest, key=lambda names: smallest[names]), max(smallest, key=lambda names: smallest[names])
    between = f"{plain(smallest[first])} ({' and '.join(first)})"
    if len(smallest) > 1:
        between += f" to {plain(smallest[last])} ({' and '.join(last)})"
    many = f", without the price of {len(split['pairs'])} tests" if len(split["pairs"]) > 1 else ""
    yield (
        f"Smallest difference in {primary} that this run would have found with 80 % power under {split['split']}:"
        f" {between}{many}."
    )
    groups = equivalence_groups(models, alike_p(pairs))
    if groups:
        named = "; ".join(", ".join(group) for group in groups)
        tests = f"under {split['split']} (two one-sided tests, Holm, 5 %)"
        yield f"Alike within {plain(MARGIN)} {primary} {tests}: {named}."


def alike_p(pairs: list[PairRecord], *, margin: float = MARGIN) -> Mapping[tuple[str, str], float]:
    """p of equivalence of each pair, adjusted by Holm; pairs without a standard error are left out.

    Parameters
    ----------
    pairs : list of PairRecord
    margin : float
        In the unit of the metric.
    """
    known = [
        (pair["first"], pair["second"], difference, error, _num_drawn(pair))
        for pair in pairs
        if (error := pair.get("standard_error")) is not None and (difference := pair["difference"]) is not None
    ]
    p = [equivalence_p(d, error, num_people=people, margin=margin) for _, _, d, error, people in known]
    adjusted = holm(np.array(p))
    return {(first, second): float(value) for (first, second, *_), value in zip(known, adjusted, strict=True)}


def _num_drawn(pair: PairRecord) -> int:
    """People, or the fewer of people and stimuli where the comparison is about both."""
    return min(pair["num_people"], pair.get("num_stimuli") or pair["num_people"])
