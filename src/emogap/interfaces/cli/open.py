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
    new: Annotated[str, typer.Option(metavar="NAME", help="Begin a study of this name in a new folder.")] = "",
    stimuli: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="With --new: folder of its films, MP4; they are copied.")
    ] = None,
) -> None:
    """Look, annotate and record in the browser: a page on this machine alone, gone when the command is stopped.

    The address carries a token; without it nobody on this machine is answered. Stop with Ctrl+C. A study to be
    recorded begins with --new and --stimuli.

    Example: emogap open demo/study
    """
    from emogap.errors import UsageError
    from emogap.interfaces.web.serving import serve

    if bool(new) != (stimuli is not None):
        raise UsageError("a new study needs a name and films", fix="give both --new NAME and --stimuli FOLDER")
    if stimuli is not None:
        from emogap.interfaces.web.record_studies import begin_study

        begin_study(place, new, stimuli)

    def tell(address: str, address_once: str) -> None:
        say(address)
        if browser:
            import webbrowser

            if not webbrowser.open(address_once):
                warn("no browser was found: open the address yourself")

    serve(place, port=port, store=store, tell=tell)
