"""Plain text as LaTeX: every character that means something to TeX is escaped, known symbols become commands."""

import re
import unicodedata

__all__ = ["SIMULATED_COLOUR", "escape_latex"]

SIMULATED_COLOUR = "8A4B08"
"""Brown, for what comes of simulated people."""

COMMANDS = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    # After \\ a bracket would be read as its option.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "\n": " ",
    "\u00a0": "~",
    "\u2009": r"\,",
    "\u2013": r"\textendash{}",
    "\u2014": r"\textemdash{}",
    "\u2018": "`",
    "\u2019": "'",
    "\u201c": "``",
    "\u201d": "''",
    "\u2020": r"\textdagger{}",
    "\u2026": r"\dots{}",
    "\u2212": "$-$",
    "\u2248": r"$\approx$",
    "\u2260": r"$\neq$",
    "\u221e": r"$\infty$",
    "\u00b1": r"$\pm$",
    "\u00d7": r"$\times$",
    "\u00b0": r"$^{\circ}$",
    "\u00b2": "$^{2}$",
    "\u00b5": r"$\mu$",
    "\u2264": r"$\leq$",
    "\u2265": r"$\geq$",
    "\u2192": r"$\rightarrow$",
    "\u03b1": r"$\alpha$",
    "\u03b2": r"$\beta$",
    "\u03b5": r"$\varepsilon$",
    "\u03b3": r"$\gamma$",
    "\u03b4": r"$\delta$",
    "\u03b7": r"$\eta$",
    "\u03b8": r"$\theta$",
    "\u03ba": r"$\kappa$",
    "\u03bb": r"$\lambda$",
    "\u03bc": r"$\mu$",
    "\u03c1": r"$\rho$",
    "\u03c3": r"$\sigma$",
    "\u03c4": r"$\tau$",
    "\u03c6": r"$\varphi$",
    "\u03c7": r"$\chi$",
    "\u03c9": r"$\omega$",
    "\u0394": r"$\Delta$",
}

SET_AS_THEY_ARE = re.compile(
    # ASCII; Latin with accents; letters and signs that the encodings T1 and TS1 have besides.
    "[ -~\u00a1-\u00ac\u00ae-\u0125\u0128-\u0137\u0139-\u013e\u0141-\u0148\u014a-\u0165\u0168-\u017e"
    "\u0218-\u021b\u1e9e\u201a\u201e\u2022\u2030\u2039\u203a\u20ac\u2116\u2122]"
)
"""Characters that pdflatex knows with the fonts of ``paper.tex``; of every other the number is written."""

NEGATIVE = re.compile(r"(?<![\w.)\]-])-(?=\.?\d)")
"""The hyphen of a negative number."""


def escape_latex(text: str) -> str:
    r"""`text` so that TeX prints it as it stands; two hyphens stay two hyphens, a negative number has a minus sign.

    A character that the fonts of ``paper.tex`` do not have is given by its number in Unicode, in brackets: the document
    compiles, and nothing is left out unseen.

    Examples
    --------
    >>> escape_latex("F1_weighted > 50 % & <best>")
    'F1\\_weighted \\textgreater{} 50 \\% \\& \\textless{}best\\textgreater{}'
    >>> escape_latex("--cells [a]")
    '-{}-cells {[}a{]}'
    >>> escape_latex("-1 to 1, \u4e2d")
    '$-$1 to 1, {[}U+4E2D{]}'
    """
    composed = NEGATIVE.sub("\u2212", unicodedata.normalize("NFC", text))
    escaped = "".join(map(_character, composed))
    return re.sub("-(?=-)", "-{}", escaped) if "--" in composed else escaped


def _character(character: str) -> str:
    known = COMMANDS.get(character)
    if known is not None:
        return known
    if SET_AS_THEY_ARE.match(character):
        return character
    return " " if character.isspace() else f"{{[}}U+{ord(character):04X}{{]}}"
