"""What pre-training on gaze saves in labelled people: EMERT with GLASS, from a checkpoint and from scratch.

A simulated cohort. For every fold of people GLASS is pre-trained on the gaze of everybody whom the fold neither
validates nor tests. EMERT then learns the self-report of 4, 8 and 16 of these people from gaze alone: with the
pre-trained encoder, frozen or tuned, with the same encoder from random weights, and with the paper's LSTM. Folds,
people, order of clips and seeds are the same for all, so that the differences are paired by clip; their intervals are
over the test people. Nothing is demanded: the curve is written whatever it shows.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets import BuildConfig, Dataset, build, open_dataset
from emogap.datasets.cells import Cell
from emogap.datasets.gaze_index import IndexConfig, open_index
from emogap.datasets.gaze_index.make import make_index
from emogap.datasets.labels import label_array
from emogap.datasets.splits import load_or_make_split
from emogap.learning.inputs import stream_shapes
from emogap.learning.prediction import predict_rows
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.pretraining.loop import pretrain
from emogap.learning.training.config import Preset, preset_training
from emogap.learning.training.loop import fit_model
from emogap.models.glass.config import GlassConfig, preset
from emogap.models.zoo.emert import Config
from emogap.scoring import bootstrap_difference, bootstrap_metric, harden
from emogap.simulation import SimulationConfig, simulate_study
from emogap.types import LabelView, TaskSpec
from slow_checks._evidence import ROOT, write_evidence

COHORT = SimulationConfig(participants=30, stimuli=14, seed=0, video=False)
INDEX = IndexConfig.model_validate({"rate_hz": 30, "past_s": 2, "future_s": 2, "stride_frames": 15})
PRETRAINING = PretrainingConfig(
    batch_size=64, learning_rate=1e-3, passes=10_000, max_steps=800, validate_every=100, validation_share=0.2,
    max_validation_windows=600, num_threads=1, accelerator="cpu",
)  # fmt: skip
"""As in ``glass_forecasts``, where real people chose it."""

FOLDS = 3
PEOPLE = (4, 8, 16)
SEED = 0

GLASS = {"eye_encoder": "glass", "glass_tokens_per_step": 3}
VARIANTS: Mapping[str, Mapping[str, object]] = {
    "pre-trained, frozen": GLASS | {"glass_frozen": True},
    "pre-trained, tuned": GLASS | {"glass_frozen": False},
    "random, tuned": GLASS | {"glass_frozen": False, "glass_start": "random"},
    "random, frozen": GLASS | {"glass_frozen": True, "glass_start": "random"},
    "lstm": {},
}
AGAINST = (
    ("pre-trained, frozen", "random, frozen"),
    ("pre-trained, tuned", "random, tuned"),
    ("pre-trained, tuned", "lstm"),
)

Outputs = dict[str, Float[ndarray, "N 3"]]


def learning_curve(
    folder: Path,
    *,
    cohort: SimulationConfig = COHORT,
    pretraining: PretrainingConfig = PRETRAINING,
    network: GlassConfig | None = None,
    folds: int = FOLDS,
    people: tuple[int, ...] = PEOPLE,
    epochs: Preset = "evidence",
) -> dict[int, dict[str, object]]:
    """UAR of every variant and the paired differences, by number of labelled people; work is kept in `folder`."""
    dataset, index = _prepared(folder, cohort)
    sizes = network or preset("tiny", 2)
    split = load_or_make_split(dataset, "person", seed=SEED, folds=folds, cells="diagonal")
    outputs: dict[int, Outputs] = {count: {} for count in people}
    for fold, cell in enumerate(split.cells):
        held_out = {dataset.keys[row].participant_id for row in (*cell.validation, *cell.test)}
        options = pretraining.model_copy(update={"held_out": tuple(sorted(held_out)), "seed": SEED})
        checkpoint = folder / f"checkpoint-{fold}"
        pretrain(open_index(index), sizes, options, checkpoint)
        for count in people:
            for variant, said in _fold_outputs(dataset, cell, checkpoint, count, epochs).items():
                known = outputs[count].setdefault(variant, np.full((len(dataset.keys), 3), np.nan))
                known[list(cell.test)] = said
            print(f"fold {fold}: {count} labelled people", flush=True)
    return {count: _scores(dataset, outputs[count]) for count in people}


def _prepared(folder: Path, cohort: SimulationConfig) -> tuple[Dataset, Path]:
    """Data set and index of the cohort; what is there already is opened."""
    if not (folder / "study" / "study.toml").is_file():
        simulate_study(folder / "study", cohort, jobs=1)
    options = BuildConfig.model_validate({"gaze_rate": INDEX.rate_hz})
    build(folder / "study", folder / "dataset", options, jobs=1)
    make_index(folder / "study", folder / "index", INDEX, jobs=1)
    return open_dataset(folder / "dataset"), folder / "index"


def _fold_outputs(dataset: Dataset, cell: Cell, checkpoint: Path, count: int, epochs: Preset) -> Outputs:
    """Probabilities of the test clips after learning from `count` people, who are in every larger group too."""
    named = sorted({dataset.keys[row].participant_id for row in cell.train})
    chosen = set(np.random.default_rng(SEED).permutation(named)[:count].tolist())
    train = tuple(row for row in cell.train if dataset.keys[row].participant_id in chosen)
    outputs = {}
    for variant, options in VARIANTS.items():
        reads = "gaze" if "eye_encoder" in options else "eye"
        task = TaskSpec((LabelView.FELT,), ("class",), "emotion3", stream_shapes(dataset, (reads,)))
        named_checkpoint = {"glass_checkpoint": str(checkpoint)} if reads == "gaze" else {}
        trained = fit_model(
            "emert",
            Config.model_validate({**options, **named_checkpoint}),
            task,
            dataset,
            train,
            cell.validation,
            training=preset_training(epochs, seed=SEED, num_threads=1),
            folder=checkpoint.parent / "fits" / f"{cell.name}-{count}" / variant.replace(", ", "-"),
            test_rows=cell.test,
        )
        outputs[variant] = predict_rows(trained, dataset, cell.test)["felt"]
    return outputs


def _scores(dataset: Dataset, outputs: Outputs) -> dict[str, object]:
    """UAR with its interval over people of every variant, and the differences that pre-training makes."""
    share = label_array(dataset, LabelView.FELT, "class", "emotion3")
    tested = np.isfinite(share).all(axis=1) & np.isfinite(next(iter(outputs.values()))).all(axis=1)
    label = harden(share[tested])
    people = np.array([key.participant_id for key in dataset.keys])[tested]
    said = {variant: output[tested].argmax(axis=1) for variant, output in outputs.items()}
    return {
        "clips": int(tested.sum()),
        "uar": {name: asdict(bootstrap_metric("uar", label, output, people=people)) for name, output in said.items()},
        "difference": {
            f"{first} minus {second}": asdict(
                bootstrap_difference("uar", label, said[first], said[second], people=people)
            )
            for first, second in AGAINST
        },
    }


def run() -> None:
    """Compute the curve; print and write it."""
    curve = learning_curve(ROOT / ".slow" / "glass_learning_curve")
    for count, scores in curve.items():
        print(f"{count} labelled people: {scores['difference']}", flush=True)
    content: dict[str, object] = {
        "label": "simulated self-report, emotion3; EMERT on gaze alone, or on the stream eye for the LSTM",
        "cohort": COHORT.model_dump(mode="json"),
        "index": INDEX.model_dump(mode="json"),
        "pretraining": {"preset": "tiny", **PRETRAINING.model_dump(mode="json")},
        "bench": f"preset evidence, split person, {FOLDS} folds, seed {SEED}",
        "chance": 1 / 3,
        "curve": curve,
    }
    write_evidence("glass_learning_curve", content)
