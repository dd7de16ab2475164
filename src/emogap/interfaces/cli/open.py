"""``emogap open``: the local web app."""

from pathlib import Path
from typing import Annotated

import typer

from emogap.interfaces.cli._output import say, warn


def run(
    place: Annotated[
        Path, typer.Argument(metavar="STUDY_OR_RUN", help="Folder of a study, a data set or a run; or a recording.")
    ],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the address; 0 = any that is free.")] = 0,
    store: Annotated[
        str, typer.Option(help="Experts' answers are kept in a database, sqlite:///FILE or postgresql://...")
    ] = "",
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Look, annotate and record in the browser: a page on this machine alone, gone when the command is stopped.

    The address carries a token; without it nobody on this machine is answered. Stop with Ctrl+C.

    Example: emogap open demo/study
    """
    from emogap.interfaces.web.serving import serve

    def tell(address: str) -> None:
        say(address)
        if browser:
            import webbrowser

            if not webbrowser.open(address):
                warn("no browser was found: open the address yourself")

    serve(place, port=port, store=store, tell=tell)
