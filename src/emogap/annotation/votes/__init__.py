"""Ratings that come as counts: how many raters chose what, but not who they were.

Read in this order: ``counts`` (the type, shares, entropy, majority, and what counts cannot do), ``count_agreement``
(the coefficients that need no rater), ``cremad``, ``ferplus``, ``mdns`` (three public sets), ``opening``
(which of them a file is), ``intended`` (what actors meant against what was seen and heard).
"""

from emogap.annotation.votes.count_agreement import (
    agreement_interval,
    fleiss_kappa_of_counts,
    krippendorff_alpha_of_counts,
)
from emogap.annotation.votes.counts import (
    VoteCounts,
    plurality,
    refuse_without_raters,
    vote_entropy,
    vote_shares_of,
    winner_share,
)
from emogap.annotation.votes.cremad import CremaD, read_cremad
from emogap.annotation.votes.ferplus import FerPlus, read_ferplus
from emogap.annotation.votes.intended import IntendedGap, gap_difference, intended_gap, perceived_shares
from emogap.annotation.votes.mdns import IntensityVotes, read_mdns, spread
from emogap.annotation.votes.opening import CountFile, recognise_counts

__all__ = [
    "CountFile",
    "CremaD",
    "FerPlus",
    "IntendedGap",
    "IntensityVotes",
    "VoteCounts",
    "agreement_interval",
    "fleiss_kappa_of_counts",
    "gap_difference",
    "intended_gap",
    "krippendorff_alpha_of_counts",
    "perceived_shares",
    "plurality",
    "read_cremad",
    "read_ferplus",
    "read_mdns",
    "recognise_counts",
    "refuse_without_raters",
    "spread",
    "vote_entropy",
    "vote_shares_of",
    "winner_share",
]
