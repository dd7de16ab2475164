"""The app: first page, and the time line of a recording of two hours, against its raw table as JSON.

Goals: the first page under 0.3 s on a study of twelve people; the time line of two hours usable under 1 s once the
recording was read, and each of its windows far below what the raw table would take. The first opening ever of a
recording reads the export and finds its events; what is drawn of it is then kept in the study.
"""

import json
import logging
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import polars as pl
from fastapi.testclient import TestClient

from emogap.interfaces.web.app import NOTICE_COOKIE, build_app
from emogap.interfaces.web.opened import open_place
from emogap.simulation import SimulationConfig, simulate_study

HOURS = 2.0
RATE_HZ = 120
PAGE_GOAL_S, LINE_GOAL_S = 0.3, 1.0
REPEATS = 5
CELLS = 3600
"""What a time line of 1200 pixels asks for: it fetches a window's width more on either side."""

TOKEN = "t" * 43
HOST = "http://127.0.0.1"
CLOCKS = ("Recording timestamp [\u03bcs]", "Computer timestamp [\u03bcs]", "Eyetracker timestamp [\u03bcs]")


def run() -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with TemporaryDirectory() as folder:
        _first_page(Path(folder) / "small")
        study = Path(folder) / "long"
        size = write_long_study(study, hours=HOURS)
        print(f"{HOURS:g} hours at {RATE_HZ} Hz: a Tobii export of {size >> 20} MiB, {len(_table(study))} samples")
        _time_line(study)


def _first_page(study: Path) -> None:
    config = SimulationConfig(participants=12, stimuli=14, clip_s=2.0, pause_s=0.5, rate_hz=60, video=False, seed=0)
    simulate_study(study, config, jobs=1)
    client = _client(study)
    seconds = min(_timed(lambda: client.get("/").raise_for_status())[0] for _ in range(REPEATS))
    whole = min(_timed(lambda: client.get("/home/clips").raise_for_status())[0] for _ in range(REPEATS))
    print(f"first page, 12 people x 14 stimuli  {1e3 * seconds:8.1f} ms   {_verdict(seconds, PAGE_GOAL_S)}")
    print(f"its table of clips, filled in later {1e3 * whole:8.1f} ms")


def _time_line(study: Path) -> None:
    raw_s, raw = _timed(lambda: json.dumps(_table(study).rows()).encode())
    print(f"\n{'':44}{'s':>9} {'MiB':>9} {'of raw s':>9} {'of raw B':>9}")
    _row("raw table as JSON", raw_s, len(raw), raw_s, len(raw))
    for name in ("first opening: export read, events found", "opened again by another start"):
        seconds, memory_mib = _opened_elsewhere(study)
        _row(name, seconds, 0, raw_s, len(raw))
        print(f"{'':44}{memory_mib:9.0f} MiB of memory at most")
    print(f"time line of {HOURS:g} hours, opened again: {_verdict(seconds, LINE_GOAL_S)}")
    client = _client(study)
    client.get("/api/session/p001").raise_for_status()
    length_s = HOURS * 3600
    for name, span_s in (("whole", length_s), ("one minute", 60.0), ("one second", 1.0)):
        seconds, num_bytes = min(_window(client, length_s / 2, span_s) for _ in range(REPEATS))
        _row(f"window of the time line, {name}", seconds, num_bytes, raw_s, len(raw))


def _window(client: TestClient, middle_s: float, span_s: float) -> tuple[float, int]:
    """All rows of one picture: three signals and four kinds of interval."""
    asked = f"from_s={middle_s - 1.5 * span_s}&to_s={middle_s + 1.5 * span_s}&cells={CELLS}"
    paths = [f"signal/{name}" for name in ("pupil", "gaze_x", "gaze_y")]
    paths += [f"intervals/{kind}" for kind in ("fixation", "saccade", "blink", "loss")]
    seconds, answers = _timed(lambda: [client.get(f"/api/session/p001/{path}?{asked}") for path in paths])
    return seconds, sum(len(answer.raise_for_status().content) for answer in answers)


def _row(name: str, seconds: float, num_bytes: int, raw_s: float, raw_bytes: int) -> None:
    sent = f"{num_bytes / 2**20:9.2f}" if num_bytes else f"{'-':>9}"
    share = f"{num_bytes / raw_bytes:9.4f}" if num_bytes else f"{'-':>9}"
    print(f"{name:<44}{seconds:9.3f} {sent} {seconds / raw_s:9.3f} {share}", flush=True)


def _verdict(seconds: float, goal_s: float) -> str:
    return f"goal {goal_s:g} s {'reached' if seconds < goal_s else 'MISSED'}"


def _timed(job):  # type: ignore[no-untyped-def]
    begun = perf_counter()
    result = job()
    return perf_counter() - begun, result


def _client(study: Path) -> TestClient:
    client = TestClient(build_app(open_place(study), token=TOKEN, port=0), base_url=HOST)
    client.get(f"/?token={TOKEN}")
    client.cookies.set(NOTICE_COOKIE, "read")
    return client


def _opened_elsewhere(study: Path) -> tuple[float, float]:
    """Seconds until everything that the player first asks for is there, and the largest memory in MiB, in a process
    of its own."""
    command = [sys.executable, "-m", "benchmarks.app", str(study)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, memory_mib = finished.stdout.split()
    return float(seconds), float(memory_mib)


def _peak_mib() -> float:
    """Largest memory of this program; ``getrusage`` would count that of the one that started it too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _table(study: Path) -> pl.DataFrame:
    """Time, gaze and pupil of every sample, as a page without pyramids would have to be sent them."""
    columns = [CLOCKS[0], "Gaze point X [DACS px]", "Gaze point Y [DACS px]", "Pupil diameter left [mm]"]
    path = study / "sessions" / "p001" / "gaze.tsv"
    return pl.read_csv(path, separator="\t", columns=columns, infer_schema_length=10_000)


def write_long_study(study: Path, *, hours: float) -> int:
    """A study of one simulated person whose minute of samples is repeated for so many hours; bytes of the export."""
    config = SimulationConfig(participants=1, stimuli=6, clip_s=8.0, pause_s=1.5, rate_hz=RATE_HZ, video=False, seed=0)
    simulate_study(study, config, jobs=1)
    path = study / "sessions" / "p001" / "gaze.tsv"
    table = pl.read_csv(path, separator="\t", infer_schema=False)
    events = table.filter(pl.col("Sensor").is_null())
    samples = table.filter(pl.col("Sensor").is_not_null())
    length_us = round(samples.height * 1e6 / RATE_HZ)
    num_fixations = samples.height
    parts = [events.head(1)]
    for number in range(round(hours * 3600e6 / length_us)):
        later = [(pl.col(clock).cast(pl.Int64) + number * length_us).cast(pl.String) for clock in CLOCKS]
        index = pl.col("Eye movement type index").cast(pl.Int64) + number * num_fixations
        shown = [pl.col(name) if number == 0 else pl.lit(None, pl.String).alias(name) for name in _SHOWN]
        parts.append(samples.with_columns(*later, index.cast(pl.String), *shown))
    pl.concat(parts).write_csv(path, separator="\t", include_bom=True)
    return path.stat().st_size


_SHOWN = ("Presented Stimulus name", "Presented Media name")


if __name__ == "__main__":
    reader = _client(Path(sys.argv[1]))
    taken_s, _ = _timed(
        lambda: (reader.get("/api/session/p001").raise_for_status(), _window(reader, HOURS * 1800, HOURS * 3600))
    )
    print(taken_s, _peak_mib())
