"""``emogap forget``: a participant withdraws."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json, warn

if TYPE_CHECKING:
    from emogap.interfaces.forgetting_plan import Erasure


def run(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of the study.")],
    participant: Annotated[str, typer.Argument(metavar="PARTICIPANT", help="Who withdraws.")],
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without this, it is only listed.")] = False,
    store: Annotated[
        list[str] | None,
        typer.Option(help="A database on a server that holds answers too; as often as needed.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List, then remove, every file and row of a participant, and everything that was made from the study.

    Data sets, runs and models that saw the participant go as a whole; the receipt in STUDY/forgotten says how each is
    made again. Raw data of the others are not touched.

    Example: emogap forget my-study p012 --yes
    """
    from emogap.interfaces.forgetting import erase
    from emogap.interfaces.forgetting_plan import plan_erasure

    plan = plan_erasure(study, participant, stores=store or ())
    receipt = erase(plan) if yes else None
    if as_json:
        say_json(
            {
                "files": [str(path) for path in plan.files],
                "rows": {str(table.path): table.rows for table in plan.tables},
                "derived": [{"path": str(place.path), "by": place.by, "again": place.again} for place in plan.derived],
                "missing": [{"path": str(place.path), "by": place.by} for place in plan.missing],
                "stores": list(plan.stores),
                "receipt": None if receipt is None else str(receipt),
            }
        )
        return
    _tell(plan)
    if receipt is None:
        warn("nothing was removed: this is what would be; add --yes")
    else:
        say(f"removed; receipt: {receipt}")


def _tell(plan: "Erasure") -> None:
    for path in plan.files:
        say(f"file    {path}")
    for table in plan.tables:
        say(f"rows    {table.path}: {table.rows}")
    for address in plan.stores:
        say(f"store   {address}: answers about {plan.participant_id}")
    for place in plan.derived:
        say(f"derived {place.path}; again: {place.again}")
    for place in plan.missing:
        warn(f"{place.path}, made by 'emogap {place.by}', is no longer there: if it was moved, remove it yourself")
