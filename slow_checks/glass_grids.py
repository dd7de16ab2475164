"""What GLASS's forecasts and labels depend on: window, horizon, head, chunk, amount and quality of gaze.

Real data alone: eyes on photographs (Uniss-FGD) and heads in 360-degree films (CEAP-360VR; head, not eye). One fold of
people is held out from every pre-training and tested. The steps are few and the network is small, so that many can be
compared: the numbers say what a choice changes, not what GLASS can reach. Nothing is chosen by them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.stats import spearmanr

from emogap.datasets import open_dataset
from emogap.datasets.gaze_index import GazeIndex, open_index
from emogap.datasets.gaze_index.index import segments_of
from emogap.datasets.gaze_index.make import make_index
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.finetuning.comparison import compare
from emogap.learning.finetuning.config import FinetuningConfig
from emogap.learning.finetuning.dataset_windows import windows_of_dataset
from emogap.learning.finetuning.people import split_people
from emogap.learning.finetuning.scores import score_rows
from emogap.learning.finetuning.windows import LabelledWindows
from emogap.learning.pretraining.batches import GazeWindows
from emogap.learning.pretraining.checkpoint import Pretrained
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.pretraining.loop import pretrain
from emogap.models.glass.config import preset
from emogap.models.glass.heads import HeadConfig
from slow_checks._evidence import ROOT, write_evidence
from slow_checks._forecasts import deal_people, scores_of, unseen_forecasts
from slow_checks.glass_forecasts import DATA, GAZES, Gaze, prepared

PLACE = ROOT / ".slow" / "glass_grids"
EYES, HEADS = (next(gaze for gaze in GAZES if gaze.name == name) for name in ("uniss_fgd", "ceap360vr"))
STEPS = 300
SEED = 0
PRETRAINING = PretrainingConfig(
    passes=10_000, max_steps=STEPS, batch_size=64, learning_rate=1e-3, validate_every=100, validation_share=0.2,
    max_validation_windows=300, num_threads=1, accelerator="cpu", seed=SEED,
)  # fmt: skip
FINETUNING = FinetuningConfig(batch_size=16, accelerator="cpu", head=HeadConfig(chunk_s=4.0), seed=SEED)

GRID = {EYES.name: ((0.5, 1.0, 1.5), (0.5, 1.0, 1.5)), HEADS.name: ((2.0, 5.0, 8.0), (2.0, 5.0))}
"""Past and future in s."""
HEAD_KINDS = ("mlp", "tcn", "gru", "transformer")
CHUNKS_S = (1.0, 2.0, 4.0)
QUALITY_STEPS, QUALITY_SEEDS = (10, 30, 100, 300), (0, 1, 2)
SHARES = (0.1, 0.25, 0.5, 1.0)
ERRORS_DEG = (0.0, 0.5, 1.0, 2.0, 4.0, 9.1)
"""Mean error that is added; 9.1 degrees is that of OpenFace in the GLASS paper (arXiv 2601.12534)."""
DRAWS = 2000
MEAN_OF_SD = np.sqrt(np.pi / 2)
"""Mean length of a vector of two normal errors over their common SD."""


def run() -> None:
    """Every part; what is finished is written after each."""
    found: dict[str, Any] = {}
    for part in (grid, recordings, quality, heads, taken_away, degraded):
        found[part.__name__] = part()
        print(part.__name__, "done", flush=True)
        write_evidence("glass_grids", _settings() | found)


def grid() -> dict[str, list[dict[str, Any]]]:
    """r of the rollout on the tested people for each past and future, beside the floors."""
    found: dict[str, list[dict[str, Any]]] = {}
    for gaze in (EYES, HEADS):
        pasts, futures = GRID[gaze.name]
        for past_s in pasts:
            for future_s in futures:
                index = _index(gaze, past_s, future_s)
                network = _network(gaze, index, f"grid-{past_s:g}-{future_s:g}")
                row = {"past_s": past_s, "future_s": future_s, **_forecast(gaze, network, index)}
                found.setdefault(gaze.name, []).append(row)
    return found


def recordings() -> list[dict[str, Any]]:
    """Heads: forecasts and labels by the share of recordings of the training people that are pre-trained on."""
    index = _index(HEADS, 5, 5)
    segments = segments_of(index, np.asarray(index.starts))
    order = np.random.default_rng(SEED).permutation(sorted(set(index.recordings["recording_id"])))
    tested = set(_tested(HEADS, index))
    of_recording = np.array(index.recordings["recording_id"].to_list())[segments]
    of_tested = np.isin(np.array(index.participants)[segments], list(tested))
    rows = []
    for share in SHARES:
        kept = order[: max(4, round(share * len(order)))]
        chosen = np.isin(of_recording, kept)
        part = replace(
            index, starts=np.asarray(index.starts)[chosen | of_tested], fingerprint=f"{index.fingerprint}-{share}"
        )
        network = _network(HEADS, part, f"share-{share:g}")
        task = _task(HEADS, network, FINETUNING, f"share-{share:g}")
        windows = int((chosen & ~of_tested).sum())
        rows.append({"share": share, "windows": windows, **_forecast(HEADS, network, index), "task": task})
    return rows


def quality() -> dict[str, Any]:
    """Heads: r of the forecasts against the scores of the labels, over networks of several lengths and seeds."""
    index = _index(HEADS, 5, 5)
    rows = []
    for steps in QUALITY_STEPS:
        for seed in QUALITY_SEEDS:
            name = f"quality-{steps}-{seed}"
            network = _network(HEADS, index, name, max_steps=steps, seed=seed, select="last")
            task = _task(HEADS, network, FINETUNING, name)
            forecast = _forecast(HEADS, network, index)
            rows.append({"steps": steps, "seed": seed, "pearson_r": forecast["glass"], "task": task})
    correlations = {
        f"{output} {metric}": _rank_correlation(
            [row["pearson_r"]["estimate"] for row in rows], [row["task"][output][metric]["estimate"] for row in rows]
        )
        for output in ("valence", "arousal")
        for metric in ("pearson_r", "mae")
    }
    return {"networks": rows, "spearman": correlations}


def heads() -> list[dict[str, Any]]:
    """Heads: scores of the labels by kind of head and length of chunk, from one encoder."""
    network = _network(HEADS, _index(HEADS, 5, 5), "grid-5-5")
    rows = []
    for kind in HEAD_KINDS:
        for chunk_s in CHUNKS_S:
            config = FINETUNING.model_copy(
                update={"head": HeadConfig.model_validate({"kind": kind, "chunk_s": chunk_s})}
            )
            rows.append(
                {"head": kind, "chunk_s": chunk_s, "task": _task(HEADS, network, config, f"{kind}-{chunk_s:g}")}
            )
    return rows


def taken_away() -> list[dict[str, Any]]:
    """Heads: scores of the labels when a part of the input is taken away, in fine-tuning and in testing."""
    network = _network(HEADS, _index(HEADS, 5, 5), "grid-5-5")
    changes: Mapping[str, Callable[[LabelledWindows], LabelledWindows]] = {
        "nothing": lambda windows: windows,
        "high frequencies": lambda windows: _changed(windows, _slow),
        "speed": lambda windows: _changed(windows, _even_speed),
        "standing still": lambda windows: _changed(windows, _without_rests),
    }
    return [
        {"taken away": name, "task": _task(HEADS, network, FINETUNING, f"without-{name.replace(' ', '-')}", change)}
        for name, change in changes.items()
    ]


def degraded() -> dict[str, list[dict[str, Any]]]:
    """Eyes: forecasts, and heads: labels, with an error added to every sample, half of it constant in a recording."""
    found: dict[str, list[dict[str, Any]]] = {"forecasts": [], "labels": []}
    index = _index(EYES, 1.5, 1.5)
    for error_deg in ERRORS_DEG:
        noisy = replace(index, values=_noisy(index, error_deg), fingerprint=f"{index.fingerprint}-{error_deg:g}deg")
        network = _network(EYES, noisy, f"error-{error_deg:g}")
        found["forecasts"].append({"error_deg": error_deg, **_towards_clean(network, noisy, index)})
    network = _network(HEADS, _index(HEADS, 5, 5), "grid-5-5")
    for error_deg in ERRORS_DEG:
        task = _task(
            HEADS,
            network,
            FINETUNING,
            f"error-{error_deg:g}",
            lambda windows, by=error_deg: _noisy_directions(windows, by),
        )
        found["labels"].append({"error_deg": error_deg, "task": task})
    return found


def _index(gaze: Gaze, past_s: float, future_s: float) -> GazeIndex:
    config = gaze.index.model_copy(update={"past_s": past_s, "future_s": future_s})
    place = PLACE / gaze.name / f"index-{past_s:g}-{future_s:g}"
    make_index(DATA / gaze.name, place, config, jobs=1)
    return open_index(place)


def _tested(gaze: Gaze, index: GazeIndex) -> tuple[str, ...]:
    """The first fold of the forecasts' evidence: the same people in every part."""
    _, folds = deal_people(index.participants, num_choosing=gaze.num_choosing, num_folds=gaze.num_folds, seed=SEED)
    return folds[0]


