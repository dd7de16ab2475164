"""The maps of every fit of a run: computed once from its checkpoints and stored in it.

``RUN/attribution/<fingerprint of the settings>/<model>/<split>-<cell>-<seed>.npz`` holds the arrays, the ``.json``
beside it what they mean; the latter comes last.

Shapes: N networks (first the trained one, then its random controls), V views, B clips, M streams, S steps of all
streams, G places of the patch, K cells of the face.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from joblib import Parallel, delayed
from numpy import ndarray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from torch import Tensor

from emogap.datasets.frame_encoding import FrameEncoding, frame_encoding, why_not_encoded
from emogap.datasets.store import Dataset
from emogap.errors import DataError
from emogap.files import fingerprint_bytes, fingerprint_json, write_bytes, write_json
from emogap.learning.evaluation.attribution.attention import token_attention, without_attention
from emogap.learning.evaluation.attribution.control import randomised
from emogap.learning.evaluation.attribution.explained import (
    Classes,
    Network,
    class_probability,
    labelled_classes,
    predicted_classes,
    require_classes,
)
from emogap.learning.evaluation.attribution.face import (
    FACE,
    FRAMES,
    Patch,
    encoded_gradient_times_input,
    face_variants,
    gradient_times_input,
)
from emogap.learning.evaluation.attribution.occlusion import step_importance, stream_importance, variant_importance
from emogap.learning.evaluation.fitting import checkpoint_folder, opened_dataset
from emogap.learning.evaluation.grid import Fit, make_splits, plan_fits
from emogap.learning.evaluation.protocols import Protocol
from emogap.learning.experiment import BenchConfig
from emogap.learning.inputs import clips_at_once, make_batch
from emogap.learning.training.checkpoint import Trained, load_model
from emogap.models.batch import Batch, select_rows
from emogap.progress import track
from emogap.types import TaskSpec, vocabulary

__all__ = [
    "ARRAYS",
    "AttributionSettings",
    "FitMaps",
    "attribution_file",
    "attribution_of_run",
    "chosen_clips",
    "maps_of_clips",
    "read_maps",
]

SCHEMA = 1
FOLDER = "attribution"

ARRAYS = {
    "class": "position of the explained class in the vocabulary, (V, B); -1 = none",
    "probability": "of the explained class, (N, V, B)",
    "stream": "fall of that probability without each stream, (N, V, B, M)",
    "step": "fall of that probability without each step, (N, V, B, S)",
    "attention": "share of attention that a step gets, (N, B, S)",
    "relevance": "share of a step in the attention that speaks for the class, (N, V, B, S)",
    "face": "fall of the probability with a grey patch at each place of the aligned face, (N, V, B, G, G)",
    "gradient": "gradient of the logit times the pixels, summed over cells of the aligned face, (N, V, B, K, K)",
}
"""What is stored; NaN = there is no such step, frame or class."""


@dataclass(frozen=True, slots=True)
class AttributionSettings:
    """What is computed.

    Attributes
    ----------
    explained : "predicted" or "labelled"
        The class whose probability is followed in each clip and view.
    clips_per_fit : int
        So many of the test clips of each fit, evenly over their order by person and stimulus.
    controls : int
        Networks with random weights.
    face : bool
        Whether the face is covered, where the data keep frames.
    patch_px, stride_px : int
        See :class:`Patch`.
    seed : int
        Of the random weights.
    """

    explained: Literal["predicted", "labelled"] = "predicted"
    clips_per_fit: int = 20
    controls: int = 3
    face: bool = True
    patch_px: int = 24
    stride_px: int = 8
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class FitMaps:
    """Stored maps of one fit.

    Attributes
    ----------
    model, split, cell : str
    seed : int
    views : tuple of str, length V
    vocabulary : tuple of str
    streams : mapping from name to number of steps
        In the order of M and S.
    people : tuple of str, length B
    arrays : mapping from name in :data:`ARRAYS` to array
        Those that the model and the data allow.
    missing : mapping from name to str
        Why the others are not there.
    """

    model: str
    split: str
    cell: str
    seed: int
    views: tuple[str, ...]
    vocabulary: tuple[str, ...]
    streams: Mapping[str, int]
    people: tuple[str, ...]
    arrays: Mapping[str, ndarray]
    missing: Mapping[str, str]


def attribution_of_run(
    dataset_path: Path,
    run: Path,
    config: BenchConfig,
    protocol: Protocol,
    settings: AttributionSettings,
    *,
    jobs: int = 1,
) -> tuple[FitMaps, ...]:
    """The maps of every fit of the models that were asked for; what is stored is not computed again.

    Floors look at no stream and are left out.

    Parameters
    ----------
    dataset_path, run : Path
        The data set, and a finished run on it.
    config : BenchConfig
        That of the run.
    protocol : Protocol
    settings : AttributionSettings
    jobs : int
        Processes.

    Raises
    ------
    UsageError
        If the protocol asks for values, or a model is fitted in closed form.
    DataError
        If a checkpoint is absent or damaged.
    """
    dataset = opened_dataset(dataset_path, config)
    fits = [
        fit
        for fit in plan_fits(dataset, config, protocol, make_splits(dataset, config))[0]
        if fit.model in config.models
    ]
    for fit in fits:
        require_classes(fit.task)
    work = [delayed(_of_fit)(dataset_path, run, config, fit, settings) for fit in fits]
    done = Parallel(n_jobs=jobs if len(fits) > 1 else 1, return_as="generator")(work)
    return tuple(track(done, f"{protocol.name}: maps", total=len(fits)))


def attribution_file(run: Path, fit: Fit, settings: AttributionSettings) -> Path:
    """Where the arrays of one fit are; what they mean is in the ``.json`` beside it."""
    return run / FOLDER / fingerprint_json(asdict(settings)) / fit.model / f"{fit.folder_name}.npz"


def read_maps(path: Path) -> FitMaps:
    """The maps in the file `path`.

    Raises
    ------
    DataError
        If a file is absent or damaged, or the two do not belong together.
    """
    try:
        content = path.read_bytes()
        told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(
            f"the maps cannot be read: {error}", where=str(path), fix="run the experiment of kind attention again"
        ) from error
    if told.get("schema") != SCHEMA or told.get("arrays_fingerprint") != fingerprint_bytes([content]):
        raise DataError(
            "the maps are damaged, or of another version",
            where=str(path),
            fix="remove both files and compute them again",
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return FitMaps(
        model=told["model"],
        split=told["split"],
        cell=told["cell"],
        seed=told["seed"],
        views=tuple(told["views"]),
        vocabulary=tuple(told["vocabulary"]),
        streams=dict(told["streams"]),
        people=tuple(told["people"]),
        arrays=arrays,
        missing=told["missing"],
    )


def chosen_clips(rows: Sequence[int], most: int) -> tuple[int, ...]:
    """At most `most` of `rows`, evenly over their order, first and last included.

    Examples
    --------
    >>> chosen_clips([3, 5, 6, 8, 9], 3), chosen_clips([3, 5], 3)
    ((3, 6, 9), (3, 5))
    """
    if len(rows) <= most:
        return tuple(rows)
    return tuple(rows[round(at)] for at in np.linspace(0, len(rows) - 1, most).tolist())


def _of_fit(dataset_path: Path, run: Path, config: BenchConfig, fit: Fit, settings: AttributionSettings) -> FitMaps:
    dataset = opened_dataset(dataset_path, config)
    path, trained = attribution_file(run, fit, settings), load_model(checkpoint_folder(run, fit))
    job = fingerprint_json(
        {"schema": SCHEMA, "settings": asdict(settings), "fit": trained.job, "data": dataset.fingerprint}
    )
    if not _is_stored(path, job):
        with threadpool_limits(1):
            _store(path, job, dataset, fit, trained, settings)
    return read_maps(path)


def _is_stored(path: Path, job: str) -> bool:
    told = path.with_suffix(".json")
    return told.is_file() and path.is_file() and json.loads(told.read_text(encoding="utf-8")).get("job") == job


def _store(path: Path, job: str, dataset: Dataset, fit: Fit, trained: Trained, settings: AttributionSettings) -> None:
    rows = chosen_clips(fit.test, settings.clips_per_fit)
    arrays, missing = maps_of_clips(dataset, rows, trained, settings)
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    write_bytes(path, packed.getvalue())
    write_json(
        path.with_suffix(".json"),
        {
            "schema": SCHEMA,
            "job": job,
            "model": fit.model,
            "split": fit.split,
            "cell": fit.cell,
            "seed": fit.seed,
            "settings": asdict(settings),
            "views": [view.value for view in fit.task.views],
            "vocabulary": _classes(trained),
            "streams": [[name, shape[0]] for name, shape in fit.task.streams.items()],
            "people": [dataset.keys[row].participant_id for row in rows],
            "stimuli": [dataset.keys[row].stimulus_id for row in rows],
            "arrays": {name: ARRAYS[name] for name in arrays},
            "arrays_fingerprint": fingerprint_bytes([packed.getvalue()]),
            "missing": missing,
        },
    )


def maps_of_clips(
    dataset: Dataset, rows: Sequence[int], trained: Trained, settings: AttributionSettings
) -> tuple[dict[str, ndarray], dict[str, str]]:
    """All of :data:`ARRAYS` that there are for the clips at `rows`, and why others are absent."""
    controls = range(settings.controls)
    networks: list[Network] = [trained.model, *(randomised(trained, seed=settings.seed + each) for each in controls)]
    encoding = _encoding(dataset, trained, settings)
    missing = _missing(dataset, trained, settings, encoding)
    batch = make_batch(dataset, rows, trained.scaler, trained.task)
    classes = labelled_classes(batch) if settings.explained == "labelled" else _predicted(trained, batch)
    views = tuple(classes)
    parts: dict[str, list[ndarray]] = {}
    for network in networks:
        for name, map_ in _of_network(network, batch, classes, missing).items():
            parts.setdefault(name, []).append(map_)
    arrays = {name: np.stack(maps) for name, maps in parts.items()}
    if "face" not in missing:
        arrays["face"] = _face_maps(dataset, rows, trained, networks, batch, classes, settings, encoding)
    if "gradient" not in missing:
        pieces = [_gradient_maps(dataset, rows, trained, each, batch, classes, settings, encoding) for each in networks]
        arrays["gradient"] = np.stack(pieces)
    return {"class": np.stack([classes[view].numpy() for view in views]), **arrays}, missing


def _encoding(dataset: Dataset, trained: Trained, settings: AttributionSettings) -> FrameEncoding | None:
    """The encoder that turns covered frames into what the model reads; None if it reads frames, or there is none."""
    streams = trained.task.streams
    if not settings.face or FRAMES in streams or FACE not in streams or why_not_encoded(dataset):
        return None
    return frame_encoding(dataset)


def _missing(
    dataset: Dataset, trained: Trained, settings: AttributionSettings, encoding: FrameEncoding | None
) -> dict[str, str]:
    missing: dict[str, str] = {}
    if reason := without_attention(trained.model):
        missing |= {"attention": reason, "relevance": reason}
    if not settings.face:
        return missing | {"face": "not asked for", "gradient": "not asked for"}
    if FRAMES in trained.task.streams:
        return missing
    if encoding is None:
        reason = why_not_encoded(dataset) if FACE in trained.task.streams else "it does not read the face"
        return missing | {"face": reason, "gradient": reason}
    if encoding.pull_back is None:
        missing["gradient"] = f"it reads features, and the encoder {dataset.config['face_encoder']} has no gradient"
    return missing


def _of_network(
    network: Network, batch: Batch, classes: Classes, missing: Mapping[str, str]
) -> dict[str, Float[ndarray, "..."]]:
    """Every map but those of the face, in parts that fit into memory."""
    views, pieces = tuple(classes), []
    for rows in _in_turn(batch, network.task):
        few, asked = select_rows(batch, rows), {view: of_all[rows] for view, of_all in classes.items()}
        with torch.no_grad():
            maps = {"probability": _stacked(class_probability(network, few, asked), views)}
        maps["stream"] = _stacked(stream_importance(network, few, asked), views)
        maps["step"] = _stacked(step_importance(network, few, asked), views)
        if "attention" not in missing:
            found = token_attention(network, few, asked)
            is_there = torch.cat([few.masks[name] for name in network.task.streams], dim=1)
            nothing = torch.tensor(torch.nan)
            maps["attention"] = found.weight.where(is_there, nothing).numpy()
            maps["relevance"] = _stacked(found.relevance, views)
            maps["relevance"][:, ~is_there.numpy()] = np.nan
        pieces.append(maps)
    return {
        name: np.concatenate([piece[name] for piece in pieces], axis=0 if name == "attention" else 1)
        for name in pieces[0]
    }


def _face_maps(
    dataset: Dataset,
    rows: Sequence[int],
    trained: Trained,
    networks: Sequence[Network],
    batch: Batch,
    classes: Classes,
    settings: AttributionSettings,
    encoding: FrameEncoding | None,
) -> Float[ndarray, "N V B G G"]:
    patch, views = Patch(settings.patch_px, settings.stride_px), tuple(classes)
    encode = None if encoding is None else encoding.encode
    side = patch.num_places
    maps = np.full((len(networks), len(views), len(rows), side, side), np.nan, np.float32)
    for clip, row in enumerate(rows):
        variants = face_variants(dataset, row, patch=patch, scaler=trained.scaler, encode=encode)
        if variants is None:
            continue
        one = torch.tensor([clip])
        asked = {view: of_all[one] for view, of_all in classes.items()}
        for number, network in enumerate(networks):
            falls = variant_importance(
                network,
                select_rows(batch, one),
                asked,
                name=FACE if encode is not None else FRAMES,
                variants_VTX=variants,
            )
            maps[number, :, clip] = _stacked(falls, views).reshape(len(views), side, side)
    return maps


def _gradient_maps(
    dataset: Dataset,
    rows: Sequence[int],
    trained: Trained,
    network: Network,
    batch: Batch,
    classes: Classes,
    settings: AttributionSettings,
    encoding: FrameEncoding | None,
) -> Float[ndarray, "V B K K"]:
    views, pieces = tuple(classes), []
    for part in _in_turn(batch, network.task):
        few, asked = select_rows(batch, part), {view: of_all[part] for view, of_all in classes.items()}
        if encoding is None:
            maps = gradient_times_input(network, few, asked, cell_px=settings.stride_px)
        else:
            assert encoding.pull_back is not None
            maps = encoded_gradient_times_input(
                network,
                few,
                asked,
                frames=np.asarray(dataset.streams[FRAMES][[rows[clip] for clip in part.tolist()]]),
                scaler=trained.scaler,
                pull_back=encoding.pull_back,
                cell_px=settings.stride_px,
            )
        pieces.append(_stacked(maps, views))
    return np.concatenate(pieces, axis=1)


def _predicted(trained: Trained, batch: Batch) -> dict[str, Tensor]:
    pieces = [predicted_classes(trained.model, select_rows(batch, rows)) for rows in _in_turn(batch, trained.task)]
    return {view: torch.cat([piece[view] for piece in pieces]) for view in pieces[0]}


def _in_turn(batch: Batch, task: TaskSpec) -> tuple[Tensor, ...]:
    """Positions of the clips, in parts that go through a network together."""
    return torch.split(torch.arange(batch.num_clips), clips_at_once(task))


def _stacked(by_view: Mapping[str, Tensor], views: Sequence[str]) -> Float[ndarray, "V ..."]:
    return torch.stack([by_view[view].detach() for view in views]).numpy()


def _classes(trained: Trained) -> list[str]:
    assert trained.task.space is not None
    return list(vocabulary(trained.task.space))
