"""From the first page to the largest gap, and from a number to the clips behind it."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from emogap.annotation.store import open_store
from emogap.errors import UsageError
from emogap.interfaces.annotating import open_desk
from emogap.interfaces.web.opened import Opened, open_place
from emogap.interfaces.web.overview import Overview, glance_at
from emogap.interfaces.web.ratings_now import RatingsNow
from emogap.interfaces.web.run_pages import RunBook, clips_behind
from emogap.interfaces.web.study_now import StudyNow
from emogap.recording.study import open_study
from emogap.reporting.results import open_run
from emogap.types.scores import ScoreTable
from tests.interfaces.small_study import write_ratings, write_study
from tests.interfaces.web.conftest import client_of


@pytest.fixture(scope="module")
def client(benched: Path) -> TestClient:
    return client_of(open_place(benched / "study"))


def table_of(run: Path, view: str) -> ScoreTable:
    return next(table for table in open_run(run).scores["tables"] if table["view"] == view)


@pytest.mark.parametrize("name", ["study", "dataset", "run"])
def test_whatever_is_opened_its_relatives_are_found(benched: Path, name: str) -> None:
    opened = open_place(benched / name)
    assert (opened.study, opened.dataset, opened.runs) == (benched / "study", benched / "dataset", (benched / "run",))
    assert opened.is_simulated


def test_the_largest_gap_is_one_click_away(client: TestClient, benched: Path) -> None:
    glance = glance_at(open_study(benched / "study", with_sessions=False))
    gaps = {key: cell.clip.gap for key, cell in glance.cells.items() if cell.clip.gap is not None}
    assert len(gaps) == 42
    largest = max(gaps, key=gaps.__getitem__)
    assert 'href="/largest-gap"' in client.get("/").text
    address = client.get("/largest-gap", follow_redirects=False).headers["location"]
    assert address == glance.cells[largest].address
    assert address.startswith(f"/player/{largest[0]}?t=")
    session = client.get(f"/api/session/{largest[0]}").json()
    onset_s = next(trial["onset_s"] for trial in session["trials"] if trial["stimulus_id"] == largest[1])
    assert onset_s < float(address.split("t=")[1]) < onset_s + 0.1


def test_the_matrix_leads_to_every_clip(client: TestClient) -> None:
    page = client.get("/home/clips").text
    assert len(set(re.findall(r'href="(/player/[^"]+)"', page))) == 42


def test_a_new_rating_changes_the_overview_and_nothing_else_reads_it_again(tmp_path: Path) -> None:
    study = StudyNow(write_study(tmp_path / "study"))
    overview = Overview(study, RatingsNow())
    before = overview.now()
    assert overview.now() is before
    assert before.largest is None
    write_ratings(study.path, "e1", "emotion7", {"p02/s1": "anger"})
    after = overview.now()
    assert after.largest is not None
    assert (after.largest.clip.participant_id, after.largest.clip.gap, after.num_shown) == ("p02", 1.0, 1)


def test_a_person_has_facts_and_clips_and_no_score(client: TestClient) -> None:
    page = client.get("/people/p003").text
    assert "People are not ranked" in page
    assert len(re.findall(r"/player/p003\?t=", page)) == 7
    assert client.get("/people/p999").status_code == 404


def test_quality_and_exclusions_are_those_of_the_data_set(client: TestClient) -> None:
    page = client.get("/home/quality").text
    assert "data loss" in page
    assert "Nothing was left out." in page


def test_every_confusion_leads_to_as_many_clips_as_it_counts(client: TestClient, benched: Path) -> None:
    table = table_of(benched / "run", "felt")
    split = table["splits"][0]
    row = next(row for row in split["rows"] if row["model"] == "linear")
    counted = 0
    for label, counts in zip(table["classes"], row["confusion"], strict=True):
        for said, count in zip(table["classes"], counts, strict=True):
            clips = clips_behind(benched / "run", table, split="person", model="linear", label=label, said=said)
            assert len(clips) == count
            assert {(clip.label, clip.said) for clip in clips} <= {(label, said)}
            counted += len(clips)
    assert counted == split["num_clips"]


def test_the_surest_mistakes_come_first(benched: Path) -> None:
    clips = clips_behind(benched / "run", table_of(benched / "run", "felt"), split="person", model="linear")
    is_right = [clip.label == clip.said for clip in clips]
    assert is_right == sorted(is_right)
    wrong = [clip.certainty for clip in clips if clip.label != clip.said]
    assert wrong == sorted(wrong, reverse=True)
    assert len(wrong) > 3


def test_the_page_of_a_run_holds_the_numbers_of_its_scores(client: TestClient, benched: Path) -> None:
    page = client.get("/results/run").text
    row = next(row for row in table_of(benched / "run", "felt")["splits"][0]["rows"] if row["model"] == "linear")
    assert f"{row['metrics']['uar']['pooled']['estimate']:.2f} [" in page
    assert "SIMULATED" in page
    assert open_run(benched / "run").record["dataset"]["fingerprint"] in page


def test_every_number_of_a_table_leads_to_its_clips_and_none_to_nothing(client: TestClient, benched: Path) -> None:
    """Only the first column led anywhere, and the row that no model predicted to a page that did not exist."""
    addresses = re.findall(r'href="(/results/run/clips[^"]+)"', client.get("/results/run").text)
    rows = [
        (table["view"], split["split"], row["model"])
        for table in open_run(benched / "run").scores["tables"]
        for split in table["splits"]
        for row in split["rows"]
    ]
    assert {"stratified", "linear"} <= {model for *_, model in rows}
    behind = [each for each in rows if each[2] not in ("stratified", "oracle:person")]
    assert len(addresses) == 3 * len(behind)
    assert len(set(addresses)) == len(behind)
    assert {client.get(address.replace("&amp;", "&")).status_code for address in set(addresses)} == {200}


def test_a_run_whose_predictions_are_damaged_keeps_its_table(benched: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(benched / "run", tmp_path / "run"))
    (run / "predictions.parquet").write_bytes(b"no table")
    answer = client_of(Opened(None, None, (run,))).get("/results/run")
    assert answer.status_code == 200
    assert "the predictions cannot be read" in answer.text
    assert "/clips?" not in answer.text


def test_a_run_may_be_named_as_folders_may_be(benched: Path, tmp_path: Path) -> None:
    """Of 'run #1' the browser asked for 'run '."""
    run = Path(shutil.copytree(benched / "run", tmp_path / "Lauf #1 & 50% für ü?"))
    client = client_of(Opened(None, None, (run,)))
    page = client.get("/results").text
    for _ in range(3):
        found = re.search(r'href="(/results/[^"]+)"', page[page.index("<main") :])
        assert found is not None
        address = found[1].replace("&amp;", "&")
        assert "#" not in address
        answer = client.get(address)
        assert (answer.status_code, answer.url.path.split("/")[2]) == (200, run.name)
        page = answer.text


def test_the_curves_of_the_player_are_out_of_fold(client: TestClient) -> None:
    """Level and spread of a distribution over negative, neutral, positive as -1, 0, 1."""
    trials = client.get("/api/session/p001").json()["trials"]
    says = [each for trial in trials for each in trial["models"] if each["model"] == "linear"]
    assert {each["view"] for each in says} == {"felt", "shown"}
    assert {each["split"] for each in says} == {"person"}
    assert all(-1 <= each["level"] <= 1 and 0 <= each["spread"] <= 1 for each in says)


@pytest.mark.parametrize(
    "path",
    [
        "/results/other",
        "/results/..%2frun",
        "/results/run/clips?view=felt&target=class&split=person&model=other",
        "/results/run/clips?view=felt&target=class&split=other&model=linear",
        "/results/run/clips?view=other&target=class&split=person&model=linear",
    ],
)
def test_what_a_run_does_not_have_is_named(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.fixture(scope="module")
def two_runs(benched: Path, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """The run, and another one of the same name in the folder ``runs``, with a command of its own."""
    place = tmp_path_factory.mktemp("two") / "place"
    shutil.copytree(benched, place)
    record = place / "run" / "run.toml"
    record.write_text(record.read_text().replace(str(benched), str(place)))
    other = Path(shutil.copytree(place / "run", place / "runs" / "run")) / "run.toml"
    other.write_text(re.sub(r"(?m)^command = .*$", 'command = "the second one"', other.read_text()))
    return replace(open_place(place / "dataset"), study=place / "study")


def test_runs_of_the_same_name_stand_beside_each_other(two_runs: Opened) -> None:
    """The one that came last in the order of paths hid the other."""
    assert len(two_runs.runs) == 2
    client = client_of(two_runs)
    page = client.get("/results").text
    addresses = re.findall(r'href="(/results/run~[0-9a-f]{8})"', page)
    assert len(set(addresses)) == 2
    assert "<code>run</code>" in page
    assert "<code>runs/run</code>" in page
    found = ["the second one" in client.get(address).text for address in addresses]
    assert sorted(found) == [False, True]
    assert client.get("/results/run").status_code == 404


def test_the_address_of_a_run_lasts_when_its_namesake_is_gone(two_runs: Opened) -> None:
    first = RunBook(two_runs.runs).names[0]
    path = RunBook(two_runs.runs).results(first).path
    alone = RunBook((path,))
    assert alone.names == ("run",)
    assert alone.results(first).path == alone.results("run").path == path


def test_the_clips_behind_a_score_are_those_of_its_own_run(two_runs: Opened) -> None:
    client = client_of(two_runs)
    for address in set(re.findall(r'href="(/results/run~[0-9a-f]{8})"', client.get("/results").text)):
        page = client.get(address).text
        behind = re.search(r'href="([^"]+/clips[^"]+)"', page)
        assert behind is not None
        assert behind[1].startswith(f"{address}/clips?")
        assert client.get(behind[1].replace("&amp;", "&")).status_code == 200


def test_the_player_tells_which_run_a_model_is_of(two_runs: Opened) -> None:
    says = client_of(two_runs).get("/api/session/p001").json()["trials"][0]["models"]
    assert {each["run"] for each in says} == set(RunBook(two_runs.runs).names)
    assert len({(each["run"], each["model"], each["target"], each["view"]) for each in says}) == len(says)


def test_one_damaged_session_does_not_hide_the_others(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    write_ratings(study, "e1", "emotion7", {"p02/s1": "anger"})
    (study / "sessions" / "p01" / "trials.tsv").write_text("not a table")
    client = client_of(Opened(study, None))
    page = client.get("/home/clips")
    assert page.status_code == 200
    assert page.text.count("/player/p02?t=") == 3
    assert re.search(r'<h3>p01</h3>\s*<p class="what"', page.text)
    assert client.get("/largest-gap", follow_redirects=False).headers["location"].startswith("/player/p02?t=")
    assert client.get("/people/p01").status_code == 200


def test_a_damaged_run_next_door_does_not_close_the_study(benched: Path, tmp_path: Path) -> None:
    place = shutil.copytree(benched, tmp_path / "place")
    record = place / "run" / "run.toml"
    record.write_text(record.read_text().replace(str(benched), str(place)))
    (place / "study" / "derived.jsonl").write_text(f'{{"path": "{place / "dataset"}"}}\n')
    (place / "other").mkdir()
    (place / "other" / "run.toml").write_text("= damaged")
    (place / "other" / "scores.json").write_text("{}")
    opened = open_place(place / "study")
    assert opened.runs == (place / "run",)
    (place / "run" / "scores.json").write_text("damaged")
    (place / "run" / "predictions.parquet").write_text("damaged")
    client = client_of(opened)
    assert re.search(r'<h2>run</h2>\s*<p class="what"', client.get("/results").text)
    facts = client.get("/api/session/p001")
    assert facts.status_code == 200
    assert any("no predictions of the run run" in doubt for doubt in facts.json()["doubts"])


def test_the_app_goes_on_after_a_withdrawal_took_data_set_and_runs(benched: Path, tmp_path: Path) -> None:
    """The player of everybody else failed: it asked for the predictions of a run that had been removed."""
    place = shutil.copytree(benched, tmp_path / "place")
    client = client_of(Opened(place / "study", place / "dataset", (place / "run",)))
    assert client.get("/results/run").status_code == 200
    for folder in (place / "dataset", place / "run"):
        shutil.rmtree(folder)
    assert client.get("/api/session/p002").status_code == 200
    assert "run" not in re.findall(r'href="/results/([^"]+)"', client.get("/results").text)
    assert "No run is left." in client.get("/results").text
    assert client.get("/results/run").status_code == 404
    assert "no longer there" in client.get("/home/quality").text


def test_answers_in_a_store_count_as_those_in_files_do(tmp_path: Path) -> None:
    """With --store the first page said that nobody had judged anything."""
    study = write_study(tmp_path / "study")
    address = f"sqlite:///{tmp_path / 'answers.db'}"
    client = client_of(Opened(study, None, store=address))
    assert "0 judged by raters" in client.get("/home/clips").text
    with open_store(address) as store:
        desk = open_desk(study, store=store)
        desk.add("e1", "p01/s2", {"emotion7": "fear"}, answered_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert "1 judged by raters" in client.get("/home/clips").text
    assert client.get("/largest-gap", follow_redirects=False).headers["location"].startswith("/player/p01?t=")


def test_a_study_without_sessions_has_its_pages(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    shutil.rmtree(study / "sessions")
    (study / "sessions").mkdir()
    client = client_of(Opened(study, None))
    for path, status in {"/": 200, "/home/clips": 200, "/annotate": 200, "/withdraw": 200, "/player": 400}.items():
        assert client.get(path).status_code == status, path
    found = client.get("/largest-gap", follow_redirects=False)
    assert found.status_code == 400
    assert "there is no gap to show" in found.text
    assert "Nobody is in the study" not in client.get("/withdraw").text
    (study / "participants.tsv").write_text("participant_id\tsex\tage\tglasses\tconsent\twithdraw_until\n")
    assert "Nobody is in the study" in client.get("/withdraw").text


def test_a_place_that_is_not_there_is_not_taken_for_a_wrong_one(tmp_path: Path) -> None:
    """A path that was mistyped was said to be neither a study nor a data set nor a run."""
    with pytest.raises(UsageError, match="no such file or folder"):
        open_place(tmp_path / "stduy")
    with pytest.raises(UsageError, match="neither a study"):
        open_place(tmp_path)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Face video: only whoever runs this session; Gaze: not recorded; Answers and ratings: everybody"),
        ("de", "Gesichtsvideo: nur wer diese Sitzung leitet; Blick: nicht aufnehmen; Antworten und Urteile: alle"),
    ],
)
def test_consent_and_use_are_told_in_words(tmp_path: Path, language: str, told: str) -> None:
    """What a participant is handed said 'face:session labels:public'; the first page named no use at all as '.'."""
    study = write_study(tmp_path / "study")
    table = study / "participants.tsv"
    header, first, *others = table.read_text().splitlines()
    cells = dict(zip(header.split("\t"), first.split("\t"), strict=True)) | {"consent": "face:session labels:public"}
    table.write_text("\n".join([header, "\t".join(cells.values()), *others]) + "\n")
    client = client_of(Opened(study, None))
    client.headers.update({"accept-language": language})
    assert told in client.get("/people/p01").text
    facts = study / "study.toml"
    facts.write_text(re.sub(r"(?m)^intended_use = .*$", 'intended_use = "research"', facts.read_text()))
    assert {"en": "intended use: research.", "de": "Zweck: Forschung."}[language] in client.get("/").text
