"""Throughput of every reader on the shelf: rows per second, as a ratio to a plain polars read of the same file.

Each reader gets the largest real file of its kind, or a file written here. Seconds are those of the processor, so that
other load on the machine counts little. The plain read is ``polars.read_csv`` of the same text with its types guessed:
it knows nothing of clocks, units, missing samples, events or cut lines. Where the file is no table (EyeLink ASC, JSON)
it only splits the text. Ratio 1 = as fast as that; below 1 the guessing costs more than stating the types does.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import polars

from emogap.errors import EmogapError
from emogap.recording import READERS
from emogap.recording.bids import BidsName, write_recording
from emogap.recording.opening import find_reader
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study
from emogap.types import Recording

SHARED = Path(__file__).parents[2] / "shared" / "data"
REAL = ("exports", "uniss_fgd/fgd", "ceap360vr/4_BehaviorData/EM_Fixation")
REPEATS = 5
NUM_GAZEPOINT_ROWS = 20_000
GAZEPOINT_HEADING = (
    "MEDIA_ID,MEDIA_NAME,CNT,TIME(2026/03/04 09:08:07.250),FPOGX,FPOGY,FPOGS,FPOGD,FPOGID,FPOGV,BPOGX,BPOGY,BPOGV,"
    "BKID,BKDUR,BKPMIN,LPMM,LPMMV,RPMM,RPMMV"
)


@dataclass(frozen=True)
class Timing:
    """One reader on one file."""

    reader: str
    file: str
    num_rows: int
    seconds: float
    plain_s: float


def largest_real_files() -> dict[str, Path]:
    """The largest file that each reader knows, by reader."""
    found: dict[str, Path] = {}
    for folder in REAL:
        files = (file for file in (SHARED / folder).rglob("*") if file.is_file() and file.name != "README.md")
        for file in sorted(files, key=lambda file: file.stat().st_size, reverse=True):
            try:
                name = find_reader(file)
            except EmogapError:
                continue
            if name not in found or file.stat().st_size > found[name].stat().st_size:
                found[name] = file
            if folder.startswith(("uniss", "ceap")):
                break
    return found


def written_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """A long simulated session as Tobii Pro Lab writes it, the same as BIDS, and a long Gazepoint export."""
    config = SimulationConfig(participants=1, stimuli=28, video=False)
    gaze = simulate_study(folder / "study", config, jobs=1) / "sessions" / "p001" / "gaze.tsv"
    yield "tobii_pro_lab", gaze
    name = BidsName("1", "watch")
    [recording] = READERS.open("tobii_pro_lab").read(gaze)
    write_recording(recording, folder, name)
    gazepoint = folder / "User 0_all_gaze.csv"
    gazepoint.write_text("\n".join([GAZEPOINT_HEADING, *map(gazepoint_row, range(NUM_GAZEPOINT_ROWS))]) + "\n")
    yield "gazepoint", gazepoint
    yield "bids", folder / name.path("recording-eye1_physio.tsv.gz")


def gazepoint_row(row: int) -> str:
    """One sample at 150 Hz: fixations of 40 samples along a line, one sample in 50 lost."""
    time_s, fixation, place = row / 150, row // 40, row % 40
    x, valid = 0.2 + 0.6 * (fixation % 7) / 7, int(row % 50 > 0)
    centre = f"{x:.5f},0.50000,{fixation * 40 / 150:.5f},{place / 150:.5f},{fixation + 1},1"
    return f"0,clip.mp4,{row},{time_s:.5f},{centre},{x + 0.001 * place:.5f},0.51000,{valid},0,0.0,17,3.21,1,3.32,1"


def best_of(work: Callable[[], object]) -> float:
    """The shortest of several times of the processor, in s: the others met more of the machine's other load."""
    times = []
    for _ in range(REPEATS):
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times)


def plain_read(path: Path) -> int:
    """Read the text of `path` (of both eyes, for BIDS) as one table; the number of its lines."""
    if path.name.endswith("_physio.tsv.gz"):
        return sum(_plain_table(file) for file in path.parent.glob("*_physio.tsv.gz"))
    return _plain_table(path)


def _plain_table(path: Path) -> int:
    content = path.read_bytes()
    text = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    if path.suffix == ".json":
        return len(json.loads(text))
    heading = text[: text.find(b"\n")]
    separator = max("\t;,", key=lambda mark: heading.count(mark.encode()))
    if path.suffix in (".asc", ".xdf"):
        return len([line.split(b"\t") for line in text.split(b"\n")])
    has_header = not path.name.endswith("_physio.tsv.gz")
    return polars.read_csv(
        text,
        separator=separator,
        has_header=has_header,
        null_values="n/a",
        ignore_errors=True,
        infer_schema_length=9999,
    ).height


def num_rows_of(recordings: tuple[Recording, ...]) -> int:
    """Gaze samples, or events where the device stored no samples."""
    return sum(
        len(recording.gaze.time_s)
        if recording.gaze is not None
        else sum(len(events.kind) for events in recording.events)
        for recording in recordings
    )


def time_reader(name: str, path: Path) -> Timing:
    entry = READERS.open(name)
    num_rows = num_rows_of(entry.read(path))
    return Timing(
        reader=name,
        file=path.name,
        num_rows=num_rows,
        seconds=best_of(lambda: entry.read(path)),
        plain_s=best_of(lambda: plain_read(path)),
    )


def run() -> None:
    with TemporaryDirectory() as folder:
        files = largest_real_files() | dict(written_files(Path(folder)))
        for name in READERS.names():
            if name not in files:
                print(f"{name:<14} no file here")
                continue
            timing = time_reader(name, files[name])
            ratio = timing.seconds / timing.plain_s
            rate = timing.num_rows / timing.seconds
            print(f"{name:<14} {timing.file:<52} {timing.num_rows:>7,} rows {rate:>11,.0f} /s {ratio:>7.2f} x plain")
