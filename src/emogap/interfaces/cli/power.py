"""``emogap power``: how many people and stimuli it takes to tell two models apart."""

from pathlib import Path
from typing import Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json


def run(
    people: Annotated[
        str | None, typer.Option(help="Numbers of people; 20,40,80, or those of --like.", show_default=False)
    ] = None,
    stimuli: Annotated[
        str | None, typer.Option(help="Numbers of stimuli; 14,28, or those of --like.", show_default=False)
    ] = None,
    clips: Annotated[
        int | None, typer.Option(help="Stimuli that each person sees; all if not given.", show_default=False)
    ] = None,
    difference: Annotated[float, typer.Option(help="By which one model leads, such as 0.05 = five points.")] = 0.05,
    split: Annotated[str, typer.Option(help="What is to be new: person, or person+stimulus.")] = "person",
    cells: Annotated[str, typer.Option(help="Tested cells under person+stimulus: all, or diagonal (a fifth).")] = "all",
    metric: Annotated[str, typer.Option(help="uar, war or ccc.")] = "uar",
    score: Annotated[float, typer.Option(help="Mean score of the two models.")] = 0.5,
    models: Annotated[int, typer.Option(help="Models in the table: all pairs are tested, p by Holm.")] = 2,
    discordant: Annotated[
        float, typer.Option(help="uar, war: share of clips that just one of two equal models gets right.")
    ] = 0.2,
    correlation: Annotated[float, typer.Option(help="ccc: correlation of two models' errors.")] = 0.5,
    classes: Annotated[str, typer.Option(help="uar: how common the classes are.")] = "1,1,1",
    person: Annotated[float, typer.Option(help="Share of variance: people, the same for all models.")] = 0.1,
    stimulus: Annotated[float, typer.Option(help="Share of variance: stimuli, the same for all models.")] = 0.1,
    person_by_model: Annotated[float, typer.Option(help="Share of variance: people whom a model suits.")] = 0.02,
    stimulus_by_model: Annotated[float, typer.Option(help="Share of variance: stimuli that a model suits.")] = 0.02,
    like: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="Finished run: its scores and shares of variance instead.", show_default=False
        ),
    ] = None,
    pair: Annotated[
        str | None, typer.Option(metavar="A,B", help="--like: two models; its two best.", show_default=False)
    ] = None,
    repetitions: Annotated[int, typer.Option(help="Simulated studies per row.")] = 1000,
    alpha: Annotated[float, typer.Option(help="Level of the test.")] = 0.05,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Plan a study: how often it would find that one model is better, and the smallest lead that it mostly finds.

    Studies of people crossed with stimuli are simulated, nothing is trained. Latent errors of the models are made of
    people, stimuli and clips, which all models feel, and of people and stimuli that suit a model; only the latter, and
    the number of clips that just one model gets right, decide the power. Under person the paired permutation test over
    people is made; under person+stimulus the interval over people and stimuli must leave 0 out.

    Example: emogap power --people 20,40,80 --stimuli 14,28 --difference 0.05
    """
    from emogap.errors import UsageError
    from emogap.interfaces.checked_options import checked_options
    from emogap.interfaces.power_report import PowerConfig, plan_power
    from emogap.reporting.result_text import result_text

    options = {
        "people": _numbers("--people", people),
        "stimuli": _numbers("--stimuli", stimuli),
        "clips": clips,
        "difference": difference,
        "split": split,
        "cells": cells,
        "metric": metric,
        "score": score,
        "models": models,
        "discordant": discordant,
        "correlation": correlation,
        "classes": _numbers("--classes", classes),
        "person": person,
        "stimulus": stimulus,
        "person_by_model": person_by_model,
        "stimulus_by_model": stimulus_by_model,
        "repetitions": repetitions,
        "alpha": alpha,
        "seed": seed,
    }
    config = checked_options(PowerConfig, options)
    names = pair.split(",") if pair is not None else None
    if names is not None and len(names) != 2:
        raise UsageError(f"--pair names {counted(len(names), 'model')}", fix="give two: --pair emert,tmc")
    report = plan_power(config, like=like, pair=(names[0], names[1]) if names else None)
    if as_json:
        say_json(report.as_dict())
    else:
        say(result_text(report.table))


def _numbers(option: str, words: str | None) -> tuple[float, ...]:
    from emogap.errors import UsageError

    if words is None:
        return ()
    try:
        return tuple(float(word) for word in words.split(","))
    except ValueError as error:
        raise UsageError(f"{option} cannot be {words!r}", fix="give numbers with commas between: 20,40,80") from error
