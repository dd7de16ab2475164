"""LaTeX, where it is on the machine."""

import shutil
import subprocess
from pathlib import Path

import pytest

__all__ = ["compile_latex"]


def compile_latex(document: Path, out: Path) -> str:
    """Compile `document` in its own folder into `out` and return TeX's log; skips, in words, where TeX is not there."""
    compiler = shutil.which("pdflatex")
    if compiler is None:
        pytest.skip("pdflatex is not on this machine (Debian: texlive-latex-recommended, lmodern)")
    out.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-halt-on-error", "-interaction=nonstopmode", f"-output-directory={out}", document.name]
    done = subprocess.run(command, cwd=document.parent, capture_output=True, timeout=120, check=False)
    log = (out / document.with_suffix(".log").name).read_text(encoding="latin-1")
    assert done.returncode == 0, log[-2000:]
    return log
