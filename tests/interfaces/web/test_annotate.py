"""Judging in the browser: blind, lossless, one queue for all."""

import json
import re
import shutil
import threading
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from emogap.annotation.store import open_store
from emogap.interfaces.annotating import open_desk
from emogap.interfaces.web.judging import JudgingRoom, TracePoint, read_trace
from emogap.interfaces.web.opened import Opened
from tests.interfaces.small_study import FELT, MACHINE, write_ratings, write_study
from tests.interfaces.web.conftest import client_of

NUM_RATERS = 20


@pytest.fixture
def place(tmp_path: Path) -> Path:
    study = write_study(tmp_path / "study")
    write_ratings(study, "machine-m", "emotion7", dict(MACHINE))
    return study


def joined(place: Path, annotator: str = "e1", *, store: str = "", **form: str) -> TestClient:
    client = client_of(Opened(place, None, store=store))
    answer = client.post("/annotate/join", data={"annotator": annotator, "preset": "all-clips", **form})
    assert answer.status_code == 200, answer.text
    return client


def item_of(page: str) -> str:
    return page.split('name="item" value="')[1].split('"')[0]


def test_every_clip_comes_once_and_then_no_more(place: Path) -> None:
    client = joined(place)
    seen = []
    for _ in range(6):
        seen.append(item_of(client.get("/annotate/clip").text))
        client.post(
            "/annotate/answer", data={"item": seen[-1], "emotion7": "fear", "valence": "-0.5", "intensity": "2"}
        )
    assert sorted(seen) == [f"{person}/{stimulus}" for person in sorted(FELT) for stimulus in ("s1", "s2", "s3")]
    assert "No clip waits for you" in client.get("/annotate/clip").text
    ratings = {(r.item, r.question): r.value for r in open_desk(place).book.ratings() if r.annotator == "e1"}
    assert len(ratings) == 18
    assert ratings["p02/s3", "intensity"] == 2


def test_the_page_of_a_blind_judge_holds_nothing_of_self_report_and_machine(place: Path) -> None:
    """The page is the same, letter by letter, whatever was felt and whatever a machine says."""
    client = joined(place)
    page = client.get("/annotate/clip").text
    assert all(word not in page for word in ("machine-m", "pleasure", "Self-report"))
    assert 'href="/player' not in page
    assert 'href="/annotate"' in page
    chosen = item_of(page)
    person, _, stimulus = chosen.partition("/")
    before = page
    table = place / "sessions" / person / "selfreport.tsv"
    lines = table.read_text().splitlines()
    other = {"fear": "anger", "anger": "disgust", "neutral": "sadness", "surprise": "fear", "happiness": "neutral"}
    word = FELT[person][stimulus]
    table.write_text("\n".join(line.replace(f"\t{word}\t", f"\t{other[word]}\t") for line in lines) + "\n")
    (place / "ratings" / "machine-m.csv").unlink()
    assert client_again(place, client).get("/annotate/clip").text == before


def client_again(place: Path, client: TestClient) -> TestClient:
    """The app started anew on what is there now, by the same browser."""
    other = client_of(Opened(place, None))
    other.cookies.set("emogap-annotator-80", "e1")
    assert client.cookies.get("emogap-annotator-80") == "e1"
    return other


def test_who_begins_first_decides_whether_self_report_is_shown(place: Path) -> None:
    client = joined(place, blind="no")
    page = client.get("/annotate/clip").text
    person, _, stimulus = item_of(page).partition("/")
    assert "Self-report" in page
    assert FELT[person][stimulus] in page.split("Self-report")[1][:60]
    assert "Self-report" in joined(place, "e2", blind="yes").get("/annotate/clip").text


def test_a_skipped_clip_comes_back_last(place: Path) -> None:
    client = joined(place)
    first = item_of(client.get("/annotate/clip").text)
    client.post("/annotate/skip", data={"item": first})
    later = []
    for _ in range(5):
        later.append(item_of(client.get("/annotate/clip").text))
        client.post("/annotate/answer", data={"item": later[-1], "emotion7": "fear"})
    assert first not in later
    assert item_of(client.get("/annotate/clip").text) == first


