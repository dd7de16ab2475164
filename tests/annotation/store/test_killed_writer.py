"""What was acknowledged is there, whenever and however hard the writer is killed."""

import signal
import subprocess
import sys

import pytest

from emogap.annotation.store import open_store

NUM_WRITES = 1000

WRITER = """
import sys
from emogap.annotation.store import open_store
name, url, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open_store(url, wait_s=60) as store:
    for number in range(count):
        store.add_rating(f"{name}-{number}", annotator=name, question="intensity", rating=number % 4, who=name)
        print(number, flush=True)
"""


def start_writer(name: str, url: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, name, url, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("num_before_the_kill", [2, 250])
def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(url: str, num_before_the_kill: int) -> None:
    open_store(url, create=True).close()
    with start_writer("w", url, NUM_WRITES) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(num_before_the_kill)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout.read().splitlines()]
    assert writer.returncode == -signal.SIGKILL
    with open_store(url) as store:
        kept = {answer.item: answer.text for answer in store.answers()}
        assert {f"w-{number}" for number in acknowledged} <= set(kept)
        # One more at most: written, but killed before it could be acknowledged. None is half there.
        assert len(kept) - len(acknowledged) in (0, 1)
        assert all(float(text or "nan") == int(item[2:]) % 4 for item, text in kept.items())
        assert sum(entry.what == "rate" for entry in store.audit()) == len(kept)
        assert len(store.items()) == len(kept)
        store.add_rating("after", annotator="w", question="intensity", rating=0, who="w")


def test_two_writers_at_once_lose_nothing(url: str) -> None:
    open_store(url, create=True).close()
    writers = [start_writer(name, url, 25) for name in ("one", "two")]
    for writer in writers:
        output, _ = writer.communicate(timeout=120)
        assert (writer.returncode, len(output.splitlines())) == (0, 25)
    with open_store(url) as store:
        assert len(store.answers()) == 50
        assert store.annotators() == ("one", "two")
