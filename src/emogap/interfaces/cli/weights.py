"""``emogap weights``: the files that face detectors and encoders need."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.weights_keeping import WeightsState

ACTIONS = ("list", "fetch", "verify", "add")


def run(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="list, fetch, verify or add.")],
    what: Annotated[
        str | None,
        typer.Argument(metavar="[NAME|FILE]", help="Name of the weights; for add, a file.", show_default=False),
    ] = None,
    card: Annotated[
        Path | None, typer.Option(help="add: card of an expression network of your own.", show_default=False)
    ] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="fetch: you read the terms and accept them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the weights of face networks, download them, check them, or add a file that you have.

    Nothing is ever downloaded but by fetch with --accept-licence. Known weights in the folder are checked against their
    hash before they are used; a file that another command is given by its path is used without that check.
    The folder is ~/.local/share/emogap/weights, or the one that the environment variable EMOGAP_WEIGHTS names.

    Example: emogap weights fetch yunet --accept-licence
    """
    from emogap.errors import UnknownNameError, UsageError
    from emogap.interfaces.weights_keeping import add_weights, fetch_weights, list_weights
    from emogap.preprocessing.face.weights import weights_folder

    if action not in ACTIONS:
        raise UnknownNameError("action", action, ACTIONS)
    if action in ("fetch", "add") and what is None:
        raise UsageError(
            f"'{action}' needs to know which", fix=f"emogap weights {action} {'NAME' if action == 'fetch' else 'FILE'}"
        )
    if card is not None and action != "add":
        raise UsageError("--card goes with 'add' only", fix="emogap weights add FILE --card CARD.toml")
    if action == "fetch":
        assert what is not None
        fetch_weights(what, accept_licence=accept_licence)
    states = (add_weights(Path(str(what)), card=card),) if action == "add" else list_weights(what)
    if as_json:
        say_json({"folder": str(weights_folder()), "weights": [state.as_dict() for state in states]})
    else:
        _print(states, folder=weights_folder(), in_full=action != "list" or what is not None)
    if any(state.state == "damaged" for state in states):
        raise typer.Exit(1)


def _print(states: "tuple[WeightsState, ...]", *, folder: Path, in_full: bool) -> None:
    say(f"weights in {folder}")
    width = max(len(state.name) for state in states)
    for state in states:
        word = state.state.upper() if state.state == "damaged" else state.state
        say(f"  {word:<8}{state.name:<{width}}  {state.purpose}")
        if state.problem:
            say(f"          {state.problem}")
        if in_full:
            say(f"          {state.file}, {state.licence}, from {state.source}")
    if any(state.state == "absent" for state in states):
        warn("absent weights: emogap weights fetch NAME, or with the file at hand: emogap weights add FILE")
