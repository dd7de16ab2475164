"""``attention``: what the felt and the shown answers of networks rest on, and whether training made it so."""

from typing import Literal

from pydantic import Field

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.interfaces.experiments.attention_tables import (
    MAP_TITLES,
    Explained,
    control_checks,
    control_table,
    face_figure,
    face_table,
    step_figure,
    stream_table,
)
from emogap.interfaces.experiments.benchmarks import ProtocolRun, run_protocol, settings_for
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.learning.evaluation.attribution.clip_maps import AttributionSettings
from emogap.learning.evaluation.attribution.face import Patch
from emogap.learning.evaluation.attribution.maps import attribution_of_run
from emogap.learning.evaluation.attribution.pooled import PooledMaps, pooled_maps
from emogap.learning.evaluation.protocols import Protocol, open_protocol
from emogap.learning.experiment import BenchSettings, model_and_streams
from emogap.models.interface import GradientModel
from emogap.models.zoo import ZOO
from emogap.reporting.results import RunResults, open_run
from emogap.types import vocabulary
from emogap.types.result_table import ResultTable
from emogap.types.run import RunDataset

__all__ = ["Options", "run"]


class Options(BenchSettings):
    """The options of a benchmark, and how its answers are explained."""

    protocols: tuple[str, ...] = Field(min_length=1, description="Questions whose answers are classes, such as er3.")
    explained: Literal["predicted", "labelled"] = Field(
        default="predicted", description="The class that is followed: the one answered, or the one with most votes."
    )
    clips_per_fit: int = Field(default=20, ge=1, description="Test clips of each fit, evenly over their order.")
    controls: int = Field(default=3, ge=1, description="Networks with random weights beside each trained one.")
    face: bool = Field(default=True, description="Whether the face is covered, where the data keep frames.")
    patch_px: int = Field(default=24, ge=1, description="Side of the grey patch on the aligned face of 112 px; ours.")
    stride_px: int = Field(default=8, ge=1, description="How far the patch is moved; divides 112 and patch_px.")
    control_seed: int = Field(default=0, ge=0, description="Of the random weights.")
    draws: int = Field(default=2_000, ge=100, description="Draws of people for intervals.")

    def settings(self) -> AttributionSettings:
        """What is computed of each fit."""
        return AttributionSettings(
            explained=self.explained,
            clips_per_fit=self.clips_per_fit,
            controls=self.controls,
            face=self.face,
            patch_px=self.patch_px,
            stride_px=self.stride_px,
            seed=self.control_seed,
        )


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Fit the models or find them fitted, compute their maps or find them stored, and average.

    Raises
    ------
    UsageError
        If a protocol asks for values, a model is no network, or the patch does not fit.
    """
    _require_sensible(options)
    tables: list[ResultTable] = []
    drawn: dict[str, tuple[str, str]] = {}
    runs: list[ProtocolRun] = []
    notes: list[str] = []
    for name in options.protocols:
        done, protocol = run_protocol(settings_for(options, name), place), open_protocol(name)
        runs.append(done)
        notes += done.notes
        if done.failures:
            continue
        found = attribution_of_run(
            place.data, done.report.path, done.config, protocol, options.settings(), jobs=place.jobs
        )
        notes += _chance_notes(open_run(done.report.path))
        for maps in pooled_maps(found):
            shown = _explained(options, place, protocol, maps, done.report.record["dataset"])
            of_maps, of_figures, said = _results(shown)
            tables += of_maps
            drawn |= of_figures
            notes += said
    return ExperimentResult(
        tables=tuple(tables),
        figures={name: svg for name, (svg, _) in drawn.items()},
        captions={name: caption for name, (_, caption) in drawn.items()},
        notes=tuple(dict.fromkeys(notes)),
        runs=tuple(one.report.path for one in runs),
        failures=tuple(failure for one in runs for failure in one.failures),
    )


def _chance_notes(results: RunResults) -> list[str]:
    """Which networks answer no better than chance: their maps show how they miss it, and nothing of emotion."""
    return [
        f"{row['model']}, {split['split']}: the {scores['view']} answers are no better than chance (UAR"
        f" {uar['estimate']:.3f}, chance {1 / len(vocabulary(scores['space'])):.3f}): their maps explain nothing"
        for scores in results.scores["tables"]
        if scores["space"]
        for split in scores["splits"]
        for row in split["rows"]
        if row["role"] == "model"
        for uar in [row["metrics"]["uar"]["pooled"]]
        if uar["estimate"] is not None and (uar["low"] or 0.0) <= 1 / len(vocabulary(scores["space"]))
    ]


def _results(shown: Explained) -> tuple[list[ResultTable], dict[str, tuple[str, str]], list[str]]:
    """Tables, figures with their captions, and what must be said of the maps of one model under one split."""
    checks = control_checks(shown)
    tables, drawn = [stream_table(shown)], {f"{shown.name}_steps": step_figure(shown)}
    for array in ("face", "gradient"):
        if array in shown.maps.arrays:
            tables.append(face_table(shown, array))
            drawn[f"{shown.name}_{array}"] = face_figure(shown, array)
    tables.append(control_table(shown, checks))
    title = f"{shown.maps.model}, {shown.maps.split}"
    notes = [
        f"{title}: {MAP_TITLES[array]}{f', {view}' if view else ''}: {check.verdict}"
        for (array, view), check in checks.items()
        if check.verdict
    ]
    notes += [
        f"{title}: no map '{MAP_TITLES[array]}': {reason}"
        for array, reason in shown.maps.missing.items()
        if reason != "not asked for"
    ]
    return tables, drawn, notes


def _explained(
    options: Options, place: ExperimentPlace, protocol: Protocol, maps: PooledMaps, data: RunDataset
) -> Explained:
    words = [place.name, protocol.name, maps.split, maps.model]
    people = "simulated people" if data["simulated"] else "people"
    answer = "answered" if options.explained == "predicted" else "labelled"
    return Explained(
        maps=maps,
        settings=options.settings(),
        name="_".join(words).replace("-", "_").replace("+", "_").replace("@", "_"),
        title=f"{place.title}: {maps.model}, {maps.split}",
        about=(
            f"{data['name']}: {counted(len(maps.people), 'test clip')} of {len(set(maps.people.tolist()))}"
            f" {people}, {maps.model}"
            f" of {counted(maps.num_fits, 'fit')}, classes of {protocol.space}, split {maps.split}, preset"
            f" {options.preset}; the"
            f" {answer} class of each view is followed."
        ),
        is_simulated=data["simulated"],
        draws=options.draws,
    )


def _require_sensible(options: Options) -> None:
    Patch(options.patch_px, options.stride_px)
    for name in options.protocols:
        if open_protocol(name).space is None:
            raise UsageError(
                f"attribution explains the probability of a class, and {name} asks for values",
                fix="explain a protocol of classes, such as er3",
            )
    for model in options.models:
        entry = ZOO.open(model_and_streams(model)[0])
        if not issubclass(entry.Model, GradientModel):
            raise UsageError(
                f"{model} is no network: it has no random weights to compare its maps with",
                fix="name networks, such as emert",
            )
