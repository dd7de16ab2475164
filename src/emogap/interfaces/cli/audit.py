"""``emogap audit``: every leak of a data set, a split or a finished run, by name."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emogap.interfaces.cli._output import AsJson, counted, say, say_json

if TYPE_CHECKING:
    from emogap.datasets.findings import Audit


def run(
    path: Annotated[Path, typer.Argument(metavar="DATASET|RUN", help="Folder of a data set, or of a finished run.")],
    split: Annotated[
        str,
        typer.Option(
            metavar="S",
            help="Of a data set: person, person+stimulus, ..., person-0, or a split file. All stored splits if not"
            " given. Of a run: one of its splits.",
        ),
    ] = "",
    dataset: Annotated[
        Path | None, typer.Option(help="Of a run: where its data set is now, if it was moved.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Name every leak: people, stimuli, copied recordings, scalers and predictions on the wrong side.

    Exit code 1 if there is a leak.

    Example: emogap audit runs/er3
    """
    from emogap.interfaces.auditing import audit_path

    audits = audit_path(path, split=split, dataset_path=dataset)
    num_leaks = sum(len(audit.leaks) for audit in audits)
    if as_json:
        say_json({"num_leaks": num_leaks, "audits": [audit.as_dict() for audit in audits]})
    else:
        for audit in audits:
            _print(audit)
        say(f"{counted(num_leaks, 'leak') if num_leaks else 'no leaks'} found")
    if num_leaks:
        raise typer.Exit(1)


def _print(audit: "Audit") -> None:
    say(audit.subject)
    for finding in audit.findings:
        say(f"  {finding.severity.upper() if finding.severity != 'ok' else 'ok':<8}{finding.kind:<13}{finding.what}")
        if finding.fix:
            say(f"  {'':<21}what to do: {finding.fix}")
