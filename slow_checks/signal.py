"""EMERT with three streams against each stream alone, at half, whole and double signal, beside the Bayes ceiling."""

from emogap.learning.experiment import BenchConfig
from emogap.simulation import SimulationConfig
from emogap.types.scores import PairRecord, SplitScores
from slow_checks._cohort import cohort_scores, row_of, split_of, table_of
from slow_checks._evidence import ROOT, write_evidence

SIGNALS = (0.5, 1.0, 2.0)
STREAMS = ("eye", "face", "fixation")
MODELS = ("linear", "emert", *(f"emert@{stream}" for stream in STREAMS))
SEED = 100


def run() -> None:
    """Run the three cohorts, print and write UAR, paired differences and ceilings."""
    rows = []
    for signal in SIGNALS:
        cohort = SimulationConfig(participants=24, stimuli=14, seed=SEED, signal=signal)
        bench = BenchConfig(protocol="er3", models=MODELS, preset="evidence", folds=3)
        scores = cohort_scores(ROOT / ".slow" / "signal" / f"x{signal}", cohort, bench, jobs=2)
        for table in (table_of(scores, view) for view in ("felt", "shown")):
            for split in ("person", "person+stimulus"):
                part = split_of(table, split)
                row = {
                    "signal": signal,
                    "view": table["view"],
                    "split": split,
                    "ceiling": table["ceiling"],
                    "uar": {model: row_of(part, model)["metrics"]["uar"]["pooled"] for model in (*MODELS, "majority")},
                    "emert_against": {stream: _pair(part, f"emert@{stream}") for stream in STREAMS},
                }
                rows.append(row)
                print(signal, table["view"], split, {model: uar["estimate"] for model, uar in row["uar"].items()})
    label = "simulated self-report (felt) and simulated judged expression (shown), emotion3; preset evidence, 3 folds"
    write_evidence("signal", {"label": label, "seed": SEED, "rows": rows})


def _pair(part: SplitScores, rival: str) -> PairRecord:
    """The paired test of EMERT against `rival`."""
    return next(pair for pair in part["pairs"] if {pair["first"], pair["second"]} == {"emert", rival})
