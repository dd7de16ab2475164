"""What every reader of text tables does with damaged, compressed and differently written ones."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording import READERS, open_recordings


@pytest.fixture(params=["tobii_pro_lab", "tobii_studio"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def files(name: str, text_examples: dict[str, tuple[Callable[[], Any], ...]], tmp_path: Path) -> list[Path]:
    return [export().write(tmp_path / str(number)) for number, export in enumerate(text_examples[name])]


def test_a_compressed_file_reads_as_the_plain_one(name: str, files: list[Path]) -> None:
    for path in files:
        packed = path.with_name(path.name + ".gz")
        packed.write_bytes(gzip.compress(path.read_bytes()))
        for plain, again in zip(READERS.open(name).read(path), READERS.open(name).read(packed), strict=True):
            assert plain.gaze is not None
            assert again.gaze is not None
            assert plain.recording_id == again.recording_id
            np.testing.assert_array_equal(plain.gaze.position, again.gaze.position)


def test_a_compressed_file_cut_at_any_byte_is_refused(name: str, files: list[Path], tmp_path: Path) -> None:
    for path in files:
        packed = gzip.compress(path.read_bytes(), mtime=0)
        cut_path = tmp_path / "cut.csv.gz"
        for cut in range(1, len(packed), 17):
            cut_path.write_bytes(packed[:cut])
            with pytest.raises(DataError, match=r"cut\.csv\.gz, line 1"):
                READERS.open(name).read(cut_path)


def test_another_delimiter_below_the_heading_is_refused_with_its_line(name: str, files: list[Path]) -> None:
    for path in files:
        lines = path.read_bytes().splitlines(keepends=True)
        other = b";" if b"\t" in lines[0] else b"\t"
        lines[3] = re.sub(rb"[\t,]", other, lines[3])
        path.write_bytes(b"".join(lines))
        with pytest.raises(DataError, match=rf"{path.name}, line 4: 1 cell where the heading has \d+ columns"):
            READERS.open(name).read(path)


def test_a_file_with_an_unknown_delimiter_is_refused_in_words(name: str, files: list[Path]) -> None:
    for path in files:
        path.write_bytes(re.sub(rb"[\t,]", b"|", path.read_bytes()))
        with pytest.raises(DataError, match="no reader knows this file"):
            open_recordings(path)


def test_line_ends_of_old_macs_are_refused_in_words(name: str, files: list[Path]) -> None:
    """The splitting of the heading raised an error of its own, so that no reader was asked any more (issue 3)."""
    for path in files:
        path.write_bytes(path.read_bytes().replace(b"\r", b"").replace(b"\n", b"\r"))
        with pytest.raises(DataError, match="no reader knows this file"):
            open_recordings(path)
        with pytest.raises(DataError, match=rf"{path.name}, line 1"):
            READERS.open(name).read(path)


def test_a_heading_without_rows_is_refused(name: str, files: list[Path]) -> None:
    for path in files:
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
        with pytest.raises(DataError, match=rf"{path.name}, line 1: there is a heading but no row"):
            READERS.open(name).read(path)


def test_bytes_that_are_not_utf_8_are_refused_with_their_line(name: str, files: list[Path]) -> None:
    for path in files:
        lines = path.read_bytes().splitlines(keepends=True)
        lines[2] = lines[2].replace(b"i", b"\xff", 1) if b"i" in lines[2] else lines[2].replace(b"o", b"\xff", 1)
        path.write_bytes(b"".join(lines))
        with pytest.raises(DataError, match=rf"{path.name}, line 3"):
            READERS.open(name).read(path)


def test_utf_16_is_refused_with_the_way_to_convert_it(name: str, files: list[Path]) -> None:
    for path in files:
        path.write_bytes(path.read_bytes().decode("utf-8").encode("utf-16"))
        with pytest.raises(DataError, match=r"line 1: the text is UTF-16") as caught:
            open_recordings(path)
        assert "iconv" in str(caught.value.fix)


def test_a_row_pasted_twice_is_named_by_its_line(name: str, files: list[Path]) -> None:
    for path in files:
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([*lines[:-1], lines[-1], lines[-1]]))
        with pytest.raises(
            DataError, match=rf"{path.name}, line {len(lines) + 1}: .*time runs backwards or is repeated"
        ):
            READERS.open(name).read(path)
