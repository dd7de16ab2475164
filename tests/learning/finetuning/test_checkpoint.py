"""A fitted network written and read back, and what is no such checkpoint."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError, MismatchError
from emogap.learning.finetuning.checkpoint import finetuned_folders, load_finetuned
from emogap.learning.pretraining.checkpoint import save_glass
from tests.learning.finetuning.conftest import Done
from tests.learning.finetuning.miniature import small_pretrained


@pytest.mark.parametrize("start", ["pretrained", "random", "cnn"])
def test_what_is_read_says_the_same_as_what_was_fitted(vad: Done, start: str) -> None:
    rows = vad.job.split.test
    read = load_finetuned(vad.job.folder / f"{start}-1")
    told = read.told(vad.job.windows.gaze[rows], vad.job.windows.valid[rows])
    np.testing.assert_array_equal(told, vad.compared.told[start][1])
    assert read.seed == 1
    assert read.start == start


def test_a_checkpoint_knows_everybody_and_what_it_was_made_of(vad: Done) -> None:
    read = load_finetuned(vad.job.folder / "pretrained-0")
    assert read.pretraining_people == (("miniature", "100"), ("miniature", "101"))
    assert read.test_people == (("miniature", "104"), ("miniature", "105"))
    assert set(read.people) == {("miniature", str(number)) for number in range(100, 104)}
    assert read.question.outputs == ("valence", "arousal", "dominance")
    assert read.config == vad.job.config
    assert read.history == vad.compared.fits[0].history
    assert read.simulated
    assert read.pretraining_job == "small"
    assert load_finetuned(vad.job.folder / "random-0").pretraining_people == ()


def test_the_fits_of_all_seeds_are_found(vad: Done) -> None:
    assert [path.name for path in finetuned_folders(vad.job.folder)] == ["pretrained-0", "pretrained-1"]
    assert finetuned_folders(vad.job.folder / "cnn-0") == (vad.job.folder / "cnn-0",)


def test_a_pretrained_network_is_no_fine_tuned_one(tmp_path: Path) -> None:
    save_glass(tmp_path, small_pretrained())
    with pytest.raises(MismatchError, match="of the kind 'glass', and 'glass-finetuned' is needed"):
        load_finetuned(tmp_path)


def test_a_file_and_an_empty_folder_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "model.ckpt").write_bytes(b"PK")
    with pytest.raises(MismatchError, match="this is a file, and a fine-tuned network is a folder"):
        finetuned_folders(tmp_path / "model.ckpt")
    with pytest.raises(DataError, match="no fine-tuned network here"):
        finetuned_folders(tmp_path)


def test_an_edited_checkpoint_is_damaged(vad: Done, tmp_path: Path) -> None:
    for name in ("config.json", "weights.safetensors"):
        (tmp_path / name).write_bytes((vad.job.folder / "cnn-0" / name).read_bytes())
    (tmp_path / "config.json").write_text((tmp_path / "config.json").read_text().replace('"question"', '"asked"'))
    with pytest.raises(DataError, match="does not hold what it should"):
        load_finetuned(tmp_path)
