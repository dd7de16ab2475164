"""Agreement on every question of a source, and who was left out and why."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.agreement_report import report_agreement

HEADER = "item,annotator,question,rating,round,answered_at\n"


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    """Three people and a machine on seven clips, words and numbers; one answer of ann is missing."""
    rng = np.random.default_rng(2)
    words = ("fear", "anger", "neutral")
    rows = []
    for item in range(7):
        for annotator in ("ann", "ben", "cem", "machine-net"):
            word = words[item % 3] if rng.random() < 0.8 else words[rng.integers(3)]
            if (item, annotator) != (4, "ann"):
                rows.append(f"p{item}/s1,{annotator},emotion7,{word},1,\n")
            if annotator != "machine-net":
                rows.append(
                    f"p{item}/s1,{annotator},valence,{np.clip(item / 4 - 0.8 + rng.normal() / 9, -1, 1):.2f},1,\n"
                )
    path = tmp_path / "ratings.csv"
    path.write_text(HEADER + "".join(rows))
    return path


def test_every_question_gets_what_exists_for_it(ratings: Path) -> None:
    words, numbers = report_agreement(ratings, draws=50)
    assert (words.question, words.scale, words.annotators) == ("emotion7", "nominal", ("ann", "ben", "cem"))
    assert {result.method for result in words.results} == {"cohen_kappa", "gwet_ac1", "krippendorff_alpha"}
    assert "missing ratings: 1 of 7 items lack one, first p4/s1 by ann" in words.refused["cronbach_alpha"]
    assert "icc2_1" in {result.method for result in numbers.results}


def test_programs_are_left_out_unless_asked_for(ratings: Path) -> None:
    without, counted = (
        report_agreement(ratings, question="emotion7", machines=machines, draws=0)[0] for machines in (False, True)
    )
    assert without.left_out == ("machine-net: a program (--machines counts it)",)
    assert counted.left_out == ()
    assert counted.annotators == ("ann", "ben", "cem", "machine-net")


def test_items_with_gaps_may_be_left_out_and_are_counted(ratings: Path) -> None:
    (report,) = report_agreement(ratings, question="emotion7", methods="fleiss_kappa", complete=True, draws=0)
    assert report.left_out[1] == "1 item: not rated by everybody (--complete)"
    assert report.results[0].num_items == 6


def test_a_coefficient_that_exists_nowhere_is_refused_with_the_reason(ratings: Path) -> None:
    with pytest.raises(UsageError, match=r"ICC\(2,1\) is for ordinal or interval ratings; these are nominal"):
        report_agreement(ratings, question="emotion7", methods="icc2_1")


def test_an_unknown_coefficient_names_the_nearest(ratings: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'krippendorff_alpha'"):
        report_agreement(ratings, methods="gwet_ac1,krippendorf_alpha")


def test_a_question_that_only_a_program_answered_is_named(ratings: Path) -> None:
    with ratings.open("a") as file:
        file.write("p0/s1,machine-net,arousal,0.5,1,\np1/s1,machine-net,arousal,0.1,1,\n")
    report = {one.question: one for one in report_agreement(ratings, draws=0)}["arousal"]
    assert report.results == ()
    assert report.left_out[-1] == "nobody is left who rated"
