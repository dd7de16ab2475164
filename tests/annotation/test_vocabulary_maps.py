"""Maps say what they lose, and refuse to guess."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.annotation.vocabularies import open_vocabulary
from emogap.annotation.vocabulary_maps import list_maps, map_numbers, map_words
from emogap.errors import DataError, UnknownNameError, UsageError


@pytest.mark.parametrize(
    ("source", "target", "word"),
    [("emer7", "emer3", "surprise"), ("affectnet8", "emer7", "contempt"), ("affectnet8", "emer3", "surprise")],
)
def test_a_guess_is_refused_until_it_is_named(source: str, target: str, word: str) -> None:
    with pytest.raises(UsageError, match=f"where '{word}' of {source} goes in {target} would be a guess"):
        map_words(source, target)


def test_each_undecided_word_is_asked_for() -> None:
    with pytest.raises(UsageError, match="'contempt'"):
        map_words("affectnet8", "emer3", decide={"surprise": "positive"})


def test_a_named_decision_is_carried_out_and_recorded() -> None:
    coarse = map_words("emer7", "emer3", decide={"surprise": "negative"})
    assert [coarse.word(word) for word in coarse.source.words] == [
        "positive", "negative", "negative", "negative", "negative", "negative", "neutral",
    ]  # fmt: skip
    assert coarse.label == "emer7 1 > emer3 1, map 1, surprise=negative"
    with pytest.raises(UnknownNameError, match="did you mean 'anger'"):
        coarse.word("angr")


def test_what_is_settled_is_not_open_to_decision() -> None:
    with pytest.raises(UsageError, match="'fear' is not open to decision"):
        map_words("emer7", "emer3", decide={"surprise": "drop", "fear": "positive"})
    with pytest.raises(UnknownNameError, match="did you mean 'positive'"):
        map_words("emer7", "emer3", decide={"surprise": "postive"})


def test_dropped_shares_are_renormalised_and_counted_as_lost() -> None:
    drop = map_words("affectnet8", "emer7", decide={"contempt": "drop"})
    #            neutral happy sad  surp fear disg anger contempt
    shares = np.array([[0.1, 0.2, 0.0, 0.1, 0.0, 0.0, 0.1, 0.5], [0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 1, 0, 0, 0]])
    mapped, lost = drop.share(shares)
    np.testing.assert_allclose(mapped[0], [0.4, 0, 0, 0.2, 0, 0.2, 0.2])
    assert np.isnan(mapped[1]).all()
    np.testing.assert_allclose(mapped[2], [0, 0, 1, 0, 0, 0, 0])
    np.testing.assert_allclose(lost, [0.5, 1, 0])


def test_shares_are_added_up_in_a_coarser_vocabulary() -> None:
    share, lost = map_words("emer7", "emer3", decide={"surprise": "positive"}).share(
        np.array([0.1, 0.05, 0.15, 0.2, 0.05, 0.05, 0.4])
    )
    np.testing.assert_allclose(share, [0.3, 0.3, 0.4])
    assert lost == 0


def test_shares_of_another_length_are_refused() -> None:
    with pytest.raises(DataError, match="have 8 columns"):
        map_words("affectnet8", "emer7", decide={"contempt": "drop"}).share(np.ones(7) / 7)


@pytest.mark.parametrize(("source", "target"), [("emer3", "emer7"), ("emer7", "valence"), ("valence", "arousal")])
def test_there_is_no_map_where_none_can_be(source: str, target: str) -> None:
    with pytest.raises(UsageError, match="would be a guess"):
        (map_numbers if open_vocabulary(source).limits else map_words)(source, target)


@pytest.mark.parametrize(
    ("source", "target", "number", "expected"),
    [
        ("sam9", "valence", 7, 0.5),  # (s - 5) / 4
        ("sam5", "arousal", 2, -0.5),  # (s - 3) / 2
        ("sam7", "dominance", 7, 1.0),  # (s - 4) / 3
        ("glass-vad", "valence", 0.25, -0.5),  # v = 2 u - 1
        ("valence", "glass-vad", -0.5, 0.25),
        ("valence", "sam5", 0.6, 4.0),
        ("valence", "sam5", 0.25, 3.0),
        ("valence", "sam5", 0.75, 4.0),
        ("arousal", "sam9", -1, 1.0),
    ],
)
def test_numbers_follow_the_conventions(source: str, target: str, number: float, expected: float) -> None:
    assert map_numbers(source, target).value(number) == pytest.approx(expected)


def test_a_number_off_the_scale_is_refused() -> None:
    with pytest.raises(DataError, match="outside 1 to 9"):
        map_numbers("sam9", "valence").value(0)


@pytest.mark.parametrize("points", [5, 7, 9])
def test_points_survive_the_way_there_and_back(points: int) -> None:
    there, back = map_numbers(f"sam{points}", "valence"), map_numbers("valence", f"sam{points}")
    assert [back.value(there.value(point)) for point in range(1, points + 1)] == list(range(1, points + 1))


@given(st.floats(-1, 1), st.sampled_from([5, 7, 9]))
def test_the_stated_loss_of_rounding_is_its_largest(value: float, points: int) -> None:
    there, back = map_numbers("valence", f"sam{points}"), map_numbers(f"sam{points}", "valence")
    stated = float(there.loss.rsplit(" ", 1)[1])
    assert abs(back.value(there.value(value)) - value) <= stated + 1e-6


def test_every_map_states_version_and_loss() -> None:
    for source, target in list_maps():
        if open_vocabulary(source).words:
            settled = map_words(source, target, decide=decisions(source, target))
        else:
            settled = map_numbers(source, target)
        assert settled.loss
        assert settled.version >= 1
        assert f"{source} 1 > {target} 1, map " in settled.label


def decisions(source: str, target: str) -> dict[str, str]:
    undecided = {("emer7", "emer3"): ["surprise"], ("affectnet8", "emer7"): ["contempt"]}
    undecided |= {("affectnet8", "emer3"): ["surprise", "contempt"]}
    return dict.fromkeys(undecided.get((source, target), []), "drop")


def test_contempt_is_never_fear_whoever_decides_it() -> None:
    """Conventions 5.4: contempt is kept, or renormalised with the loss reported; never folded into fear."""
    with pytest.raises(UsageError, match=r"contempt of affectnet8 is never counted as fear: .*Ekman and Friesen 1986"):
        map_words("affectnet8", "emer7", decide={"contempt": "fear"})
    with pytest.raises(UsageError, match=r"one of happiness, sadness, surprise, disgust, anger, neutral, or 'drop'"):
        map_words("affectnet8", "emer7")
    assert map_words("affectnet8", "emer7", decide={"contempt": "disgust"}).word("contempt") == "disgust"
