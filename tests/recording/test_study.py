"""A study is read as it stands, and every fault in it is named with file, line and remedy."""

from pathlib import Path

import pytest

from emogap.errors import DataError, UsageError
from emogap.recording.session import ClockRelation
from emogap.recording.study import open_session, open_study

STUDY = """schema = 1
name = "hand-made"
intended_use = "research"
sam_points = 9

[screen]
size_px = [1920, 1080]
size_mm = [520.0, 290.0]
distance_mm = 650.0

[tracker]
model = "Tobii Pro Fusion"
rate_hz = 120
"""

PARTICIPANTS = (
    "participant_id\tsex\tage\tglasses\tconsent\twithdraw_until\np1\tf\t24\tno\tlab\t2027-01-31\np2\t\t\t\tlab\t\n"
)

STIMULI = (
    "stimulus_id\tstimulus_group\ttarget_emotion7\ttarget_emotion3\tduration_s\tfile\n"
    "s1\tg1\thappiness\tpositive\t2\t\n"
    "s2\tg1\tfear\tnegative\t2\ts2.mp4\n"
    "s3\tg2\tsurprise\t\t2\t\n"
)

TRIALS = "order\tstimulus_id\tonset_s\tduration_s\n1\ts2\t0.5\t2\n2\ts1\t3\t2\n"

