"""What commands print can be read everywhere, whatever code page a pipe would have; and what they say of Ctrl-C."""

import io
import sys

import pytest

from emogap.interfaces.cli import main


def test_what_is_printed_into_a_pipe_is_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows opens pipes in a code page, here the Western one, which has no Greek."""
    printed, told = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding="cp1252"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(told, encoding="cp1252"))
    monkeypatch.setattr(sys, "argv", ["emogap", "open", "μελέτη"])
    with pytest.raises(SystemExit, match="2"):
        main()
    sys.stderr.flush()
    assert "emogap: μελέτη: " in told.getvalue().decode("utf-8")


def test_whoever_interrupts_a_command_is_told_how_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence was never printed: typer took Ctrl-C for itself and ended with the code 130, in silence."""

    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("emogap.interfaces.power_report.plan_power", interrupted)
    monkeypatch.setattr(sys, "argv", ["emogap", "power"])
    with pytest.raises(SystemExit, match="130"):
        main()
    assert "interrupted; what was finished is kept, run the same command again to go on" in capsys.readouterr().err
