"""What long work says on stderr, and that it says nothing where nobody looks."""

import io
import sys

import pytest

from emogap.progress import announce, track, without_bars


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_before_long_work_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    announce("24 fits; 4 are there, 20 are to be trained")
    assert terminal.getvalue() == "24 fits; 4 are there, 20 are to be trained\n"


def test_parts_of_a_larger_job_are_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with without_bars():
        announce("24 fits")
        assert list(track(iter("abc"), "letters", total=3)) == ["a", "b", "c"]
    assert terminal.getvalue() == ""


def test_a_log_file_gets_no_bar_and_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    announce("24 fits")
    assert list(track(iter("ab"), "letters", total=2)) == ["a", "b"]
    assert capsys.readouterr() == ("", "")
