"""What every page has: the notice first, the reader's language, errors in words."""

import mimetypes
import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from emogap.errors import UsageError
from emogap.interfaces.web.opened import Opened, open_place
from emogap.interfaces.web.words import LANGUAGES, words_in
from tests.interfaces.web.conftest import client_of

WEB = Path(__file__).parents[3] / "src" / "emogap" / "interfaces" / "web"


def sentences(language: str) -> dict[str, str]:
    table = tomllib.loads((WEB / "words" / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{part}.{key}": text for part, entries in table.items() for key, text in entries.items()}


def test_the_notice_stands_before_the_first_page_and_in_every_footer(opened: Opened) -> None:
    client = client_of(opened, has_read=False)
    first = client.get("/", headers={"accept-language": "en"}).text
    assert "Art. 5(1)(f)" in first
    assert "self-reported emotion" in first
    assert client.post("/notice", data={"wanted": "/"}).status_code == 200
    second = client.get("/").text
    assert "Art. 5(1)(f)" not in second
    assert re.search(r"<footer>.*does not read feelings.*</footer>", second, re.DOTALL)


def test_the_reader_chooses_the_language(opened: Opened) -> None:
    client = client_of(opened)
    assert '<html lang="en">' in client.get("/", headers={"accept-language": "fr"}).text
    assert '<html lang="de">' in client.get("/", headers={"accept-language": "de-AT,en;q=0.5"}).text
    client.post("/language", data={"chosen": "de", "wanted": "/"})
    assert '<html lang="de">' in client.get("/", headers={"accept-language": "en"}).text
    client.post("/language", data={"chosen": "xx", "wanted": "/"})
    assert '<html lang="de">' in client.get("/").text


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_a_language_has_the_sentences_and_the_gaps_of_english(language: str) -> None:
    english, other = sentences("en"), sentences(language)
    assert set(other) == set(english)
    for key, text in other.items():
        gaps, theirs = ({name for _, name, _, _ in Formatter().parse(each) if name} for each in (english[key], text))
        assert gaps == theirs, key


def test_a_sentence_that_is_missing_stands_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    from emogap.interfaces.web import words

    tables = {"en": {"a.b": "Three {things}"}, "de": {}}
    monkeypatch.setattr(words, "_sentences", tables.__getitem__)
    assert words_in("de")("a.b", things="clips") == "Three clips"
    with pytest.raises(KeyError):
        words_in("de")("a.c")


@pytest.mark.parametrize(
    ("language", "key", "told"),
    [
        ("en", "annotate.left", ("1 clip waits for you", "2 clips wait for you")),
        ("de", "annotate.left", ("1 Clip wartet auf Sie", "2 Clips warten auf Sie")),
        ("de", "home.about_stimuli", ("1 Reiz", "2 Reize")),
        ("en", "annotate.answers_missing", ("1 answer is missing", "2 answers are missing")),
    ],
)
def test_one_is_counted_in_the_singular(language: str, key: str, told: tuple[str, str]) -> None:
    assert tuple(words_in(language)(key, count=count) for count in (1, 2)) == told


def test_every_second_form_has_its_first() -> None:
    known = sentences("en")
    assert all(key.removesuffix("_one") in known for key in known if key.endswith("_one"))


def test_a_language_without_a_singular_of_its_own_does_not_change_into_english(monkeypatch: pytest.MonkeyPatch) -> None:
    from emogap.interfaces.web import words

    tables = {"en": {"a.b": "{count} clips", "a.b_one": "1 clip"}, "de": {"a.b": "{count} Clips"}}
    monkeypatch.setattr(words, "_sentences", tables.__getitem__)
    assert words_in("de")("a.b", count=1) == "1 Clips"
    assert words_in("en")("a.b", count=1) == "1 clip"


def test_every_word_that_a_template_asks_for_is_there() -> None:
    known = set(sentences("en"))
    asked = {
        match[1]
        for template in (WEB / "templates").rglob("*.html")
        for match in re.finditer(r"""\bt\(["']([a-z_0-9.]+)["'][,)]""", template.read_text(encoding="utf-8"))
    }
    assert asked
    assert asked <= known


def test_a_page_that_is_not_there_says_so(opened: Opened) -> None:
    answer = client_of(opened).get("/no-such-page")
    assert answer.status_code == 404
    assert "This did not work" in answer.text


def test_scripts_get_errors_as_json(opened: Opened) -> None:
    answer = client_of(opened).get("/api/no-such-thing")
    assert answer.status_code == 404
    assert set(answer.json()) == {"error", "where", "fix"}


def test_a_folder_of_something_else_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"neither a study nor a data set nor a run") as error:
        open_place(tmp_path)
    assert "study.toml" in str(error.value)


def test_scripts_are_scripts_whatever_the_machine_calls_them(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers refuse a script that comes as plain text, as the registry of Windows may have it."""
    mimetypes.init()
    monkeypatch.setitem(mimetypes.types_map, ".js", "text/plain")
    client = client_of(opened)
    assert client.get("/static/player.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/static/app.css").headers["content-type"].startswith("text/css")
