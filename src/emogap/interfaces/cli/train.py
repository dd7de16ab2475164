"""``emogap train``: one model fitted on all people of a data set."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json, warn

if TYPE_CHECKING:
    from emogap.learning.training.checkpoint import Trained


def run(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder made by 'emogap build'.")],
    protocol: Annotated[str, typer.Option(help="What is asked, such as er3; its other view is trained too.")],
    model: Annotated[str, typer.Option(help="Name of a model; 'emert@eye+fixation' is emert on these streams alone.")],
    out: Annotated[Path, typer.Option(metavar="CKPT", help="Folder to make; the same command goes on in it.")],
    preset: Annotated[str, typer.Option(help="Epochs: quick 5, evidence 20, protocol 200.")] = "evidence",
    seed: Annotated[int, typer.Option(min=0, help="Of weights, order of clips, and who is held out.")] = 0,
    options: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL.OPTION=VALUE",
            help="Of the model, such as emert.eye_encoder=glass; as often as needed.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit one model on all people, for use with 'emogap predict'.

    A fifth of the people, dealt by the seed, only selects the epoch. Nobody is left to test the model on: how
    good it is on new people, 'emogap bench' says.

    Example: emogap train D1 --protocol er3 --model emert --out CKPT
    """
    from emogap.interfaces.fitting import fit_by_name

    trained = fit_by_name(
        dataset, protocol=protocol, model=model, out=out, preset=preset, seed=seed, options=options or ()
    )
    if as_json:
        say_json(_as_json(trained, out))
        return
    say(f"{model} for {protocol} in {out}")
    say(f"  views     {', '.join(trained.task.views)}")
    say(f"  streams   {', '.join(f'{name} {shape}' for name, shape in trained.task.streams.items())}")
    for title, keys in (("trained ", trained.scaler.keys), ("selected", trained.validation_keys)):
        people = {key.participant_id for key in keys}
        say(f"  {title}  {counted(len(keys), 'clip')} of {counted(len(people), 'person')}")
    if trained.best_epoch is not None:
        kept = trained.history[trained.best_epoch]
        say(f"  kept      epoch {trained.best_epoch + 1} of {len(trained.history)}, loss {kept['validation']:.3f}")
    if preset == "quick":
        warn("the preset quick is for demonstrations: use --preset protocol for a model you mean to apply")


def _as_json(trained: "Trained", out: Path) -> dict[str, object]:
    return {
        "path": str(out),
        "model": trained.name,
        "views": [view.value for view in trained.task.views],
        "targets": list(trained.task.targets),
        "space": trained.task.space,
        "streams": {name: list(shape) for name, shape in trained.task.streams.items()},
        "num_training_clips": len(trained.scaler.keys),
        "num_training_people": len({key.participant_id for key in trained.scaler.keys}),
        "num_validation_clips": len(trained.validation_keys),
        "num_validation_people": len({key.participant_id for key in trained.validation_keys}),
        "best_epoch": trained.best_epoch,
        "history": [dict(record) for record in trained.history],
    }
