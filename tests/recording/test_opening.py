"""Finding the one reader that knows a file."""

from pathlib import Path
from types import ModuleType

import pytest

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.recording import READERS, open_recording, open_recordings

HEADING = "Recording timestamp [ms]\tGaze point X [DACS px]\tGaze point Y [DACS px]\tParticipant name\n"


def write_export(path: Path, people: tuple[str, ...] = ("P1",)) -> Path:
    rows = [f"{10 * row}\t{100 + row}\t{200 + row}\t{person}\n" for person in people for row in range(5)]
    path.write_text(HEADING + "".join(rows))
    return path


def test_a_file_is_read_by_the_reader_that_knows_it(tmp_path: Path) -> None:
    assert open_recording(write_export(tmp_path / "a.tsv")).reader == "tobii_pro_lab"


def test_a_folder_and_a_missing_file_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a folder, not a recording"):
        open_recordings(tmp_path)
    with pytest.raises(UsageError, match="no such file"):
        open_recordings(tmp_path / "absent.tsv")


def test_a_file_that_nobody_knows_names_the_readers(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary,\n")
    with pytest.raises(DataError, match=r"notes\.txt, line 1: no reader knows this file") as caught:
        open_recordings(path)
    assert all(name in str(caught.value.fix) for name in READERS)


def test_a_file_that_two_readers_know_is_refused_unless_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_export(tmp_path / "a.tsv")
    modest = READERS.open("tobii_studio")
    greedy = ModuleType("greedy")
    greedy.can_read = lambda _: True  # type: ignore[attr-defined]
    real = READERS.open
    monkeypatch.setattr(
        READERS, "open", lambda name: greedy if name == modest.__name__.rpartition(".")[2] else real(name)
    )
    with pytest.raises(DataError, match="several readers know this file: tobii_pro_lab, tobii_studio"):
        open_recordings(path)
    assert len(open_recordings(path, reader="tobii_pro_lab")) == 1


def test_an_unknown_reader_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'tobii_studio'"):
        open_recordings(write_export(tmp_path / "a.tsv"), reader="tobi_studio")


def test_several_recordings_are_not_one(tmp_path: Path) -> None:
    path = write_export(tmp_path / "a.tsv", people=("P1", "P2", "P3"))
    with pytest.raises(UsageError, match="there are 3 recordings") as caught:
        open_recording(path)
    assert "P1, P2, P3" in str(caught.value.fix)
    assert open_recording(path, recording_id="P2").participant_id == "P2"
    with pytest.raises(UsageError, match="there is no recording 'P4'"):
        open_recording(path, recording_id="P4")
