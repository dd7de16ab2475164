"""A source built as a slower tracker would have recorded it: other eye streams, and nothing else."""

import json
from pathlib import Path

import polars as pl
import pytest

from emogap.datasets import BuildConfig, build, open_dataset
from emogap.datasets.header import HEADER_FILE
from emogap.datasets.quality_gate import QualityGate
from emogap.errors import DataError, UsageError
from emogap.interfaces.paper.data_facts import dataset_record, read_data_facts
from emogap.learning.evaluation.run_folder import dataset_record as run_dataset
from emogap.reporting.methods_of_data import data_passages


def config_of(**options: object) -> BuildConfig:
    return BuildConfig.model_validate(options)


def test_keys_labels_and_channels_are_those_of_the_whole_build(study_folder: Path, tmp_path: Path) -> None:
    for name, rate_hz in (("whole", 0), ("slower", 30)):
        assert not build(study_folder, tmp_path / name, config_of(as_rate=rate_hz), jobs=1).failures
    whole, slower = (open_dataset(tmp_path / name) for name in ("whole", "slower"))
    assert slower.samples.equals(whole.samples)
    assert slower.keys == whole.keys
    assert slower.channels == whole.channels
    assert slower.fingerprint != whole.fingerprint


def test_what_is_measured_is_a_quarter_of_120_hz(study_folder: Path, tmp_path: Path) -> None:
    build(study_folder, tmp_path / "D", config_of(as_rate=30), jobs=1)
    quality = pl.read_parquet(tmp_path / "D" / "quality.parquet")
    assert quality["effective_rate_hz"].to_list() == pytest.approx([30.0] * 4, rel=0.05)
    assert json.loads(quality["steps"][0])[0] == {"name": "thin", "parameters": {"rate_hz": 30.0, "recorded_hz": 120.0}}


def test_the_data_set_the_run_and_the_methods_tell_it(study_folder: Path, tmp_path: Path) -> None:
    build(study_folder, tmp_path / "D", config_of(as_rate=30), jobs=1)
    dataset = open_dataset(tmp_path / "D")
    said = "gaze was recorded at 120 Hz and thinned to 30 Hz before cleaning"
    assert any(doubt.startswith(said) for doubt in dataset.doubts)
    record = run_dataset(dataset)
    assert record["as_rate"] == 30
    assert dataset_record(tmp_path / "D") == record | {"path": str(tmp_path / "D"), "streams": {}}
    sentences = [
        sentence.text
        for passage in data_passages(read_data_facts(record, None), is_named=False)
        for sentence in passage.sentences
    ]
    assert any("as a slower tracker would have (rate_hz = 30.0, recorded_hz = 120.0)" in text for text in sentences)


def test_a_rate_that_is_changed_after_the_build_is_found_out(study_folder: Path, tmp_path: Path) -> None:
    build(study_folder, tmp_path / "D", config_of(as_rate=30), jobs=1)
    header = tmp_path / "D" / HEADER_FILE
    header.write_text(header.read_text().replace("as_rate = 30.0", "as_rate = 60.0"))
    with pytest.raises(DataError, match="changed after the build"):
        open_dataset(tmp_path / "D")


def test_a_build_as_recorded_says_nothing_of_it(study_folder: Path, tmp_path: Path) -> None:
    """Data sets that were built before there was such an option are the same, byte by byte."""
    build(study_folder, tmp_path / "D", config_of(), jobs=1)
    assert "as_rate" not in (tmp_path / "D" / HEADER_FILE).read_text()
    assert "as_rate" not in run_dataset(open_dataset(tmp_path / "D"))
    with pytest.raises(UsageError, match=r"as_rate is empty, not 30\.0"):
        build(study_folder, tmp_path / "D", config_of(as_rate=30), jobs=1)


def test_the_options_give_the_same_data_again(study_folder: Path, tmp_path: Path) -> None:
    build(study_folder, tmp_path / "D", config_of(as_rate=30), jobs=1)
    stored = dict(open_dataset(tmp_path / "D").config)
    assert config_of(**stored).as_rate == 30
    assert build(study_folder, tmp_path / "D", config_of(**stored), jobs=1).was_there


def test_the_gate_judges_what_was_recorded(study_folder: Path, tmp_path: Path) -> None:
    """A gate of at least half of the nominal 120 Hz leaves out nothing, thinned to a quarter or not."""
    gate = QualityGate.model_validate({"schema": 1, "min_effective_rate_share": 0.5}).canonical()
    for rate_hz in (0, 30):
        report = build(study_folder, tmp_path / f"{rate_hz}", config_of(as_rate=rate_hz, gate=gate), jobs=1)
        assert report.header.num_samples == 4


def test_a_rate_above_that_of_the_recordings_is_refused_with_both(study_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="recorded at 120 Hz, and 250 Hz are more"):
        build(study_folder, tmp_path / "D", config_of(as_rate=250), jobs=1)


@pytest.mark.parametrize("catalogue", ["ceap360vr", "mmsa_pickle"])
def test_a_source_without_raw_gaze_is_refused(catalogue: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"'{catalogue}', which holds no raw gaze that could be thinned to 30 Hz"):
        build(tmp_path, tmp_path / "D", config_of(catalogue=catalogue, as_rate=30), jobs=1)


def test_the_recordings_of_uniss_fgd_are_thinned_too(fgd_folder: Path, tmp_path: Path) -> None:
    """Of 300 Hz; the key of a clip is that of the whole recording."""
    build(fgd_folder, tmp_path / "whole", config_of(catalogue="uniss_fgd"), jobs=1)
    build(fgd_folder, tmp_path / "slower", config_of(catalogue="uniss_fgd", as_rate=60), jobs=1)
    whole, slower = (open_dataset(tmp_path / name) for name in ("whole", "slower"))
    assert slower.samples.equals(whole.samples)
