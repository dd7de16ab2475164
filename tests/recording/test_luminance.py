"""stimuli/<id>.luminance.tsv."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording.luminance import read_luminance, read_study_luminance, write_luminance
from emogap.types import StimulusLuminance


def test_what_is_written_is_read(tmp_path: Path) -> None:
    curve = StimulusLuminance(np.array([0.0, 0.04, 0.5]), np.array([0.0, 0.12345, 1.0]))
    write_luminance(tmp_path / "stimuli" / "film-1.luminance.tsv", curve)
    (found,) = read_study_luminance(tmp_path).items()
    assert found[0] == "film-1"
    assert found[1].time_s == pytest.approx(curve.time_s)
    assert found[1].luminance == pytest.approx(curve.luminance)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("", "the table has no row"),
        ("0\t0.2\n0.04\t1.3\n", "luminance is 1.3, outside 0 to 1"),
        ("0\t0.2\n0.04\tdark\n", "'dark' in 'luminance' is not a number"),
        ("0\t0.2\n0.04\t0.3\n0.04\t0.4\n", "time does not increase"),
    ],
)
def test_a_bad_table_is_refused_with_its_place(tmp_path: Path, rows: str, problem: str) -> None:
    table = tmp_path / "a.luminance.tsv"
    table.write_text("time_s\tluminance\n" + rows)
    with pytest.raises(DataError, match=problem) as caught:
        read_luminance(table)
    assert "a.luminance.tsv" in str(caught.value)


def test_luminance_beyond_white_is_no_luminance() -> None:
    with pytest.raises(DataError, match=r"luminance is 1\.2 at 0\.1 s, outside 0 to 1"):
        StimulusLuminance(np.array([0.0, 0.1]), np.array([0.5, 1.2]))
