"""Fits from pre-trained weights, beside the four baselines: all on the same windows of the same people."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import MismatchError
from emogap.files import fingerprint_json
from emogap.learning.finetuning.baselines import mean_prediction, statistics_prediction
from emogap.learning.finetuning.checkpoint import (
    Finetuned,
    Start,
    load_finetuned,
    network_inputs,
    new_network,
    save_finetuned,
    stored_job,
)
from emogap.learning.finetuning.config import FinetuningConfig
from emogap.learning.finetuning.fit import Inputs, fit_network, forget_standing
from emogap.learning.finetuning.people import PeopleSplit
from emogap.learning.finetuning.undersampling import undersampled
from emogap.learning.finetuning.windows import LabelledWindows, require_classes
from emogap.learning.pretraining.checkpoint import Pretrained
from emogap.learning.randomness import derived_seed, seeded
from emogap.models.glass.heads import LabelledGlass

__all__ = ["ROWS", "Compared", "compare", "finetune", "require_same_gaze"]

ROWS: Mapping[str, str] = {
    "mean": "mean label of the training people",
    "statistics": "linear model on 29 statistics",
    "cnn": "temporal CNN, 3 convolutions",
    "random": "the same encoder and head from random weights, all trained",
    "pretrained": "pre-trained encoder, fine-tuned",
}
"""Rows of the comparison in their order, and what they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """What every row says of the test windows.

    Attributes
    ----------
    fits : tuple of Finetuned
        From pre-trained weights, one per seed.
    told : mapping from row to float64 array, shape (seeds, R, O)
        Values on the scale, or probabilities; one seed for the rows without chance. Empty if nobody was tested.
    """

    fits: tuple[Finetuned, ...]
    told: Mapping[str, Float[ndarray, "seeds R O"]]


def require_same_gaze(pretrained: Pretrained, windows: LabelledWindows) -> None:
    """Raise unless the windows hold what the network was pre-trained on.

    Raises
    ------
    MismatchError
        If channels or rate differ, or a window is no whole number of patches.
    """
    if windows.channels != pretrained.channels:
        raise MismatchError(
            f"the gaze has the channels {', '.join(windows.channels)}, the network reads"
            f" {', '.join(pretrained.channels)}",
            fix="index or build the gaze again with the channels of the pre-training",
        )
    if not np.isclose(windows.rate_hz, pretrained.rate_hz, rtol=1e-6):
        raise MismatchError(
            f"the gaze has {windows.rate_hz:g} frames a second, the network reads {pretrained.rate_hz:g}",
            fix=f"index or build the gaze again at {pretrained.rate_hz:g} Hz",
        )
    num_frames, patch = windows.gaze.shape[1], pretrained.config.patch_frames
    if num_frames % patch:
        raise MismatchError(
            f"a window of {counted(num_frames, 'frame')} is no whole number of patches of {patch}",
            fix=f"index again with a --past that is a multiple of {patch / pretrained.rate_hz:g} s",
        )


def compare(
    pretrained: Pretrained,
    windows: LabelledWindows,
    split: PeopleSplit,
    config: FinetuningConfig,
    *,
    folder: Path,
    with_baselines: bool = True,
) -> Compared:
    """Fit every row on the same people and apply it to the same test windows.

    Parameters
    ----------
    pretrained : Pretrained
    windows : LabelledWindows
    split : PeopleSplit
        Without test rows only the fits from pre-trained weights are made.
    config : FinetuningConfig
    folder : Path
        Takes a folder per row and seed: ``pretrained-0``. What is finished there is read, not repeated.
    with_baselines : bool

    Raises
    ------
    MismatchError
        If the windows are not what the network was pre-trained on, or the folder holds other fits.
    DataError
        If the training or the test people have one class only.
    UsageError
        If the chunks of the head do not fit, or a loss is not finite.
    """
    require_same_gaze(pretrained, windows)
    require_classes(windows, split.training, who="training")
    if len(split.test):
        require_classes(windows, split.test, who="test")
    seeds = range(config.seed, config.seed + config.num_seeds)
    fits = tuple(finetune("pretrained", pretrained, windows, split, config, seed=seed, folder=folder) for seed in seeds)
    if not len(split.test):
        return Compared(fits, {})
    told: dict[str, Float[ndarray, "seeds R O"]] = {}
    if with_baselines:
        told["mean"] = mean_prediction(windows, split.training, split.test)[None]
        told["statistics"] = statistics_prediction(windows, split.training, split.validation, split.test)[None]
        whole = config.model_copy(update={"head_first_epochs": 0, "unfrozen_share": 1.0})
        for start in ("cnn", "random"):
            others = [finetune(start, pretrained, windows, split, whole, seed=seed, folder=folder) for seed in seeds]
            told[start] = _told(others, windows, split)
    told["pretrained"] = _told(fits, windows, split)
    return Compared(fits, told)


