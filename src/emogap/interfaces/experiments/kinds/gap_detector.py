"""``gap_detector``: the probability that felt and shown differ, from two heads, a gap head, or the face alone."""

from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from emogap.analysis.detector_scores import detector_differences, detector_scores
from emogap.analysis.gap_detector import Detection
from emogap.counted_nouns import counted
from emogap.datasets.store import open_dataset
from emogap.interfaces.experiments.gap_detections import Conformal, detections_of, stored_detectors
from emogap.interfaces.experiments.gap_questions import PROTOCOLS, VIEWS, GapData, detector_jobs, gap_data
from emogap.interfaces.experiments.gap_tables import (
    answers_figure,
    clip_frame,
    difference_table,
    reliability_figure,
    score_table,
)
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.table_cells import OVER_PEOPLE
from emogap.interfaces.stored_detector import write_detector
from emogap.learning.evaluation.held_out_runs import run_held_out
from emogap.learning.evaluation.predictions import write_parquet
from emogap.learning.experiment import BenchConfig, SplitName
from emogap.learning.training.config import Preset, RecipeName
from emogap.types.result_table import ResultTable

__all__ = ["Options", "run"]

COMPARED = (
    ("two heads", "gap head"),
    ("two heads", "face alone, shown head"),
    ("gap head", "face alone, shown head"),
    ("two heads", "stimulus base rate"),
    ("two heads", "two heads, temperatures alone"),
)
"""The first minus the second, within each model."""

PREDICTIONS, CLIPS = "held-out.parquet", "clips.parquet"


class Options(BaseModel):
    """What the detectors are fitted to and what their sets promise."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    space: Literal["emotion3", "emotion7"] = Field(
        default="emotion3", description="Classes in which felt and shown differ or not."
    )
    models: tuple[str, ...] = Field(
        min_length=1, description="Models of the shelf, as in a benchmark; each makes all kinds of detectors."
    )
    face: str = Field(default="face", description="Stream of the detectors that see the face alone.")
    split: SplitName = Field(default="person", description="Who is unseen in the test.")
    preset: Preset = Field(default="evidence", description="Epochs: quick, evidence or protocol.")
    recipe: RecipeName = Field(default="protocol", description="How networks are optimised, as in a benchmark.")
    seeds: int = Field(default=1, ge=1, description="Repetitions, each with its own deal of people and weights.")
    folds: int = Field(default=5, ge=2, description="Folds of people.")
    inner_folds: int = Field(
        default=5,
        ge=0,
        description="Folds of the training people for the calibration; 0 = the validation people alone, for large"
        " studies.",
    )
    coverage: float = Field(default=0.9, gt=0, lt=1, description="Share of clips whose set holds the truth.")
    over: Literal["people", "clips"] = Field(
        default="people", description="What is exchangeable: people, with all their clips, or single clips."
    )
    within: Literal["answer", "all"] = Field(
        default="answer", description="answer: clips with and without a gap are each covered; all: clips together."
    )
    by: Literal["one model", "all models"] = Field(
        default="one model",
        description="one model: each test person is dealt one of the inner models, which makes their sets; all models:"
        " all of them together, which hold the truth more often than stated where they disagree.",
    )
    draws: int = Field(default=2_000, ge=100, description="Resamples of people of every interval.")
    options: dict[str, dict[str, JsonValue]] = Field(
        default_factory=dict, description="Options of a model by its shelf name."
    )


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Fit, calibrate on people who are not tested, score, compare."""
    data = gap_data(open_dataset(place.data), options.space)
    config = BenchConfig(
        protocol=PROTOCOLS[options.space],
        models=options.models,
        splits=(options.split,),
        preset=options.preset,
        recipe=options.recipe,
        seeds=options.seeds,
        folds=options.folds,
        options=options.options,
    )
    jobs = detector_jobs(data, config, models=options.models, face=options.face, inner_folds=options.inner_folds)
    detectors = place.folder / "detectors"
    predictions, failures = run_held_out(
        place.data, detectors, config, jobs, fits=place.fits, processes=place.jobs, title=place.name
    )
    problems = tuple(f"{each.model}, cell {each.cell}: {each.problem}" for each in failures)
    if predictions.is_empty():
        return ExperimentResult(tables=(), failures=problems)
    conformal = Conformal(
        options.coverage, options.over == "people", options.within == "answer", options.by == "one model"
    )
    detections = detections_of(data, predictions, models=options.models, face=options.face, conformal=conformal)
    write_parquet(place.folder / PREDICTIONS, predictions)
    write_parquet(place.folder / CLIPS, clip_frame(detections))
    for model in options.models:
        stored = stored_detectors(data, predictions, model=model, conformal=conformal)
        for job in jobs:
            if job.question == VIEWS and job.fit.model == model and stored:
                write_detector(job.folder(detectors), stored[f"{job.fit.seed}/{job.fit.cell}"])
    return replace(_result(options, place, data, detections), failures=problems)


