"""``robustness``: fitted models on disturbed streams, against the same models on the streams as they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from emogap.errors import UsageError
from emogap.interfaces.experiments.benchmarks import ProtocolRun, run_protocol, settings_for
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.robustness_table import ModelScores, robustness_curves, robustness_table
from emogap.learning.evaluation.aligned import align
from emogap.learning.evaluation.arms import Arm, ArmDifference, arm_differences
from emogap.learning.evaluation.predictions import read_predictions
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.evaluation.robustness.conditions import CLEAN, Condition
from emogap.learning.evaluation.robustness.disturbed import disturbed_predictions, require_reproduced
from emogap.learning.evaluation.robustness.slower import SlowerBuild, open_slower
from emogap.learning.evaluation.rows import Scoring, score_row
from emogap.learning.evaluation.run_folder import PREDICTIONS_FILE
from emogap.learning.experiment import FLOORS, BenchSettings
from emogap.reporting.results import RunResults, open_run
from emogap.types.result_table import ResultTable
from emogap.types.scores import ScoreRow, ScoreTable

__all__ = ["ConditionSettings", "Options", "also_read", "run"]

MOST_NAMED = 6
"""So many clips without eyes are named."""


class ConditionSettings(BaseModel):
    """What happens to the test clips; an empty list leaves a kind out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    noise_variance: tuple[float, ...] = Field(
        default=(0.01, 0.05, 0.1),
        description="Of Gaussian noise on standardised streams; Table XI of arXiv 2512.16485.",
    )
    track_loss_share: tuple[float, ...] = Field(default=(), description="Shares of the clip without eyes, in bursts.")
    burst_share: float = Field(default=0.05, gt=0, le=1, description="Length of a burst: 0.4 s of 8 s.")
    drift_deg: tuple[float, ...] = Field(default=(), description="Drifts of the gaze from begin to end of a clip.")
    offset_deg: tuple[float, ...] = Field(default=(), description="Calibration offsets, one direction per recording.")
    as_rate: tuple[str, ...] | None = Field(
        default=None,
        description="Data sets that 'emogap build --as-rate' made of the same source: what slower trackers would have"
        " recorded; a path that is not absolute begins beside the data set.",
    )
    hold_every: tuple[int, ...] = Field(
        default=(),
        description="One step of so many, held over the next ones; steps are those of the data set: 4 of 32 in 8 s are"
        " one a second.",
    )
    no_pupil: bool = Field(default=False, description="Whether to try without any pupil.")
    without: tuple[str, ...] = Field(default=(), description="Streams that are gone.")

    def conditions(self, slower: Sequence[SlowerBuild] = ()) -> tuple[Condition, ...]:
        """All of them, undisturbed first; `slower` are the data sets of ``as_rate``, opened."""
        return (
            CLEAN,
            *(Condition("noise", level) for level in self.noise_variance),
            *(Condition("track loss", level, burst=self.burst_share) for level in self.track_loss_share),
            *(Condition("drift", level) for level in self.drift_deg),
            *(Condition("offset", level) for level in self.offset_deg),
            *(build.condition for build in slower),
            *(Condition("hold", float(every)) for every in self.hold_every),
            *([Condition("no pupil")] if self.no_pupil else []),
            *(Condition("without", stream=stream) for stream in self.without),
        )


class Options(BenchSettings):
    """The options of a benchmark, and what happens to the streams at test time."""

    protocols: tuple[str, ...] = Field(min_length=1, description="Questions, such as er3.")
    conditions: ConditionSettings = Field(default=ConditionSettings(), description="What happens to the test clips.")
    disturbance_seed: int = Field(default=0, ge=0, description="Of noise, bursts and directions.")


