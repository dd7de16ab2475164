"""The command line: one file per command, each a thin skin over a room.

A command file defines ``run``, a typer function whose docstring ends in an example. It imports nothing but
typer and the standard library at its top, so that ``emogap --help`` is instant.
"""

import io
import sys

import typer

from emogap.shelf import Shelf

__all__ = ["COMMANDS", "build_app", "main"]

COMMANDS = Shelf("emogap.interfaces.cli", kind="command", defines=("run",))

NOTICE = (
    "Research software. It estimates self-reported emotion and observed expression; it does not read feelings. "
    "See the notice in the README before you use it on people."
)


def build_app() -> typer.Typer:
    """The typer application with every command of the folder."""
    app = typer.Typer(
        name="emogap",
        help=f"Study the gap between felt emotion and shown expression.\n\n{NOTICE}",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    for name in COMMANDS:
        app.command(name.replace("_", "-"))(COMMANDS.open(name).run)
    return app


INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of the signal, as shells have it."""


def _root() -> None:
    """Keep commands as sub-commands, however few there are."""


def _print_utf8() -> None:
    """What is printed is UTF-8, into files and pipes too: Windows would write these in a code page of its own."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")


def main() -> None:
    """Run one command; exit 0 when done, 1 when some items failed, 2 on bad input or usage."""
    from emogap.errors import EmogapError

    _print_utf8()
    try:
        build_app()()
    except EmogapError as error:
        if "--json" in sys.argv:
            import json

            sys.stdout.write(json.dumps({"error": error.what, "where": error.where, "fix": error.fix}) + "\n")
        sys.stderr.write(f"emogap: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        _say_interrupted()
        sys.exit(INTERRUPTED)
    except SystemExit as ended:
        # typer turns a Ctrl-C within a command into this code, without a word
        if ended.code == INTERRUPTED:
            _say_interrupted()
        raise


def _say_interrupted() -> None:
    sys.stderr.write("\nemogap: interrupted; what was finished is kept, run the same command again to go on\n")
