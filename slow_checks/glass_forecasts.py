"""Does GLASS forecast the gaze of unseen people better than two floors, and does that help with labels?

Two real data sets and a simulated cohort. The people of each are dealt once: some choose the recipe of pre-training
and are never tested, the others are tested in folds, each by a network that did not see them. The same is done with the
frames of every window in random order: whatever is then forecast is where people look, not how gaze moves. At last the
encoders are fine-tuned to labels, beside the same encoder from random weights. Nothing is demanded: what is found is
written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from emogap.datasets import BuildConfig, build, open_dataset
from emogap.datasets.gaze_index import GazeIndex, IndexConfig, open_index
from emogap.datasets.gaze_index.make import make_index
from emogap.files import write_bytes
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.finetuning.config import FinetuningConfig
from emogap.learning.finetuning.dataset_windows import windows_of_dataset
from emogap.learning.pretraining.checkpoint import Pretrained
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.pretraining.loop import pretrain
from emogap.models.glass.config import GlassConfig, preset
from emogap.models.glass.heads import HeadConfig
from emogap.reporting.figures.forecast_horizons import ForecastPanel, HorizonLine, forecast_horizons
from emogap.simulation import SimulationConfig, simulate_study
from slow_checks._evidence import ROOT, write_evidence
from slow_checks._forecasts import deal_people, joined, scores_by_horizon, scores_of, unseen_forecasts
from slow_checks._glass_labels import label_scores

DATA = ROOT.parent / "shared" / "data"
PLACE = ROOT / ".slow" / "glass_forecasts"
FIGURE = ROOT / "docs" / "images" / "glass_forecasts.svg"

COHORT = SimulationConfig(participants=24, stimuli=14, seed=0, clip_s=16, video=False)


@dataclass(frozen=True, slots=True)
class Gaze:
    """A data set, how it is cut, who is tested in it, and what is asked of it."""

    name: str
    title: str
    index: IndexConfig
    protocol: str
    num_choosing: int
    num_folds: int
    num_tested_folds: int
    """Folds, the first ones, whose people are tested."""
    num_shuffled_folds: int
    """Those of them for which there is a network of shuffled windows too."""
    num_label_folds: int
    """Those of them whose labels are asked."""
    chunk_s: float
    horizon_frames: int
    """Length of the stretches of the future that are scored by themselves."""
    is_simulated: bool = False

    @property
    def place(self) -> Path:
        """Where index, data set and networks are kept."""
        return PLACE / self.name


GAZES = (
    Gaze(
        "uniss_fgd", "Uniss-FGD: eyes, 30 Hz", IndexConfig(past_s=1.5, future_s=1.5, stride_frames=1),
        "target3", num_choosing=4, num_folds=3, num_tested_folds=3, num_shuffled_folds=0, num_label_folds=3,
        chunk_s=1.0, horizon_frames=5,
    ),
    Gaze(
        "ceap360vr", "CEAP-360VR: head, 5 Hz", IndexConfig(rate_hz=5, past_s=5, future_s=5, stride_frames=5),
        "felt-va", num_choosing=6, num_folds=3, num_tested_folds=3, num_shuffled_folds=1, num_label_folds=3,
        chunk_s=4.0, horizon_frames=5,
    ),
    Gaze(
        "simulated", "Simulated eyes, 30 Hz", IndexConfig(past_s=5, future_s=5, stride_frames=15),
        "felt-va", num_choosing=0, num_folds=2, num_tested_folds=1, num_shuffled_folds=0, num_label_folds=1,
        chunk_s=1.0, horizon_frames=15, is_simulated=True,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is tried out; everything else of a pre-training is the same for all."""

    learning_rate: float
    dropout: float
    batch_size: int


RECIPES: Mapping[str, Recipe] = {
    "batch 32, rate 3e-4": Recipe(3e-4, 0.05, 32),
    "batch 32, rate 1e-3": Recipe(1e-3, 0.05, 32),
    "batch 32, rate 1e-3, dropout 0.2": Recipe(1e-3, 0.2, 32),
    "batch 64, rate 1e-3": Recipe(1e-3, 0.05, 64),
}
"""Rate and dropout of the first are those of the authors' code."""

