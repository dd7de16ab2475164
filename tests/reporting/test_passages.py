"""Texts that know their gaps."""

from emogap.reporting.passages import Passage, Sentence, gap, latex_passages, markdown_passages, merged_passage

PASSAGE = Passage("Rate & screen", (Sentence("5 % of p_1 [x]."), gap("size_mm")))


def test_gaps_are_red_and_everything_is_escaped() -> None:
    assert markdown_passages([PASSAGE]) == (
        "## Rate &amp; screen\n\n5 % of p\\_1 \\[x\\].\n"
        '<strong style="color: #b00020">\\[to be added: size\\_mm\\]</strong>\n'
    )
    assert latex_passages([PASSAGE]) == (
        "\\begin{sloppypar}\n\\paragraph{Rate \\& screen.}\n5 \\% of p\\_1 {[}x{]}.\n"
        "\\textcolor[HTML]{B00020}{\\textbf{{[}to be added: size\\_mm{]}}}\n\\end{sloppypar}\n"
    )


def test_gaps_are_counted() -> None:
    assert PASSAGE.num_gaps == 1


def test_a_sentence_of_several_runs_stands_once_with_their_names() -> None:
    five, thinned, fast = Sentence("Five folds."), Sentence("Thinned too."), Sentence("It took 3 s.")
    said = {"er7": (thinned, five, thinned), "fer7": (five, thinned), "er3": (five, fast, gap("optimiser"))}
    merged = merged_passage("Splits", said)
    assert [sentence.text for sentence in merged.sentences] == [
        "Five folds.",
        "For er7, fer7: Thinned too.",
        "For er3: It took 3 s.",
        "For er3: [to be added: optimiser]",
    ]
    assert merged.num_gaps == 1


def test_what_one_run_says_needs_no_name() -> None:
    assert merged_passage("Splits", {"er7": (Sentence("Five folds."),)}).sentences == (Sentence("Five folds."),)