SELF_REPORT = (
    "stimulus_id\tpleasure\tarousal\tdominance\temotion7\temotion3\tanswered_s\n"
    "s2\t2\t8\t5\tfear\tnegative\t2.9\n"
    "s1\t7\t5\t\thappiness\t\t5.5\n"
)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study folder written by hand: two people, three stimuli; gaze files are opened by nobody here."""
    tables = {
        "study.toml": STUDY,
        "participants.tsv": PARTICIPANTS,
        "stimuli.tsv": STIMULI,
        "ratings/experts.csv": "item,annotator,question,rating,round,answered_at\n",
    }
    for person in ("p1", "p2"):
        tables |= {
            f"sessions/{person}/gaze.tsv": "header\n",
            f"sessions/{person}/trials.tsv": TRIALS,
            f"sessions/{person}/selfreport.tsv": SELF_REPORT,
        }
    for name, content in tables.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_everything_stated_is_read(study: Path) -> None:
    found = open_study(study)
    assert (found.name, found.sam_points, found.simulated) == ("hand-made", 9, False)
    assert (found.screen.size_px, found.screen.distance_mm) == ((1920, 1080), 650.0)
    assert (found.tracker.model, found.tracker.rate_hz) == ("Tobii Pro Fusion", 120.0)
    assert [stimulus.stimulus_group for stimulus in found.stimuli] == ["g1", "g1", "g2"]
    assert found.session_ids == ("p1", "p2")
    assert [file.name for file in found.rating_files] == ["experts.csv"]
    assert (found.participants[0].age, found.participants[1].age) == (24.0, None)


def test_trials_come_in_the_order_of_time_and_reports_as_they_stand(study: Path) -> None:
    session = open_study(study).sessions[0]
    assert [trial.stimulus_id for trial in session.trials] == ["s2", "s1"]
    assert session.trials[0].interval.offset_s == 2.5
    assert (session.self_report[1].emotion7, session.self_report[1].emotion3) == ("happiness", None)
    assert (session.face_path, session.clock) == (None, None)


def test_emotion3_is_never_derived(study: Path) -> None:
    found = open_study(study)
    assert found.stimuli[2].target_emotion7 == "surprise"
    assert found.stimuli[2].target_emotion3 is None


def test_the_clocks_relation_is_undone_by_its_definition(study: Path) -> None:
    (study / "sessions/p1/clock.toml").write_text("offset_s = 1.25\ndrift_ppm = 400.0\nresidual_ms = 3.0\n")
    clock = open_study(study).sessions[0].clock
    assert clock == ClockRelation(1.25, 400.0, 3.0)
    face_s = clock.to_face_s(101.25)
    assert 1.25 + face_s * (1 + 400e-6) == pytest.approx(101.25)


def test_a_simulation_publishes_its_ceiling(study: Path) -> None:
    edit(study / "study.toml", "sam_points = 9\n", "sam_points = 9\nsimulated = true\n")
    with (study / "study.toml").open("a") as file:
        file.write('\n[ceiling."felt/emotion3"]\nwar = 0.8\nuar = 0.75\n')
    found = open_study(study)
    assert found.simulated
    assert found.ceilings == {"felt/emotion3": {"war": 0.8, "uar": 0.75}}


def test_one_bad_session_does_not_hide_the_others(study: Path) -> None:
    (study / "sessions/p1/trials.tsv").unlink()
    with pytest.raises(DataError, match=r"p1/trials\.tsv: there is no such file"):
        open_study(study)
    found = open_study(study, with_sessions=False)
    assert found.sessions == ()
    assert open_session(study, "p2", found.stimuli, sam_points=9).participant_id == "p2"


def test_a_folder_that_is_no_study_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no study\.toml"):
        open_study(tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("study.toml", "sam_points = 9", "sam_points = 8", r"study\.toml: 'sam_points'"),
        ("study.toml", "sam_points = 9", "sam_point = 9", "'sam_points': field required"),
        ("study.toml", "sam_points = 9", "sam_points = 9\nsimulatd = true", "did you mean 'simulated'"),
        ("study.toml", 'intended_use = "research"\n', "", "'intended_use': field required"),
        ("study.toml", "schema = 1", "schema = ", "this is not TOML"),
        ("study.toml", "hand-made", "hand made", "'name'"),
        ("participants.tsv", "p2\t", "p1\t", r"line 3: participant_id p1 stands here and in line 2"),
        ("participants.tsv", "\t24\t", "\t-4\t", "line 2: age is -4"),
        ("stimuli.tsv", "s3\tg2", "s 3\tg2", "line 4: 's 3' is no stimulus_id"),
        ("stimuli.tsv", "surprise", "surprised", "(?s)line 4: 'surprised' .* no word of emotion7.*mean 'surprise'"),
        ("stimuli.tsv", "target_emotion3", "target", "no column 'target_emotion3'"),
        ("sessions/p1/trials.tsv", "\ts1\t", "\ts9\t", "line 3: 's9' .* is no stimulus of stimuli.tsv"),
        ("sessions/p1/trials.tsv", "\ts1\t", "\ts2\t", "line 3: stimulus_id s2 stands here"),
        ("sessions/p1/trials.tsv", "\t3\t2", "\t3\t0", "line 3: duration_s is 0"),
        ("sessions/p1/trials.tsv", "\t3\t2", "\t2\t2", r"s1 begins at 2 s, before s2 ends at 2\.5 s"),
        ("sessions/p1/selfreport.tsv", "s2\t2", "s3\t2", "line 2: 's3' .* is no stimulus of this session's trials"),
        ("sessions/p1/selfreport.tsv", "\t8\t", "\t10\t", "line 2: arousal is 10, outside 1 to 9"),
        ("sessions/p1/selfreport.tsv", "\tfear\t", "\tafraid\t", "line 2: 'afraid' .* no word of emotion7"),
    ],
)
def test_a_fault_is_named_where_it_stands(study: Path, file: str, old: str, new: str, complaint: str) -> None:
    edit(study / file, old, new)
    with pytest.raises(DataError, match=complaint):
        open_study(study)


def test_a_value_that_does_not_fit_is_told_as_it_is_meant(study: Path) -> None:
    """The pattern of a name was printed in small letters, and its remedy listed the keys of the file."""
    path = study / "study.toml"
    path.write_text(path.read_text().replace('"hand-made"', '"Gef\u00fchl 7"'), encoding="utf-8")
    with pytest.raises(DataError, match="A-Z") as caught:
        open_study(study)
    assert caught.value.fix == "correct the entry"


def test_a_session_of_nobody_names_the_nearest_participant(study: Path) -> None:
    (study / "sessions/p2").rename(study / "sessions/p22")
    with pytest.raises(DataError, match=r"(?s)'p22' belongs to nobody.*did you mean 'p2'"):
        open_study(study)


@pytest.mark.parametrize("names", [(), ("gaze.tsv", "gaze.csv")])
def test_a_session_has_one_gaze_file(study: Path, names: tuple[str, ...]) -> None:
    folder = study / "sessions/p1"
    (folder / "gaze.tsv").unlink()
    for name in names:
        (folder / name).touch()
    with pytest.raises(DataError, match=f"one gaze file, here are {len(names)}"):
        open_study(study)
