"""Seven protocols x EMERT x 5 folds at the paper's size, sharing fits, against one after another (goal: 3 times).

One after another: one process, no store of fits, the data set opened anew by each. Sharing: one experiment of two
processes, in which the felt and the shown protocol of a kind are one training. Every fit runs for one epoch in place of
the 20 or 200 of a preset: an epoch takes as long in both, so the ratio is that of the whole.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from emogap.datasets.assemble import assemble
from emogap.datasets.channels import Channel
from emogap.datasets.parts import write_part
from emogap.datasets.plan import BuildConfig, Clip, Cut, Plan
from emogap.datasets.samples import SampledStream
from emogap.learning.evaluation import benchmark, fitting
from emogap.learning.evaluation import fit_ahead as ahead
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.evaluation.fit_ahead import fit_ahead
from emogap.learning.evaluation.fitting import FitDone, FitFailure, run_fit, store_fit
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from emogap.learning.training.config import PRESET_EPOCHS
from emogap.types import EmotionLabel, LabelView, SampleKey

PROTOCOLS = ("er3", "er7", "er-va", "fer3", "fer7", "fer-va", "fer-int")
NUM_CLIPS, PEOPLE, STIMULI = 1303, 121, 28
SHAPES = {"eye": (32, 20), "face": (8, 512), "fixation": (32, 2)}
EPOCHS = 1
GOAL = 3.0
FEW = Scoring(draws=100)


def run() -> None:
    with tempfile.TemporaryDirectory() as folder, _short_fits():
        place = Path(folder)
        dataset = _write_dataset(place)
        shared, seconds_shared = _timed(dataset, place / "shared", jobs=2, fits=place / "fits")
        alone, seconds_alone = _timed(dataset, place / "alone", jobs=1, fits=None)
    for name, num_trained, seconds in (
        ("sharing", shared, seconds_shared),
        ("one after another", alone, seconds_alone),
    ):
        print(f"{name:<18} {num_trained:4d} fits in {seconds:6.1f} s", flush=True)
    ratio = seconds_alone / seconds_shared
    print(f"{ratio:.2f} times faster; goal {GOAL:g} {'reached' if ratio >= GOAL else 'MISSED'}")


@contextmanager
def _short_fits() -> Iterator[None]:
    """Within the block a benchmark fits for one epoch, in whichever process."""
    before = PRESET_EPOCHS["quick"]
    PRESET_EPOCHS["quick"] = EPOCHS
    benchmark.run_fit = _short_fit  # type: ignore[assignment]
    ahead.store_fit = _short_store  # type: ignore[assignment]
    try:
        yield
    finally:
        benchmark.run_fit = run_fit
        ahead.store_fit = store_fit
        PRESET_EPOCHS["quick"] = before


def _short_fit(*arguments: Any, **options: Any) -> FitFailure | FitDone:
    PRESET_EPOCHS["quick"] = EPOCHS
    return run_fit(*arguments, **options)


def _short_store(*arguments: Any, **options: Any) -> FitFailure | FitDone:
    PRESET_EPOCHS["quick"] = EPOCHS
    return store_fit(*arguments, **options)


def _timed(dataset: Path, out: Path, *, jobs: int, fits: Path | None) -> tuple[int, float]:
    """The number of fits that were trained, and the seconds of all."""
    begun = perf_counter()
    configs = [
        BenchConfig(protocol=protocol, models=("emert",), splits=("person",), preset="quick") for protocol in PROTOCOLS
    ]
    num_trained = fit_ahead(dataset, configs, fits, jobs=jobs, title="all protocols") if fits is not None else 0
    for config in configs:
        if fits is None:
            fitting._opened.cache_clear()
        report = run_benchmark(dataset, config, out / config.protocol, jobs=jobs, scoring=FEW, fits=fits)
        assert not report.failures, report.failures[0]
        num_trained += report.num_trained
    return num_trained, perf_counter() - begun


def _write_dataset(folder: Path) -> Path:
    """Noise in the shapes of EMER with all its labels; what is learnt from it does not matter here."""
    rng = np.random.default_rng(0)
    pairs = rng.permutation(PEOPLE * STIMULI)[:NUM_CLIPS]
    keys = [
        SampleKey("noise", f"r{person}-{stimulus}", f"p{person}", f"s{stimulus}", f"s{stimulus}", 0.0, 8.0)
        for person, stimulus in (divmod(int(pair), STIMULI) for pair in pairs)
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
    return Clip(key, streams, (_label(LabelView.FELT, None, rng), _label(LabelView.SHOWN, rng.uniform(0, 3), rng)))


def _label(view: LabelView, intensity: float | None, rng: np.random.Generator) -> EmotionLabel:
    shares = {"emotion3": np.eye(3)[rng.integers(3)], "emotion7": np.eye(7)[rng.integers(7)]}
    valence, arousal = rng.uniform(-1, 1, 2).tolist()
    return EmotionLabel(view, shares, valence=valence, arousal=arousal, intensity=intensity)


if __name__ == "__main__":
    run()
