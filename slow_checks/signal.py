"""EMERT with three streams against each stream alone, at half, whole and double signal, beside the Bayes ceiling."""

from emogap.learning.experiment import BenchConfig
from emogap.simulation import SimulationConfig
from emogap.types.scores import PairRecord, SplitScores
from slow_checks._cohort import cohort_scores, row_of, split_of, table_of
from slow_checks._evidence import ROOT, write_evidence

SIGNALS = (1.0, 2.0, 0.5)
PARTICIPANTS, STIMULI, CLIP_S = 10, 14, 4.0
STREAMS = ("eye", "face", "fixation")
MODELS = ("linear", "emert", *(f"emert@{stream}" for stream in STREAMS))
SEED = 100


def run() -> None:
    """Run the three cohorts, print and write UAR, paired differences and ceilings."""
    rows = []
    label = "simulated self-report (felt) and simulated judged expression (shown), emotion3; preset evidence, 3 folds"
    size = f"{PARTICIPANTS} people x {STIMULI} films of {CLIP_S:g} s: few, so that the check takes minutes"
    for signal in SIGNALS:
        cohort = SimulationConfig(participants=PARTICIPANTS, stimuli=STIMULI, seed=SEED, signal=signal, clip_s=CLIP_S)
        bench = BenchConfig(protocol="er3", models=MODELS, preset="evidence", folds=3)
        scores = cohort_scores(ROOT / ".slow" / "signal" / f"x{signal}", cohort, bench, jobs=2)
        for table in (table_of(scores, view) for view in ("felt", "shown")):
            for split in ("person", "person+stimulus"):
                part = split_of(table, split)
                found = {model: row_of(part, model)["metrics"]["uar"]["pooled"] for model in (*MODELS, "majority")}
                row = {
                    "signal": signal,
                    "view": table["view"],
                    "split": split,
                    "ceiling": table["ceiling"],
                    "uar": found,
                    "emert_against": {stream: _pair(part, f"emert@{stream}") for stream in STREAMS},
                }
                rows.append(row)
                print(signal, table["view"], split, {name: uar["estimate"] for name, uar in found.items()}, flush=True)
        write_evidence("signal", {"label": label, "size": size, "seed": SEED, "rows": rows})


def _pair(part: SplitScores, rival: str) -> PairRecord:
    """The paired test of EMERT against `rival`."""
    return next(pair for pair in part["pairs"] if {pair["first"], pair["second"]} == {"emert", rival})
