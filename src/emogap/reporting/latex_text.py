"""Plain text as LaTeX: every character that means something to TeX is escaped, known symbols become commands."""

import re

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
    "\u03ba": r"$\kappa$",
    "\u03bb": r"$\lambda$",
    "\u03bc": r"$\mu$",
    "\u03c1": r"$\rho$",
    "\u03c3": r"$\sigma$",
    "\u03c4": r"$\tau$",
    "\u0394": r"$\Delta$",
}


def escape_latex(text: str) -> str:
    r"""`text` so that TeX prints it as it stands; two hyphens stay two hyphens.

    Examples
    --------
    >>> escape_latex("F1_weighted > 50 % & <best>")
    'F1\\_weighted \\textgreater{} 50 \\% \\& \\textless{}best\\textgreater{}'
    >>> escape_latex("--cells [a]")
    '-{}-cells {[}a{]}'
    """
    escaped = "".join(COMMANDS.get(character, character) for character in text)
    return re.sub("-(?=-)", "-{}", escaped) if "--" in text else escaped
