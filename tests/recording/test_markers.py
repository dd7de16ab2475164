from pathlib import Path

import pytest

from emogap.errors import DataError
from emogap.recording.markers import Marker, read_markers


def test_markers_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "markers.tsv"
    path.write_text("time_s\tclock\tkind\n0.300\tgaze\tclap\n0.88\tface\tclap\n-1.5\tstimulus\ts003 on\n")
    assert read_markers(path) == (
        Marker(0.3, "gaze", "clap"),
        Marker(0.88, "face", "clap"),
        Marker(-1.5, "stimulus", "s003 on"),
    )


def test_a_session_without_markers_has_none(tmp_path: Path) -> None:
    assert read_markers(tmp_path / "markers.tsv") == ()


def test_a_time_that_is_no_number_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "markers.tsv"
    path.write_text("time_s\tclock\tkind\n0.3\tgaze\tclap\nsoon\tface\tclap\n")
    with pytest.raises(DataError, match="line 3"):
        read_markers(path)