def _network(gaze: Gaze, index: GazeIndex, name: str, **options: object) -> Pretrained:
    asked = PRETRAINING.model_copy(update={"held_out": _tested(gaze, index), **options})
    return pretrain(index, preset("tiny", len(index.channels)), asked, PLACE / gaze.name / f"network-{name}")


def _forecast(gaze: Gaze, network: Pretrained, index: GazeIndex) -> dict[str, Any]:
    scores = scores_of(unseen_forecasts(network, index, _tested(gaze, index)))
    said = {name: scores["forecasts"][name]["pearson_r"] for name in ("glass", "ridge", "repeat")}
    return {**said, "glass minus ridge": scores["differences"]["ridge"]["pearson_r"]}


def _towards_clean(network: Pretrained, noisy: GazeIndex, clean: GazeIndex) -> dict[str, Any]:
    """r and error of forecasts from noisy gaze of what was looked at then, as it was measured without the noise.

    Against the noisy future r would grow with the noise: half of it is constant in a recording and easily forecast.
    """
    tested = _tested(EYES, clean)
    seen, meant = (unseen_forecasts(network, index, tested) for index in (noisy, clean))
    windows = GazeWindows(seen.windows.past, seen.windows.past_valid, meant.windows.future, meant.windows.future_valid)
    scores = scores_of(replace(seen, windows=windows))
    return {
        name: {metric: scores["forecasts"][name][metric] for metric in ("pearson_r", "mae")}
        for name in ("glass", "ridge", "repeat", "past mean")
    }


