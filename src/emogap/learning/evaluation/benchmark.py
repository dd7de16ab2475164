"""A whole benchmark: every fit in parallel, taken up again where it stopped, then every number."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import polars as pl
from joblib import Parallel, delayed

from emogap.counted_nouns import counted
from emogap.datasets.channel_choice import keep_channels
from emogap.datasets.splits import Split
from emogap.datasets.store import Dataset, note_derived, open_dataset
from emogap.errors import UsageError
from emogap.files import write_json
from emogap.learning.evaluation.confounds import probe_confounds
from emogap.learning.evaluation.fit_store import fit_folder
from emogap.learning.evaluation.fitting import FitDone, FitFailure, fit_training, part_file, run_fit
from emogap.learning.evaluation.grid import Fit, fit_options, is_closed_form, make_splits, plan_fits
from emogap.learning.evaluation.predictions import read_predictions, sorted_predictions, write_parquet
from emogap.learning.evaluation.protocols import Protocol, open_protocol, require_labels
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.evaluation.run_folder import (
    CONFOUNDS_FILE,
    PREDICTIONS_FILE,
    SCHEMA,
    SCORES_FILE,
    claim_folder,
    dataset_record,
    default_folder,
    job_fingerprint,
    machine_record,
    version_record,
    write_run,
)
from emogap.learning.evaluation.scores import score_predictions
from emogap.learning.experiment import BenchConfig, model_and_streams
from emogap.learning.training.config import PRESET_EPOCHS
from emogap.models.zoo import pretrained_parts
from emogap.progress import track
from emogap.types.confounds import Confounds
from emogap.types.run import RunRecord
from emogap.types.scores import Scores

__all__ = ["BenchReport", "run_benchmark"]


@dataclass(frozen=True, slots=True)
class BenchReport:
    """What came of a benchmark.

    Attributes
    ----------
    path : Path
        The folder of the run.
    record : RunRecord
        The content of its ``run.toml``.
    scores : Scores
        The content of its ``scores.json``.
    confounds : Confounds
        The content of its ``confounds.json``: what facts that are no emotion predict alone.
    failures : tuple of FitFailure
        Fits that did not come to an end; running the same benchmark again tries them again.
    num_trained : int
        Fits that were trained this time; the others were there before, or found in the store of fits.
    """

    path: Path
    record: RunRecord
    scores: Scores
    confounds: Confounds
    failures: tuple[FitFailure, ...]
    num_trained: int = 0


def run_benchmark(
    dataset_path: Path,
    config: BenchConfig,
    out: Path | None = None,
    *,
    jobs: int = 1,
    command: str = "",
    scoring: Scoring | None = None,
    fits: Path | None = None,
) -> BenchReport:
    """Fit every model in every cell, store the out-of-fold predictions, and compute every number from them.

    A killed benchmark goes on where it stopped: a finished fit is a part file, an unfinished one has its epochs.
    The numbers do not depend on `jobs`, nor on how often it was stopped.

    Parameters
    ----------
    dataset_path : Path
        Folder of a data set.
    config : BenchConfig
    out : Path, optional
        Folder of the run; ``runs/<protocol>-<hash>`` if None.
    jobs : int
        Processes, with one thread each.
    command : str
        What was typed, for the record.
    scoring : Scoring, optional
        Draws of intervals and tests; the defaults if None. The compatibility values follow `config`.
    fits : Path, optional
        Store of single fits that runs share: what is there is not trained again. The run then holds hard links to its
        checkpoints. Its numbers are those of a run without a store.

    Raises
    ------
    UsageError
        If the data do not carry the labels of the protocol, a split cannot be made, `out` holds something else,
        or not one fit succeeded.
    MismatchError
        If `out` holds another run, or a stored split belongs to other data.
    DataError
        If the data set is damaged.
    OutputError
        If the disk is full; what was finished is kept.
    """
    begun = perf_counter()
    dataset = open_dataset(dataset_path)
    protocol = open_protocol(config.protocol)
    require_labels(protocol, dataset)
    run = default_folder(config, dataset) if out is None else out
    splits = make_splits(dataset, config)
    seen = keep_channels(dataset, config.channels or {})
    planned, refused = plan_fits(seen, config, protocol, splits)
    job = job_fingerprint(config, dataset, pretrained=_pretrained_jobs(config, planned))
    before = claim_folder(run, job=job)
    note_derived(dataset, run, by="bench")
    record = _record(config, dataset, splits, job=job, num_fits=len(planned), jobs=jobs, command=command)
    record["seconds"] = before["seconds"] if before else 0.0
    write_run(run, record)
    left_out = [FitFailure(model, protocol.targets[0], "", "", 0, problem) for model, problem in refused.items()]
    rounds = _rounds(seen, config, _pending(run, planned), fits)
    done = [_run_fits(dataset.path, run, config, protocol, chosen, jobs=jobs, store=fits) for chosen in rounds]
    failures = (*left_out, *(failure for failed, _ in done for failure in failed))
    predictions = _collect(run, planned, failures)
    options = scoring or Scoring()
    scores = score_predictions(
        predictions,
        protocol=protocol.name,
        models=[model for model in config.models_run if model not in refused],
        simulated=dataset.simulated,
        ceilings=dataset.ceilings,
        scoring=Scoring(options.draws, options.seed, config.metric_compat == "emer-batch16"),
    )
    write_json(run / SCORES_FILE, scores)
    confounds = probe_confounds(dataset, predictions, scores, splits, scoring=options)
    write_json(run / CONFOUNDS_FILE, confounds)
    record["is_finished"] = not failures
    record["failures"] = [asdict(failure) for failure in failures]  # type: ignore[misc]
    record["seconds"] = round(record["seconds"] + perf_counter() - begun, 1)
    write_run(run, record)
    return BenchReport(run, record, scores, confounds, failures, sum(num_trained for _, num_trained in done))


def _record(
    config: BenchConfig,
    dataset: Dataset,
    splits: Sequence[Split],
    *,
    job: str,
    num_fits: int,
    jobs: int,
    command: str,
) -> RunRecord:
    return {
        "schema": SCHEMA,
        "job": job,
        "command": command,
        "is_finished": False,
        "config": config.described() | {"cells": config.cells_run},
        "dataset": dataset_record(dataset),
        "splits": {f"{split.name}-{split.seed}": split.fingerprint for split in splits},
        "split_notes": list(
            dict.fromkeys(
                f"{split.name}: {note}" for split in splits if split.name != "person-thinned" for note in split.notes
            )
        ),
        "models": list(config.models_run),
        "epochs": PRESET_EPOCHS[config.preset],
        "num_fits": num_fits,
        "jobs": jobs,
        "seconds": 0.0,
        "versions": version_record(),
        "machine": machine_record(),
        "failures": [],
    }


def _pretrained_jobs(config: BenchConfig, fits: Sequence[Fit]) -> tuple[str, ...]:
    """Fingerprints of all pre-trainings that models of the run start from."""
    parts = (
        part for fit in fits for part in pretrained_parts(model_and_streams(fit.model)[0], fit_options(config, fit))
    )
    return tuple(sorted({part.network.job for part in parts}))


def _pending(run: Path, fits: Sequence[Fit]) -> tuple[Fit, ...]:
    """The fits of which neither a part file nor a row of the predictions is there."""
    stored = _stored_fits(run)
    return tuple(fit for fit in fits if fit.identity not in stored and not part_file(run, fit).is_file())


def _stored_fits(run: Path) -> set[tuple[object, ...]]:
    if not (run / PREDICTIONS_FILE).is_file():
        return set()
    columns = ("model", "target", "split", "cell", "seed")
    return set(read_predictions(run / PREDICTIONS_FILE).select(columns).unique().iter_rows())


def _rounds(
    dataset: Dataset, config: BenchConfig, fits: Sequence[Fit], store: Path | None
) -> tuple[tuple[Fit, ...], ...]:
    """`fits` as they may run side by side: what the store would train twice waits for the first to be there."""
    if store is None:
        return (tuple(fits),)
    first: dict[Path, Fit] = {}
    for fit in fits:
        first.setdefault(fit_folder(store, dataset, fit, fit_options(config, fit), fit_training(config, fit)), fit)
    chosen = {fit.identity for fit in first.values()}
    return tuple(first.values()), tuple(fit for fit in fits if fit.identity not in chosen)


def _run_fits(
    dataset_path: Path,
    run: Path,
    config: BenchConfig,
    protocol: Protocol,
    fits: Sequence[Fit],
    *,
    jobs: int,
    store: Path | None,
) -> tuple[tuple[FitFailure, ...], int]:
    """Run `fits`; the failures, and how many were trained."""
    # Networks first: whatever is left at the end is a closed form of milliseconds, so that no process waits long.
    order = sorted(fits, key=is_closed_form)
    work = [delayed(run_fit)(dataset_path, run, config, protocol, fit, fits=store) for fit in order]
    done = Parallel(n_jobs=jobs if len(fits) > 1 else 1, return_as="generator_unordered")(work)
    results = list(track(done, f"{protocol.name}: fits", total=len(fits)))
    failures = [result for result in results if isinstance(result, FitFailure)]
    num_trained = sum(isinstance(result, FitDone) and result.was_trained for result in results)
    failed = sorted(failures, key=lambda failure: (failure.model, failure.split, failure.seed, failure.cell))
    return tuple(failed), num_trained


def _collect(run: Path, fits: Sequence[Fit], failures: Sequence[FitFailure]) -> pl.DataFrame:
    """All predictions in one file; the part files are removed once they are in it."""
    stored = _stored_fits(run)
    frames = [read_predictions(run / PREDICTIONS_FILE)] if stored else []
    frames += [
        read_predictions(part_file(run, fit))
        for fit in fits
        if fit.identity not in stored and part_file(run, fit).is_file()
    ]
    if not frames:
        raise UsageError(
            f"not one of {counted(len(fits), 'fit')} came to an end; the first: {failures[0].model}:"
            f" {failures[0].problem}",
            where=str(run),
            fix="mend what the message says and run the same command again",
        )
    predictions = sorted_predictions(frames)
    if len(frames) > bool(stored):
        write_parquet(run / PREDICTIONS_FILE, predictions)
    if (run / "parts").is_dir():
        shutil.rmtree(run / "parts")
    return predictions
