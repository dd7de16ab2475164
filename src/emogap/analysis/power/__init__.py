"""How many people and stimuli it takes to tell two models apart: simulated studies of people crossed with stimuli.

Read in this order: ``outcome`` (what is true), ``cohorts`` (studies drawn from it), ``significance`` (their tests),
``simulate`` (how often a difference is found) and ``estimate`` (what is true, guessed from predictions that exist).
"""

from emogap.analysis.power.cohorts import Cells, Cohorts, Design, Split, draw_cohorts
from emogap.analysis.power.estimate import estimate_outcome
from emogap.analysis.power.outcome import Outcome, VarianceShares, correlation_of_discordant, outcome_with
from emogap.analysis.power.simulate import Power, SimulationSize, smallest_detectable, study_power

__all__ = [
    "Cells",
    "Cohorts",
    "Design",
    "Outcome",
    "Power",
    "SimulationSize",
    "Split",
    "VarianceShares",
    "correlation_of_discordant",
    "draw_cohorts",
    "estimate_outcome",
    "outcome_with",
    "smallest_detectable",
    "study_power",
]
