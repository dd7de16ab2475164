"""A file is written whole or not at all."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from emogap.errors import OutputError
from emogap.files import fingerprint_bytes, write_aside, write_bytes, write_to_disk


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


def test_what_must_not_be_lost_is_synchronised_file_and_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synchronised: list[os.stat_result] = []
    monkeypatch.setattr(os, "fsync", lambda number: synchronised.append(os.fstat(number)))
    write_to_disk(tmp_path / "answers.csv", b"fear")
    file, folder = synchronised
    assert (file.st_ino, file.st_size) == ((tmp_path / "answers.csv").stat().st_ino, 4)
    assert folder.st_ino == tmp_path.stat().st_ino
    assert (tmp_path / "answers.csv").read_bytes() == b"fear"


@pytest.mark.parametrize(
    ("system", "refusals", "is_written"), [("win32", 3, True), ("win32", 999, False), ("linux", 1, False)]
)
def test_windows_is_asked_again_to_replace_what_somebody_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, refusals: int, is_written: bool
) -> None:
    replace, left = Path.replace, iter(range(refusals))

    def refused(self: Path, target: Path) -> Path:
        if next(left, None) is not None:
            raise PermissionError(errno.EACCES, "the file is used by another process")
        return replace(self, target)

    monkeypatch.setattr("emogap.files.sys", SimpleNamespace(platform=system))
    monkeypatch.setattr("emogap.files.RETRY_S", 0.0)
    monkeypatch.setattr(Path, "replace", refused)
    if is_written:
        write_bytes(tmp_path / "state.json", b"{}")
    else:
        with pytest.raises(OutputError, match="used by another process"):
            write_bytes(tmp_path / "state.json", b"{}")
    assert [path.name for path in tmp_path.iterdir()] == (["state.json"] if is_written else [])