def test_the_last_clip_can_be_judged_again_and_what_was_said_before_is_kept(place: Path) -> None:
    client = joined(place)
    item = item_of(client.get("/annotate/clip").text)
    client.post("/annotate/answer", data={"item": item, "emotion7": "fear", "valence": "-0.25"})
    again = client.get("/annotate/clip?again=true").text
    assert item_of(again) == item
    assert 'value="fear" data-key="3" checked' in again
    client.post("/annotate/answer", data={"item": item, "emotion7": "anger"})
    lines = (place / "ratings" / "e1.csv").read_text().splitlines()
    assert [line.split(",")[3:5] for line in lines if ",emotion7," in line] == [["fear", "1"], ["anger", "2"]]


def test_work_goes_on_after_the_app_was_stopped(place: Path) -> None:
    client = joined(place)
    first = item_of(client.get("/annotate/clip").text)
    client.post("/annotate/answer", data={"item": first, "emotion7": "fear"})
    second = item_of(client.get("/annotate/clip").text)
    assert item_of(client_again(place, client).get("/annotate/clip").text) == second


def test_comment_and_trace_stand_beside_the_answer(place: Path) -> None:
    client = joined(place)
    item = item_of(client.get("/annotate/clip").text)
    trace = [[0.0, 0.1, -0.2], [0.5, 0.3, -0.1]]
    client.post(
        "/annotate/answer",
        data={"item": item, "emotion7": "fear", "comment": "lip bites\nä", "trace": json.dumps(trace)},
    )
    stem = place / "ratings" / "beside" / "e1" / f"{item.replace('/', '-')}-1"
    assert json.loads(stem.with_suffix(".json").read_text())["comment"] == "lip bites\nä"
    assert stem.with_suffix(".tsv").read_text().splitlines() == [
        "time_s\tvalence\tarousal",
        "0.000\t0.1000\t-0.2000",
        "0.500\t0.3000\t-0.1000",
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"emotion7": "joy"}, "joy"),
        ({"emotion7": ""}, "category"),
        ({"emotion7": "fear", "valence": "2"}, "2"),
        ({"emotion7": "fear", "arousal": "nan"}, "nan"),
        ({"emotion7": "fear", "item": "p09/s1"}, "p09/s1"),
        ({"emotion7": "fear", "item": "../../etc"}, "no clip"),
        ({"emotion7": "fear", "trace": "[[0, 2, 0]]"}, "trace"),
        ({"emotion7": "fear", "trace": "[[1, 0, 0], [0, 0, 0]]"}, "trace"),
        ({"emotion7": "fear", "trace": "[" * 100_000}, "trace"),
        ({"emotion7": "fear", "trace": '{"a": 1}'}, "trace"),
        ({"emotion7": "fear", "trace": f"[[1{'0' * 400}, 0, 0]]"}, "trace"),
    ],
)
def test_what_is_no_answer_is_refused_in_words_and_nothing_is_written(
    place: Path, form: dict[str, str], said: str
) -> None:
    client = joined(place)
    item = item_of(client.get("/annotate/clip").text)
    answer = client.post("/annotate/answer", data={"item": item, **form})
    assert answer.status_code in (400, 404, 422)
    assert said in answer.text
    assert not (place / "ratings" / "e1.csv").exists()


@pytest.mark.parametrize("name", ["machine-x", "a b", "../x", ""])
def test_only_a_person_can_judge(place: Path, name: str) -> None:
    answer = client_of(Opened(place, None)).post("/annotate/join", data={"annotator": name, "preset": "all-clips"})
    assert answer.status_code in (400, 422)


def test_a_preset_that_needs_a_machine_is_refused_before_anything_is_agreed_on(tmp_path: Path) -> None:
    """It was agreed on for good, the next page said that no machine had judged, and nobody could judge any more."""
    place = write_study(tmp_path / "study")
    client = client_of(Opened(place, None))
    form = {"annotator": "e1", "preset": "ala-blind"}
    answer = client.post("/annotate/join", data=form, follow_redirects=False)
    assert answer.status_code == 400
    assert "no clip has a machine" in answer.text
    assert not JudgingRoom(place).has_queue
    assert item_of(client.post("/annotate/join", data={"annotator": "e1", "preset": "all-clips"}).text)