def _task(
    gaze: Gaze,
    network: Pretrained,
    config: FinetuningConfig,
    name: str,
    change: Callable[[LabelledWindows], LabelledWindows] = lambda windows: windows,
) -> dict[str, Any]:
    """Scores of the labels of the tested people, fine-tuned from `network`."""
    prepared(gaze)
    dataset, protocol = open_dataset(gaze.place / "dataset"), open_protocol(gaze.protocol)
    windows = change(windows_of_dataset(dataset, protocol, patch_frames=network.config.patch_frames))
    tested = [person for person in sorted(set(windows.people)) if person not in {who for _, who in network.people}]
    split = split_people(windows, network, test=tested, validation_share=config.validation_share, seed=config.seed)
    folder = PLACE / gaze.name / f"labels-{name}"
    compared = compare(network, windows, split, config, folder=folder, with_baselines=False)
    (row,) = score_rows(compared, windows, split)
    return dict(row["metrics"])


def _changed(
    windows: LabelledWindows, of_clip: Callable[[Float[ndarray, "T D"]], Float[ndarray, "T D"]]
) -> LabelledWindows:
    """Every clip's gaze changed, where it is known from end to end; holes stay holes."""
    gaze = windows.gaze.copy()
    for clip, valid in enumerate(windows.valid):
        rows = np.flatnonzero(valid)
        gaze[clip, rows] = of_clip(gaze[clip, rows].astype(float))
    return replace(windows, gaze=gaze, fingerprint=f"{windows.fingerprint}-{of_clip.__name__}")


