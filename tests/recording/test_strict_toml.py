"""What is wrong in a small TOML file is named with its line and entry."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from emogap.errors import DataError, UsageError
from emogap.recording.strict_toml import line_of, read_strict_toml


class Piece(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    corners: tuple[float, float, float] | None = None


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    limit: float
    piece: list[Piece] = []


GOOD = """# a comment
limit = 0.5

[[piece]]
name = "a"

[[piece]]  # the second
name = "b"
corners = [
  [1.0],
]
"""


def problem_of(tmp_path: Path, text: str) -> DataError:
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(DataError) as caught:
        read_strict_toml(tmp_path / "plan.toml", Plan)
    return caught.value


def test_a_good_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text('limit = 1\n[[piece]]\nname = "a"\n')
    assert read_strict_toml(tmp_path / "plan.toml", Plan) == Plan(limit=1.0, piece=[Piece(name="a")])


def test_a_value_of_the_wrong_kind_is_named_with_line_and_entry(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, 'limit = "half"\n')
    assert str(problem.where).endswith("plan.toml, line 1")
    assert problem.what.startswith("limit: input should be a valid number")


def test_the_entry_within_the_second_table_of_an_array_is_found(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, GOOD.replace('name = "b"', "name = 3"))
    assert str(problem.where).endswith("line 8")
    assert problem.what.startswith("piece 2, name: ")


def test_an_unknown_name_gets_the_nearest_known_one(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, 'limit = 1.0\n[[piece]]\nname = "a"\ncorner = 1\n')
    assert problem.what == "piece 1, corner: is not known here"
    assert problem.fix == "did you mean 'corners'?"
    assert str(problem.where).endswith("line 4")


def test_a_missing_entry_is_named_at_its_table_and_all_are_counted(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, "\n[[piece]]\n[[piece]]\nname = 1\n")
    assert "3 such problems" in problem.what
    problem = problem_of(tmp_path, "limit = 1.0\n[[piece]]\n")
    assert problem.what == "piece 1, name: is missing"
    assert str(problem.where).endswith("line 2")


@pytest.mark.parametrize("content", [b"limit = ", b"\xff\xfe", b"limit = 1.0\nlimit = 2.0"])
def test_what_is_no_toml_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "plan.toml").write_bytes(content)
    with pytest.raises(DataError, match="this is not TOML"):
        read_strict_toml(tmp_path / "plan.toml", Plan)


def test_an_absent_file_is_a_question_of_the_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_strict_toml(tmp_path / "plan.toml", Plan)


def test_a_key_of_a_later_table_is_not_taken_for_that_of_an_earlier_one() -> None:
    text = '[[piece]]\n[[piece]]\nname = "b"\n'
    assert line_of(text, ("piece", 0, "name")) == 1
    assert line_of(text, ("piece", 1, "name")) == 3
    assert line_of(text, ("absent",)) is None
