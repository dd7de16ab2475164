"""``emogap models``: what stands on the shelf of models."""

from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emogap.interfaces.model_cards import ModelCard

ACTIONS = ("list", "info")


def run(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="list or info.")],
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="info: name of the model.", show_default=False)
    ] = None,
    dataset: Annotated[
        Path | None, typer.Option(help="Count for the streams of this data set.", show_default=False)
    ] = None,
    streams: Annotated[
        str | None, typer.Option(help="Count for these: face=8x512,eye=32x39,fixation=32x2.", show_default=False)
    ] = None,
    space: Annotated[str, typer.Option(help="Label space of the heads.")] = "emotion7",
    as_json: AsJson = False,
) -> None:
    """List the models, or tell all of one: idea, source, parameters, options, the recipe of its authors.

    Parameters are counted at EMER's sizes (face 8 x 512, eye 32 x 39, fixation 32 x 2) with two heads of seven classes,
    unless other streams are given.

    Example: emogap models info mult
    """
    from emogap.errors import UnknownNameError, UsageError
    from emogap.interfaces.model_cards import card_of, cards, streams_from_words, streams_of_dataset

    if action not in ACTIONS:
        raise UnknownNameError("action", action, ACTIONS)
    if (action == "info") != (name is not None):
        fix = "emogap models info NAME" if action == "info" else "emogap models list"
        raise UsageError(f"'{action}' {'needs a' if action == 'info' else 'takes no'} name", fix=fix)
    if dataset is not None and streams is not None:
        raise UsageError("--dataset and --streams both say what is read", fix="give one of them")
    shapes = streams_of_dataset(dataset) if dataset is not None else streams_from_words(streams) if streams else None
    found = cards(shapes, space=space) if name is None else (card_of(name, shapes, space=space),)
    if as_json:
        say_json({"models": [card.as_dict() for card in found]})
    elif action == "list":
        _print_list(found)
    else:
        _print_card(found[0])


def _print_list(found: "tuple[ModelCard, ...]") -> None:
    say("model               parameters  what it is")
    for card in found:
        size = "does not take these streams" if card.parameters is None else f"{card.parameters:>10,}"
        say(f"{card.name:18}  {size}  {card.description}")
    say("\nnext: emogap models info NAME")


def _print_card(card: "ModelCard") -> None:
    say(f"{card.name}: {card.description}\n\n{card.about}\n")
    say("streams: " + ", ".join(f"{name} {' x '.join(map(str, shape))}" for name, shape in card.streams.items()))
    if card.parameters is None:
        say(f"does not take these streams: {card.problem}")
    else:
        say(f"parameters: {card.parameters:,}" + _counts(card.parts))
        if len(card.stages) > 1:
            say("trained by stage:" + _counts(card.stages).replace(" (", " ").rstrip(")"))
    say("\noptions (default):" if card.options else "\nno options")
    for option, (default, description) in card.options.items():
        for line in wrap(f"{option} ({default}): {description}", 98, initial_indent="  ", subsequent_indent="      "):
            say(line)
    if card.recipe:
        say("\nrecipe of its authors (--recipe native), where it is not the protocol's:")
        for option, value in card.recipe.items():
            say(f"  {option}: {value}")


def _counts(parts: "Mapping[str, int]") -> str:
    return " (" + ", ".join(f"{part} {size:,}" for part, size in parts.items()) + ")" if parts else ""
