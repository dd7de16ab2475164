"""``emogap models`` as it is typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.interfaces.model_cards import card_of
from emogap.models.zoo import ZOO
from tests.learning.evaluation.small_study import write_small_dataset


def models(*words: str) -> Result:
    return CliRunner().invoke(build_app(), ["models", *words])


def test_the_list_names_every_model_with_its_size() -> None:
    result = models("list")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in ZOO.names())
    assert "931,377  EMERT" in result.stdout


def test_info_tells_idea_parts_options_and_the_authors_recipe() -> None:
    text = models("info", "mult").stdout
    assert "parameters: 1,0" in text
    assert "  clip_norm: 0.8" in text
    assert "arXiv" in text


def test_the_parts_sum_to_the_whole() -> None:
    for name in ZOO.names():
        card = card_of(name)
        assert card.parameters == sum(card.parts.values()), name


def test_a_linear_layer_per_step_counts_its_channels_once(tmp_path: Path) -> None:
    small = json.loads(models("info", "emert", "--streams", "face=8x10,eye=32x39", "--json").stdout)["models"][0]
    wide = json.loads(models("info", "emert", "--streams", "face=8x12,eye=32x39", "--json").stdout)["models"][0]
    assert wide["parameters"] - small["parameters"] == 2 * 128


def test_streams_come_from_a_data_set_where_one_is_named(tmp_path: Path) -> None:
    dataset = write_small_dataset(tmp_path)
    card = json.loads(models("info", "emert", "--dataset", str(dataset), "--space", "emotion3", "--json").stdout)
    assert card["models"][0]["streams"] == {"face": [3, 5], "eye": [7, 4], "fixation": [6, 2]}


def test_a_model_of_frames_does_not_take_a_data_set_without_them(tmp_path: Path) -> None:
    dataset = write_small_dataset(tmp_path)
    result = models("info", "c3d_transformer", "--dataset", str(dataset), "--space", "emotion3")
    assert result.exit_code == 0
    assert "does not take these streams: it reads frames in place of face, which is not there" in result.stdout


def test_a_model_of_frames_is_counted_with_the_frames_that_are_named() -> None:
    words = ("info", "c3d_transformer", "--streams", "face=8x10,frames=4x3x112x112,eye=32x39", "--json")
    card = json.loads(models(*words).stdout)["models"][0]
    assert card["streams"] == {"frames": [4, 3, 112, 112], "eye": [32, 39]}
    assert card["parameters"] > 0
    assert json.loads(models("info", "emert", *words[2:]).stdout)["models"][0]["streams"]["face"] == [8, 10]


def test_lengths_that_a_model_cannot_take_are_said() -> None:
    result = models("info", "mfn", "--streams", "text=7x3,audio=5x4")
    assert result.exit_code == 0
    assert "does not take these streams" in result.stdout


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("shelve",), UnknownNameError, "shelve"),
        (("info",), UsageError, "'info' needs a name"),
        (("list", "emert"), UsageError, "'list' takes no name"),
        (("info", "emret"), UnknownNameError, "emert"),
        (("list", "--streams", "eye=32"), UsageError, "--streams cannot be 'eye=32'"),
        (("list", "--streams", "eye=32x4x5x6"), UsageError, "--streams cannot be 'eye=32x4x5x6'"),
        (("list", "--streams", "frames=8x3"), UsageError, "--streams cannot be 'frames=8x3'"),
        (("list", "--streams", "eye=3x2", "--dataset", "D"), UsageError, "both say what is read"),
    ],
)
def test_bad_words_are_refused(words: tuple[str, ...], error: type[Exception], said: str) -> None:
    result = models(*words)
    assert isinstance(result.exception, error)
    assert said in str(result.exception)
