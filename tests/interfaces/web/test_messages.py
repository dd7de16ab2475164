"""What went wrong is said in the reader's language; what cannot be said in it is marked as English."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from fastapi.testclient import TestClient

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.web.judging import read_trace
from emogap.interfaces.web.messages import Message, line_in, message_in, problem_in, text_in
from emogap.interfaces.web.opened import Opened, open_place
from emogap.learning.evaluation.protocols import open_protocol, protocol_names
from tests.interfaces.web.conftest import HOST, client_of

WEB = Path(__file__).parents[3] / "src" / "emogap" / "interfaces" / "web"
ROOMS = (*sorted(WEB.glob("*.py")), *sorted((WEB / "parts").glob("*.py")), WEB.parent / "forgetting.py")
COMMAND_LINE = ("opened.py", "serving.py", "record_studies.py")
"""Files of which some errors are raised before there is a page."""

WOVEN = {"x1: x1x1", "x1; at x1 s"}
"""Put together from sentences of which each is tried by itself below."""

RAISED = {"UsageError", "DataError", "OutputError", "HTTPException"}
GERMAN = {"accept-language": "de"}


def sentence_of(node: ast.expr | None) -> str | None:
    """The sentence of a raised error with something in its gaps; None where it is not written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x1" for part in node.values)
    return None


