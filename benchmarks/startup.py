"""Start-up of ``emogap --help`` (goal: under 0.5 s), beside a bare Python."""

import subprocess
import sys
from pathlib import Path
from time import perf_counter

REPEATS = 7
GOAL_S = 0.5


def run() -> None:
    command = Path(sys.executable).with_name("emogap")
    bare = _fastest([sys.executable, "-c", "pass"])
    started = _fastest([str(command), "--help"])
    verdict = "reached" if started < GOAL_S else "MISSED"
    print(f"python -c pass    {bare:6.3f} s")
    print(f"emogap --help     {started:6.3f} s   {started / bare:.1f} times bare Python; goal {GOAL_S} s {verdict}")


def _fastest(command: list[str]) -> float:
    """The fastest of several starts: what the program costs, without what else the machine was doing."""
    seconds = []
    for _ in range(REPEATS):
        begun = perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(perf_counter() - begun)
    return min(seconds)


if __name__ == "__main__":
    run()