def also_read(options: Options, data: Path) -> tuple[Path, ...]:
    """The builds at lower rates."""
    return tuple(data.resolve().parent / path for path in options.conditions.as_rate or ())


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Fit the models or find them fitted, disturb the test clips, and score what the models then say.

    Raises
    ------
    UsageError
        If a level is out of its range, only floors are asked for, or the data do not label the view.
    MismatchError
        If checkpoints and stored predictions of a run do not belong together, or a build at a lower rate is not of
        the same clips.
    """
    _require_sensible(options)
    slower = _slower_builds(options, place)
    conditions = options.conditions.conditions(slower)
    full_hz = slower[0].full_hz if slower else None
    tables: list[ResultTable] = []
    figures: dict[str, str] = {}
    captions: dict[str, str] = {}
    runs: list[ProtocolRun] = []
    for protocol in options.protocols:
        done = run_protocol(settings_for(options, protocol), place)
        runs.append(done)
        if done.failures:
            continue
        results = open_run(done.report.path)
        made = disturbed_predictions(
            place.data,
            done.report.path,
            done.config,
            open_protocol(protocol),
            conditions,
            seed=options.disturbance_seed,
            jobs=place.jobs,
        )
        require_reproduced(made[CLEAN], read_predictions(done.report.path / PREDICTIONS_FILE))
        for scores in results.scores["tables"]:
            if scores["protocol"] == protocol:
                for split in scores["splits"]:
                    models = _scored(options, results, scores, split["split"], made)
                    table = robustness_table(
                        place.name,
                        place.title,
                        results,
                        scores,
                        split["split"],
                        models,
                        conditions,
                    )
                    tables.append(table)
                    name = f"{table['name']}_curves"
                    figures[name], captions[name] = robustness_curves(
                        results, scores, split["split"], models, full_hz=full_hz
                    )
    return ExperimentResult(
        tables=tuple(tables),
        figures=figures,
        captions=captions,
        notes=tuple(dict.fromkeys([*(note for one in runs for note in one.notes), *map(_note, slower)])),
        runs=tuple(one.report.path for one in runs),
        failures=tuple(failure for one in runs for failure in one.failures),
    )


def _slower_builds(options: Options, place: ExperimentPlace) -> tuple[SlowerBuild, ...]:
    """The data sets of ``as_rate``, the slowest last.

    Raises
    ------
    UsageError
        If two have the same rate.
    """
    builds = [open_slower(place.data, path) for path in also_read(options, place.data)]
    rates_hz = [build.condition.level for build in builds]
    twice = [rate_hz for rate_hz in rates_hz if rates_hz.count(rate_hz) > 1]
    if twice:
        raise UsageError(f"as_rate names two data sets of {twice[0]:g} Hz", fix="name one for each rate")
    return tuple(sorted(builds, key=lambda build: -build.condition.level))


def _note(build: SlowerBuild) -> str:
    said = (
        f"Tracker of {build.condition.level:g} Hz: gaze of {build.full_hz:g} Hz, thinned before cleaning; faces are as"
        " recorded, and models were fitted at the full rate."
    )
    if build.without_eyes:
        named = ", ".join(f"{key.recording_id} {key.stimulus_id}" for key in build.without_eyes[:MOST_NAMED])
        more = len(build.without_eyes) - MOST_NAMED
        said += (
            f" No valid point of gaze is left in {named}{f' and {more} more' if more > 0 else ''}: what reaches the"
            " models there has no eye streams."
        )
    return said


def _scored(
    options: Options,
    results: RunResults,
    scores: ScoreTable,
    split: str,
    made: Mapping[Condition, pl.DataFrame],
) -> dict[str, ModelScores]:
    """For each model, scores under each condition that reaches it, and their differences from the clean ones."""
    scored: dict[str, ModelScores] = {}
    for model in options.models:
        if model in FLOORS:
            continue
        held = {condition: frame.filter(pl.col("model") == model) for condition, frame in made.items()}
        arms = {
            condition: Arm(condition.title, model, results.record, frame)
            for condition, frame in held.items()
            if frame.height
        }
        compared = arm_differences(
            list(arms.values()),
            CLEAN.title,
            view=scores["view"],
            target=scores["target"],
            space=scores["space"],
            split=split,
            scoring=Scoring(),
        )
        differences: dict[str, ArmDifference] = {difference.arm: difference for difference in compared}
        scored[model] = {
            condition: (_row(model, arm.predictions, scores, split), differences.get(condition.title))
            for condition, arm in arms.items()
        }
    return scored


def _row(model: str, predictions: pl.DataFrame, scores: ScoreTable, split: str) -> ScoreRow:
    asked = (pl.col("view") == scores["view"]) & (pl.col("target") == scores["target"]) & (pl.col("split") == split)
    aligned = align(predictions.filter(asked), space=scores["space"], models=[model])
    return score_row(
        model,
        aligned.raw[model],
        aligned,
        role="model",
        note="",
        two_way=split == "person+stimulus",
        scoring=Scoring(),
    )


def _require_sensible(options: Options) -> None:
    given = options.conditions
    if set(options.models) <= set(FLOORS):
        raise UsageError("only floors are asked for, and they look at no stream", fix="name a model that does")
    levels = (*given.noise_variance, *given.drift_deg, *given.offset_deg)
    wrong = [level for level in levels if level <= 0]
    wrong += [share for share in given.track_loss_share if not 0 < share <= 1]
    wrong += [every for every in given.hold_every if every < 2]
    if wrong:
        raise UsageError(
            f"a level of a disturbance is {wrong[0]:g}",
            fix="give variances and degrees above 0, shares in (0, 1], and hold_every of 2 or more",
        )
