"""`emogap annotate import, export`: what goes in comes out again, and what a file cannot hold is said."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from emogap.annotation.answers import Answer
from emogap.annotation.elan import read_elan_answers
from emogap.annotation.opening import read_rating_file
from emogap.annotation.store import open_store
from emogap.errors import DataError, EmogapError, UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from tests.interfaces.small_study import write_ratings, write_study

HEADER = "item,annotator,question,rating,round,answered_at"

ROWS = (
    Answer("p01/s1", "ann", "emotion7", "fear", 1, "2026-01-01T10:00:00+01:00", "x", vocabulary="emer7 1"),
    Answer("p01/s1", "ann", "emotion7", "anger", 1, "2026-01-01T10:05:00", "x", revision=2, vocabulary="emer7 1"),
    Answer("p01/s1", "ann", "emotion7", "disgust", 2, None, "x", vocabulary="emer7 1"),
    Answer("p01/s2", "ann", "valence", "-0.50", 1, None, "x", vocabulary="valence 1", mapping="sam9 1 > valence 1, m"),
    Answer("p02/s3", "ben", "intensity", "0.1", 3, "t", "x", vocabulary="intensity 1"),
    Answer("p02/s3", "ben", "intensity", None, 3, "t2", "x", revision=2, vocabulary="intensity 1"),
    Answer("p01/s3", "machine-net", "emotion3", "neutral", 0, None, "x", vocabulary="emer3 1"),
)
"""Two rounds of one person, a revision, a withdrawn answer, a mapping, a round 0, digits as they were typed."""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path / "study")


@pytest.fixture
def url(tmp_path: Path) -> str:
    with open_store(tmp_path / "r.db", create=True) as store:
        store.add_ratings(ROWS, who="lab")
    return f"sqlite:///{tmp_path / 'r.db'}"


def run(*words: object) -> str:
    result = CliRunner().invoke(build_app(), ["annotate", *map(str, words)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def content(answers: tuple[Answer, ...]) -> list[Answer]:
    bare = [replace(answer, place="", line=0) for answer in answers]
    return sorted(bare, key=lambda a: (a.item, a.annotator, a.question, a.round_number, a.revision))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_everything_in_a_store_comes_back_from_a_file(study: Path, url: str, tmp_path: Path, suffix: str) -> None:
    """Store to file to an empty store: every round, revision, withdrawal, time, mapping and digit."""
    file, other = tmp_path / f"out{suffix}", f"sqlite:///{tmp_path / 'other.db'}"
    said = run("export", study, file, "--store", url)
    assert "7 answers exported to" in said
    assert "left out: lines of the audit, which stays in the store: 1" in said
    run("import", study, file, "--store", other, "--create", "--who", "lab")
    with open_store(tmp_path / "other.db") as store:
        assert content(store.answers(revisions=True)) == content(ROWS)
        whats = [entry.what for entry in store.audit() if entry.revision is not None]
        assert sorted(whats) == ["rate"] * 5 + ["revise", "withdraw"]
    table = pl.read_csv(file) if suffix == ".csv" else pl.read_parquet(file)
    assert sorted(table["revision"].to_list()) == [1, 1, 1, 1, 1, 2, 2]


def test_everything_comes_back_through_the_rating_folder_of_a_study(study: Path, url: str, tmp_path: Path) -> None:
    run("export", study, tmp_path / "out.csv", "--store", url)
    said = run("import", study, tmp_path / "out.csv")
    assert "7 answers imported into" in said
    assert [path.name for path in (study / "ratings").glob("*.csv")] == ["imported-out.csv"]
    run("export", study, tmp_path / "again.parquet")
    assert content(read_rating_file(tmp_path / "again.parquet")) == content(ROWS)


def test_elan_holds_the_answers_of_one_video_as_they_stand_and_says_what_it_does_not(
    study: Path, url: str, tmp_path: Path
) -> None:
    """Trials begin at 1, 4 and 7 s of the gaze, the video 0.5 s before it."""
    said = run("export", study, tmp_path / "p01.eaf", "--store", url, "--participant", "p01")
    standing = [ROWS[1], ROWS[2], ROWS[3], ROWS[6]]
    told = {(one.item, one.annotator, one.question, one.text, one.round_number) for one in standing}
    read = read_elan_answers(tmp_path / "p01.eaf")
    assert {(one.item, one.annotator, one.question, one.text, one.round_number) for one in read} == told
    assert 'TIME_VALUE="1500"' in (tmp_path / "p01.eaf").read_text()
    for left_out in (
        "answers about other participants than p01: 2",
        "earlier revisions, for which ELAN has no place: 1",
        "times of answering, for which ELAN has no place: 1",
        "versions of vocabularies, for which ELAN has no place: 4",
        "maps beside answers, for which ELAN has no place: 1",
    ):
        assert f"left out: {left_out}" in said
    assert "withdrawn" not in said
    run("import", study, tmp_path / "p01.eaf")
    assert {(one.item, one.annotator, one.question, one.text, one.round_number) for one in read} == {
        (one.item, one.annotator, one.question, one.text, one.round_number)
        for one in read_rating_file(study / "ratings" / "imported-p01.csv")
    }


def test_an_elan_file_needs_one_video(study: Path, url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"2 sessions(.|\n)*--participant, one of p01, p02"):
        run("export", study, tmp_path / "all.eaf", "--store", url)
    (study / "sessions" / "p01" / "clock.toml").unlink()
    said = run("export", study, tmp_path / "p01.eaf", "--store", url, "--participant", "p01")
    assert "its clock is not known, times are those of the gaze file" in said
    assert 'TIME_VALUE="1000"' in (tmp_path / "p01.eaf").read_text()


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (
            ["p01/s2,cleo,emotion7,fear,1,", "p01/s1,ann,emotion7,anger,1,"],
            r"f\.csv, line 3: ann rated .* already \(revision \d in ",
        ),
        (["p01/s2,cleo,emotion7,fear,1,", "p01/s2,cleo,emotion7,anger,1,"], r"f\.csv, line 3: cleo .*f\.csv, line 2"),
        (["p01/s2,cleo,emotion7,fear,1,", "p01/s2,cleo,valence,1.5,1,"], r"f\.csv, line 3: valence is 1\.5, outside"),
        (
            ["p01/s2,cleo,emotion7,fear,1,", "p09/s2,cleo,emotion7,fear,1,"],
            r"line 3: 'p09/s2' is no clip of this study",
        ),
        (["p01/s2,cleo,emotion7,fear,1,", "p01/s2,cleo,emotion3,fear,1,"], "line 3: 'fear' is no word of emotion3"),
        (["p01/s2,c leo,emotion7,fear,1,"], "line 2: 'c leo' is no annotator"),
    ],
)
@pytest.mark.parametrize("kept_in", ["folder", "store"])
def test_a_conflict_is_named_with_its_line_and_nothing_is_written(
    study: Path, url: str, tmp_path: Path, rows: list[str], complaint: str, kept_in: str
) -> None:
    write_ratings(study, "ann", "emotion7", {"p01/s1": "fear"})
    (tmp_path / "f.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    words = ["--store", url, "--who", "lab"] if kept_in == "store" else []
    with open_store(url) as store:
        before = (store.audit(), store.answers(), store.items())
    with pytest.raises(DataError, match=complaint):
        run("import", study, tmp_path / "f.csv", *words)
    assert [path.name for path in (study / "ratings").glob("*.csv")] == ["ann.csv"]
    with open_store(url) as store:
        assert (store.audit(), store.answers(), store.items()) == before


def test_of_several_files_none_is_imported_if_one_is_wrong(study: Path, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(f"{HEADER}\np01/s2,cleo,emotion7,fear,1,\n")
    (tmp_path / "bad.csv").write_text(f"{HEADER}\np01/s3,cleo,emotion7,joy,1,\n")
    with pytest.raises(DataError, match=r"bad\.csv, line 2"):
        run("import", study, tmp_path / "good.csv", tmp_path / "bad.csv")
    assert not list(study.glob("ratings/*.csv"))
    said = run("import", study, tmp_path / "good.csv")
    assert "1 answer imported into" in said
    with pytest.raises(DataError, match=r"good\.csv, line 2: cleo rated emotion7 of p01/s2 in round 1 already"):
        run("import", study, tmp_path / "good.csv")


def test_questions_that_rating_files_of_a_study_do_not_hold_need_a_store_or_a_map(study: Path, tmp_path: Path) -> None:
    (tmp_path / "a8.csv").write_text(f"{HEADER}\np01/s1,a,affectnet8,fear,1,\np01/s2,a,affectnet8,contempt,1,\n")
    with pytest.raises(DataError, match=r"line 2: 'affectnet8' is no question of a study's rating files"):
        run("import", study, tmp_path / "a8.csv")
    with pytest.raises(UsageError, match="'contempt' of affectnet8 goes in emer7 would be a guess"):
        run("import", study, tmp_path / "a8.csv", "--map", "affectnet8:emer7")
    with pytest.raises(UsageError, match="never counted as fear"):
        run("import", study, tmp_path / "a8.csv", "--map", "affectnet8:emer7", "--decide", "contempt=fear")
    assert not list(study.glob("ratings/*.csv"))
    said = run("import", study, tmp_path / "a8.csv", "--map", "affectnet8:emer7", "--decide", "contempt=drop")
    assert "lost contempt, which emer7 lacks" in said
    assert "left out by the map: 1 answer (contempt 1)" in said
    (kept,) = read_rating_file(study / "ratings" / "imported-a8.csv")
    assert (kept.question, kept.text, kept.mapping) == (
        "emotion7",
        "fear",
        "affectnet8 1 > emer7 1, map 1, contempt=drop",
    )


def test_an_export_may_be_mapped_too(study: Path, tmp_path: Path) -> None:
    write_ratings(study, "ann", "emotion7", {"p01/s1": "fear", "p01/s2": "surprise", "p02/s1": "happiness"})
    write_ratings(study, "ben", "emotion3", {"p01/s1": "neutral"})
    words = ("--map", "emer7:emer3", "--decide", "surprise=drop", "--question", "emotion7", "--json")
    told = json.loads(run("export", study, tmp_path / "coarse.csv", *words))
    assert told["mapped"]["left_out"] == {"surprise": 1}
    assert told["left_out"] == ["answers to other questions than emotion7: 1"]
    assert "which of sadness, fear, disgust and anger it was" in told["mapped"]["loss"]
    assert [(one.item, one.text) for one in read_rating_file(tmp_path / "coarse.csv")] == [
        ("p01/s1", "negative"),
        ("p02/s1", "positive"),
    ]


def test_what_is_empty_or_beside_the_ratings_is_told(study: Path, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("item,annotator,rating\np01/s1,ann,fear\np01/s2,ann,\n")
    said = run("import", study, tmp_path / "f.csv", "--question", "emotion7")
    assert "1 answer imported" in said
    assert "left out: rows without a rating: 1" in said
    path = study / "ratings" / "ben.csv"
    path.write_text("item,annotator,question,rating,round,answered_at,note\np02/s1,ben,valence,0.5,1,,hm\n")
    assert "left out: the column note of ben.csv" in run("export", study, tmp_path / "out.csv")
    assert "out.csv" in (study / "derived.jsonl").read_text()


@pytest.mark.parametrize(
    ("words", "error", "complaint"),
    [
        (("import",), UsageError, "no file to import"),
        (("import", "votes.xls"), DataError, "no such file"),
        (("import", "in.csv", "--who", "lab"), UsageError, "with a store only"),
        (("import", "in.csv", "--decide", "surprise=drop"), UsageError, "with --map only"),
        (("import", "in.csv", "--map", "emer7"), UsageError, "'emer7' is no map"),
        (("import", "in.csv", "--map", "emer7:emer3", "--decide", "surprise"), UsageError, "no WORD=WORD"),
        (("import", "in.csv", "--seed", "3"), UsageError, "--seed does not go with 'import'"),
        (("export", "a.csv", "b.csv"), UsageError, "to one file"),
        (("export", "out.xls"), UsageError, r"'\.xls' is no kind"),
        (("export", "study/study.toml"), UsageError, "is no kind"),
        (("export", "study/participants.csv"), UsageError, "here already"),
        (("export", "out.csv"), DataError, "no ratings to write"),
        (("export", "out.csv", "--participant", "p03"), UnknownNameError, "did you mean 'p0"),
    ],
)
def test_what_cannot_be_done_is_said(
    study: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], error: type[EmogapError], complaint: str
) -> None:
    monkeypatch.chdir(study.parent)
    (study / "participants.csv").touch()
    with pytest.raises(error, match=complaint):
        run(words[0], study, *words[1:])
