"""Errors say what, where and what to do, and survive the way home from a worker process."""

import pickle

import pytest

from emogap.errors import DataError, EmogapError, UnknownNameError
from emogap.shelf import Shelf


def test_a_message_names_place_and_remedy() -> None:
    error = DataError("time runs backwards", where="p07.tsv, line 3101", fix="export again")
    assert str(error) == "p07.tsv, line 3101: time runs backwards\n  what to do: export again"


@pytest.mark.parametrize(
    "error",
    [DataError("what", where="where", fix="fix"), UnknownNameError("model", "emrt", ["emert", "tmc"])],
    ids=["plain", "own constructor"],
)
def test_an_error_survives_pickling(error: EmogapError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)


def test_the_shelf_names_the_nearest_entry() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'errors'"):
        Shelf("emogap", kind="room", defines=()).open("erors")


def test_listing_a_shelf_imports_none_of_its_entries() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from emogap.interfaces.cli import COMMANDS; assert 'doctor' in COMMANDS.names();"
        "assert 'emogap.interfaces.cli.doctor' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_entry_that_lacks_its_names_is_refused() -> None:
    with pytest.raises(EmogapError, match="does not define run"):
        Shelf("emogap", kind="room", defines=("run",)).open("errors")
