"""What every command prints with: results to stdout, everything else to stderr."""

import json
import sys
from typing import Annotated

import typer

__all__ = ["AsJson", "say", "say_json", "warn"]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def say(text: str) -> None:
    """Print a result."""
    sys.stdout.write(text + "\n")


def say_json(content: object) -> None:
    """Print a result as one JSON object."""
    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n")


def warn(text: str) -> None:
    """Print a doubt or a next step, which is not part of the result."""
    sys.stderr.write(text + "\n")
