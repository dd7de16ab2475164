"""Across data sets: a model fitted on one and tested on another, beside one fitted on other people of the second.

Standardisation, choice of the epoch and everything else that is fitted see the training data alone. Read
:mod:`emogap.learning.evaluation.shared_ground` first.

Shapes: N clips of the test data, K classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from emogap.datasets.dealing import validation_people
from emogap.datasets.labels import label_array
from emogap.datasets.splits import make_split
from emogap.datasets.store import Dataset
from emogap.files import fingerprint_json
from emogap.learning.evaluation.aligned import Aligned, align
from emogap.learning.evaluation.predictions import prediction_frame
from emogap.learning.evaluation.protocols import Protocol
from emogap.learning.evaluation.rows import PRIMARY, Scoring, interval_record, score_row
from emogap.learning.evaluation.shared_ground import SharedGround, labelled_rows
from emogap.learning.experiment import BenchSettings, model_and_streams, model_options
from emogap.learning.inputs import stream_shapes
from emogap.learning.prediction import predict_rows
from emogap.learning.pretrained_parts import require_unseen_people, settle_pretrained
from emogap.learning.training.config import preset_training
from emogap.learning.training.loop import fit_model
from emogap.progress import track, without_bars
from emogap.scoring import bootstrap_difference
from emogap.types import Prediction, Target, TaskSpec
from emogap.types.scores import IntervalRecord, ScoreRow

__all__ = ["MAJORITY", "TransferScores", "score_transfer", "transfer_predictions"]

ACROSS, WITHIN = "across", "within"
MAJORITY = "majority"


@dataclass(frozen=True, slots=True)
class TransferScores:
    """One target.

    Attributes
    ----------
    target : str
    num_clips, num_people : int
        Of the test data.
    across, within : tuple of ScoreRow
        Models fitted on the training data set, and on the other people of the test data set; on the same clips.
    loss : mapping from model to IntervalRecord
        Primary metric within minus across.
    """

    target: str
    num_clips: int
    num_people: int
    across: tuple[ScoreRow, ...]
    within: tuple[ScoreRow, ...]
    loss: dict[str, IntervalRecord]


def transfer_predictions(
    ground: SharedGround, protocol: Protocol, settings: BenchSettings, *, folder: Path
) -> pl.DataFrame:
    """What every model, and the majority, says of all clips of the test data: fitted across, and within by folds.

    Parameters
    ----------
    ground : SharedGround
    protocol : Protocol
    settings : BenchSettings
        Models, preset, recipe, options, folds; the first of `seeds` is 0.
    folder : Path
        Takes the fitted models; a fit that is there already is read, not repeated.

    Returns
    -------
    polars.DataFrame
        As :func:`emogap.learning.evaluation.predictions.read_predictions` gives it, with the splits ``across`` and
        ``within``.

    Raises
    ------
    MismatchError
        If a model asks for a stream that the two do not share, or starts from a pre-training that saw the test people.
    """
    frames = []
    models = tuple(dict.fromkeys((*settings.models, MAJORITY)))
    work = [(model, target, seed) for model in models for target in protocol.targets for seed in range(settings.seeds)]
    for model, target, seed in track(work, f"{protocol.name}: transfer", total=len(work)):
        fit = _Fit(ground, protocol, settings, folder, model, target, seed)
        with threadpool_limits(1), without_bars():
            frames += [fit.across(), *fit.within()]
    return pl.concat(frames)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """One model, target and seed."""

    ground: SharedGround
    protocol: Protocol
    settings: BenchSettings
    folder: Path
    model: str
    target: Target
    seed: int

    def across(self) -> pl.DataFrame:
        train = self.ground.train
        rows = labelled_rows(train, self.protocol, self.target)
        people = sorted({train.keys[row].participant_id for row in rows})
        held = validation_people(people, seed=self.seed, fold=0)
        validation = [row for row in rows if train.keys[row].participant_id in held]
        learnt = [row for row in rows if train.keys[row].participant_id not in held]
        test = labelled_rows(self.ground.test, self.protocol, self.target)
        return self._predicted(train, learnt, validation, test, split=ACROSS, cell="p0", fold=0)

    def within(self) -> list[pl.DataFrame]:
        test = self.ground.test
        is_labelled = set(labelled_rows(test, self.protocol, self.target))
        split = make_split(test, "person", seed=self.seed, folds=self.settings.folds)

        def labelled(rows: Sequence[int]) -> list[int]:
            return [row for row in rows if row in is_labelled]

        frames = []
        for fold, cell in enumerate(split.cells):
            train, validation = labelled(cell.train), labelled(cell.validation)
            tested = labelled(cell.test)
            if tested:
                frames.append(self._predicted(test, train, validation, tested, split=WITHIN, cell=cell.name, fold=fold))
        return frames

    def _predicted(
        self,
        dataset: Dataset,
        train: Sequence[int],
        validation: Sequence[int],
        test: Sequence[int],
        *,
        split: str,
        cell: str,
        fold: int,
    ) -> pl.DataFrame:
        """Fit on `dataset`, predict the rows `test` of the test data set."""
        name, streams = model_and_streams(self.model)
        task = TaskSpec(
            views=(self.protocol.view,),
            targets=(self.target,),
            space=self.protocol.space,
            streams=stream_shapes(dataset, streams),
        )
        place = {"split": split, "cell": cell, "fold": fold, "seed": self.seed}
        options = settle_pretrained(name, model_options(self.settings, self.model, place))
        require_unseen_people(name, options, self.ground.test, test)
        trained = fit_model(
            name,
            options,
            task,
            dataset,
            train,
            validation,
            training=preset_training(
                self.settings.preset, model=name, recipe=self.settings.recipe, seed=self.seed, num_threads=1
            ),
            folder=self.folder / self._folder_name(split, cell, dataset),
        )
        output = predict_rows(trained, self.ground.test, test)[self.protocol.view.value]
        prediction = Prediction(
            keys=tuple(self.ground.test.keys[row] for row in test),
            view=self.protocol.view,
            target=self.target,
            space=self.protocol.space,
            output=np.ascontiguousarray(output if task.is_classification else output[:, 0]),
            label=label_array(self.ground.test, self.protocol.view, self.target, self.protocol.space)[list(test)],
            model=self.model,
            split=split,
            cell=cell,
            seed=self.seed,
        )
        return prediction_frame(prediction, protocol=self.protocol.name, fold=fold)

    def _folder_name(self, split: str, cell: str, dataset: Dataset) -> str:
        settings = self.settings.model_dump(mode="json", include={"preset", "recipe", "options", "folds"})
        made_of = {"data": dataset.fingerprint, "protocol": self.protocol.name, "target": self.target, **settings}
        return f"{self.model}-{split}-{cell}-{self.seed}-{fingerprint_json(made_of)[:8]}"


def score_transfer(
    predictions: pl.DataFrame, protocol: Protocol, models: Sequence[str], *, scoring: Scoring | None = None
) -> tuple[TransferScores, ...]:
    """Scores of `models` and the majority on the test data, fitted across and within, and what transfer costs.

    Parameters
    ----------
    predictions : polars.DataFrame
        As :func:`transfer_predictions` gives them.
    protocol : Protocol
    models : sequence of str
    scoring : Scoring, optional

    Notes
    -----
    Intervals are over the people of the test data. The training data are one sample of people and stimuli: what another
    training set would give is not in them.
    """
    scoring = scoring or Scoring()
    names = tuple(dict.fromkeys((*models, MAJORITY)))
    scored = []
    for target in protocol.targets:
        own = predictions.filter(pl.col("target") == target)
        across, within = (
            align(own.filter(pl.col("split") == split), space=protocol.space, models=names)
            for split in (ACROSS, WITHIN)
        )
        scored.append(
            TransferScores(
                target=target,
                num_clips=across.num_clips // across.index["seed"].n_unique(),
                num_people=len(np.unique(across.people)),
                across=_rows(across, scoring),
                within=_rows(within, scoring),
                loss={
                    name: _loss(name, across, within, scoring)
                    for name in names
                    if name in across.raw and name in within.raw and across.num_clips == within.num_clips
                },
            )
        )
    return tuple(scored)


def _rows(aligned: Aligned, scoring: Scoring) -> tuple[ScoreRow, ...]:
    return tuple(
        score_row(
            name,
            raw,
            aligned,
            role="floor" if name == MAJORITY else "model",
            note="",
            two_way=False,
            scoring=scoring,
        )
        for name, raw in aligned.raw.items()
    )


def _loss(name: str, across: Aligned, within: Aligned, scoring: Scoring) -> IntervalRecord:
    metric = PRIMARY["regression" if across.space is None else "classification"]
    difference = bootstrap_difference(
        metric,
        across.hard_label,
        within.output(name),
        across.output(name),
        people=across.people,
        draws=scoring.draws,
        seed=scoring.seed,
    )
    return interval_record(difference)
