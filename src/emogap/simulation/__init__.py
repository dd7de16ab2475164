"""Studies with a known truth: simulated eyes, drawn faces, ratings and answers, in formats that are read elsewhere.

Read in this order: ``config`` (every default and its source), ``affect`` and ``cohort`` (what is felt and shown),
``eye_movements``, ``blinks``, ``pupils``, ``session`` (what the eyes do), ``tracker`` and ``tobii_export`` (what is
recorded), ``face`` and its parts, ``raters``, ``truth``, ``ceiling`` (the best possible score), ``study`` (writing).
"""

from emogap.simulation.ceiling import Ceiling, bayes_ceiling
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study

__all__ = ["Ceiling", "SimulationConfig", "bayes_ceiling", "simulate_study"]
