"""``emogap pretrain``: a network that forecasts gaze from gaze, trained without labels."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json

if TYPE_CHECKING:
    from emogap.interfaces.pretraining import PretrainedOnIndex
    from emogap.learning.pretraining.scores import PeopleScores

TITLES = {"glass": "GLASS", "repeat": "last frame repeated", "ridge": "ridge"}


def run(
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="Folder made by 'emogap gaze-index'.")],
    out: Annotated[Path, typer.Option(metavar="CKPT", help="Folder to make; the same command goes on in it.")],
    preset: Annotated[str, typer.Option(help="Size of the network: tiny, small, base, large.")] = "small",
    past: Annotated[
        float | None, typer.Option(help="Length of what it sees, s; must be that of INDEX.", show_default=False)
    ] = None,
    future: Annotated[
        float | None, typer.Option(help="Length of what it forecasts, s; must be that of INDEX.", show_default=False)
    ] = None,
    held_out: Annotated[
        str, typer.Option(help="Participants to keep out of it, p1,p2: all that you will test on.", show_default=False)
    ] = "",
    patch: Annotated[int, typer.Option(min=1, help="Frames of a token.")] = 5,
    passes: Annotated[int, typer.Option(min=1, help="Passes over the windows.")] = 1,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many steps; the schedules end there.", show_default=False)
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Windows per step.")] = 256,
    accumulate: Annotated[int, typer.Option(min=1, help="Parts that a batch is computed in, to save memory.")] = 1,
    learning_rate: Annotated[float, typer.Option(help="After the warm-up.")] = 3e-4,
    validate_every: Annotated[int, typer.Option(min=1, help="Steps between validations.")] = 150,
    validation_share: Annotated[float, typer.Option(help="Share of the people who validate.")] = 0.05,
    shuffle_time: Annotated[
        bool, typer.Option("--shuffle-time", help="Shuffle the frames of every window: a control.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of weights, windows, draws, and who validates.")] = 0,
    precision: Annotated[str, typer.Option(help="32-true, bf16-mixed, or auto: bf16-mixed on CUDA.")] = "auto",
    devices: Annotated[int, typer.Option(min=1, help="Devices that share a batch.")] = 1,
    threads: Annotated[int | None, typer.Option(min=1, help="Processor threads.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Train GLASS to forecast gaze from gaze, for 'emogap finetune' and for emert.

    No label is opened. The network is judged by its own rollout on people it was not trained on, beside two floors.

    Example: emogap pretrain G1 --preset small --past 5 --future 5 --held-out p03,p07 --out CKPT
    """
    from emogap.interfaces.pretraining import pretrain_by_name

    found = pretrain_by_name(
        index,
        out,
        size=preset,
        past_s=past,
        future_s=future,
        patch_frames=patch,
        held_out=held_out,
        options={
            "passes": passes,
            "max_steps": steps,
            "batch_size": batch,
            "accumulate": accumulate,
            "learning_rate": learning_rate,
            "validate_every": validate_every,
            "validation_share": validation_share,
            "time_order": "shuffled" if shuffle_time else "kept",
            "seed": seed,
            "precision": precision,
            "devices": devices,
            "num_threads": threads,
        },
    )
    if as_json:
        say_json(_as_json(found, out))
    else:
        _print(found, out, size=preset)


def _as_json(found: "PretrainedOnIndex", out: Path) -> dict[str, object]:
    from emogap.interfaces.pretraining import pretraining_doubts

    pretrained = found.pretrained
    return {
        "path": str(out),
        "index": found.index.name,
        "simulated": pretrained.simulated,
        "num_parameters": sum(parameter.numel() for parameter in pretrained.model.parameters()),
        "config": pretrained.config.model_dump(mode="json"),
        "channels": list(pretrained.channels),
        "num_training_people": len(pretrained.training_people),
        "num_validation_people": len(pretrained.validation_people),
        "num_held_out": len(pretrained.held_out),
        "best": pretrained.best,
        "history": [dict(record) for record in pretrained.history],
        "scores": dict(pretrained.scores),
        "doubts": list(pretraining_doubts(found)),
    }


def _print(found: "PretrainedOnIndex", out: Path, *, size: str) -> None:
    from emogap.interfaces.pretraining import pretraining_doubts

    pretrained, index = found.pretrained, found.index
    config, history = pretrained.config, pretrained.history
    num_parameters = sum(parameter.numel() for parameter in pretrained.model.parameters())
    people = " simulated people" if pretrained.simulated else " people"
    say(f"glass, {size}, on {index.name} in {out}")
    say(f"  network   {num_parameters / 1e6:.2f} million parameters, a token every {config.patch_frames} frames")
    say(f"  reads     {', '.join(pretrained.channels)} at {pretrained.rate_hz:g} Hz")
    say(
        f"  forecasts {pretrained.future_frames} frames from {pretrained.past_frames}"
        f" ({pretrained.future_frames / pretrained.rate_hz:g} s from {pretrained.past_frames / pretrained.rate_hz:g} s)"
    )
    say(f"  trained   {len(pretrained.training_people)}{people}, {history[-1]['step']:.0f} steps")
    if pretrained.best is not None:
        kept = history[pretrained.best]
        say(f"  kept      step {kept['step']:.0f}, validation loss {kept['validation']:.3f}")
    for group, scores in pretrained.scores.items():
        _print_scores(group.replace("_", " "), scores)
    for doubt in pretraining_doubts(found):
        say(f"  doubt     {doubt}")


def _print_scores(group: str, scores: "PeopleScores") -> None:
    from emogap.reporting.numbers import interval

    windows, people = counted(scores["num_windows"], "window"), counted(scores["num_people"], "person")
    say(f"{group}: {windows} of {people}, 95 % intervals over people")
    say(f"  {'':<22}{'r':<20}{'MAE, SD':<20}velocity MAE, SD/s")
    for name, row in scores["forecasts"].items():
        cells = "".join(f"{interval(record):<20}" for record in (row["pearson_r"], row["mae"], row["velocity_mae"]))
        say(f"  {TITLES[name]:<22}{cells.rstrip()}")
