"""Words that TeX can print."""

import unicodedata
from pathlib import Path

import pytest

from emogap.reporting.latex_text import COMMANDS, SET_AS_THEY_ARE, escape_latex
from emogap.reporting.paper_document import paper_latex
from tests.reporting.latex_compiler import compile_latex


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-0.5 to 1", "$-$0.5 to 1"),
        ("[-.25 -1]", "{[}$-$.25 $-$1{]}"),
        ("person-0, 2026-11-21, s13428-023", "person-0, 2026-11-21, s13428-023"),
        ("M\u00fcller, Bart\u00f3k, \u0141\u00f3d\u017a", "M\u00fcller, Bart\u00f3k, \u0141\u00f3d\u017a"),
        ("Mu\u0308ller", "M\u00fcller"),
        ("\u4e2d\u6587", "{[}U+4E2D{]}{[}U+6587{]}"),
        ("a\tb\u2003c", "a b c"),
    ],
)
def test_words_are_written_as_tex_can_print_them(text: str, expected: str) -> None:
    """File names of a Mac hold the dots of an umlaut as a character of their own; no font here has Chinese words."""
    assert escape_latex(text) == expected


def test_every_character_that_is_let_through_is_in_the_fonts_of_the_document(tmp_path: Path) -> None:
    allowed = [chr(code) for code in range(0x20, 0x10000) if SET_AS_THEY_ARE.match(chr(code))]
    assert len(allowed) > 300
    words = " ".join(unicodedata.normalize("NFC", character) for character in [*allowed, *COMMANDS])
    for name in ("methods", "checklist"):
        (tmp_path / f"{name}.tex").write_text(escape_latex(words), encoding="utf-8")
    (tmp_path / "paper.tex").write_text(paper_latex("Results", [], notice=words), encoding="utf-8")
    log = compile_latex(tmp_path / "paper.tex", tmp_path / "out")
    assert "Missing character" not in log
    assert "Output written" in log
