"""Reading all 42 columns of Uniss-FGD and the paper's three steps, against a plain pandas read of the same files.

Goal: within 1.5 times the bare read, with a peak memory that does not grow with the number of files. Conversion to
degrees and event detection, which finds the saccades that the second step needs, are timed apart.
"""

import resource
import subprocess
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pandas

from benchmarks.event_agreement import DATA
from emogap.preprocessing import correct_blinks, correct_saccades, detect_events, pupil_change, to_degrees
from emogap.progress import track
from emogap.recording import open_recordings

GOAL = 1.5
PARTS = ("pandas read", "our read", "degrees", "events", "three steps")


def time_file(path: Path) -> dict[str, float]:
    """Seconds of every part on one file; the plain read and ours follow each other, so that both meet the same load."""
    clock = [perf_counter()]
    pandas.read_csv(path)
    clock.append(perf_counter())
    recordings = open_recordings(path)
    clock.append(perf_counter())
    gazes = [gaze for gaze in (to_degrees(recording).gaze for recording in recordings) if gaze is not None]
    clock.append(perf_counter())
    events = [detect_events(gaze) for gaze in gazes]
    clock.append(perf_counter())
    for gaze, found in zip(gazes, events, strict=True):
        pupil_change(correct_saccades(correct_blinks(gaze), found))
    clock.append(perf_counter())
    return {part: stop - start for part, (start, stop) in zip(PARTS, pairwise(clock), strict=True)}


def read_and_clean(paths: Iterable[Path]) -> None:
    """What a build does with each file, one after the other; nothing is kept."""
    for path in paths:
        for recording in open_recordings(path):
            converted = to_degrees(recording).gaze
            assert converted is not None
            pupil_change(correct_saccades(correct_blinks(converted), detect_events(converted)))


def peak_mib(num_files: int) -> float:
    """Largest memory in MiB of a process of its own that reads and cleans so many files."""
    command = [sys.executable, "-m", "benchmarks.reading", str(num_files)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(finished.stdout)


def exports() -> list[Path]:
    paths = sorted((DATA / "fgd").glob("*.csv.gz"))
    if not paths:
        sys.exit(f"no *.csv.gz under {DATA / 'fgd'}: this benchmark needs Uniss-FGD there")
    return paths


def run() -> None:
    paths = exports()
    open_recordings(paths[0])
    detect_events(to_degrees(open_recordings(paths[0])[0]).gaze)  # type: ignore[arg-type]
    seconds = dict.fromkeys(PARTS, 0.0)
    for path in track(paths, "reading"):
        for part, taken in time_file(path).items():
            seconds[part] += taken
    bare = seconds["pandas read"]
    print(f"{len(paths)} files; ratios to the plain pandas read")
    for part in PARTS:
        print(f"{part:<28} {seconds[part]:>7.2f} s {seconds[part] / bare:>6.2f}")
    ratio = (seconds["our read"] + seconds["three steps"]) / bare
    print(f"{'our read + three steps':<28} {ratio * bare:>7.2f} s {ratio:>6.2f}   goal {GOAL}")
    few, many = peak_mib(10), peak_mib(len(paths))
    print(f"peak memory: {few:.0f} MiB with 10 files, {many:.0f} MiB with {len(paths)}; ratio {many / few:.2f}")


if __name__ == "__main__":
    read_and_clean(exports()[: int(sys.argv[1])])
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
