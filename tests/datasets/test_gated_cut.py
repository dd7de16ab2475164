"""A build with a quality gate excludes what `emogap quality` says, and knows the gate by its hash."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from emogap.datasets import BuildConfig, build
from emogap.datasets.exclusion_flow import exclusion_flow
from emogap.datasets.quality_gate import QualityGate
from emogap.datasets.store import open_dataset
from emogap.datasets.study_quality import measure_study
from emogap.errors import UsageError
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study

GATE = QualityGate.model_validate({"schema": 1, "min_valid_share": 0.94, "min_clips_per_person": 2})


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four people, three films."""
    folder = tmp_path_factory.mktemp("gated") / "study"
    simulate_study(folder, SimulationConfig(participants=4, stimuli=3, clip_s=2.0, video=False, seed=1), jobs=1)
    return folder


@pytest.mark.parametrize("cleaning", ["emer", "none"])
def test_the_build_keeps_what_the_flow_keeps_whatever_the_cleaning(study: Path, tmp_path: Path, cleaning: str) -> None:
    flow = exclusion_flow(measure_study(study), GATE)
    assert 0 < len(flow.kept) < 12
    config = BuildConfig.model_validate({"cleaning": cleaning, "gate": GATE.canonical()})
    report = build(study, tmp_path / "D", config, jobs=1)
    keys = open_dataset(tmp_path / "D").samples.select("participant_id", "stimulus_id").rows()
    assert sorted(keys) == sorted((clip.participant_id, clip.stimulus_id) for clip in flow.kept)
    assert report.header.quality_gate == GATE.sha256
    assert report.excluded == {"quality gate": 12 - len(flow.kept)}
    reasons = pl.read_parquet(tmp_path / "D" / "excluded.parquet")["reason"].to_list()
    assert sorted(reasons) == sorted(f"{one.stage}: {one.reason}" for one in flow.left_out)


def test_another_gate_is_another_data_set(study: Path, tmp_path: Path) -> None:
    build(study, tmp_path / "D", BuildConfig.model_validate({"gate": GATE.canonical()}), jobs=1)
    with pytest.raises(UsageError, match="another data set is here"):
        build(study, tmp_path / "D", BuildConfig.model_validate({}), jobs=1)


def test_the_gate_does_not_see_the_answers(study: Path, tmp_path: Path) -> None:
    """Turned answers change labels and leave the choice of clips as it was."""
    turned = tmp_path / "turned"
    shutil.copytree(study, turned)
    for file in turned.glob("sessions/*/selfreport.tsv"):
        lines = file.read_text().splitlines()
        cells = [line.split("\t") for line in lines[1:]]
        file.write_text("\n".join([lines[0], *("\t".join([c[0], "", "", "", "", "", c[6]]) for c in cells)]) + "\n")
    config = BuildConfig.model_validate({"gate": GATE.canonical()})
    tables = []
    for number, source in enumerate((study, turned)):
        build(source, tmp_path / f"D{number}", config, jobs=1)
        tables.append(pl.read_parquet(tmp_path / f"D{number}" / "excluded.parquet"))
    gated = [table.filter(pl.col("stage") == "quality gate") for table in tables]
    assert gated[0].equals(gated[1])


def test_a_gate_without_a_study_is_refused(tmp_path: Path) -> None:
    config = BuildConfig.model_validate({"catalogue": "ceap360vr", "gate": GATE.canonical()})
    with pytest.raises(UsageError, match="judges the sessions of a study"):
        build(tmp_path, tmp_path / "D", config, jobs=1)


def test_faces_are_judged_as_the_build_finds_them(tmp_path: Path) -> None:
    """Two people with videos of two seconds per film; the clock of the second's is not known."""
    config = SimulationConfig(participants=2, stimuli=1, clip_s=2.0, video=True, seed=2)
    simulate_study(tmp_path / "study", config, jobs=1)
    next(iter(sorted((tmp_path / "study").glob("sessions/*/clock.toml"), reverse=True))).unlink()
    gate = QualityGate.model_validate({"schema": 1, "min_face_found_share": 0.5})
    options = BuildConfig.model_validate({"gate": gate.canonical(), "face_detector": "haar"})
    quality = measure_study(tmp_path / "study", faces=options)
    flow = exclusion_flow(quality, gate)
    assert quality.face_detector == "haar"
    assert [(one.participant_id, one.stage) for one in flow.left_out] == [("p002", "min_face_found_share")]
    build(tmp_path / "study", tmp_path / "D", options, jobs=1)
    assert open_dataset(tmp_path / "D").samples["participant_id"].to_list() == ["p001"]
