"""Eye-Tracking-BIDS: writing and reading in samples per second, on a simulated session and on all of Uniss-FGD.

Seconds are those of the processor, so that other load on the machine counts little. A sample is one sample of one eye,
with all its columns (13 in both sources). As a measure of what the format itself costs, the same tables are written and
read by polars alone: no sidecars, no checks, no types. The export command is timed whole, source reading and checksums
included, and its result is given to the official validator.
"""

import json
import shutil
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Callable, Sequence
from gzip import compress, decompress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TypeVar

import polars

from benchmarks.event_agreement import DATA
from emogap.interfaces.exporting import ExportOptions, export_bids
from emogap.progress import track
from emogap.recording import open_recordings
from emogap.recording.bids import BidsName, write_recording
from emogap.recording.bids.columns import eye_columns
from emogap.recording.readers import bids
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study
from emogap.types import Recording

NUM_FILES = 10
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    start = process_time()
    result = work()
    return process_time() - start, result


def bare_round_trip(recordings: Sequence[Recording]) -> tuple[float, float]:
    """Seconds that polars and gzip take for the same tables, writing and reading."""
    tables = [
        polars.DataFrame(eye_columns(gaze, eye))
        for gaze in (recording.gaze for recording in recordings)
        if gaze is not None
        for eye in range(len(gaze.eyes))
    ]
    writing_s, texts = timed(
        lambda: [
            compress(table.fill_nan(None).write_csv(separator="\t", null_value="n/a").encode(), 6) for table in tables
        ]
    )
    reading_s, _ = timed(
        lambda: [polars.read_csv(decompress(text), separator="\t", null_values="n/a") for text in texts]
    )
    return writing_s, reading_s


def compare(title: str, recordings: Sequence[Recording], folder: Path) -> None:
    """Print samples per second of writing and reading, and their ratio to polars alone."""
    names = [BidsName("1", "watch", run=str(run)) for run in range(len(recordings))]
    writing_s, written = timed(
        lambda: [write_recording(recording, folder, name) for recording, name in zip(recordings, names, strict=True)]
    )
    paths = [folder / name.path("recording-eye1_physio.tsv.gz") for name in names]
    reading_s, back = timed(lambda: [bids.read(path) for path in track(paths, "reading")])
    assert len(back) == len(recordings)
    num_samples = sum(each.num_samples for each in written)
    bare_writing_s, bare_reading_s = bare_round_trip(recordings)
    for what, seconds, bare_s in (("write", writing_s, bare_writing_s), ("read", reading_s, bare_reading_s)):
        rate = num_samples / seconds
        print(f"{title:<34} {what:<6} {num_samples:>9,} samples {rate:>11,.0f} /s   {seconds / bare_s:5.2f} x polars")


def validate(folder: Path) -> str:
    """What the official validator says, in one line."""
    validator = shutil.which("bids-validator-deno", path=sysconfig.get_path("scripts"))
    if validator is None:
        return "the validator (package bids-validator-deno) is not installed"
    start = perf_counter()
    finished = subprocess.run([validator, str(folder), "--format", "json"], capture_output=True, text=True)
    seconds = perf_counter() - start
    issues = json.loads(finished.stdout)["issues"]["issues"]
    counts = Counter(issue["severity"] for issue in issues)
    kinds = {issue.get("subCode") or issue["code"] for issue in issues}
    return f"validator: {counts['error']} errors, {len(kinds)} kinds of warning, {seconds:.0f} s"


def run() -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        config = SimulationConfig(participants=1, stimuli=28, video=False)
        study = simulate_study(root / "study", config, jobs=1)
        compare("simulated session, 266 s", open_recordings(study / "sessions" / "p001" / "gaze.tsv"), root / "a")
        seconds, report = timed(lambda: export_bids(study, root / "B", ExportOptions(), jobs=1))
        print(f"{'  emogap export bids':<34} {report.num_samples / seconds:,.0f} samples/s; {validate(report.path)}")
        files = sorted((DATA / "fgd").glob("*.csv.gz"))
        if not files:
            print(f"Uniss-FGD is not here ({DATA})")
            return
        recordings = [recording for file in files[:NUM_FILES] for recording in open_recordings(file)]
        compare(f"Uniss-FGD, {len(recordings)} trials of 3 s", recordings, root / "b")
        seconds, report = timed(lambda: export_bids(DATA, root / "U", ExportOptions(catalogue="uniss_fgd"), jobs=1))
        print(
            f"  emogap export bids, all of it: {report.num_recordings:,} recordings, {report.num_samples:,} samples,"
            f" {seconds:.0f} s, {report.num_samples / seconds:,.0f} samples/s; {validate(report.path)}"
        )
