"""Every experiment file: on real data what applies there, then on a simulated cohort of the paper's size.

121 people are shown 11 of 28 films each, 1,331 clips; EMER kept 1,303 of 121 people and 28 films. What is finished is
kept, fit by fit, and not run again.
"""

import json
from typing import Any

from emogap.datasets import open_dataset
from emogap.files import write_bytes
from emogap.interfaces.experiments.running import run_experiment
from emogap.reporting.results import open_run
from emogap.simulation import SimulationConfig
from slow_checks._cohort import named_dataset
from slow_checks._evidence import ROOT, write_evidence

PLACE = ROOT / ".slow" / "paper_tables"
COHORT = SimulationConfig(participants=121, stimuli=28, stimuli_per_participant=11, seed=0)

FIGURES = ROOT / "docs" / "images" / "paper_tables"

MOST_ROWS = 60
"""Longer tables (every eye measure with every label) are made again by the command; their figures say the same."""

FOLDS = 3
LIGHT = ("linear", "tmc", "lmf", "resnet_lstm", "resnet_transformer", "self_mm", "mmim", "emert")
"""Networks of at most 5 s an epoch at this size; the six others of Table II take 6 to 334 s, see docs/rivals.md."""

AFFORDED = (*LIGHT, "mult", "mma_dfer", "tmt", "norm_tr")
"""For three classes and unseen people alone. An epoch takes `tailor` over a minute, `c3d_transformer` over five."""

REAL: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("ceap360vr", "ceap360vr_modalities", {}),
    ("ceap360vr", "ceap360vr_robustness", {}),
    ("uniss_fgd", "uniss_fgd_eye_features", {}),
)
"""Data set, experiment file, options given in place of the file's."""

ARMS: dict[str, object] = {"folds": FOLDS, "splits": ["person"]}
SIMULATED: tuple[tuple[str, dict[str, object]], ...] = (
    ("emer_figure_07", {}),
    ("emer_figure_08", {}),
    ("gap_detector", {"folds": FOLDS}),
    ("emer_table_02", {"folds": FOLDS, "models": list(LIGHT)}),
    ("emer_table_02_three_classes", {"folds": FOLDS, "models": list(AFFORDED)}),
    ("emer_table_11", {"folds": FOLDS}),
    ("emer_figure_09", {"folds": FOLDS}),
    ("emer_supplement_tsne", {"folds": FOLDS}),
    ("emer_table_10", ARMS),
    ("emer_table_05", ARMS),
    ("emer_table_08", ARMS),
    ("emer_table_07", ARMS),
    ("emer_table_04", ARMS | {"models": ["linear", "resnet_transformer", "emert"]}),
    ("emer_table_03", ARMS | {"models": ["linear", "tmc", "lmf", "resnet_transformer", "emert"]}),
    ("emer_table_12", ARMS | {"folds": 2}),
    ("confounds", {"folds": FOLDS, "protocols": ["er3", "fer3"]}),
    ("subgroups", {"folds": FOLDS}),
    ("mixed_effects", {"folds": FOLDS, "models": ["emert", "resnet_transformer", "linear"]}),
)
"""The first ones first: where time runs out, the last are not there, and the page says so."""


def run() -> None:
    """Run what is not finished, and write what is after each."""
    entries: list[dict[str, Any]] = []
    for name, file, given in REAL:
        entries.append(_entry(name, file, given))
        _write(entries)
    for file, given in SIMULATED:
        entries.append(_entry("simulated", file, given))
        _write(entries)


def _entry(data: str, file: str, given: dict[str, object]) -> dict[str, Any]:
    report = run_experiment(
        ROOT / "experiments" / f"{file}.toml",
        named_dataset(PLACE, data, COHORT),
        PLACE / f"results-{data}",
        jobs=2,
        given=given,
    )
    experiment = report.experiment
    record = experiment.record
    ours = [table for table in experiment.tables if not table["name"].endswith("_published")]
    figures = [figure for figure in experiment.figures if not figure.endswith(("_spearman", "_kendall"))]
    for figure in figures:
        drawn = (experiment.path / "figures" / f"{figure}.svg").read_bytes()
        write_bytes(FIGURES / f"{figure}.svg", drawn)
    print(f"{data} {file}: {record['seconds']:.0f} s, {len(experiment.failures)} failures", flush=True)
    return {
        "data": data,
        "experiment": file,
        "title": record["title"],
        "source": record["source"],
        "options": record["options"],
        "options_given": given,
        "seconds": record["seconds"],
        "num_fits": sum(open_run(run).record["num_fits"] for run in experiment.runs),
        "tables": [table for table in ours if len(table["rows"]) <= MOST_ROWS],
        "left_out": {table["name"]: len(table["rows"]) for table in ours if len(table["rows"]) > MOST_ROWS},
        "figures": {figure: experiment.captions[figure] for figure in figures},
        "notes": list(experiment.notes),
        "failures": list(experiment.failures),
    }


def _write(entries: list[dict[str, Any]]) -> None:
    cohort = json.loads(COHORT.model_dump_json(exclude_defaults=True))
    clips = {
        name: len(open_dataset(named_dataset(PLACE, name, COHORT)).keys)
        for name in {entry["data"] for entry in entries}
    }
    write_evidence("paper_tables", {"cohort": cohort, "clips": dict(sorted(clips.items())), "experiments": entries})
