"""The grid of ``emogap bench`` on two processes against one (goal: 1.7 times faster), and whether bytes are equal."""

import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from emogap.datasets.assemble import assemble
from emogap.datasets.channels import Channel
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Clip, Cut, Plan
from emogap.datasets.samples import SampledStream
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from emogap.types import EmotionLabel, LabelView, SampleKey

PEOPLE, STIMULI = 20, 14
SHAPES = {"face": (8, 324), "eye": (32, 20), "fixation": (32, 2)}
CONFIG = BenchConfig(protocol="er3", models=("linear", "emert"), preset="quick")
GOAL = 1.7


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        dataset = _write_dataset(Path(folder))
        seconds, content = {}, {}
        for jobs in (1, 2):
            begun = perf_counter()
            report = run_benchmark(dataset, CONFIG, Path(folder) / f"run-{jobs}", jobs=jobs, scoring=Scoring(draws=100))
            seconds[jobs] = perf_counter() - begun
            content[jobs] = (report.path / "predictions.parquet").read_bytes()
            fits = report.record["num_fits"]
            print(f"{jobs} process{'es' if jobs > 1 else '  '}: {fits} fits in {seconds[jobs]:6.1f} s", flush=True)
    ratio = seconds[1] / seconds[2]
    print(f"two against one: {ratio:.2f} times faster; goal {GOAL} {'reached' if ratio >= GOAL else 'MISSED'}")
    print(f"predictions.parquet: {'the same bytes' if content[1] == content[2] else 'DIFFERENT'}")


def _write_dataset(folder: Path) -> Path:
    """Noise in the shapes of a study with faces; what is learnt from it does not matter here."""
    rng = np.random.default_rng(0)
    keys = [
        SampleKey("noise", f"r{person}-{stimulus}", f"p{person}", f"s{stimulus}", f"s{stimulus}", 0.0, 8.0)
        for person in range(PEOPLE)
        for stimulus in range(STIMULI)
    ]
    write_part(folder / "part.npz", Cut(tuple(_clip(key, rng) for key in keys)))
    plan = Plan("noise", (), simulated=True)
    assemble(folder / "D", plan, BuildConfig(), [folder / "part.npz"], [], source_fingerprint="0" * 16)
    return folder / "D"


def _clip(key: SampleKey, rng: np.random.Generator) -> Clip:
    streams = {
        name: SampledStream(
            rng.standard_normal(shape).astype(np.float32),
            np.ones(shape[0], bool),
            tuple(Channel(f"{name}_{number}", "1") for number in range(shape[1])),
        )
        for name, shape in SHAPES.items()
    }
    views = (LabelView.FELT, LabelView.SHOWN)
    return Clip(key, streams, tuple(EmotionLabel(view, {"emotion3": np.eye(3)[rng.integers(3)]}) for view in views))


if __name__ == "__main__":
    run()