PRETRAINING = PretrainingConfig(
    passes=10_000, max_steps=800, validate_every=100, validation_share=0.2,
    max_validation_windows=600, num_threads=1, accelerator="cpu",
)  # fmt: skip
FINETUNING = FinetuningConfig(batch_size=16, num_seeds=1, accelerator="cpu")
SEED = 0


def run() -> None:
    """Choose the recipe, forecast, shuffle, fine-tune; print and write what is finished after each part."""
    recipe, chosen_by = chosen_recipe()
    found: dict[str, dict[str, Any]] = {}
    for part in (forecast_evidence, shuffled_evidence, label_evidence):
        for gaze in GAZES:
            found[gaze.name] = found.get(gaze.name, {}) | part(gaze, recipe)
            write_evidence("glass_forecasts", _content(recipe, chosen_by, found))
    write_bytes(FIGURE, figure(found).encode())


def chosen_recipe() -> tuple[str, dict[str, dict[str, dict[str, float]]]]:
    """The recipe with the best mean r of the rollout on those who choose, and all they said.

    Real data alone choose; a network that they judge has been trained on people who are tested later, by others.
    """
    said: dict[str, dict[str, dict[str, float]]] = {}
    for gaze in (each for each in GAZES if not each.is_simulated):
        index = prepared(gaze)
        choosing, _ = people_of(gaze, index)
        for recipe in RECIPES:
            scores = _network(gaze, index, recipe, "kept", choosing, "choice").scores["held_out"]["forecasts"]
            said.setdefault(recipe, {})[gaze.name] = {
                name: record["pearson_r"]["estimate"] for name, record in scores.items()
            }
            print(f"{gaze.name}, {recipe}: {said[recipe][gaze.name]}", flush=True)
    return max(said, key=lambda name: sum(scores["glass"] for scores in said[name].values())), said


def forecast_evidence(gaze: Gaze, recipe: str) -> dict[str, Any]:
    """Forecasts for everybody who is tested, in all and by horizon."""
    index = prepared(gaze)
    choosing, folds = people_of(gaze, index)
    networks = [_network(gaze, index, recipe, "kept", fold, f"fold-{number}") for number, fold in enumerate(folds)]
    unseen = joined([unseen_forecasts(network, index, fold) for network, fold in zip(networks, folds, strict=True)])
    scores = scores_of(unseen)
    _say(gaze, "in order", scores)
    return {
        "simulated": gaze.is_simulated,
        "channels": list(index.channels),
        "units": list(index.units),
        "windows": len(index.starts),
        "people": {"choosing": choosing, "folds": folds},
        "best_steps": [network.history[cast(int, network.best)]["step"] for network in networks],
        "in order": scores,
        "by_horizon": scores_by_horizon(unseen, frames=gaze.horizon_frames),
    }


def shuffled_evidence(gaze: Gaze, recipe: str) -> dict[str, Any]:
    """Forecasts of shuffled windows, and of the same people's windows in the order of time; empty if none are made."""
    index = prepared(gaze)
    folds = people_of(gaze, index)[1][: gaze.num_shuffled_folds]
    found = {}
    for name, time_order in (("in order, same people", "kept"), ("shuffled", "shuffled")):
        parts = [
            unseen_forecasts(_network(gaze, index, recipe, time_order, fold, f"fold-{number}"), index, fold)
            for number, fold in enumerate(folds)
        ]
        if parts:
            found[name] = scores_of(joined(parts))
            _say(gaze, name, found[name])
    return found


def label_evidence(gaze: Gaze, recipe: str) -> dict[str, Any]:
    """Scores of fine-tuning from the networks of the forecasts."""
    index = prepared(gaze)
    folds = people_of(gaze, index)[1][: gaze.num_label_folds]
    networks = [_network(gaze, index, recipe, "kept", fold, f"fold-{number}") for number, fold in enumerate(folds)]
    dataset, protocol = open_dataset(gaze.place / "dataset"), open_protocol(gaze.protocol)
    windows = windows_of_dataset(dataset, protocol, patch_frames=networks[0].config.patch_frames)
    config = FINETUNING.model_copy(update={"head": HeadConfig(chunk_s=gaze.chunk_s)})
    scores = label_scores(windows, list(zip(networks, folds, strict=True)), config, gaze.place / "labels")
    return {"labels": {"protocol": gaze.protocol, "chunk_s": gaze.chunk_s, **scores}}


