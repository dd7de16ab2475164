"""Tables in LaTeX: what TeX reads is what was meant."""

import re
from pathlib import Path

import pytest

from emogap.reporting.latex_text import escape_latex
from emogap.reporting.result_latex import latex_result
from emogap.types.result_table import ResultTable
from tests.reporting.latex_compiler import compile_latex
from tests.reporting.result_tables import cell, column, table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_b & 5 % of $3 #1", r"a\_b \& 5 \% of \$3 \#1"),
        (r"C:\x{y}", r"C:\textbackslash{}x\{y\}"),
        ("~^<>", r"\textasciitilde{}\textasciicircum{}\textless{}\textgreater{}"),
        ("---", "-{}-{}-"),
        ("[0.1]*", "{[}0.1{]}{*}"),
        ("α ≥ −2 ± 1", r"$\alpha$ $\geq$ $-$2 $\pm$ 1"),
        ("M\u00fcller", "M\u00fcller"),
    ],
)
def test_every_special_character_is_escaped(text: str, expected: str) -> None:
    assert escape_latex(text) == expected


def wide(*, is_simulated: bool = False, num_rows: int = 3) -> ResultTable:
    columns = [
        column("model"),
        column("uar", heading="person & all", better="higher"),
        column("war", heading="person & all", unit="percent", decimals=1),
        column("uar", heading="both", better="higher"),
    ]
    rows = [
        [cell(f"m_{at}"), cell(0.5 + at, -0.25, 3.5), cell(0.125), cell(None, note="cell_p2 is missing")]
        for at in range(num_rows)
    ]
    groups = ["models"] * (num_rows - 1) + ["floors"]
    return table(columns, rows, groups=groups, is_simulated=is_simulated, notes=["100 % of people"])


def body_rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.endswith(r"\\") and not line.startswith(r"\caption")]


def cells_of(line: str) -> int:
    """Columns that a line fills: unescaped ampersands, and those that a multicolumn spans."""
    spans = [int(number) for number in re.findall(r"\\multicolumn\{(\d+)\}", line)]
    return len(re.findall(r"(?<!\\)&", line)) + 1 + sum(spans) - len(spans)


@pytest.mark.parametrize("num_rows", [3, 60])
def test_every_line_fills_every_column(num_rows: int) -> None:
    text = latex_result(wide(num_rows=num_rows))
    lines = body_rows(text)
    heads = 2 if num_rows > 38 else 1
    assert len(lines) == num_rows + 2 + 2 * heads
    assert {cells_of(line) for line in lines} == {4}


@pytest.mark.parametrize("num_rows", [3, 60])
def test_what_begins_ends(num_rows: int) -> None:
    text = latex_result(wide(num_rows=num_rows, is_simulated=True))
    open_now: list[str] = []
    for word, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if word == "begin":
            open_now.append(name)
        else:
            assert open_now.pop() == name
    assert not open_now
    unescaped = re.sub(r"\\[{}]", "", text)
    assert unescaped.count("{") == unescaped.count("}")
    assert text.count(r"\begingroup") == text.count(r"\endgroup")


def test_a_long_table_goes_over_pages() -> None:
    assert r"\begin{longtable}" in latex_result(wide(num_rows=60))
    assert r"\begin{longtable}" not in latex_result(wide(num_rows=3))


def test_numbers_have_a_true_minus_and_a_reason_where_they_are_missing() -> None:
    text = latex_result(wide())
    assert r"m\_0 & 0.50~{\footnotesize {[}$-$.25 3.50{]}} & 12.5 & \textendash{}\textsuperscript{a} \\" in text
    assert r"\textsuperscript{a}~cell\_p2 is missing." in text
    assert r"\cmidrule(lr){2-3} \cmidrule(lr){4-4}" in text
    assert r"\multicolumn{2}{c}{person \& all}" in text


def test_only_simulated_tables_are_coloured_and_say_so() -> None:
    assert r"\color[HTML]{8A4B08}" in latex_result(wide(is_simulated=True))
    assert r"\textbf{Simulated people: " in latex_result(wide(is_simulated=True))
    assert "color" not in latex_result(wide()).split("\n", 1)[1]
    assert "Simulated" not in latex_result(wide())


def test_long_words_are_broken_into_lines() -> None:
    text = latex_result(table([column("what"), column("n")], [[cell("x" * 50), cell(3)]]))
    assert r"\begin{tabular}{>{\raggedright\arraybackslash}p{6cm}r}" in text


def correlations(*, num_rows: int) -> ResultTable:
    """A table like that of eye measures against labels: four groups of columns that do not fit on one line."""
    columns = [column("label"), column("clips")]
    for heading in ("Pearson", "Spearman", "Kendall", "two-way"):
        columns += [column(name, heading=heading) for name in ("r", "all", "q")]
    cells = [cell("a label of 20 letters"), cell(63)] + [
        cell(-0.25, -0.5, -0.125),
        cell(-0.25, -0.75, 0.5),
        cell(1),
    ] * 4
    return table(columns, [list(cells) for _ in range(num_rows)], notes=["Said once."])


def test_a_long_table_that_is_too_wide_goes_on_below_with_its_first_columns() -> None:
    text = latex_result(correlations(num_rows=40))
    parts = re.findall(r"\\begin\{longtable\}(.*?)\\end\{longtable\}", text, re.DOTALL)
    assert [[name for name in ("Pearson", "Spearman", "Kendall", "two-way") if name in part] for part in parts] == [
        ["Pearson", "Spearman"],
        ["Kendall", "two-way"],
    ]
    assert all("LABEL & CLIPS & R & ALL & Q" in part for part in parts)
    assert [part.count("a label of 20 letters & 63 &") for part in parts] == [40, 40]
    assert text.count(r"\label{") == text.count(r"\addtocounter{table}{-1}") == text.count("Said once.") == 1


def test_tables_fit_on_the_page_with_the_packages_that_they_name(tmp_path: Path) -> None:
    """Of a table wider than the page TeX sets what it has room for, and says so in its log alone."""
    tables = [wide(is_simulated=True), wide(num_rows=60), correlations(num_rows=3), correlations(num_rows=40)]
    texts = [latex_result(one) for one in tables]
    needs = {text.splitlines()[0].removeprefix("% ") for text in texts}
    assert len(needs) == 1
    body = "\n".join(texts)
    (tmp_path / "all.tex").write_text(
        r"\documentclass{article}\usepackage[margin=2cm]{geometry}\usepackage[T1]{fontenc}\usepackage{lmodern}"
        f"{needs.pop()}\n\\begin{{document}}\n{body}\\end{{document}}\n"
    )
    log = compile_latex(tmp_path / "all.tex", tmp_path / "out")
    assert "Overfull" not in log
    assert "Missing character" not in log
