"""Agreement on counted votes as a figure: one row per part, alpha beside the spread of an item's votes."""

import math
from collections.abc import Sequence
from pathlib import Path

from emogap.counted_nouns import counted
from emogap.files import write_bytes
from emogap.interfaces.counted_votes import SPREAD_AT, CountedAgreement, OverItems
from emogap.reporting.figures.agreements import agreement_floor
from emogap.reporting.figures.interval_panels import IntervalPanel, PanelBlock, PanelMark, interval_panels

__all__ = ["write_counted_figure"]

QUARTILES = tuple(SPREAD_AT.index(at) for at in (0.25, 0.5, 0.75))


def write_counted_figure(measured: Sequence[CountedAgreement], path: Path) -> None:
    """Draw alpha with its interval, and median and quartiles of the winner's share and of the entropy, as SVG.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    alpha = [
        PanelMark(row, one.alpha.estimate, one.alpha.low, one.alpha.high)
        for row, one in enumerate(measured)
        if not math.isnan(one.alpha.estimate)
    ]
    low = agreement_floor(mark.low for mark in alpha)
    winner = [_of_items(row, one.winner_share) for row, one in enumerate(measured)]
    entropy = [_of_items(row, one.entropy_bits) for row, one in enumerate(measured)]
    most = max(1.0, math.ceil(max(mark.high for mark in entropy)))
    block = PanelBlock(
        "Agreement, and how the votes of an item spread",
        tuple((one.name, counted(one.num_items, "item")) for one in measured),
        (
            IntervalPanel("Krippendorff's alpha", tuple(alpha), (low, 1.0)),
            IntervalPanel("share of the winner", tuple(winner)),
            IntervalPanel("entropy (bits)", tuple(entropy), (0.0, most)),
        ),
        (
            f"alpha: 95 % over {'; '.join(dict.fromkeys(one.alpha.clusters for one in measured))}",
            "winner and entropy: median and quartiles over the items, not intervals of an estimate",
        ),
    )
    write_bytes(path, interval_panels([block], title="Counts of votes").encode())


def _of_items(row: int, spread: OverItems) -> PanelMark:
    low, middle, high = (spread.quantiles[place] for place in QUARTILES)
    return PanelMark(row, middle, low, high)
