"""Two apps open on one study at the same time: no session, order or answer is lost or doubled."""

import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.forgetting import erase, plan_erasure
from emogap.interfaces.web.record_sessions import RecordingRoom
from emogap.interfaces.web.record_studies import Recorder, set_up
from emogap.recording.study import open_study
from tests.interfaces.web.recorded_study import new_study

START_S = 1_790_000_000.0

BEGINNER = """
    import sys
    from pathlib import Path
    from emogap.errors import UsageError
    from emogap.interfaces.web.record_sessions import RecordingRoom

    room = RecordingRoom(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    for name in sys.argv[2:]:
        try:
            room.begin({"participant_id": name, "consent": "lab"})
            print(name)
        except UsageError as error:
            print("refused:", error.what)
"""

MARKER = """
    import sys
    from pathlib import Path
    from emogap.interfaces.web.record_sessions import RecordingRoom

    room = RecordingRoom(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(30):
        room.mark("p01", sys.argv[2], sys.argv[3], 1_790_000_001.0 + number)
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    targets = {"calm": "neutral", "dread": "negative", "joy": "positive", "dull": "neutral"}
    return new_study(tmp_path, targets, length_s=0.3)


def at_once(code: str, *arguments: tuple[str, ...]) -> list[list[str]]:
    """What two processes say that begin their work together, line by line."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for given in arguments
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate()[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    return said


def test_sessions_that_two_apps_begin_are_neither_lost_nor_doubled(study: Path) -> None:
    """Each begins four of its own and four that both begin; the two orders of the square are taken equally often."""
    both = [f"p{number}" for number in range(4)]
    own = [[f"{app}{number}" for number in range(4)] for app in ("a", "b")]
    first, second = at_once(BEGINNER, (str(study), *own[0], *both), (str(study), *both, *own[1]))
    assert first[:4] == own[0]
    assert second[4:] == own[1]
    for name, one, other in zip(both, first[4:], second[:4], strict=True):
        assert sorted([one, other]) == [name, f"refused: participant {name} is being recorded, or was"]
    states = RecordingRoom(study).states()
    assert [state.participant_id for state in states] == [*own[0], *own[1], *both]
    assert sorted(Counter(state.order for state in states).values()) == [6, 6]
    people = [person.participant_id for person in open_study(study).participants]
    assert sorted(people) == [*own[0], *own[1], *both]


def test_what_two_apps_note_of_one_session_is_all_kept(study: Path) -> None:
    holder = RecordingRoom(study).begin({"participant_id": "p01", "consent": "lab"}).holder
    at_once(MARKER, (str(study), holder, "onset"), (str(study), holder, "offset"))
    marks = Counter(mark.kind for mark in RecordingRoom(study).state("p01").marks)
    assert marks == {"onset": 30, "offset": 30}
    lines = (study / "sessions/p01/markers.tsv").read_text(encoding="utf-8").splitlines()
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
