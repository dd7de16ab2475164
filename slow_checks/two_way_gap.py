"""How often 95 % intervals over people *and* stimuli of the gap in classes hold the planted one.

As ``two_way_estimates``. Raters' confusions are fitted anew in every draw and without every person, stimulus and clip.
"""

import time

from slow_checks.two_way_estimates import Cohort, gap_of_classes, rows_of, write_coverage

REPEATS = 400


def run() -> None:
    started = time.perf_counter()
    cohorts = (Cohort(24, 14), Cohort(24, 14, effect_sd=1.0))
    rows = list(rows_of("gap in emotion7", gap_of_classes, cohorts, REPEATS))
    write_coverage("two_way_gap", rows, repeats=REPEATS, seconds=time.perf_counter() - started)