def test_only_presets_that_the_study_allows_are_offered(place: Path, tmp_path: Path) -> None:
    """A study that was just recorded proposed what needs a machine's labels."""
    offered = [
        re.findall(r'<option value="((?:ala|all)-[a-z]+)">', client_of(Opened(study, None)).get("/annotate").text)
        for study in (place, write_study(tmp_path / "new"))
    ]
    assert offered == [["ala-blind", "ala-paper", "all-clips"], ["all-clips"]]
    client = client_of(Opened(tmp_path / "new", None))
    assert item_of(client.post("/annotate/join", data={"annotator": "e1"}).text)


def test_what_stays_hidden_is_what_was_agreed_on(place: Path, tmp_path: Path) -> None:
    """The first page promised that self-report and machine stay hidden, whatever had been chosen."""
    told = "what a machine says"
    assert told not in client_of(Opened(place, None)).get("/annotate").text
    assert told in joined(place).get("/annotate").text
    seeing = write_study(tmp_path / "seeing")
    assert told not in joined(seeing, blind="no").get("/annotate").text


def test_the_organiser_sees_progress_and_agreement(place: Path) -> None:
    room = JudgingRoom(place)
    room.agree("e1", preset="all-clips", is_blind=True)
    for item, one, other in (("p01/s1", "fear", "fear"), ("p01/s2", "anger", "anger"), ("p02/s1", "fear", "neutral")):
        room.keep("e1", item, {"emotion7": one})
        room.keep("e2", item, {"emotion7": other})
    (agreement,) = room.agreement()
    assert (agreement.question, agreement.num_clips, agreement.num_raters) == ("emotion7", 3, 2)
    # Observed disagreement 1/3; expected 1 - (3*2 + 2*1 + 1*0) / (6*5): fear 3 times, anger 2, neutral 1.
    assert agreement.alpha == pytest.approx(1 - (1 / 3) / (1 - 8 / 30))
    page = client_of(Opened(place, None)).get("/annotate/progress").text
    assert "e1" in page
    assert "e2" in page
    assert f"{agreement.alpha:.2f}" in page


