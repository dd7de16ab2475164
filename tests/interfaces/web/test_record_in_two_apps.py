"""Two apps open on one study at the same time: no session, order or answer is lost or doubled."""

import subprocess
import sys
import textwrap
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.forgetting import erase
from emogap.interfaces.forgetting_plan import plan_erasure
from emogap.interfaces.web.record_sessions import RecordingRoom
from emogap.interfaces.web.record_studies import Recorder, set_up
from emogap.recording.study import open_study
from tests.interfaces.web.recorded_study import new_study

START_S = 1_790_000_000.0
TARGETS = {"calm": "neutral", "dread": "negative", "joy": "positive", "dull": "neutral"}

BOTH = ("p0", "p1", "p2", "p3")
OWN = {"a": ("a0", "a1", "a2", "a3"), "b": ("b0", "b1", "b2", "b3")}
"""Whom both apps begin, and whom each begins alone."""

APP = """
    import sys
    from pathlib import Path
    from emogap.errors import UsageError
    from emogap.interfaces.web.record_sessions import RecordingRoom

    study, kind, holder, *names = sys.argv[1:]
    room = RecordingRoom(Path(study))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(30):
        room.mark("shared", holder, kind, 1_790_000_001.0 + number)
    for name in names:
        try:
            room.begin({"participant_id": name, "consent": "lab"})
            print(name)
        except UsageError as error:
            print("refused:", error.what)
"""


@dataclass(frozen=True)
class TwoApps:
    """A study on which two processes worked at once, and what each of them said."""

    study: Path
    said: dict[str, list[str]]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> TwoApps:
    study = new_study(tmp_path_factory.mktemp("two"), TARGETS, length_s=0.3)
    holder = RecordingRoom(study).begin({"participant_id": "shared", "consent": "lab"}).holder
    names = {"a": (*OWN["a"], *BOTH), "b": (*BOTH, *OWN["b"])}
    processes = {
        app: subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(APP), str(study), f"marked by {app}", holder, *names[app]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for app in names
    }
    for process in processes.values():
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes.values():
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = {app: process.communicate()[0].splitlines() for app, process in processes.items()}
    assert [process.returncode for process in processes.values()] == [0, 0]
    return TwoApps(study, said)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return new_study(tmp_path, TARGETS, length_s=0.3)


def test_no_session_that_one_of_two_apps_begins_is_lost(two: TwoApps) -> None:
    assert two.said["a"][:4] == list(OWN["a"])
    assert two.said["b"][4:] == list(OWN["b"])
    everybody = sorted((*OWN["a"], *OWN["b"], *BOTH, "shared"))
    assert [state.participant_id for state in RecordingRoom(two.study).states()] == everybody
    assert sorted(person.participant_id for person in open_study(two.study).participants) == everybody


def test_a_participant_whom_both_begin_has_one_session(two: TwoApps) -> None:
    for name, one, other in zip(BOTH, two.said["a"][4:], two.said["b"][:4], strict=True):
        assert sorted([one, other]) == [name, f"refused: participant {name} is being recorded, or was"]


def test_the_orders_of_the_square_are_taken_in_turn(two: TwoApps) -> None:
    """Two clips make two orders: 13 sessions take one 7 and the other 6 times."""
    orders = Counter(state.order for state in RecordingRoom(two.study).states())
    assert sorted(orders.values()) == [6, 7]


def test_what_both_note_of_one_session_is_all_kept(two: TwoApps) -> None:
    marks = Counter(mark.kind for mark in RecordingRoom(two.study).state("shared").marks)
    assert marks == {"marked by a": 30, "marked by b": 30}
    lines = (two.study / "sessions/shared/markers.tsv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 60


def test_a_browser_at_another_app_takes_a_session_over_and_the_first_is_refused(study: Path) -> None:
    here, there = RecordingRoom(study), RecordingRoom(study)
    first = here.begin({"participant_id": "p01", "consent": "lab"}).holder
    second = there.take_over("p01").holder
    there.mark("p01", second, "onset", START_S)
    with pytest.raises(UsageError, match="another browser records this session"):
        here.mark("p01", first, "onset", START_S + 1)
    assert len(here.state("p01").marks) == 1


def test_a_study_is_set_up_by_one_of_two_apps(tmp_path: Path) -> None:
    study = new_study(tmp_path, {"calm": "neutral"}, length_s=0.3, is_set_up=False)
    set_up(study, intended_use="teaching", screen_px=(800, 600), sam_points=5, recorder=Recorder())
    with pytest.raises(UsageError, match="says already what it is for"):
        set_up(study, intended_use="research", screen_px=(1920, 1080), sam_points=9, recorder=Recorder())
    assert open_study(study).intended_use == "teaching"


def test_who_withdraws_while_a_session_is_recorded_leaves_nothing(study: Path) -> None:
    """The app still has the session on its page, and sends what it has."""
    app = RecordingRoom(study)
    app.begin({"participant_id": "other", "consent": "lab"})
    holder = app.begin({"participant_id": "p01", "consent": "lab"}).holder
    assert app.begin_segment("p01", holder, container="webm", started_s=START_S) == 1
    erase(plan_erasure(study, "p01"))
    for sent in (
        lambda: app.keep_video("p01", holder, 1, 0, b"video"),
        lambda: app.mark("p01", holder, "onset", START_S),
        lambda: app.finish("p01"),
    ):
        with pytest.raises(UnknownNameError):
            sent()
    assert [path for path in study.rglob("*") if "p01" in path.name] == []
    assert not any(b"p01" in path.read_bytes() for path in study.rglob("*") if path.is_file())
    assert [state.participant_id for state in app.states()] == ["other"]
