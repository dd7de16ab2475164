"""CREMA-D: the file as published, and files that are not."""

from pathlib import Path

import numpy as np
import pytest

from emogap.annotation.votes import intended_gap, plurality, read_cremad
from emogap.annotation.votes.intended import gap_difference, perceived_shares
from emogap.errors import DataError

HEADER = '"","A","D","F","H","N","S","fileName","numResponses","agreement","emoVote","meanEmoRespNorm"'


def row(number: str, counts: list[int], name: str = "1001_IEO_HAP_LO") -> str:
    return f'"{number}",{",".join(map(str, counts))},"{name}",{sum(counts)},0.5,"N:S",NA'


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def test_the_published_file_is_read_whole(shared_data: Path) -> None:
    clips = read_cremad(shared_data / "votes" / "cremad_tabulatedVotes.csv")
    assert {name: len(part.votes.items) for name, part in clips.items()} == {"voice": 7442, "face": 7442, "both": 7442}
    assert sum(int(part.votes.num_votes.sum()) for part in clips.values()) == 212_000
    assert len(set(clips["voice"].actor)) == 91
    assert len(set(clips["face"].sentence)) == 12
    # 1,534 rows of the file name a winner with a colon: those are the ties.
    assert sum(len(most) > 1 for part in clips.values() for most in plurality(part.votes)) == 1534
    # Cao et al. (2014), abstract: 40.9, 58.2 and 63.6 % of the responses name the intended emotion.
    for name, published in (("voice", 0.409), ("face", 0.582), ("both", 0.636)):
        recognised = np.trace(perceived_shares(clips[name]) * np.bincount(_meant(clips[name]))[:, None]) / 7442
        assert recognised == pytest.approx(published, abs=0.015)


def _meant(part: object) -> list[int]:
    return [part.votes.categories.index(emotion) for emotion in part.intended]  # type: ignore[attr-defined]


def test_the_gap_of_few_clips_is_counted_by_hand(tmp_path: Path) -> None:
    names = ["1001_IEO_HAP_LO", "1002_IEO_HAP_XX", "1001_DFA_SAD_XX", "1002_DFA_SAD_XX"]
    votes = [[0, 0, 0, 4, 0, 0], [0, 0, 0, 1, 3, 0], [0, 0, 0, 0, 2, 2], [0, 0, 0, 0, 4, 0]]
    rows = [row(f"{m}0000{i}", v, n) for m in "123" for i, (n, v) in enumerate(zip(names, votes, strict=True))]
    clips = read_cremad(write(tmp_path / "votes.csv", *rows))
    gap = intended_gap(clips["voice"], draws=50)
    assert gap.gap.estimate == pytest.approx((0 + 0.75 + 0.5 + 1) / 4)
    assert gap.by_emotion["sadness"].estimate == pytest.approx(0.75)
    assert (gap.agree, gap.tie, gap.differ) == (1, 1, 2)
    assert gap.gap.clusters == "2 actors x 2 sentences"
    assert clips["both"].level == (None, "low", None, None)
    assert gap_difference(clips["voice"], clips["face"], draws=50).estimate == 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("400001", [0, 0, 0, 1, 1, 0])], "line 2: '400001' is no id"),
        ([row("100001", [0, 0, 0, 1, 1, 0]).replace('LO",2', 'LO",3')], "add up to 2, but numResponses is 3"),
        ([row("100001", [0, 0, 0, 1, 1, 0], "1001_IEO_SUR_LO")], "no clip of CREMA-D"),
        ([row("100001", [0, -1, 0, 1, 1, 0])], "outside 0 to inf"),
        ([row("100001", [0, 0, 0, 1, 1, 0]), row("100002", [0, 0, 0, 1, 1, 0])], "stands here and in line 2"),
        ([row("100001", [0, 0, 0, 1, 1, 0])], "no row of the modality face"),
    ],
)
def test_what_is_not_the_published_file_is_refused(tmp_path: Path, rows: list[str], message: str) -> None:
    whole = [row("200001", [0, 0, 0, 1, 1, 0]), row("300001", [0, 0, 0, 1, 1, 0])]
    with pytest.raises(DataError, match=message):
        read_cremad(write(tmp_path / "votes.csv", *rows, *([] if "modality" in message else whole)))