def _result(
    options: Options, place: ExperimentPlace, data: GapData, detections: dict[tuple[str, str], Detection]
) -> ExperimentResult:
    scores = {named: detector_scores(found, draws=options.draws, seed=0) for named, found in detections.items()}
    about = _about(options, data, next(iter(detections.values())))
    simulated = data.dataset.simulated
    tables: list[ResultTable] = [
        score_table(
            scores,
            detections,
            name=f"{place.name}_probability",
            title=f"{place.title}: the probability",
            caption=f"{about} AUROC and AUPRC count pairs of clips of the same cell; Brier sums both answers."
            f" {OVER_PEOPLE}",
            of_sets=False,
            is_simulated=simulated,
            notes=[
                f"AUPRC of a guess is about the share of clips with a gap, {_prevalence(detections):.3f}.",
                "ECE has no best: whoever says the same of every clip, at the right level, has an ECE of 0.",
            ],
        ),
        score_table(
            scores,
            detections,
            name=f"{place.name}_sets",
            title=f"{place.title}: conformal sets and flags",
            caption=f"{about} Sets are to hold the truth in {100 * options.coverage:g} % of the clips,"
            f" {_promise(options)}. A clip is flagged if its set is 'gap' alone; a set of both abstains. The false-flag"
            f" rate is the share of the clips without a gap that are flagged. {OVER_PEOPLE}",
            of_sets=True,
            is_simulated=simulated,
        ),
    ]
    differences = {}
    for model in options.models:
        for first, second in COMPARED:
            one = detections.get((model, first))
            other = detections.get((model, second)) or detections.get(("", second))
            if one is not None and other is not None:
                differences[model, first, second] = detector_differences(one, other, draws=options.draws, seed=0)
    tables.append(
        difference_table(
            differences,
            name=f"{place.name}_differences",
            title=f"{place.title}: detectors compared on the same clips",
            caption=f"{about} The first minus the second: a Brier score below 0 is in favour of the first, an AUROC"
            f" above 0 too. {OVER_PEOPLE}",
            is_simulated=simulated,
        )
    )
    figures = {
        f"{place.name}_reliability": reliability_figure(detections, scores, is_simulated=simulated),
        f"{place.name}_answers": answers_figure(detections, level=options.coverage, is_simulated=simulated),
    }
    captions = {
        f"{place.name}_reliability": f"{about} Dashed: as often as said. The larger a dot, the more clips; the"
        " histogram below counts them.",
        f"{place.name}_answers": f"{about} Share of clips by what the set says and what is the case; sets are to hold"
        f" the truth in {100 * options.coverage:g} % of the clips.",
    }
    return ExperimentResult(tuple(tables), figures, captions, notes=_notes(options, data))


def _about(options: Options, data: GapData, detection: Detection) -> str:
    people = "simulated people" if data.dataset.simulated else "people"
    return (
        f"{data.dataset.name}: gap of felt and shown in {options.space}, {counted(len(detection.event), 'clip')} of"
        f" {len(set(detection.people.tolist()))} {people}, split {options.split}, preset {options.preset}."
    )


def _promise(options: Options) -> str:
    unit = "for a clip of a new person" if options.over == "people" else "if clips were exchangeable"
    return f"{unit}, {'with and without a gap' if options.within == 'answer' else 'all clips together'}"


def _prevalence(detections: dict[tuple[str, str], Detection]) -> float:
    return float(next(iter(detections.values())).event.mean())


def _notes(options: Options, data: GapData) -> tuple[str, ...]:
    left_out = int((~data.is_known).sum())
    compared = (
        "the set is made by one of them, dealt to the test person, and compares the rank of a clip in its fold with"
        " those of the calibration clips in theirs"
        if options.by == "one model"
        else "a set compares a clip with the calibration clips of the same model, and averages over the models"
    )
    calibrated_on = (
        f"{options.inner_folds} inner folds of the training people of each cell: each is predicted by a model of the"
        f" others, and the test people by all of these models. Their mean is the probability; {compared}"
        if options.inner_folds
        else "the validation people of each cell, on whom the epoch was selected too"
    )
    notes = [
        "A gap says that self-report and most frequent vote differ; that holds the errors of both labels, and is no"
        " statement about the honesty or health of a person.",
        "Two heads: 1 - sum_k p_felt(k) p_shown(k), felt and shown taken as independent given what the model saw.",
        f"Temperatures, slope and intercept, and thresholds come from {calibrated_on}. Test people are in none of it.",
    ]
    if left_out:
        notes.append(f"{counted(left_out, 'clip')} without both labels: left out of fits, calibration and test.")
    return tuple(notes)
