"""A file is written whole or not at all."""

import errno
from pathlib import Path

import pytest

from emogap.errors import OutputError
from emogap.files import fingerprint_bytes, write_aside, write_bytes


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    write_bytes(target, b"old")
    with pytest.raises(RuntimeError), write_aside(target) as partial:
        partial.write_bytes(b"half")
        raise RuntimeError
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No space left") as caught, write_aside(tmp_path / "big"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "make room" in str(caught.value)


def test_a_folder_replaces_a_folder(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        with write_aside(tmp_path / "run") as partial:
            partial.mkdir()
            (partial / "inside").write_bytes(content)
    assert (tmp_path / "run" / "inside").read_bytes() == b"second"


def test_moving_a_boundary_changes_the_fingerprint() -> None:
    assert fingerprint_bytes([b"ab", b"c"]) != fingerprint_bytes([b"a", b"bc"])


def test_a_file_where_a_folder_should_be_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "run").write_bytes(b"a file")
    with pytest.raises(OutputError, match="could not write"):
        write_bytes(tmp_path / "run" / "scores.json", b"{}")
