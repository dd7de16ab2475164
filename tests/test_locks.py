"""One process at a time in a folder, and nobody is kept out by a process that is gone."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from emogap.errors import OutputError, UsageError
from emogap.locks import LOCK_FILE, alone_in

HOLDER = """
    import sys
    from pathlib import Path
    from emogap.locks import alone_in

    with alone_in(Path(sys.argv[1])):
        print("in", flush=True)
        sys.stdin.read()
"""

TAKEN = UsageError("somebody is at work here")


def holder(folder: Path) -> subprocess.Popen[str]:
    """A process that is in the folder until its input ends."""
    code = "\n".join(line[4:] for line in HOLDER.splitlines())
    command = [sys.executable, "-c", code, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    return process


def test_a_second_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    first = holder(tmp_path)
    with pytest.raises(UsageError, match="somebody is at work"), alone_in(tmp_path, refusal=TAKEN):
        pass
    first.communicate()
    with alone_in(tmp_path, refusal=TAKEN):
        assert [file.name for file in tmp_path.iterdir()] == [LOCK_FILE]


def test_a_process_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    first = holder(tmp_path)
    first.kill()
    first.communicate()
    with alone_in(tmp_path, refusal=TAKEN):
        assert (tmp_path / LOCK_FILE).read_bytes() == b""


def test_who_waits_comes_in_when_the_other_has_gone(tmp_path: Path) -> None:
    first = holder(tmp_path)
    seen: list[str] = []

    def wait() -> None:
        with alone_in(tmp_path):
            seen.append("second")

    second = threading.Thread(target=wait)
    second.start()
    seen.append("first")
    first.communicate()
    second.join()
    assert seen == ["first", "second"]


def test_threads_of_one_process_keep_each_other_out(tmp_path: Path) -> None:
    """Eight count to 40 together in a file, each reading and writing it: none of 320 steps is lost."""
    place = tmp_path / "count"
    place.write_text("0", encoding="utf-8")

    def count() -> None:
        for _ in range(40):
            with alone_in(tmp_path):
                place.write_text(str(int(place.read_text(encoding="utf-8")) + 1), encoding="utf-8")

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert place.read_text(encoding="utf-8") == "320"


def test_the_folder_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), alone_in(tmp_path):
        raise ZeroDivisionError
    with alone_in(tmp_path, refusal=TAKEN):
        pass


def test_a_folder_that_went_is_not_made_again(tmp_path: Path) -> None:
    told = "gone: could not write: there is no such folder"
    with pytest.raises(OutputError, match=told), alone_in(tmp_path / "gone", is_made=False):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "ratings").write_bytes(b"")
    with pytest.raises(OutputError, match="name another"), alone_in(tmp_path / "ratings", fix="name another folder"):
        pass
