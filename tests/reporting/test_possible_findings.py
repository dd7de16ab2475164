"""Sentences below a table about what its people could have shown."""

from typing import cast

from emogap.reporting.possible_findings import alike_p, what_was_possible
from emogap.types.scores import PairRecord, ScoreRow, SplitScores


def pair(first: str, second: str, difference: float, error: float | None) -> PairRecord:
    return {
        "first": first,
        "second": second,
        "difference": difference,
        "p": 0.5,
        "p_holm": 1.0,
        "method": "sampled",
        "num_people": 41,
        "standard_error": error,
    }


def split(*pairs: PairRecord) -> SplitScores:
    roles = {"emert": "model", "tmc": "model", "lmf": "model", "majority": "floor"}
    rows = [cast(ScoreRow, {"model": name, "role": role}) for name, role in roles.items()]
    return cast(SplitScores, {"split": "person", "rows": rows, "pairs": list(pairs)})


def test_the_smallest_difference_is_told_in_one_sentence() -> None:
    """Student's t with 40 degrees of freedom: 2.0211 + 0.8507 = 2.872 standard errors (tables of t)."""
    said = list(what_was_possible(split(pair("emert", "tmc", 0.02, 0.02), pair("emert", "majority", 0.3, 0.01)), "UAR"))
    assert said == [
        "Smallest difference in UAR that this run would have found with 80 % power under person: 0.06 (emert and tmc),"
        " without the price of 2 tests."
    ]


def test_models_within_the_margin_are_said_to_be_alike() -> None:
    """Errors of 0.01 and 41 people: (0.05 - 0.01) / 0.01 = 4 is far beyond t; lmf is 6 points away."""
    pairs = (pair("emert", "tmc", 0.01, 0.01), pair("emert", "lmf", 0.06, 0.01), pair("tmc", "lmf", 0.05, 0.01))
    said = list(what_was_possible(split(*pairs), "UAR"))
    assert said[1] == "Alike within 0.05 UAR under person (two one-sided tests, Holm, 5 %): emert, tmc."


def test_p_of_many_pairs_is_adjusted() -> None:
    """One pair at p 0.0339 (t = 1.8771, 40 degrees of freedom) is no longer alike among three."""
    alone = pair("emert", "tmc", 0.0, 0.05 / 1.8771)
    others = (pair("emert", "lmf", 0.0, 0.05 / 1.8771), pair("tmc", "lmf", 0.0, 0.05 / 1.8771))
    assert abs(alike_p([alone])["emert", "tmc"] - 0.0339) < 5e-4
    assert min(alike_p([alone, *others]).values()) > 0.1


def test_a_run_from_before_there_were_errors_says_nothing() -> None:
    old = pair("emert", "tmc", 0.02, None)
    del old["standard_error"]
    assert list(what_was_possible(split(old), "UAR")) == []
    assert list(what_was_possible(split(), "UAR")) == []
