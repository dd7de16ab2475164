"""A text that knows its gaps: passages of sentences, written as Markdown or LaTeX, with every gap in red."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from emogap.reporting.latex_text import escape_latex
from emogap.reporting.result_markdown import escape_markdown

__all__ = [
    "GAP_COLOUR",
    "Passage",
    "Sentence",
    "gap",
    "latex_gap",
    "latex_passages",
    "markdown_gap",
    "markdown_passages",
    "merged_passage",
]

GAP_COLOUR = "B00020"
"""Red, for what no file states."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence; `is_gap` if it names what no file states and has to be added by hand."""

    text: str
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences under a title."""

    title: str
    sentences: tuple[Sentence, ...]

    @property
    def num_gaps(self) -> int:
        """How many sentences are gaps."""
        return sum(sentence.is_gap for sentence in self.sentences)


def gap(what: str) -> Sentence:
    """The sentence that names a gap."""
    return Sentence(f"[to be added: {what}]", is_gap=True)


def merged_passage(title: str, said: Mapping[str, Sequence[Sentence]]) -> Passage:
    """What is said of several runs, every sentence once: first what holds for all, then the rest with whom it is of.

    Examples
    --------
    >>> said = {"a": [Sentence("Five folds."), Sentence("One seed.")], "b": [Sentence("Five folds.")]}
    >>> [sentence.text for sentence in merged_passage("Splits", said).sentences]
    ['Five folds.', 'For a: One seed.']
    """
    runs_of: dict[Sentence, list[str]] = {}
    for name, sentences in said.items():
        for sentence in dict.fromkeys(sentences):
            runs_of.setdefault(sentence, []).append(name)
    common = [sentence for sentence, names in runs_of.items() if len(names) == len(said)]
    some = [
        Sentence(f"For {', '.join(names)}: {sentence.text}", sentence.is_gap)
        for sentence, names in runs_of.items()
        if len(names) < len(said)
    ]
    return Passage(title, (*common, *some))


def markdown_gap(text: str) -> str:
    """`text` in red; readable where HTML is not."""
    return f'<strong style="color: #{GAP_COLOUR.lower()}">{escape_markdown(text)}</strong>'


def latex_gap(text: str) -> str:
    """`text` in red."""
    return rf"\textcolor[HTML]{{{GAP_COLOUR}}}{{\textbf{{{escape_latex(text)}}}}}"


def markdown_passages(passages: Iterable[Passage], *, level: int = 2) -> str:
    """Headings and paragraphs; ends in a line break."""
    parts = []
    for passage in passages:
        text = _joined(passage.sentences, markdown_gap, escape_markdown)
        parts.append(f"{'#' * level} {escape_markdown(passage.title)}\n\n{text}\n")
    return "\n".join(parts)


def latex_passages(passages: Iterable[Passage]) -> str:
    r"""A ``\paragraph`` for each passage, set loosely, for names of parameters cannot be broken."""
    return "\n".join(
        f"\\begin{{sloppypar}}\n\\paragraph{{{escape_latex(passage.title)}.}}\n"
        f"{_joined(passage.sentences, latex_gap, escape_latex)}\n\\end{{sloppypar}}\n"
        for passage in passages
    )


def _joined(sentences: Sequence[Sentence], write_gap: Callable[[str], str], write: Callable[[str], str]) -> str:
    return "\n".join((write_gap if sentence.is_gap else write)(sentence.text) for sentence in sentences)
