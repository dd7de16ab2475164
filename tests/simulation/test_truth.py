from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emogap.errors import DataError
from emogap.simulation.cohort import draw_cohort
from emogap.simulation.config import SimulationConfig
from emogap.simulation.truth import read_truth, truth_of, write_truth


def test_writing_and_reading_gives_the_same_truth(tmp_path: Path) -> None:
    truth = truth_of(draw_cohort(SimulationConfig(participants=2, stimuli=3, signal=0.5)))
    write_truth(tmp_path / "truth.parquet", truth)
    again = read_truth(tmp_path)
    assert again.config == truth.config
    assert again.columns.equals(truth.columns)


def test_a_truncated_file_is_named(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth.parquet", truth_of(draw_cohort(SimulationConfig(participants=1, stimuli=1))))
    whole = (tmp_path / "truth.parquet").read_bytes()
    (tmp_path / "truth.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"truth\.parquet.*not a parquet file"):
        read_truth(tmp_path)


def test_a_parquet_file_from_elsewhere_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "truth.parquet")
    with pytest.raises(DataError, match="how it was simulated"):
        read_truth(tmp_path)
