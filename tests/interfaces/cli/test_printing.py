"""What commands print can be read everywhere, whatever code page a pipe would have."""

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
    assert "μελέτη: this is neither a study nor a data set nor a run" in told.getvalue().decode("utf-8")
