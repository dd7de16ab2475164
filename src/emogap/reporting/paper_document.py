"""The document that holds a whole paper's tables and figures in LaTeX, and the index of everything that was written."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emogap.reporting.latex_text import SIMULATED_COLOUR, escape_latex
from emogap.reporting.result_cells import SIMULATED
from emogap.reporting.result_markdown import escape_markdown, markdown_lines

__all__ = ["PaperFigure", "PaperSection", "figure_latex", "file_stem", "index_markdown", "paper_latex"]

MOST_FLOATS = 8
"""So many tables and figures wait for a place before a new page is begun."""

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{lmodern,textcomp}
\usepackage[margin=2cm]{geometry}
\usepackage{array,booktabs,longtable,graphicx,xcolor}
\makeatletter
\setkeys{Gin}{width=\ifdim\Gin@nat@width>\linewidth\linewidth\else\Gin@nat@width\fi}
\setkeys{Gin}{height=\ifdim\Gin@nat@height>.8\textheight.8\textheight\else\Gin@nat@height\fi,keepaspectratio}
\makeatother
\emergencystretch=3em
\title{%s}
\author{}
\date{}
\begin{document}
\maketitle"""


@dataclass(frozen=True, slots=True)
class PaperFigure:
    """A figure under the name of its files, with its caption and the SVG that it is drawn from."""

    name: str
    caption: str
    svg: str
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class PaperSection:
    """What came of one run or experiment: names of tables and figures in order, and what must be said with them.

    `long_tables` names those tables that go over pages: they are no floats.
    """

    title: str
    notes: tuple[str, ...]
    tables: tuple[str, ...]
    figures: tuple[PaperFigure, ...]
    long_tables: frozenset[str] = frozenset()


def file_stem(words: str) -> str:
    """`words` fit for the name of a file and for LaTeX.

    Examples
    --------
    >>> file_stem("confusion-er3-class-person+stimulus-emert@eye+face")
    'confusion_er3_class_person_stimulus_emert_eye_face'
    """
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_")


def paper_latex(title: str, sections: Sequence[PaperSection], *, notice: str) -> str:
    r"""A complete document that takes methods, tables, figures and checklist in by ``\input``."""
    lines = [PREAMBLE % escape_latex(title), r"\section{Methods}", r"\input{methods}", r"\section{Results}"]
    for section in sections:
        lines += [rf"\subsection{{{escape_latex(section.title)}}}"]
        if section.notes:
            lines += [r"\begin{itemize}", *(rf"\item {escape_latex(note)}" for note in section.notes), r"\end{itemize}"]
        lines += [*_in_order(section), r"\clearpage"]
    lines += [r"\section{Reporting checklist}", r"\input{checklist}", r"\section*{Notice}", escape_latex(notice)]
    return "\n".join([*lines, r"\end{document}"]) + "\n"


def _in_order(section: PaperSection) -> Iterator[str]:
    """Tables, then figures; a page is begun before a long table, which floats that wait would follow out of order."""
    waiting = 0
    for name in section.tables:
        is_long = name in section.long_tables
        if waiting == MOST_FLOATS or (is_long and waiting):
            yield r"\clearpage"
            waiting = 0
        yield rf"\input{{tables/{name}}}"
        waiting += not is_long
    for figure in section.figures:
        if waiting == MOST_FLOATS:
            yield r"\clearpage"
            waiting = 0
        yield figure_latex(figure)
        waiting += 1


def figure_latex(figure: PaperFigure) -> str:
    """The figure as a float, no larger than the page; in colour if its people are simulated."""
    colour = rf"\color[HTML]{{{SIMULATED_COLOUR}}}" if figure.is_simulated else ""
    said = rf" \textbf{{{escape_latex(SIMULATED)}}}" if figure.is_simulated else ""
    return "\n".join(
        [
            rf"\begin{{figure}}[htbp]{colour}",
            r"\centering",
            rf"\includegraphics{{figures/{figure.name}.pdf}}",
            rf"\caption{{{escape_latex(figure.caption)}{said}}}\label{{fig:{figure.name.replace('_', '-')}}}",
            r"\end{figure}",
        ]
    )


def index_markdown(
    title: str,
    sources: Sequence[tuple[str, str, str]],
    files: Mapping[str, tuple[str, str]],
    doubts: Sequence[str],
) -> str:
    """What was written, from what, and what is still to be done; ends in a line break.

    Parameters
    ----------
    title : str
    sources : sequence of (name, what it is, fingerprint)
    files : mapping from path to (what it holds, fingerprint)
    doubts : sequence of str
        Sentences without their full stop.
    """
    lines = [
        f"# {escape_markdown(title)}",
        "",
        "Made by `emogap paper build`; the same sources give the same bytes.",
        "",
    ]
    if doubts:
        lines += ["## To be kept in mind", "", *(f"- {escape_markdown(doubt)}" for doubt in doubts), ""]
    lines += ["## Made from", "", *markdown_lines(("name", "what", "fingerprint"), sources), "", "## Files", ""]
    lines += ["| file | what | fingerprint |", "|---|---|---|"]
    lines += [f"| [{path}]({path}) | {escape_markdown(what)} | `{mark}` |" for path, (what, mark) in files.items()]
    return "\n".join(lines) + "\n"
