"""The folder of weights: nothing gets in unchecked, and nothing is fetched unasked."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces import weights_keeping
from emogap.interfaces.cli import build_app
from emogap.interfaces.weights_keeping import add_weights, fetch_weights, list_weights
from emogap.preprocessing.face import weights as weights_module
from emogap.preprocessing.face.encoders import fer_onnx
from emogap.preprocessing.face.network_card import require_network
from emogap.preprocessing.face.weights import WEIGHTS_VARIABLE, WeightsFile, known_weights
from tests.preprocessing.face.tiny_onnx import tiny_network

CARD = """
name = "tiny"
licence = "CC0"
source = "made by hand"
size_px = 9
crop = "box"
colour = "RGB"
layout = "NCHW"
divide_by = 255.0
mean = [0.0, 0.0, 0.0]
sd = [1.0, 1.0, 1.0]
gives = "logits"
classes = ["happiness", "contempt", "anger", "neutral"]
embedding = "mean"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "weights"))
    return tmp_path / "weights"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Makes emogap know the weights 'w', found at a file of this machine; gives that file."""

    def serve(content: bytes, *, expected: bytes | None = None) -> Path:
        path = tmp_path / "server" / "w.onnx"
        path.parent.mkdir()
        path.write_bytes(content)
        known = WeightsFile(
            file="w.onnx",
            purpose="test",
            licence="MIT",
            source="a test",
            sha256=hashlib.sha256(content if expected is None else expected).hexdigest(),
            url=path.as_uri(),
        )
        for module in (weights_module, weights_keeping):
            monkeypatch.setattr(module, "known_weights", lambda: {"w": known})
        return path

    return serve


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    (tmp_path / "card.toml").write_text(CARD)
    return tiny_network(tmp_path / "mine.onnx", np.arange(12.0).reshape(3, 4))


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(build_app(), ["weights", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_an_empty_folder_lists_everything_as_absent(folder: Path) -> None:
    assert {state.state for state in list_weights()} == {"absent"}
    assert [state.name for state in list_weights()] == list(known_weights())
    assert not folder.exists()


def test_nothing_is_downloaded_unless_the_licence_is_accepted(
    folder: Path, served: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    served(b"weights")
    monkeypatch.setattr(weights_keeping, "urlopen", lambda *_: pytest.fail("it asked a server"))
    with pytest.raises(
        UsageError, match=r"(?s)nothing was downloaded: 'w' is under MIT, from a test.*--accept-licence"
    ):
        fetch_weights("w", accept_licence=False)
    assert not folder.exists()


def test_accepted_weights_are_fetched_once(folder: Path, served: Callable[..., Path]) -> None:
    source = served(b"weights")
    assert fetch_weights("w", accept_licence=True).read_bytes() == b"weights"
    source.unlink()
    assert fetch_weights("w", accept_licence=False) == folder / "w.onnx"


def test_what_is_not_what_it_should_be_is_removed(folder: Path, served: Callable[..., Path]) -> None:
    served(b"a page that asks to log in", expected=b"weights")
    with pytest.raises(DataError, match=r"(?s)what came is not the test.*it was removed"):
        fetch_weights("w", accept_licence=True)
    assert list(folder.iterdir()) == []


def test_a_server_that_cannot_be_reached_is_said_in_words(folder: Path, served: Callable[..., Path]) -> None:
    served(b"weights").unlink()
    with pytest.raises(UsageError, match=r"(?s)the download failed.*emogap weights add w\.onnx"):
        fetch_weights("w", accept_licence=True)
    assert list(folder.iterdir()) == []


def test_weights_without_an_address_cannot_be_fetched(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"(?s)are not there.*emogap weights add fer2013_mini_xception\.onnx"):
        fetch_weights("fer2013_mini_xception", accept_licence=True)
    with pytest.raises(UnknownNameError, match="did you mean 'yunet'"):
        fetch_weights("yunett", accept_licence=True)


def test_a_known_file_is_recognised_under_any_name(folder: Path, tmp_path: Path, shared_models: Path) -> None:
    renamed = tmp_path / "download(3).bin"
    shutil.copyfile(shared_models / "pnet.pt", renamed)
    state = add_weights(renamed)
    assert (state.name, state.state) == ("mtcnn-pnet", "there")
    assert (folder / "pnet.pt").read_bytes() == renamed.read_bytes()


def test_a_damaged_known_file_is_refused_with_the_reason(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "pnet.pt").write_bytes(b"cut")
    with pytest.raises(DataError, match="3 bytes, not 28,570 bytes"):
        add_weights(tmp_path / "pnet.pt")
    assert not folder.exists()


def test_an_unknown_file_needs_a_card(folder: Path, tiny: Path) -> None:
    with pytest.raises(UsageError, match=r"(?s)does not know this file.*--card"):
        add_weights(tiny)


def test_a_network_of_ones_own_is_added_under_the_name_of_its_card(folder: Path, tiny: Path) -> None:
    state = add_weights(tiny, card=tiny.with_name("card.toml"))
    assert (state.name, state.state, state.licence) == ("tiny", "there", "CC0")
    assert list_weights()[-1] == state
    assert fer_onnx.open_encoder(require_network("tiny")).dimension == 3
    assert add_weights(tiny, card=tiny.with_name("card.toml")) == state


def test_an_added_network_that_changes_is_damaged(folder: Path, tiny: Path) -> None:
    add_weights(tiny, card=tiny.with_name("card.toml"))
    tiny_network(folder / "tiny.onnx", np.ones((3, 4)))
    assert list_weights("tiny")[0].state == "damaged"
    assert run("verify", "tiny")[0] == 1
    with pytest.raises(DataError, match="not the one that its card was added with"):
        fer_onnx.open_encoder(require_network("tiny"))


def test_another_network_does_not_take_a_name_that_is_taken(folder: Path, tiny: Path, tmp_path: Path) -> None:
    add_weights(tiny, card=tiny.with_name("card.toml"))
    other = tiny_network(tmp_path / "other.onnx", np.ones((3, 4)))
    with pytest.raises(UsageError, match="another network 'tiny' is there already"):
        add_weights(other, card=tiny.with_name("card.toml"))
    known = tmp_path / "known.toml"
    known.write_text(CARD.replace('"tiny"', '"emotieffnet_b0"'))
    with pytest.raises(UsageError, match="is the name of weights that emogap knows"):
        add_weights(other, card=known)


def test_a_card_of_another_network_is_not_added(folder: Path, tiny: Path) -> None:
    card = tiny.with_name("card.toml")
    card.write_text(CARD.replace("size_px = 9", "size_px = 12"))
    with pytest.raises(DataError, match=r"\(3, 12, 12\)"):
        add_weights(tiny, card=card)
    assert not folder.exists()


def test_a_card_for_a_file_that_is_known_is_refused(folder: Path, shared_models: Path, tiny: Path) -> None:
    with pytest.raises(UsageError, match="whose card emogap has"):
        add_weights(shared_models / "fer2013_mini_xception.onnx", card=tiny.with_name("card.toml"))


def test_an_unknown_network_names_the_nearest(folder: Path, tiny: Path) -> None:
    add_weights(tiny, card=tiny.with_name("card.toml"))
    with pytest.raises(UnknownNameError, match="did you mean 'tiny'"):
        require_network("tinny")


def test_the_command_lists_and_adds(folder: Path, shared_models: Path) -> None:
    code, text = run("add", str(shared_models / "face_detection_yunet_2023mar.onnx"))
    assert code == 0
    assert "there   yunet" in text
    assert "MIT, from opencv/opencv_zoo" in text
    code, text = run("list", "--json")
    told = json.loads(text)
    assert code == 0
    assert told["folder"] == str(folder)
    assert [each["state"] for each in told["weights"] if each["name"] == "yunet"] == ["there"]


def test_the_command_ends_in_1_if_something_is_damaged(folder: Path) -> None:
    folder.mkdir()
    (folder / "pnet.pt").write_bytes(b"cut")
    code, text = run("verify")
    assert code == 1
    assert "DAMAGED mtcnn-pnet" in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("lst",), "did you mean 'list'"),
        (("fetch",), "'fetch' needs to know which"),
        (("add",), "'add' needs to know which"),
        (("list", "--card", "c.toml"), "--card goes with 'add' only"),
        (("add", "gone.onnx"), "there is no such file"),
    ],
)
def test_the_command_says_what_is_missing(folder: Path, words: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        run(*words)
