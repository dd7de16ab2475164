"""EMERT on larger cohorts without signal: it recognises stimuli that it has seen, and nothing else.

The twenty cohorts of ``zero_signal`` have 24 people, which leaves EMERT about 240 training steps in the preset
``evidence``. Four cohorts of 60 people, drawn in the same way from seeds of their own, give it two and a half times
as many.
"""

from joblib import Parallel, delayed

from slow_checks._evidence import ROOT, write_evidence
from slow_checks.zero_signal import SPLITS, STIMULUS_EFFECT, check_cohort, holds_chance

PARTICIPANTS = 60
SEEDS = range(200, 204)


def run() -> None:
    """Check the larger cohorts; print and write UAR with its interval under both splits."""
    folder = ROOT / ".slow" / "zero_signal_larger"
    cohorts = Parallel(n_jobs=2)(
        delayed(check_cohort)(folder, seed, "emert", "evidence", participants=PARTICIPANTS) for seed in SEEDS
    )
    rows = [{"seed": seed, **found} for seed, found in zip(SEEDS, cohorts, strict=True)]
    for row in rows:
        print(row, flush=True)
    content = {
        "label": "simulated self-report, emotion3, signal 0; eye and fixation streams; emert",
        "stimulus_effect": STIMULUS_EFFECT,
        "bench": f"preset evidence, 3 folds, diagonal cells; {PARTICIPANTS} people x 14 films",
        "chance": 1 / 3,
        "interval_above_chance": {split: sum(found[split]["low"] > 1 / 3 for found in cohorts) for split in SPLITS},
        "interval_holds_chance": {split: sum(holds_chance(found[split]) for found in cohorts) for split in SPLITS},
        "cohorts": rows,
    }
    write_evidence("zero_signal_larger", content)
