"""What every command prints with: results to stdout, everything else to stderr."""

import json
import math
import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from emogap.counted_nouns import counted

__all__ = ["AsJson", "counted", "say", "say_json", "warn"]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def say(text: str) -> None:
    """Print a result."""
    sys.stdout.write(text + "\n")


def say_json(content: object) -> None:
    """Print a result as one JSON object; a number that is not defined is null, since JSON has no NaN."""
    sys.stdout.write(json.dumps(_without_nan(content), indent=2, ensure_ascii=False, default=str) + "\n")


def warn(text: str) -> None:
    """Print a doubt or a next step, which is not part of the result."""
    sys.stderr.write(text + "\n")


def _without_nan(content: object) -> object:
    if isinstance(content, float):
        return content if math.isfinite(content) else None
    if isinstance(content, Mapping):
        return {name: _without_nan(value) for name, value in content.items()}
    return [_without_nan(value) for value in content] if isinstance(content, (list, tuple)) else content