@pytest.mark.parametrize("kind", ["files", "sqlite", "postgresql"])
def test_nothing_that_was_acknowledged_is_lost_when_twenty_judge_at_once(
    kind: str, place: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Twenty browsers, each judging every clip of the study; what was answered with a page is on disk afterwards."""
    store = {"files": "", "sqlite": f"sqlite:///{tmp_path / 'ratings.db'}"}.get(kind)
    if store is None:
        store = str(request.getfixturevalue("postgres_url"))
    first = joined(place, "e0", store=store)
    app = first.app
    items = [f"{person}/{stimulus}" for person in FELT for stimulus in ("s1", "s2", "s3")]
    acknowledged: list[tuple[str, str, str]] = []
    problems: list[str] = []
    together = threading.Barrier(NUM_RATERS)

    def judge(number: int) -> None:
        client = TestClient(app, base_url=str(first.base_url), headers=dict(first.headers), cookies=dict(first.cookies))
        client.cookies.set("emogap-annotator-80", f"e{number}")
        together.wait()
        for place_in, item in enumerate(items):
            word = ("fear", "anger", "neutral")[(number + place_in) % 3]
            answer = client.post("/annotate/answer", data={"item": item, "emotion7": word}, follow_redirects=False)
            if answer.status_code == 303:
                acknowledged.append((f"e{number}", item, word))
            else:
                problems.append(answer.text)

    threads = [threading.Thread(target=judge, args=(number,)) for number in range(NUM_RATERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(acknowledged) == NUM_RATERS * len(items)
    if store:
        with open_store(store) as kept:
            found = {(answer.annotator, answer.item, answer.text) for answer in kept.answers()}
    else:
        words = ("happiness", "sadness", "fear", "surprise", "disgust", "anger", "neutral")
        ratings = open_desk(place).book.ratings()
        found = {(each.annotator, each.item, words[int(each.value)]) for each in ratings}
    assert set(acknowledged) <= found


def test_a_trace_is_read_in_order_of_time() -> None:
    assert read_trace("", longest_s=2.0) == ()
    assert read_trace("[[0, 0.5, -1], [2, 1, 1]]", longest_s=2.0) == (TracePoint(0, 0.5, -1), TracePoint(2, 1, 1))


def test_a_withdrawn_participant_is_not_judged_any_more(place: Path) -> None:
    """The queue was that of the app's start: answers about somebody who had withdrawn were written again."""
    client = joined(place)
    item = item_of(client.get("/annotate/clip").text)
    who = item.partition("/")[0]
    client.post("/annotate/answer", data={"item": item, "emotion7": "fear"})
    assert client.post(f"/withdraw/{who}", data={"typed": who}).status_code == 200
    answer = client.post("/annotate/answer", data={"item": item, "emotion7": "anger", "comment": "x"})
    assert answer.status_code == 400
    assert f'value="{who}/' not in client.get("/annotate/clip?again=true").text
    assert client.get(f"/annotate/video/{item}").status_code == 400
    left = [path for path in (place / "ratings").rglob("*") if path.is_file() and who in path.read_text()]
    assert left == []


def test_a_participant_who_came_while_the_app_is_open_is_judged(place: Path) -> None:
    client = joined(place)
    num_before = int(client.get("/annotate/clip").text.split(" clips wait")[0].rpartition(" ")[2])
    shutil.copytree(place / "sessions" / "p01", place / "sessions" / "p03")
    with (place / "participants.tsv").open("a") as file:
        file.write("p03\t\t\t\t\t\n")
    assert f"{num_before + 3} clips wait" in client.get("/annotate/clip").text


def test_withdrawal_in_the_app_empties_the_store_that_it_keeps_open(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.db"
    client = joined(place, store=f"sqlite:///{file}")
    for item in ("p01/s1", "p02/s1"):
        client.post("/annotate/answer", data={"item": item, "emotion7": "fear"})
    assert client.post("/withdraw/p01", data={"typed": "p01"}).status_code == 200
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("answers.db*"))
    assert b"p02/s1" in kept
    assert b"p01/" not in kept


def test_an_answer_is_never_given_to_somebody_who_began_in_the_same_browser_later(place: Path) -> None:
    """Two tabs share a cookie: what e1 judged in the first was kept as e2's."""
    client = joined(place)
    item = item_of(client.get("/annotate/clip").text)
    client.post("/annotate/join", data={"annotator": "e2"})
    answer = client.post("/annotate/answer", data={"item": item, "judge": "e1", "emotion7": "fear"})
    assert answer.status_code == 400
    assert "made for e1" in answer.text
    assert not list((place / "ratings").glob("e?.csv"))


def test_apps_at_two_ports_do_not_share_who_judges(place: Path) -> None:
    client = joined(place)
    other = client_of(Opened(place, None))
    for cookie in client.cookies.jar:
        other.cookies.set(cookie.name, cookie.value or "")
    origin = "http://127.0.0.1:8123"
    answer = other.get(f"{origin}/annotate/clip", headers={"origin": origin}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/annotate")


def test_looking_at_the_progress_of_no_queue_agrees_on_none(place: Path) -> None:
    client = client_of(Opened(place, None))
    for path in ("/annotate/progress", "/annotate/progress/table", "/annotate/clip"):
        client.get(path)
    assert not (place / "ratings" / "agreed.json").exists()


def test_without_the_relation_of_the_clocks_there_is_no_trace(place: Path) -> None:
    """Its times would count from the beginning of the video, not from the onset of the stimulus."""
    client = joined(place)
    item = item_of(client.get("/annotate/clip").text)
    assert 'id="tracing"' in client.get("/annotate/clip").text
    (place / "sessions" / item.partition("/")[0] / "clock.toml").unlink()
    assert 'id="tracing"' not in client.get("/annotate/clip").text
    answer = client.post("/annotate/answer", data={"item": item, "emotion7": "fear", "trace": "[[0.5, 0, 0]]"})
    assert answer.status_code == 400
    assert "clocks" in answer.text
