"""Files of counts, and files that are none."""

from pathlib import Path

import pytest

from emogap.annotation.opening import open_ratings
from emogap.annotation.votes import recognise_counts
from emogap.errors import DataError

FERPLUS = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"


def test_open_ratings_refuses_counts_in_words(tmp_path: Path) -> None:
    (tmp_path / "fer.csv").write_text(FERPLUS + "Training,a.png,4,0,0,1,3,0,0,0,2,0\n")
    with pytest.raises(DataError, match=r"\(fer\+\) holds counts of votes, not who gave them"):
        open_ratings(tmp_path / "fer.csv")


@pytest.mark.parametrize("content", ["", "item,annotator,rating\n", FERPLUS.replace("NF", "none"), "{}"])
def test_other_files_are_not_taken_for_counts(tmp_path: Path, content: str) -> None:
    for suffix in ("csv", "json"):
        (tmp_path / f"file.{suffix}").write_text(content)
        assert recognise_counts(tmp_path / f"file.{suffix}") is None
    assert recognise_counts(tmp_path / "absent.csv") is None
