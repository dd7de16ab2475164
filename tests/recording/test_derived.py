"""What was made from a study stands in its list, once, before it exists."""

import json
from pathlib import Path

import pytest

from emogap import __version__
from emogap.errors import DataError, OutputError
from emogap.recording.derived import DERIVED_LIST, record_derived


def notes(study: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (study / DERIVED_LIST).read_text(encoding="utf-8").splitlines()]


def test_a_path_within_the_study_is_relative_to_it(tmp_path: Path) -> None:
    record_derived(tmp_path, tmp_path / "derived" / "quality", by="quality")
    assert notes(tmp_path) == [{"by": "quality", "emogap": __version__, "path": "derived/quality"}]


def test_a_path_elsewhere_is_absolute(tmp_path: Path) -> None:
    study, elsewhere = tmp_path / "study", tmp_path / "elsewhere"
    study.mkdir()
    record_derived(study, elsewhere, by="aoi")
    assert study / notes(study)[0]["path"] == elsewhere.resolve()


def test_the_same_command_and_path_stand_once_and_others_beside_them(tmp_path: Path) -> None:
    for by in ("aoi", "quality", "aoi"):
        record_derived(tmp_path, tmp_path / "here", by=by)
    assert [note["by"] for note in notes(tmp_path)] == ["aoi", "quality"]


def test_notes_of_other_commands_are_kept_as_they_are(tmp_path: Path) -> None:
    earlier = '{"path": "/somewhere"}\n'
    (tmp_path / DERIVED_LIST).write_text(earlier)
    record_derived(tmp_path, tmp_path / "here", by="aoi")
    assert (tmp_path / DERIVED_LIST).read_text().startswith(earlier)
    assert len(notes(tmp_path)) == 2


@pytest.mark.parametrize("line", ["{", "[1]", '{"by": "aoi"}'])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / DERIVED_LIST).write_text('{"path": "a"}\n\n' + line + "\n")
    with pytest.raises(DataError, match="line 3"):
        record_derived(tmp_path, tmp_path / "here", by="aoi")


def test_a_study_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="could not note"):
        record_derived(tmp_path / "absent", tmp_path / "here", by="aoi")
