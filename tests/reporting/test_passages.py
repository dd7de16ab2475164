"""Texts that know their gaps."""

from emogap.reporting.passages import Passage, Sentence, gap, latex_passages, markdown_passages

PASSAGE = Passage("Rate & screen", (Sentence("5 % of p_1 [x]."), gap("size_mm")))


def test_gaps_are_red_and_everything_is_escaped() -> None:
    assert markdown_passages([PASSAGE]) == (
        "## Rate &amp; screen\n\n5 % of p\\_1 \\[x\\].\n"
        '<strong style="color: #b00020">\\[to be added: size\\_mm\\]</strong>\n'
    )
    assert latex_passages([PASSAGE]) == (
        "\\paragraph{Rate \\& screen.}\n5 \\% of p\\_1 {[}x{]}.\n"
        "\\textcolor[HTML]{B00020}{\\textbf{{[}to be added: size\\_mm{]}}}\n"
    )


def test_gaps_are_counted() -> None:
    assert PASSAGE.num_gaps == 1