def prepared(gaze: Gaze) -> GazeIndex:
    """The index of a data set; it and the data set with raw gaze are made once."""
    source = PLACE / "study" if gaze.is_simulated else DATA / gaze.name
    if gaze.is_simulated and not (source / "study.toml").is_file():
        simulate_study(source, COHORT, jobs=1)
    options = {"gaze_rate": gaze.index.rate_hz} | ({} if gaze.is_simulated else {"catalogue": gaze.name})
    build(source, gaze.place / "dataset", BuildConfig.model_validate(options), jobs=1)
    make_index(source, gaze.place / "index", gaze.index, jobs=1)
    return open_index(gaze.place / "index")


def people_of(gaze: Gaze, index: GazeIndex) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Who chooses, and who is tested together."""
    choosing, folds = deal_people(
        index.participants, num_choosing=gaze.num_choosing, num_folds=gaze.num_folds, seed=SEED
    )
    return choosing, folds[: gaze.num_tested_folds]


def network_of(recipe: str, num_channels: int) -> GlassConfig:
    """The network in full."""
    return preset("tiny", num_channels).model_copy(update={"dropout": RECIPES[recipe].dropout})


def figure(found: Mapping[str, Any]) -> str:
    """r by how far a forecast reaches, a panel per data set."""
    names = {"glass": "GLASS, 95 % over people", "ridge": "ridge", "repeat": "last frame repeated"}
    panels = []
    for gaze in (each for each in GAZES if each.name in found):
        rows = found[gaze.name]["by_horizon"]
        half_s = gaze.horizon_frames / gaze.index.rate_hz / 2
        middle_s = [row["until_s"] - half_s for row in rows]
        lines = []
        for name, title in names.items():
            limits = ([row["pearson_r"][name][part] for row in rows] for part in ("estimate", "low", "high"))
            lines.append(HorizonLine(title, middle_s, *limits))
        panels.append(ForecastPanel(gaze.title, rows[-1]["until_s"], tuple(lines)))
    return forecast_horizons(panels, limits=(0.0, 1.0), title="Pearson r of forecasts for unseen people, by horizon")


def _network(
    gaze: Gaze, index: GazeIndex, recipe: str, time_order: str, held_out: tuple[str, ...], name: str
) -> Pretrained:
    chosen = RECIPES[recipe]
    options = {
        "learning_rate": chosen.learning_rate,
        "batch_size": chosen.batch_size,
        "held_out": held_out,
        "time_order": time_order,
        "seed": SEED,
    }
    folder = gaze.place / "-".join([name, time_order, *recipe.replace(",", "").split()])
    return pretrain(index, network_of(recipe, len(index.channels)), PRETRAINING.model_copy(update=options), folder)


def _content(recipe: str, chosen_by: object, found: Mapping[str, Any]) -> dict[str, object]:
    config = network_of(recipe, 2)
    return {
        "recipe": {"name": recipe, "pearson_r_of_choosing_people": chosen_by},
        "network": config.model_dump(mode="json", exclude={"num_channels"}),
        "pretraining": {
            **PRETRAINING.model_dump(mode="json", exclude={"held_out", "time_order"}),
            "learning_rate": RECIPES[recipe].learning_rate,
            "batch_size": RECIPES[recipe].batch_size,
        },
        "finetuning": FINETUNING.model_dump(mode="json", exclude={"head"}),
        "cohort": COHORT.model_dump(mode="json"),
        "data": found,
    }  # fmt: skip


def _say(gaze: Gaze, order: str, scores: Mapping[str, Any]) -> None:
    for name, row in scores["forecasts"].items():
        said = {quantity: row[quantity]["estimate"] for quantity in ("pearson_r", "mae", "velocity_mae")}
        print(f"{gaze.name}, {order}, {name}: {said}", flush=True)
    for name, row in scores["differences"].items():
        said = {quantity: (row[quantity]["low"], row[quantity]["high"]) for quantity in ("pearson_r", "mae")}
        print(f"{gaze.name}, {order}, glass minus {name}: {said}", flush=True)
