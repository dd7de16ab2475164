"""Which clips go to experts: by hand for small queues, by counting for large ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.annotation.active import PRESETS, ClipEvidence, QueueRule, build_queue, difference, next_clip
from emogap.errors import UnknownNameError, UsageError

BLIND, PAPER, ALL = PRESETS["ala-blind"], PRESETS["ala-paper"], PRESETS["all-clips"]


def clip(name: str, felt: float | None, machine: float | None, **more: object) -> ClipEvidence:
    return ClipEvidence(f"p01/{name}", felt, machine, **more)


def names(queue) -> list[str]:
    return [entry.item.removeprefix("p01/") for entry in queue.clips]


def many(num_agreed: int, num_others: int) -> list[ClipEvidence]:
    agreed = [clip(f"same{number}", 3, 3, uncertainty=0.1) for number in range(num_agreed)]
    return agreed + [clip(f"other{number}", 3, 5, uncertainty=number / 1000) for number in range(num_others)]


def test_the_paper_accepts_what_machine_and_self_report_agree_on_and_asks_experts_for_the_rest() -> None:
    clips = [clip("same", 2, 2), clip("differs", 2, 5), clip("zero", 0, 0), clip("unseen", 2, None)]
    queue = build_queue(clips, "emotion7", PAPER)
    assert queue.accepted == ("p01/same", "p01/zero")
    assert {entry.item: entry.reason for entry in queue.clips} == {
        "p01/differs": "differs",
        "p01/unseen": "no machine label",
    }
    assert {entry.num_missing for entry in queue.clips} == {4}


def test_a_clip_without_self_report_goes_to_experts() -> None:
    (entry,) = build_queue([clip("silent", None, 0)], "emotion7", PAPER).clips
    assert entry.reason == "no self-report"


@pytest.mark.parametrize(("num_agreed", "drawn"), [(0, 0), (1, 1), (5, 1), (10, 2), (11, 3), (100, 20)])
def test_a_fifth_of_the_accepted_clips_rounded_up_is_judged_all_the_same(num_agreed: int, drawn: int) -> None:
    queue = build_queue(many(num_agreed, 7), "emotion7", BLIND)
    assert sum(entry.reason == "double-coded" for entry in queue.clips) == drawn
    assert len(queue.accepted) == num_agreed - drawn
    assert queue.num_agreed == num_agreed


def test_the_share_is_drawn_by_the_seed() -> None:
    drawn = {
        seed: {entry.item for entry in build_queue(many(50, 3), "emotion7", QueueRule(seed=seed)).clips}
        for seed in range(3)
    }
    assert drawn[0] != drawn[1] != drawn[2]


def test_every_accepted_clip_is_equally_likely_to_be_drawn() -> None:
    """400 seeds x 20 clips of which 4 are drawn: each about 80 times, SD 8."""
    count = dict.fromkeys((evidence.item for evidence in many(20, 0)), 0)
    for seed in range(400):
        for entry in build_queue(many(20, 0), "emotion7", QueueRule(seed=seed)).clips:
            count[entry.item] += 1
    assert sum(count.values()) == 1600
    assert 80 - 4 * 8 < min(count.values()) <= max(count.values()) < 80 + 4 * 8


def test_what_experts_disagree_on_comes_first_then_the_largest_difference_then_the_least_certain() -> None:
    clips = [
        clip("certain", -0.5, 0.5, uncertainty=0.1),
        clip("uncertain", -0.5, 0.5, uncertainty=0.9),
        clip("unknown", -0.5, 0.5),
        clip("far", -1, 1, uncertainty=0.0),
        clip("split", 0.0, 0.5, answers={"a": -1.0, "b": 0.5}),
        clip("united", 0.0, 0.5, answers={"a": 0.5, "b": 0.5}),
    ]
    queue = build_queue(clips, "valence", PAPER)
    assert names(queue) == ["split", "far", "uncertain", "certain", "unknown", "united"]
    assert queue.clips[0].expert_difference == pytest.approx(0.75)
    assert queue.clips[1].explanation == "machine and self-report differ (1.00), uncertainty 0.00"


def test_double_coded_clips_are_spread_evenly_over_the_queue() -> None:
    queue = build_queue(many(50, 40), "emotion7", BLIND)
    places = [place for place, entry in enumerate(queue.clips) if entry.reason == "double-coded"]
    assert places == [2, 7, 12, 17, 22, 27, 32, 37, 42, 47]


def test_numbers_agree_within_the_tolerance() -> None:
    clips = [clip("point", 0.0, 0.25), clip("beyond", 0.0, 0.26)]
    assert build_queue(clips, "arousal", PAPER).accepted == ("p01/point",)
    assert build_queue(clips, "arousal", QueueRule(double_coded_share=0, tolerance=0.3)).clips == ()


def test_each_clip_goes_to_k_experts_and_to_none_of_them_twice() -> None:
    rule = QueueRule(double_coded_share=0, experts_per_clip=2)
    answers: dict[str, dict[str, float]] = {f"p01/s{number}": {} for number in range(5)}
    for turn in range(30):
        clips = [ClipEvidence(item, 1, 2, answers=given) for item, given in answers.items()]
        expert = "abc"[turn % 3]
        found = next_clip(build_queue(clips, "emotion7", rule), expert)
        if found is not None:
            assert expert not in answers[found.item]
            answers[found.item] = answers[found.item] | {expert: 4.0}
    assert {len(given) for given in answers.values()} == {2}
    assert next_clip(build_queue(clips, "emotion7", rule), "d") is None


def test_all_clips_needs_no_machine_and_is_not_moved_by_one() -> None:
    bare = [clip(f"s{number}", None, None) for number in range(9)]
    told = [clip(f"s{number}", number % 3, 1, uncertainty=number / 9) for number in range(9)]
    assert names(build_queue(bare, "intensity", ALL)) == names(build_queue(told, "intensity", ALL))


def test_a_rule_that_accepts_is_refused_where_no_machine_answered() -> None:
    with pytest.raises(UsageError, match=r"no clip has a machine's answer to intensity(.|\n)*--preset all-clips"):
        build_queue([clip("s", None, None)], "intensity", BLIND)


def test_an_unknown_question_or_a_clip_twice_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'valence'"):
        build_queue([], "valance", BLIND)
    with pytest.raises(UsageError, match="p01/s stands twice"):
        build_queue([clip("s", 1, 1), clip("s", 1, 2)], "emotion7", BLIND)


evidence = st.builds(
    lambda felt, machine, uncertainty, answers: (felt, machine, uncertainty, answers),
    st.one_of(st.none(), st.integers(0, 6)),
    st.integers(0, 6),
    st.one_of(st.none(), st.floats(0, 1)),
    st.dictionaries(st.sampled_from("abcde"), st.integers(0, 6), max_size=4),
)


@given(st.lists(evidence, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_queue_does_not_depend_on_the_order_of_the_clips_and_loses_none(rows: list, random) -> None:
    clips = [ClipEvidence(f"p/{place}", *row) for place, row in enumerate(rows)]
    shuffled = random.sample(clips, len(clips))
    queue = build_queue(clips, "emotion7", BLIND)
    assert queue == build_queue(shuffled, "emotion7", BLIND)
    assert sorted([*queue.accepted, *(entry.item for entry in queue.clips)]) == sorted(each.item for each in clips)


def test_difference_is_the_share_of_the_scale() -> None:
    np.testing.assert_allclose([difference("intensity", 0, 3), difference("arousal", 0.5, 0), 0], [1, 0.25, 0])
