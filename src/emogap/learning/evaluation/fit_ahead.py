"""The fits of several benchmarks, trained side by side before the first is scored, so that no process waits between."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from joblib import Parallel, delayed

from emogap.datasets.channel_choice import keep_channels
from emogap.datasets.store import Dataset, open_dataset
from emogap.learning.evaluation.fit_store import fit_folder
from emogap.learning.evaluation.fitting import FitDone, fit_training, store_fit
from emogap.learning.evaluation.grid import Fit, fit_options, is_closed_form, make_splits, plan_fits
from emogap.learning.evaluation.protocols import Protocol, open_protocol, require_labels
from emogap.learning.evaluation.run_folder import PREDICTIONS_FILE
from emogap.learning.experiment import BenchConfig
from emogap.progress import track

__all__ = ["fit_ahead"]


def fit_ahead(dataset_path: Path, configs: Sequence[BenchConfig], fits: Path, *, jobs: int, title: str) -> int:
    """Train what the benchmarks `configs` need and the store `fits` lacks, each fit once; returns how many it trained.

    What fails is left to the benchmark that needs it, which tries it again and says why. One benchmark, or one
    process, has nothing to gain: then nothing is done.

    Parameters
    ----------
    dataset_path : Path
    configs : sequence of BenchConfig
    fits : Path
        Store of single fits, as of :func:`emogap.learning.evaluation.benchmark.run_benchmark`.
    jobs : int
        Processes, with one thread each.
    title : str
        Of the progress bar.

    Raises
    ------
    UsageError
        If the data do not carry the labels of a protocol, or a split cannot be made.
    DataError
        If the data set is damaged.
    OutputError
        If the disk is full: what was finished is kept.
    """
    if len(configs) < 2 or jobs < 2:
        return 0
    dataset = open_dataset(dataset_path)
    missing: dict[Path, tuple[BenchConfig, Protocol, Fit]] = {}
    for config in configs:
        protocol = open_protocol(config.protocol)
        require_labels(protocol, dataset)
        for folder, fit in _folders(dataset, config, protocol, fits):
            if not (folder / PREDICTIONS_FILE).is_file():
                missing.setdefault(folder, (config, protocol, fit))
    # Networks first: whatever is left at the end is a closed form of milliseconds, so that no process waits long.
    order = sorted(missing.values(), key=lambda each: is_closed_form(each[2]))
    work = [delayed(store_fit)(dataset_path, config, protocol, fit, fits=fits) for config, protocol, fit in order]
    done = Parallel(n_jobs=jobs, return_as="generator_unordered")(work)
    return sum(isinstance(each, FitDone) for each in track(done, title, total=len(work)))


def _folders(dataset: Dataset, config: BenchConfig, protocol: Protocol, fits: Path) -> Iterator[tuple[Path, Fit]]:
    seen = keep_channels(dataset, config.channels or {})
    planned, _ = plan_fits(seen, config, protocol, make_splits(dataset, config))
    for fit in planned:
        yield fit_folder(fits, seen, fit, fit_options(config, fit), fit_training(config, fit)), fit
