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

import numpy as np
from joblib import Parallel, delayed
from numpy import ndarray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from emogap.datasets.store import Dataset
from emogap.errors import DataError
from emogap.files import fingerprint_bytes, fingerprint_json, write_bytes, write_json
from emogap.learning.evaluation.attribution.clip_maps import AttributionSettings, maps_of_clips
from emogap.learning.evaluation.attribution.explained import require_classes
from emogap.learning.evaluation.fitting import checkpoint_folder, opened_dataset
from emogap.learning.evaluation.grid import Fit, make_splits, plan_fits
from emogap.learning.evaluation.protocols import Protocol
from emogap.learning.experiment import BenchConfig
from emogap.learning.training.checkpoint import Trained, load_model
from emogap.progress import track
from emogap.types import vocabulary

__all__ = [
    "ARRAYS",
    "FitMaps",
    "attribution_file",
    "attribution_of_run",
    "chosen_clips",
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


def _classes(trained: Trained) -> list[str]:
    assert trained.task.space is not None
    return list(vocabulary(trained.task.space))
