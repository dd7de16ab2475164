"""Pickles that only hold features, and pickles that want to do something."""

import builtins
import collections
import os
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.restricted_pickle import read_restricted_pickle
from emogap.errors import DataError


class Calls:
    """Pickled, it is a call of `function`."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, ...]:
        return self.call


def write(path: Path, content: object, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(content, protocol))
    return path


def features() -> dict[str, object]:
    rng = np.random.default_rng(0)
    return {
        "single": rng.normal(size=(3, 5, 2)).astype(np.float32),
        "double": np.asfortranarray(rng.normal(size=(4, 7))),
        "big_endian": np.arange(6, dtype=">i2").reshape(2, 3),
        "lengths": [np.int64(3), 4],
        "words": np.array(["a$_$1", "bcd$_$22"]),
        "empty": np.zeros((0, 5), np.float32),
        "flags": np.array([True, False]),
    }


@pytest.mark.parametrize("protocol", range(2, 6))
def test_arrays_come_back_as_numpy_wrote_them(tmp_path: Path, protocol: int) -> None:
    read = read_restricted_pickle(write(tmp_path / "f.pkl", {"train": features()}, protocol))
    assert isinstance(read, dict)
    for name, expected in features().items():
        np.testing.assert_array_equal(read["train"][name], expected)
        assert np.asarray(read["train"][name]).dtype == np.asarray(expected).dtype


def test_an_array_of_python_words_comes_back_as_a_list(tmp_path: Path) -> None:
    path = write(tmp_path / "f.pkl", np.array(["Positive", "Negative", "Neutral"], object))
    assert read_restricted_pickle(path) == ["Positive", "Negative", "Neutral"]


def test_the_names_of_numpy_1_are_known(tmp_path: Path) -> None:
    content = pickle.dumps(np.arange(3.0), 2).replace(b"cnumpy._core", b"cnumpy.core")
    assert b"numpy._core" not in content
    path = tmp_path / "f.pkl"
    path.write_bytes(content)
    np.testing.assert_array_equal(read_restricted_pickle(path), [0.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (lambda mark: Calls(os.system, f"touch {mark}"), r"(posix|nt)\.system"),
        (lambda mark: Calls(eval, f"open({mark!r}, 'w')"), r"builtins\.eval"),
        (lambda mark: Calls(exec, f"open({mark!r}, 'w')"), r"builtins\.exec"),
        (lambda mark: Calls(open, mark, "w"), r"io\.open|builtins\.open"),
        (lambda mark: Calls(getattr, builtins.dict, "fromkeys"), r"builtins\.getattr"),
        (lambda mark: Calls(np.memmap, mark, "u1", "w+", 0, (4,)), r"numpy\.memmap"),
        (lambda mark: collections.OrderedDict(a=1), r"collections\.OrderedDict"),
        (lambda mark: np.array([(1, 2.0)], dtype="i4,f8"), "dtype"),
    ],
    ids=["system", "eval", "exec", "open", "getattr", "memmap", "harmless class", "record"],
)
@pytest.mark.parametrize("protocol", [2, 5])
def test_code_in_a_pickle_is_named_and_not_run(tmp_path: Path, payload: object, said: str, protocol: int) -> None:
    mark = tmp_path / "was-run"
    path = tmp_path / "f.pkl"
    path.write_bytes(pickle.dumps({"train": {"text": payload(str(mark))}}, protocol))  # type: ignore[operator]
    with pytest.raises(DataError, match=said) as caught:
        read_restricted_pickle(path)
    assert caught.value.where == str(path)
    assert not mark.exists()


def test_a_chain_from_getattr_to_the_shell_is_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "was-run"
    path = tmp_path / "f.pkl"
    path.write_bytes(b"cbuiltins\ngetattr\n(cos\npath\nS'system'\ntR(S'touch " + bytes(mark) + b"'\ntR.")
    with pytest.raises(DataError, match=r"builtins\.getattr"):
        read_restricted_pickle(path)
    assert not mark.exists()


def test_the_payloads_do_run_in_an_ordinary_unpickler(tmp_path: Path) -> None:
    """So that the test above can fail."""
    mark = tmp_path / "was-run"
    pickle.loads(pickle.dumps(Calls(open, str(mark), "w"))).close()
    assert mark.exists()


def test_a_module_that_is_not_loaded_stays_unloaded(tmp_path: Path) -> None:
    sys.modules.pop("antigravity", None)
    path = tmp_path / "f.pkl"
    path.write_bytes(b"cantigravity\nfly\n.")
    with pytest.raises(DataError, match=r"antigravity\.fly"):
        read_restricted_pickle(path)
    assert "antigravity" not in sys.modules


def test_bytes_are_encoded_to_latin1_only(tmp_path: Path) -> None:
    path = tmp_path / "f.pkl"
    path.write_bytes(b"c_codecs\nencode\n(Vabc\nVrot13\ntR.")
    with pytest.raises(DataError, match="rot13"):
        read_restricted_pickle(path)


def test_a_permitted_name_cannot_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "f.pkl"
    path.write_bytes(b"cnumpy\ndtype\n}S'words'\nS'O8'\nsb.")
    with pytest.raises(DataError, match="change of a permitted name"):
        read_restricted_pickle(path)


def test_bytes_cannot_pass_for_an_array_of_objects(tmp_path: Path) -> None:
    """Eight bytes read as a pointer would be an address of the file's choosing."""
    content = pickle.dumps(np.arange(2.0), 2).replace(b"X\x02\x00\x00\x00f8", b"X\x02\x00\x00\x00O8")
    path = tmp_path / "f.pkl"
    path.write_bytes(content)
    with pytest.raises(DataError, match="array of objects"):
        read_restricted_pickle(path)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_damaged(tmp_path: Path, share: float) -> None:
    whole = pickle.dumps({"train": features()}, 4)
    path = tmp_path / "f.pkl"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match="cannot be read as a pickle") as caught:
        read_restricted_pickle(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"PK\x03\x04 not a pickle", b"\x93NUMPY\x01\x00", b"hello", bytes(64)])
def test_what_is_no_pickle_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f.pkl"
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_restricted_pickle(path)


def test_an_absent_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="FileNotFoundError"):
        read_restricted_pickle(tmp_path / "absent.pkl")


@pytest.mark.parametrize("seed", range(40))
def test_a_changed_byte_gives_a_value_or_a_data_error(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    content = bytearray(pickle.dumps({"train": features()}, 2 + seed % 4))
    content[int(rng.integers(0, len(content)))] = int(rng.integers(0, 256))
    path = tmp_path / "f.pkl"
    path.write_bytes(bytes(content))
    try:
        read_restricted_pickle(path)
    except DataError as error:
        assert str(path) in str(error)  # noqa: PT017
