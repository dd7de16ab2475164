"""Where the result of a slow check goes, with the commit it was obtained at."""

import subprocess
from pathlib import Path

from emogap import __version__
from emogap.files import write_json

ROOT = Path(__file__).parents[1]


def write_evidence(name: str, content: dict[str, object]) -> None:
    """Write docs/evidence/<name>.json with the version, the commit, and whether the tree had changes."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    changed = bool(_git("status", "--porcelain", "--", "src"))
    record = {"emogap": __version__, "commit": commit, "source_changed_since": changed, **content}
    write_json(ROOT / "docs" / "evidence" / f"{name}.json", record)


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