def _slow(path: Float[ndarray, "T D"]) -> Float[ndarray, "T D"]:
    """The mean over two seconds around each frame (11 frames at 5 Hz)."""
    padded = np.pad(path, ((5, 5), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, column], np.ones(11) / 11, "valid") for column in range(path.shape[1])], 1)


def _even_speed(path: Float[ndarray, "T D"]) -> Float[ndarray, "T D"]:
    """The same path at one speed from end to end: where one looked and in which order, not how fast."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    even = np.linspace(0, along[-1], len(path))
    return np.stack([np.interp(even, along, path[:, column]) for column in range(path.shape[1])], 1)


def _without_rests(path: Float[ndarray, "T D"]) -> Float[ndarray, "T D"]:
    """The moving half of the frames alone, stretched over the clip: rests are taken out."""
    speed = np.linalg.norm(np.gradient(path, axis=0), axis=1)
    moving = np.flatnonzero(speed >= np.median(speed))
    at = np.linspace(0, len(moving) - 1, len(path))
    return np.stack([np.interp(at, np.arange(len(moving)), path[moving, column]) for column in range(path.shape[1])], 1)


def _noisy(index: GazeIndex, error_deg: float) -> Float[ndarray, "R D"]:
    """Gaze in degrees with an error of this mean length, half of its variance constant in a recording."""
    rng = np.random.default_rng(SEED)
    sd_deg = error_deg / MEAN_OF_SD / np.sqrt(2)
    values = np.array(index.values)
    begins = np.asarray(index.segment_start)
    ends = np.append(begins[1:], len(values))
    offsets: dict[str, ndarray] = {}
    for name, first, stop in zip(index.recordings["recording_id"], begins, ends, strict=True):
        offset = offsets.setdefault(name, rng.normal(0, sd_deg, 2))
        values[first:stop, :2] += offset + rng.normal(0, sd_deg, (stop - first, 2))
    return values


def _noisy_directions(windows: LabelledWindows, error_deg: float) -> LabelledWindows:
    """Unit vectors turned by an error of this mean angle, half of its variance constant in a clip."""
    rng = np.random.default_rng(SEED)
    sd = np.radians(error_deg) / MEAN_OF_SD / np.sqrt(2)
    shape = windows.gaze.shape
    noise = rng.normal(0, sd, (shape[0], 1, shape[2])) + rng.normal(0, sd, shape)
    turned = windows.gaze + noise
    unit = turned / np.linalg.norm(turned, axis=2, keepdims=True)
    gaze = np.where(windows.valid[..., None], unit, np.nan).astype(np.float32)
    return replace(windows, gaze=gaze, fingerprint=f"{windows.fingerprint}-{error_deg:g}deg")


def _rank_correlation(one: Sequence[float], other: Sequence[float]) -> dict[str, float]:
    """Spearman's coefficient with the middle 95 % of resamples of networks."""
    rng = np.random.default_rng(SEED)
    pairs = np.array([one, other])
    drawn = [spearmanr(*pairs[:, rng.integers(0, len(one), len(one))]).statistic for _ in range(DRAWS)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return {"estimate": float(spearmanr(*pairs).statistic), "low": float(low), "high": float(high)}


def _settings() -> dict[str, Any]:
    return {
        "network": preset("tiny", 2).model_dump(mode="json", exclude={"num_channels"}),
        "pretraining": PRETRAINING.model_dump(mode="json", exclude={"held_out"}),
        "finetuning": FINETUNING.model_dump(mode="json"),
        "protocol": HEADS.protocol,
    }


if __name__ == "__main__":
    run()
