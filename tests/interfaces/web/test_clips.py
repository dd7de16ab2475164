"""The clips of a study with what was felt and what was judged, beside each other and never mixed."""

from pathlib import Path

import pytest

from emogap.interfaces.web.clips import clips_of_study, gap_size
from emogap.recording.study import open_study
from tests.interfaces.small_study import FELT, MACHINE, write_ratings, write_study


@pytest.fixture
def rated(tmp_path: Path) -> Path:
    place = write_study(tmp_path / "study")
    for expert, said in (("e1", "anger"), ("e2", "fear"), ("e3", "anger"), ("e4", "anger")):
        write_ratings(place, expert, "emotion7", {"p01/s1": said})
    write_ratings(place, "e5", "valence", {"p01/s1": -0.5})
    write_ratings(place, "e6", "arousal", {"p01/s1": 0.5})
    write_ratings(place, "machine-m", "emotion7", dict(MACHINE))
    return place


def test_every_trial_has_its_own_answers(rated: Path) -> None:
    clips = {
        (clip.participant_id, clip.stimulus_id): clip for clip in clips_of_study(open_study(rated, with_sessions=False))
    }
    assert {key: clip.felt["emotion7"] for key, clip in clips.items()} == {
        (person, stimulus): word for person, said in FELT.items() for stimulus, word in said.items()
    }
    first = clips["p01", "s1"]
    assert first.felt == {"emotion7": "fear", "valence": 0.5, "arousal": -0.5, "dominance": 0.0}
    assert first.votes == {"emotion7": {"anger": 0.75, "fear": 0.25}}
    assert first.shown == {"emotion7": "anger", "valence": -0.5, "arousal": 0.5}
    assert first.num_raters == 6
    assert first.machine == {"machine-m": {"emotion7": "fear"}}
    assert clips["p02", "s3"].shown == {}
    assert clips["p02", "s3"].gap is None


def test_the_machine_is_no_rater(rated: Path) -> None:
    clips = clips_of_study(open_study(rated, with_sessions=False), participants=["p02"])
    assert [(clip.stimulus_id, clip.num_raters, clip.shown) for clip in clips] == [
        ("s1", 0, {}),
        ("s2", 0, {}),
        ("s3", 0, {}),
    ]


def test_the_gap_is_the_share_of_other_votes_and_the_distance(rated: Path) -> None:
    """Three of four votes name another class; (0.5, -0.5) and (-0.5, 0.5) are half of the longest distance apart."""
    first = clips_of_study(open_study(rated, with_sessions=False), participants=["p01"])[0]
    assert first.gap == pytest.approx((0.75 + 0.5) / 2)


def test_only_the_finer_classes_count_where_both_were_asked() -> None:
    felt = {"emotion7": "fear", "emotion3": "negative"}
    votes = {"emotion7": {"anger": 1.0}, "emotion3": {"negative": 1.0}}
    assert gap_size(felt, votes, {}) == 1.0
    assert gap_size({"emotion3": "negative"}, votes, {}) == 0.0


def test_a_tie_of_the_votes_names_both(tmp_path: Path) -> None:
    place = write_study(tmp_path / "study")
    write_ratings(place, "e1", "emotion7", {"p01/s1": "anger"})
    write_ratings(place, "e2", "emotion7", {"p01/s1": "sadness"})
    first = clips_of_study(open_study(place, with_sessions=False), participants=["p01"])[0]
    assert set(str(first.shown["emotion7"]).split("/")) == {"anger", "sadness"}
