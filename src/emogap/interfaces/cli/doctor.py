"""``emogap doctor``: what works on this machine."""

import typer

from emogap.interfaces.cli._output import AsJson, say, say_json


def run(as_json: AsJson = False) -> None:
    """Say what works on this machine: Python, libraries, video decoding, training, disk space.

    Example: emogap doctor
    """
    from emogap.interfaces.health import check_machine

    checks = check_machine()
    if as_json:
        say_json([check.as_dict() for check in checks])
    else:
        for check in checks:
            say(f"{'ok     ' if check.works else 'MISSING'}  {check.name}: {check.found}")
            if check.fix:
                say(f"         {check.fix}")
    if any(check.needed and not check.works for check in checks):
        raise typer.Exit(1)
