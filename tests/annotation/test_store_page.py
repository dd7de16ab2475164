"""The page on vocabularies and the store: its examples run, and its tables name what there is."""

import doctest
from pathlib import Path

import pytest

from emogap.annotation.vocabularies import list_vocabularies

PAGE = Path(__file__).parents[2] / "docs" / "annotation-store.md"


def test_the_examples_of_the_page_give_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    failed, attempted = doctest.testfile(
        str(PAGE), module_relative=False, optionflags=doctest.IGNORE_EXCEPTION_DETAIL, encoding="utf-8"
    )
    assert attempted > 15
    assert failed == 0


@pytest.mark.parametrize("name", list_vocabularies())
def test_every_vocabulary_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text()
