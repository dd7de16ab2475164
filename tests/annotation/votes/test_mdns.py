"""MDNS: intensities without raters."""

import json
from pathlib import Path

import numpy as np
import pytest

from emogap.annotation.votes import VoteCounts, krippendorff_alpha_of_counts, read_mdns, spread
from emogap.errors import DataError, UnknownNameError


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(("name", "expressions"), [("primary", 6), ("primaryandcompound", 21)])
def test_the_published_files_are_read(shared_data: Path, name: str, expressions: int) -> None:
    faces = read_mdns(shared_data / "votes" / f"mdns_{name}_expression_annotations.json")
    assert faces.count.shape == (1000, expressions, 5)
    assert (faces.count.sum(axis=2) == 9).all()
    assert "surprise" in faces.expressions


def test_the_order_of_the_list_changes_nothing(tmp_path: Path) -> None:
    one = read_mdns(write(tmp_path / "a.json", {"f": {"sad": [0, 4, 2, 2]}, "g": {"sad": [1, 1, 3, 0]}}))
    two = read_mdns(write(tmp_path / "b.json", {"f": {"sad": [2, 2, 0, 4]}, "g": {"sad": [3, 0, 1, 1]}}))
    assert (one.count == two.count).all()
    assert one.mean.tolist() == [[2.0], [1.25]]
    assert one.share_present.tolist() == [[0.75], [0.75]]
    assert krippendorff_alpha_of_counts(one.of("sad")) == krippendorff_alpha_of_counts(two.of("sad"))


def test_the_spread_is_the_mean_difference_of_all_pairs() -> None:
    given = [0, 0, 1, 3, 4, 4, 4]
    pairs = [abs(a - b) for i, a in enumerate(given) for j, b in enumerate(given) if i != j]
    votes = VoteCounts(("f",), tuple("01234"), np.bincount(given, minlength=5)[None], "ordinal")
    assert spread(votes)[0] == pytest.approx(np.mean(pairs))


@pytest.mark.parametrize("rating", [5, -1, 2.5, True, None])
def test_what_is_no_intensity_is_refused_with_face_and_expression(tmp_path: Path, rating: object) -> None:
    with pytest.raises(DataError, match=r"face9, sad: .* is no intensity"):
        read_mdns(write(tmp_path / "a.json", {"face9": {"sad": [0, rating]}}))


def test_a_face_without_an_expression_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="g: the expression sad"):
        read_mdns(write(tmp_path / "a.json", {"f": {"sad": [1], "happy": [0]}, "g": {"happy": [1]}}))


def test_an_expression_that_was_not_rated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no expression named 'joy'"):
        read_mdns(write(tmp_path / "a.json", {"f": {"sad": [1]}})).of("joy")