def raised(path: Path) -> Iterator[tuple[int, str]]:
    """Line and sentence of everything that a file raises."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED):
            continue
        given = [*node.args[-1:], *(keyword.value for keyword in node.keywords if keyword.arg == "fix")]
        for argument in given:
            text = sentence_of(argument)
            if text is not None:
                yield node.lineno, text


def test_whatever_the_app_refuses_is_said_in_german() -> None:
    """Who writes a new refusal adds its German sentence to words/sentences.de.toml."""
    rooms = [path for path in ROOMS if path.name not in COMMAND_LINE and not path.name.startswith("record")]
    said = {(path.name, line, text) for path in rooms for line, text in raised(path)}
    assert len(said) > 20
    assert [each for each in sorted(said) if each[2] not in WOVEN and message_in("de", each[2]).language == "en"] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "another browser records this session",
        "the session is finished",
        "s3 is not due, s1 is",
        "the participant did not agree to be filmed",
        "a.mp4 is encoded as mpeg4, which browsers do not play",
    ],
)
def test_what_a_participant_may_meet_is_said_in_german(sentence: str) -> None:
    assert message_in("de", sentence).language == "de"


def test_every_kind_of_thing_that_may_be_unknown_has_a_german_word() -> None:
    kinds = {
        node.args[0].value
        for path in ROOMS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "UnknownNameError"
        and isinstance(node.args[0], ast.Constant)
    }
    assert "session" in kinds
    table = tomllib.loads((WEB / "words" / "sentences.de.toml").read_text(encoding="utf-8"))
    assert kinds <= set(table["kinds"])


def test_no_translation_asks_for_what_english_does_not_tell() -> None:
    table = tomllib.loads((WEB / "words" / "sentences.de.toml").read_text(encoding="utf-8"))
    for english, german in table["sentences"].items():
        gaps, theirs = ({name for _, name, _, _ in Formatter().parse(each) if name} for each in (english, german))
        assert theirs <= gaps, english


def test_an_unknown_name_is_said_with_the_nearest_one() -> None:
    problem = problem_in("de", UnknownNameError("session", "p01", ["p001", "p002"]))
    assert problem.what == Message("Sitzung 'p01' gibt es nicht.", "de")
    assert problem.fix == Message("War 'p001' gemeint? Sonst eines davon wählen: p001, p002", "de")


def test_the_sentence_that_leaves_least_open_is_taken() -> None:
    """'available: {names}' would fit 'available: none' too."""
    assert message_in("de", "available: none").text == "zur Wahl steht nichts"


def test_a_reason_within_a_sentence_is_translated_as_well() -> None:
    said = message_in("de", "the face video cannot be played: this is no JPEG picture").text
    assert said == "Das Gesichtsvideo lässt sich nicht abspielen: Das ist kein JPEG-Bild."


def test_braces_in_what_was_typed_stay_as_they_were() -> None:
    assert message_in("de", "there is no session named '{x}'").text == "Sitzung '{x}' gibt es nicht."


def test_an_error_is_one_line_where_a_page_has_no_more_room() -> None:
    error = UsageError("participant p1 is in the study already", where="participants.tsv", fix="edit the file by hand")
    told = "Person p1 ist schon in der Studie. · participants.tsv · die Datei von Hand ändern"
    assert text_in("de", error) == told
    assert text_in("en", DataError("it broke")) == "it broke"


def test_a_sentence_from_a_deeper_room_stays_english_and_says_so() -> None:
    problem = problem_in("de", DataError("the pupil is upside down", where="a.tsv", fix="turn it"))
    assert problem.what == Message("the pupil is upside down", "en")
    assert line_in("de", "the pupil is upside down").endswith("nur auf Englisch: the pupil is upside down")
    assert line_in("en", "the pupil is upside down") == "the pupil is upside down"


@pytest.mark.parametrize("name", protocol_names())
def test_what_a_table_is_about_is_said_in_german(name: str) -> None:
    protocol = open_protocol(name)
    titles = [protocol.title] if len(protocol.targets) == 1 else [f"{protocol.view} {t}" for t in protocol.targets]
    assert [text for text in (*titles, protocol.meaning) if message_in("de", text).language == "en"] == []


@pytest.mark.parametrize(
    ("note", "german"),
    [
        (
            "person_mean under person and person+stimulus: = majority: training holds no test person.",
            "person_mean unter person und person+stimulus: = majority: Zum Training gehört keine Person aus dem Test.",
        ),
        (
            "Smallest difference in UAR that this run would have found with 80 % power under person: 0.14"
            " (linear and emert) to 0.31 (tmc and emert), without the price of 10 tests.",
            "Kleinster Unterschied in UAR, den dieser Lauf mit 80 % Teststärke unter person gefunden hätte: 0.14"
            " (linear und emert) bis 0.31 (tmc und emert), ohne den Preis von 10 Tests.",
        ),
        (
            "Not distinguished under person (CCC, paired permutation over people, Holm, 5 %): A = linear; B = emert.",
            "Nicht unterschieden unter person (CCC, gepaarte Permutation über Personen, Holm, 5 %): A = linear;"
            " B = emert.",
        ),
        ("1 clip has no such label: left out.", "1 Clip hat kein solches Label: weggelassen."),
        ("3 clips have no such label: left out.", "3 Clips haben kein solches Label: weggelassen."),
    ],
)
def test_a_note_below_a_table_keeps_its_names_and_numbers(note: str, german: str) -> None:
    assert message_in("de", note) == Message(german, "de")


def test_the_page_of_a_run_is_german_throughout(benched: Path) -> None:
    """Title, meaning, warnings and notes of its tables stood there in English, and were not marked as English."""
    client = client_of(open_place(benched / "run"))
    client.headers.update(GERMAN)
    page = client.get("/results/run").text
    content = page[page.index("<main") : page.index('<dl class="facts">')]
    assert 'lang="en"' not in content
    told = re.sub(r"<[^>]+>", " ", content)
    assert [word for word in ("people", "under", "oracle", "floor", "labels", "emotion,") if f" {word} " in told] == []
    behind = re.search(r'href="([^"]+/clips[^"]+)"', page)
    assert behind is not None
    clips = client.get(behind[1].replace("&amp;", "&")).text
    assert "gefühlte Emotion" in clips
    assert ">positiv<" in clips
    assert ">positive<" not in clips


@pytest.fixture
def german_page(study: Path) -> Iterator[TestClient]:
    with client_of(Opened(study, None)) as client:
        client.headers.update(GERMAN)
        yield client


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/no-such-page", "Diese Seite gibt es nicht."),
        ("/player/nobody", "Sitzung &#39;nobody&#39; gibt es nicht."),
        ("/people/nobody", "Person &#39;nobody&#39; gibt es nicht."),
        ("/withdraw/nobody", "Person &#39;nobody&#39; gibt es nicht."),
        ("/annotate/video/p001/s999", "&#39;p001/s999&#39; ist kein Clip dieser Studie."),
    ],
)
def test_a_page_that_is_refused_is_german_throughout(german_page: TestClient, address: str, said: str) -> None:
    answer = german_page.get(address)
    assert 400 <= answer.status_code < 500
    content = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    assert content is not None
    assert said in content[0]
    assert 'lang="en"' not in content[0]
    assert "nur auf Englisch" not in content[0]


def test_a_script_is_told_in_german(german_page: TestClient) -> None:
    answer = german_page.get("/api/session/nobody").json()
    assert answer["error"] == "Sitzung 'nobody' gibt es nicht."
    answer = german_page.get("/api/session/p001/signal/pupil?from_s=2&to_s=1").json()
    assert answer == {
        "error": "Der Abschnitt von 2 bis 1 s ist leer.",
        "where": None,
        "fix": "to_s nach from_s angeben",
    }


def test_a_trace_that_is_none_and_an_address_that_lacks_something_are_told_in_german(german_page: TestClient) -> None:
    with pytest.raises(DataError) as found:
        read_trace("[[0.0, 2.0, 0.0]]", longest_s=1.0)
    assert message_in("de", found.value.what).text.endswith("; bei 0 s.")
    answer = german_page.get("/api/session/p001/signal/pupil?to_s=1").json()
    assert answer["error"] == "query from_s: Diese Angabe fehlt."
    answer = german_page.get("/api/session/p001/signal/pupil?from_s=soon&to_s=1").json()
    assert answer["error"] == "query from_s: Diese Angabe ist keine Zahl."


def test_who_may_not_come_in_is_told_in_german(study: Path) -> None:
    client = client_of(Opened(study, None))
    client.cookies.clear()
    assert client.get("/", headers=GERMAN).text.startswith("Bitte die Adresse öffnen")
    assert client.get("/", headers={"accept-language": "en"}).text.startswith("open the address")
    large = client_of(Opened(study, None)).post(
        "/annotate/join", content=b"x" * (1 << 21), headers=GERMAN | {"origin": HOST}
    )
    assert large.text == "Die Anfrage ist größer als 1048576 Byte.\n"


def test_who_judges_under_no_id_is_told_in_german(german_page: TestClient) -> None:
    answer = german_page.post("/annotate/join", data={"annotator": "no id!"})
    assert answer.status_code == 400
    assert "&#39;no id!&#39; ist keine Kennung" in answer.text
