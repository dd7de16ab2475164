"""What the weights of EMERT's adversarial losses do to a fit, on training people alone.

The reversed loss has no upper bound: the extractor gains by pushing its tokens ever further to the wrong side of
the discriminator. Five cohorts, none of which any other check uses, are fitted with the weights of the paper
(0.3, 0.1) and with those of the authors' code for classes (0.01, 0.01). What is compared are the losses of the
training clips; held-out people are not looked at, so that the choice of a default sees no test clip.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from joblib import Parallel, delayed
from scipy.special import entr

from emogap.datasets.labels import label_array
from emogap.datasets.store import open_dataset
from emogap.learning.training.config import Preset, preset_training
from emogap.learning.training.loop import fit_model
from emogap.models.zoo.emert import Config
from emogap.simulation import SimulationConfig
from emogap.types import LabelView, TaskSpec
from slow_checks._cohort import built_dataset
from slow_checks._evidence import ROOT, write_evidence

SEEDS = range(1000, 1005)
WEIGHTS = ((0.3, 0.1), (0.01, 0.01))
PARTICIPANTS, STIMULI = 16, 14

Losses = dict[str, float]


def check_weights(
    folder: Path, seed: int, alpha: float, beta: float, *, preset: Preset = "evidence", clip_s: float = 8.0
) -> Losses:
    """Losses of the training clips after the last epoch; ``majority`` is what the label shares alone would give."""
    cohort = SimulationConfig(
        participants=PARTICIPANTS, stimuli=STIMULI, seed=seed, signal=2.0, clip_s=clip_s, video=False
    )
    dataset = open_dataset(built_dataset(folder, cohort, jobs=1))
    streams = {name: tuple(values.shape[1:]) for name, values in dataset.streams.items()}
    task = TaskSpec(views=(LabelView.FELT,), targets=("class",), space="emotion3", streams=streams)
    label = label_array(dataset, LabelView.FELT, "class", "emotion3")
    rows = np.flatnonzero(np.isfinite(label).all(axis=1)).tolist()
    training = preset_training(preset, seed=seed, num_threads=1).model_copy(update={"select": "last"})
    with TemporaryDirectory() as fitted:
        config = Config(alpha=alpha, beta=beta)
        trained = fit_model("emert", config, task, dataset, rows, rows, training=training, folder=Path(fitted) / "fit")
    last = trained.history[-1]
    losses = {part: float(last[f"training/{part}"]) for part in ("generic", "private")}
    return {"majority": float(entr(label[rows].mean(axis=0)).sum()), "task": float(last["validation"]), **losses}


def _check_cohort(folder: Path, seed: int) -> list[dict[str, float]]:
    return [
        {"seed": seed, "alpha": alpha, "beta": beta, **check_weights(folder, seed, alpha, beta)}
        for alpha, beta in WEIGHTS
    ]


def run() -> None:
    """Fit both pairs of weights on each cohort; print and write the losses after the last epoch."""
    folder = ROOT / ".slow" / "adversary"
    cohorts = Parallel(n_jobs=2)(delayed(_check_cohort)(folder, seed) for seed in SEEDS)
    rows = [row for cohort in cohorts for row in cohort]
    for row in rows:
        print(row, flush=True)
    label = "simulated self-report, emotion3, signal x2; losses of the training clips after 20 epochs; no held-out clip"
    write_evidence("adversary", {"label": label, "size": f"{PARTICIPANTS} people x {STIMULI} films", "rows": rows})