def _told(
    fits: tuple[Finetuned, ...] | list[Finetuned], windows: LabelledWindows, split: PeopleSplit
) -> Float[ndarray, "seeds R O"]:
    return np.stack([fit.told(windows.gaze[split.test], windows.valid[split.test]) for fit in fits])


def finetune(
    start: Start,
    pretrained: Pretrained,
    windows: LabelledWindows,
    split: PeopleSplit,
    config: FinetuningConfig,
    *,
    seed: int,
    folder: Path,
) -> Finetuned:
    """One fit, in the folder ``<start>-<seed>`` of `folder`; read from there if it is finished.

    Parameters
    ----------
    start : Start
        From which weights; ``random`` and ``cnn`` know of the pre-training its sizes and channels alone.
    pretrained : Pretrained
    windows : LabelledWindows
    split : PeopleSplit
        Its test rows are not looked at.
    config : FinetuningConfig
    seed : int
        Of head, random weights, order of windows and dropout.
    folder : Path

    Raises
    ------
    MismatchError
        If the folder holds another fit.
    UsageError
        If the chunks of the head do not fit the window, or a loss is not finite.
    """
    place = folder / f"{start}-{seed}"
    training_rows = split.training
    if config.tail_share is not None and windows.question.kind == "values":
        rng = np.random.default_rng(derived_seed(seed, 5))
        training_rows = training_rows[undersampled(windows.label[training_rows], config.tail_share, rng)]
    mean, sd = _standard(start, pretrained, windows, split.training, config)
    job = fingerprint_json(
        {
            "start": start,
            "pretraining": pretrained.job if start == "pretrained" else None,
            "glass": pretrained.config.model_dump(mode="json"),
            "windows": windows.identity,
            "rows": [training_rows.tolist(), split.validation.tolist()],
            "config": config.model_dump(mode="json", exclude={"accelerator", "num_seeds", "seed"}),
            "seed": seed,
            "mean": mean.tolist(),
            "sd": sd.tolist(),
        }
    )
    if (stored := stored_job(place)) is not None:
        if stored != job:
            raise MismatchError(
                "the folder holds a network that was fitted with other options, data or people",
                where=str(place),
                fix="choose another folder, or remove this one",
            )
        return load_finetuned(place)
    num_frames = windows.gaze.shape[1]
    with seeded(derived_seed(seed)):
        network = new_network(
            start, pretrained.config, config, windows.question, num_frames=num_frames, rate_hz=windows.rate_hz
        )
    if start == "pretrained":
        assert isinstance(network, LabelledGlass)
        network.encoder.load_state_dict(pretrained.model.encoder.state_dict())
    training, validation = (_inputs(windows, rows, mean, sd) for rows in (training_rows, split.validation))
    history, best_epoch = fit_network(
        network, windows.question, training, validation, config, seed=seed, folder=place, job=job,
        title=f"{start}, seed {seed}",
    )  # fmt: skip
    people = [_people(windows, rows) for rows in (split.training, split.validation, split.test)]
    finetuned = Finetuned(
        network=network,
        start=start,
        glass=pretrained.config,
        question=windows.question,
        config=config,
        seed=seed,
        mean=mean,
        sd=sd,
        channels=windows.channels,
        rate_hz=windows.rate_hz,
        num_frames=num_frames,
        measured_from=windows.measured_from,
        data=windows.name,
        simulated=windows.simulated or (start == "pretrained" and pretrained.simulated),
        pretraining_people=pretrained.people if start == "pretrained" else (),
        training_people=people[0],
        validation_people=people[1],
        test_people=people[2],
        history=history,
        best_epoch=best_epoch,
        pretraining_job=pretrained.job if start == "pretrained" else "",
        job=job,
    )
    save_finetuned(place, finetuned)
    forget_standing(place)
    return finetuned


def _standard(
    start: Start, pretrained: Pretrained, windows: LabelledWindows, training: ndarray, config: FinetuningConfig
) -> tuple[Float[ndarray, " D"], Float[ndarray, " D"]]:
    """Mean and SD of each channel over the valid frames of training people, here or in pre-training."""
    if start == "pretrained" and config.standardise_by == "pretraining":
        return pretrained.mean, pretrained.sd
    known = windows.gaze[training][windows.valid[training]].astype(np.float64)
    sd = known.std(axis=0)
    return known.mean(axis=0), np.where(sd > 0, sd, 1.0)


def _inputs(windows: LabelledWindows, rows: ndarray, mean: ndarray, sd: ndarray) -> Inputs:
    gaze, valid = network_inputs(windows.gaze[rows], windows.valid[rows], mean, sd)
    return Inputs(gaze, valid, torch.from_numpy(windows.question.aimed(windows.label[rows])).float())


def _people(windows: LabelledWindows, rows: ndarray) -> tuple[tuple[str, str], ...]:
    return tuple((windows.name, name) for name in sorted({windows.people[row] for row in rows}))
