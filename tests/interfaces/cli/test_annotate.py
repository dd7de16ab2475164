"""`emogap annotate next, add, status` on a study whose every answer is known."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.annotation.ratings import read_ratings
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from tests.interfaces.small_study import FELT, MACHINE, write_ratings, write_study


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = write_study(tmp_path / "study")
    write_ratings(folder, "machine-net", "emotion7", MACHINE)
    return folder


def run(*words: object):
    return CliRunner().invoke(build_app(), ["annotate", *map(str, words)], catch_exceptions=False)


def told(*words: object) -> dict:
    return json.loads(run(*words, "--json").stdout)


def next_item(study: Path, annotator: str, *options: object) -> str | None:
    clip = told("next", study, "--annotator", annotator, *options)["clip"]
    return None if clip is None else clip["item"]


def test_experts_are_given_the_clips_that_machine_and_self_report_disagree_on(study: Path) -> None:
    given = []
    while (item := next_item(study, "ann", "--preset", "ala-paper")) is not None:
        given.append(item)
        assert run("add", study, item, "emotion7=disgust", "--annotator", "ann").exit_code == 0
    assert sorted(given) == ["p01/s2", "p02/s1", "p02/s3"]
    assert run("next", study, "--annotator", "ann", "--preset", "ala-paper").stdout == "no clip waits for ann\n"


def test_by_default_one_of_the_three_accepted_clips_is_judged_too(study: Path) -> None:
    status = told("status", study, "--explain")
    assert status["queue"]["num_agreed"] == 3
    assert status["queue"]["num_double_coded"] == 1
    (drawn,) = [clip for clip in status["queue"]["clips"] if clip["reason"] == "double-coded"]
    assert drawn["item"] in {"p01/s1", "p01/s3", "p02/s2"}


def test_an_expert_is_told_where_to_look_and_nothing_else(study: Path) -> None:
    clip = told("next", study, "--annotator", "ann")["clip"]
    assert set(clip) == {"item", "question", "words", "limits", "video", "from_s", "to_s", "num_left"}
    assert len(clip["words"]) == 7
    assert clip["num_left"] == 4
    participant, stimulus = clip["item"].split("/")
    onset_s = {"s1": 1.0, "s2": 4.0, "s3": 7.0}[stimulus]
    assert (clip["from_s"], clip["to_s"]) == (onset_s + 0.5, onset_s + 2.5)
    assert clip["video"] == str(study / "sessions" / participant / "face.mp4")


def test_the_same_is_shown_whatever_self_report_and_machine_disagree_about(study: Path) -> None:
    """With every clip in the queue for the same reason, other labels must not change a letter of what is shown."""
    labels = {f"{person}/{name}": "disgust" for person, felt in FELT.items() for name in felt}
    write_ratings(study, "machine-net", "emotion7", labels)
    before = run("next", study, "--annotator", "ann").output
    write_ratings(study, "machine-net", "emotion7", dict.fromkeys(labels, "sadness"))
    for name in FELT:
        path = study / "sessions" / name / "selfreport.tsv"
        path.write_text(path.read_text().replace("neutral", "disgust"))
    assert run("next", study, "--annotator", "ann").output == before


def test_valence_is_compared_with_the_manikin_on_its_own_scale(study: Path) -> None:
    """Pleasure 7 of 9 is 0.5: 0.7 is within a quarter of it, 0.2 is not."""
    write_ratings(study, "machine-net", "valence", {"p01/s1": 0.7, "p01/s2": 0.2, "p02/s1": 0.5})
    queue = told("status", study, "--question", "valence", "--preset", "ala-paper", "--explain")["queue"]
    assert queue["num_accepted"] == 2
    assert queue["clips"][0]["item"] == "p01/s2"
    assert queue["clips"][0]["machine_difference"] == pytest.approx(0.15)


def test_a_later_answer_is_a_further_round_and_the_earlier_one_stays(study: Path) -> None:
    run("add", study, "p01/s2", "emotion7=fear", "intensity=2.5", "--annotator", "ann")
    again = run("add", study, "p01/s2", "emotion7=anger", "--annotator", "ann")
    assert again.stdout == "p01/s2: emotion7 kept, revision 1 (the earlier answer stays)\n"
    lines = (study / "ratings" / "ann.csv").read_text().splitlines()
    assert [line.split(",")[:5] for line in lines[1:]] == [
        ["p01/s2", "ann", "emotion7", "fear", "1"],
        ["p01/s2", "ann", "intensity", "2.5", "1"],
        ["p01/s2", "ann", "emotion7", "anger", "2"],
    ]
    latest = {rating.question: rating.value for rating in read_ratings([study / "ratings" / "ann.csv"])}
    assert latest == {"emotion7": 5.0, "intensity": 2.5}


def test_a_file_with_its_columns_in_another_order_is_appended_to_in_that_order(study: Path) -> None:
    path = study / "ratings" / "ann.csv"
    path.write_text("annotator,item,note,rating,question,round,answered_at\nann,p01/s1,hm,fear,emotion7,3,")
    run("add", study, "p01/s1", "emotion7=anger", "--annotator", "ann")
    assert path.read_text().splitlines()[2].startswith("ann,p01/s1,,anger,emotion7,4,20")


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (("p01/s2", "emotion7=feer"), DataError, "did you mean 'fear'"),
        (("p01/s2", "emotion=fear"), UnknownNameError, "did you mean 'emotion"),
        (("p01/s2", "valence=1.2"), DataError, r"valence is 1\.2, outside -1 to 1"),
        (("p01/s2", "arousal=nan"), DataError, "is a number"),
        (("p01/s2", "arousal=much"), DataError, "is a number"),
        (("p01/s2", "fear"), UsageError, "QUESTION=ANSWER"),
        (("p01/s2",), UsageError, "no answer to keep"),
        (("p01/s2", "valence=0", "valence=1"), UsageError, "answered twice"),
        (("p01/s9", "emotion7=fear"), UsageError, "did you mean 'p01/s"),
        ((), UsageError, "no clip to judge"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_and_nothing_is_written(
    study: Path, words: tuple[str, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run("add", study, *words, "--annotator", "ann")
    assert not (study / "ratings" / "ann.csv").exists()


def test_of_several_answers_none_is_kept_if_one_is_wrong(study: Path) -> None:
    with pytest.raises(DataError, match="outside 0 to 3"):
        run("add", study, "p01/s2", "emotion7=fear", "intensity=3.5", "--annotator", "ann")
    assert not (study / "ratings" / "ann.csv").exists()


@pytest.mark.parametrize(
    ("annotator", "message"),
    [("", "who judges"), ("machine-net", "is a machine"), ("../ann", "letters, digits and hyphens")],
)
def test_only_a_person_with_an_id_can_add(study: Path, annotator: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run("add", study, "p01/s2", "emotion7=fear", "--annotator", annotator)


def test_status_counts_answers_and_how_often_the_accepted_label_is_contradicted(study: Path) -> None:
    """All three accepted clips judged by two experts: of six answers two contradict."""
    answers = {"p01/s1": "fear", "p01/s3": "neutral", "p02/s2": "sadness", "p01/s2": "anger"}
    write_ratings(study, "ann", "emotion7", answers)
    write_ratings(study, "ben", "emotion7", answers | {"p02/s1": "fear"})
    status = told("status", study, "--double-coded", "1", "--experts", "2")
    assert status["num_clips"] == status["queue"]["num_clips"] == 6
    assert status["num_finished"] == 4
    assert status["num_answers_missing"] == 3
    assert status["num_check_answers"] == 6
    assert status["check_difference"] == pytest.approx(2 / 6)
    assert status["experts"] == [
        {"annotator": "ann", "num_judged": 4, "num_left": 2},
        {"annotator": "ben", "num_judged": 5, "num_left": 1},
    ]


def test_without_a_machine_the_way_out_is_named(study: Path) -> None:
    with pytest.raises(UsageError, match=r"emogap annotate auto(.|\n)*--preset all-clips"):
        run("next", study, "--annotator", "ann", "--question", "intensity")
    clip = told("next", study, "--annotator", "ann", "--question", "intensity", "--preset", "all-clips")["clip"]
    assert clip["limits"] == [0, 3]
    assert clip["num_left"] == 6


def test_of_two_machines_one_must_be_named(study: Path) -> None:
    write_ratings(study, "machine-other", "emotion7", dict.fromkeys(MACHINE, "anger"))
    with pytest.raises(UsageError, match="machine-net, machine-other"):
        run("status", study)
    with pytest.raises(UnknownNameError, match="did you mean 'machine-other'"):
        run("status", study, "--machine", "machine-othre")
    assert told("status", study, "--machine", "machine-other")["queue"]["num_agreed"] == 1


def test_a_session_that_cannot_be_read_is_told_and_hides_no_other(study: Path) -> None:
    (study / "sessions" / "p02" / "trials.tsv").write_text("order\n1\n")
    result = run("status", study)
    assert result.exit_code == 1
    assert "3 clips" in result.stdout
    assert "left out p02: p02/trials.tsv, line 1" in result.stdout
    assert next_item(study, "ann") == "p01/s2"


def test_a_damaged_rating_file_is_named_with_its_line(study: Path) -> None:
    write_ratings(study, "ann", "emotion7", {"p01/s1": "joy"})
    with pytest.raises(DataError, match=r"ratings/ann\.csv, line 2"):
        run("next", study, "--annotator", "ann")


@pytest.mark.parametrize(("words", "message"), [(("show",), "no action named"), (("status", "p01/s1"), "with 'add'")])
def test_other_actions_and_stray_words_are_refused(study: Path, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(words[0], study, *words[1:])


def test_the_text_says_where_to_look_and_how_to_answer(study: Path) -> None:
    result = run("next", study, "--annotator", "ann", "--preset", "ala-paper")
    item = result.stdout.split()[0]
    assert f"annotate add {study} --annotator ann {item} emotion7=ANSWER" in result.stderr
    assert "happiness sadness fear surprise disgust anger neutral" in result.stdout
    (study / "sessions" / item.split("/")[0] / "clock.toml").unlink()
    assert "not known: no clock.toml" in run("next", study, "--annotator", "ann", "--preset", "ala-paper").stdout


def test_the_text_of_status_says_how_often_and_how_far(study: Path) -> None:
    write_ratings(study, "ann", "emotion7", {"p01/s1": "fear", "p01/s3": "neutral", "p02/s2": "sadness"})
    said = run("status", study, "--double-coded", "1").stdout
    assert "experts contradict the accepted label in 33 % of 3 answers" in said
    write_ratings(study, "machine-net", "valence", {"p01/s1": 0.5})
    write_ratings(study, "ben", "valence", {"p01/s1": -0.5})
    said = run("status", study, "--question", "valence", "--double-coded", "1").stdout
    assert "experts are 0.50 of the scale away from the accepted label (1 answer)" in said
