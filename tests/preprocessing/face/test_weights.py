import hashlib
import shutil
from pathlib import Path

import pytest

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.preprocessing.face.weights import (
    WEIGHTS_VARIABLE,
    WeightsFile,
    find_weights,
    known_weights,
    require_weights,
    verify_weights,
    weights_folder,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path))
    return tmp_path


def test_the_folder_is_the_users_unless_the_variable_names_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert weights_folder() == tmp_path / "data" / "emogap" / "weights"
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "mine"))
    assert weights_folder() == tmp_path / "mine"


def test_absent_weights_are_none_or_an_error_that_says_how_to_get_them(folder: Path) -> None:
    assert find_weights("yunet") is None
    with pytest.raises(UsageError, match="emogap weights fetch yunet"):
        require_weights("yunet")


def test_an_unknown_name_gets_the_nearest_known_one(folder: Path) -> None:
    with pytest.raises(UnknownNameError, match="yunet"):
        find_weights("yunett")


def test_every_known_file_that_is_shared_is_what_it_claims(
    shared_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(shared_models))
    for name in ("yunet", "mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet"):
        assert find_weights(name) == shared_models / known_weights()[name].file


def test_weights_with_one_changed_byte_are_refused(shared_models: Path, folder: Path) -> None:
    path = folder / known_weights()["mtcnn-pnet"].file
    shutil.copyfile(shared_models / path.name, path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="hash"):
        find_weights("mtcnn-pnet")


def test_a_cut_file_is_refused_by_its_size(folder: Path) -> None:
    (folder / known_weights()["yunet"].file).write_bytes(b"x" * 1000)
    with pytest.raises(DataError, match="1,000 bytes"):
        find_weights("yunet")


def test_a_git_blob_id_is_the_one_that_git_gives(tmp_path: Path) -> None:
    """``printf 'hello\\n' | git hash-object --stdin`` prints the id below."""
    path = tmp_path / "weights"
    path.write_bytes(b"hello\n")
    git_blob = "ce013625030ba8dba906f756967f9e9ca394464a"
    known = WeightsFile(file="weights", purpose="test", licence="none", source="here", git_blob=git_blob)
    verify_weights(path, known)
    other = known.model_copy(update={"git_blob": hashlib.sha1(b"another").hexdigest()})
    with pytest.raises(DataError, match=git_blob):
        verify_weights(path, other)


def test_weights_that_cannot_be_checked_are_not_known() -> None:
    with pytest.raises(ValueError, match="sha256 or git_blob"):
        WeightsFile(file="w", purpose="test", licence="none", source="here")
