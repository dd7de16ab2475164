"""From finished parts to the folder of a data set: one part in memory at a time, the same bytes every time."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import numpy as np
import polars as pl

from emogap import __version__
from emogap.counted_nouns import counted
from emogap.datasets.channels import Channel, eye_channels, merge_channels
from emogap.datasets.header import ChannelHeader, Header, StreamHeader, fingerprint_of_files
from emogap.datasets.labels import label_cells, label_columns
from emogap.datasets.measure_table import MEASURES_FILE, measure_table
from emogap.datasets.parts import read_part
from emogap.datasets.plan import BuildConfig, Clip, LeftOut, Plan
from emogap.datasets.quality_gate import gate_of
from emogap.datasets.samples import SampledStream
from emogap.datasets.store import KEY_COLUMNS, OFFICIAL_COLUMN
from emogap.errors import DataError
from emogap.files import write_aside
from emogap.preprocessing.eye_measures import EyeMeasures
from emogap.types import EmotionLabel, SampleKey

__all__ = ["assemble"]

SOFTWARE = ("numpy", "opencv-python-headless", "polars", "pymovements", "scipy")

KEY_SCHEMA: dict[str, pl.DataType] = {
    name: pl.Float64() if name.endswith("_s") else pl.String() for name in KEY_COLUMNS
}


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A sample without its arrays: which part it stands in, and where."""

    key: SampleKey
    part: Path
    position: int
    labels: tuple[EmotionLabel, ...]
    quality: Mapping[str, float | int | str | None]
    official_fold: str | None
    measures: EyeMeasures | None


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a stream needs to be written: its channels and the shape and kind of one sample."""

    channels: tuple[Channel, ...]
    sample: tuple[int, ...]
    dtype: np.dtype[np.generic]


def assemble(
    out: Path,
    plan: Plan,
    config: BuildConfig,
    parts: Sequence[Path],
    failed: Sequence[LeftOut],
    *,
    source_fingerprint: str,
) -> Header:
    """Write the data set of finished `parts` into `out`, its header last.

    Raises
    ------
    DataError
        If no clip is left, or two clips have the same key.
    OutputError
        If the disk is full; the parts are kept.
    """
    rows, left_out, shapes = _look_over(parts, plan, config)
    left_out = [*left_out, *failed]
    _require_usable(rows, left_out, out)
    _write_streams(out / "streams", rows, shapes)
    quadrant = any("quadrant" in label.share for row in rows for label in row.labels)
    _write_table(out / "samples.parquet", _samples(rows, quadrant=quadrant))
    _write_table(out / "quality.parquet", _quality(rows))
    _write_table(out / MEASURES_FILE, measure_table([(row.key, row.measures) for row in rows]))
    _write_table(out / "excluded.parquet", _excluded(left_out))
    names = tuple(f"streams/{name}{suffix}.npy" for name in sorted(shapes) for suffix in ("", "_mask"))
    header = Header(
        schema=1,
        name=plan.name,
        catalogue=config.catalogue,
        cleaning=config.cleaning,
        config=config.model_dump(mode="json"),
        quality_gate=gate_of(config.gate).sha256 if config.gate else "",
        simulated=plan.simulated,
        source_fingerprint=source_fingerprint,
        fingerprint="",
        num_samples=len(rows),
        num_excluded=sum(entry.stage != "failed" for entry in left_out),
        num_failed=sum(entry.stage == "failed" for entry in left_out),
        label_sources=dict(plan.label_sources),
        doubts=plan.doubts + _doubts(rows),
        versions={"emogap": __version__} | {name: version(name) for name in SOFTWARE},
        ceiling={name: dict(scores) for name, scores in plan.ceilings.items()},
        streams={name: _stream_header(name, shape) for name, shape in sorted(shapes.items())},
        files=fingerprint_of_files(out, ("samples.parquet", *names)),
    )
    header = header.model_copy(update={"fingerprint": header.data_fingerprint()})
    header.write(out)
    return header


def _look_over(
    parts: Sequence[Path], plan: Plan, config: BuildConfig
) -> tuple[list[_Row], list[LeftOut], dict[str, _Shape]]:
    """Rows sorted by key, what was left out, and the shape of every stream."""
    rows: list[_Row] = []
    left_out: list[LeftOut] = []
    shapes: dict[str, _Shape] = {}
    for part in parts:
        cut = read_part(part)
        left_out.extend(cut.left_out)
        for position, clip in enumerate(cut.clips):
            rows.append(_row(clip, part, position, plan))
            for name, stream in clip.streams.items():
                shapes[name] = _widened(shapes.get(name), stream)
    return sorted(rows, key=lambda row: row.key), left_out, shapes


def _row(clip: Clip, part: Path, position: int, plan: Plan) -> _Row:
    known = plan.labels.get((clip.key.participant_id, clip.key.stimulus_id), ())
    return _Row(clip.key, part, position, clip.labels + known, clip.quality, clip.official_fold, clip.measures)


def _widened(shape: _Shape | None, stream: SampledStream) -> _Shape:
    known = shape.channels if shape else stream.channels
    # Only eye streams of several devices differ; any other stream keeps its own order of channels.
    channels = known if known == stream.channels else merge_channels([known, stream.channels])
    num_steps = max(shape.sample[0] if shape else 0, len(stream.mask))
    sample = (num_steps, len(channels)) if channels else stream.values.shape
    return _Shape(channels, sample, stream.values.dtype)


def _require_usable(rows: Sequence[_Row], left_out: Sequence[LeftOut], out: Path) -> None:
    if not rows:
        first = f", first: {left_out[0].reason.splitlines()[0]}" if left_out else ""
        raise DataError(
            f"no clip is left to build a data set from ({len(left_out)} left out{first})",
            where=str(out),
            fix="look into one of the recordings with 'emogap look'",
        )
    for key, same in groupby(row.key for row in rows):
        if len(list(same)) > 1:
            raise DataError(
                f"two clips are recording {key.recording_id}, participant {key.participant_id}, stimulus"
                f" {key.stimulus_id} from {key.start_s:.3f} to {key.stop_s:.3f} s",
                where=str(out),
                fix="remove one of the two recordings from the source",
            )


def _write_streams(folder: Path, rows: Sequence[_Row], shapes: Mapping[str, _Shape]) -> None:
    """Write all arrays row by row, so that memory does not grow with the number of samples."""
    read = lru_cache(maxsize=1)(read_part)
    with write_aside(folder) as partial, ExitStack() as stack:
        partial.mkdir()
        files = {}
        for name, shape in shapes.items():
            for suffix, sample, dtype in (
                ("", shape.sample, shape.dtype),
                ("_mask", shape.sample[:1], np.dtype(np.bool_)),
            ):
                file = stack.enter_context((partial / f"{name}{suffix}.npy").open("wb"))
                head = {
                    "descr": np.lib.format.dtype_to_descr(dtype),
                    "fortran_order": False,
                    "shape": (len(rows), *sample),
                }
                np.lib.format.write_array_header_1_0(file, head)
                files[name + suffix] = file
        for row in rows:
            streams = read(row.part).clips[row.position].streams
            for name, shape in shapes.items():
                values, mask = _placed(streams.get(name), shape)
                files[name].write(values.tobytes())
                files[f"{name}_mask"].write(mask.tobytes())


def _placed(stream: SampledStream | None, shape: _Shape) -> tuple[np.ndarray, np.ndarray]:
    """Values and mask of one sample in the data set's channels; what it lacks is NaN (0 in images) and masked.

    A clip of the stream ``gaze`` may have fewer steps than the data set: it lacks those at the end.
    """
    values = np.full(shape.sample, np.nan if shape.dtype.kind == "f" else 0, shape.dtype)
    mask = np.zeros(shape.sample[0], np.bool_)
    if stream is not None:
        num_steps = len(stream.mask)
        mask[:num_steps] = stream.mask
        if shape.channels:
            order = {channel.name: position for position, channel in enumerate(shape.channels)}
            values[:num_steps, [order[channel.name] for channel in stream.channels]] = stream.values
        else:
            values[:] = stream.values
    return values, mask


def _key_cells(row: _Row) -> dict[str, object]:
    return {name: getattr(row.key, name) for name in KEY_COLUMNS}


def _samples(rows: Sequence[_Row], *, quadrant: bool) -> pl.DataFrame:
    columns = label_columns(quadrant=quadrant)
    if any(row.official_fold is not None for row in rows):
        columns[OFFICIAL_COLUMN] = pl.String()
    cells = [
        _key_cells(row) | {"row": number} | label_cells(row.labels) | {OFFICIAL_COLUMN: row.official_fold}
        for number, row in enumerate(rows)
    ]
    return pl.DataFrame(cells, schema={**KEY_SCHEMA, "row": pl.Int64(), **columns})


def _quality(rows: Sequence[_Row]) -> pl.DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row.quality))
    cells = [_key_cells(row) | {name: row.quality.get(name) for name in names} for row in rows]
    return pl.DataFrame(cells, infer_schema_length=None, schema_overrides=KEY_SCHEMA)


def _excluded(left_out: Iterable[LeftOut]) -> pl.DataFrame:
    schema = {**KEY_SCHEMA, "stage": pl.String(), "reason": pl.String()}
    table = pl.DataFrame([asdict(entry) for entry in left_out], schema=schema)
    return table.sort([*KEY_COLUMNS, "stage", "reason"], nulls_last=True)


def _write_table(path: Path, table: pl.DataFrame) -> None:
    with write_aside(path) as partial:
        table.write_parquet(partial, compression="zstd", compression_level=3, statistics=True)


def _doubts(rows: Sequence[_Row]) -> tuple[str, ...]:
    """Every doubt about a clip once, with the number of clips; doubts that differ in numbers only are alike."""
    alike: dict[str, list[str]] = {}
    for doubt in _each_doubt(rows):
        alike.setdefault(re.sub(r"\d+(\.\d+)?", "#", doubt), []).append(doubt)
    return tuple(f"{same[0]} (the like in {len(same)} of {counted(len(rows), 'clip')})" for same in alike.values())


def _each_doubt(rows: Sequence[_Row]) -> Iterator[str]:
    for row in rows:
        doubts = row.quality.get("doubts")
        if isinstance(doubts, str) and doubts:
            yield from doubts.split("\n")


def _stream_header(name: str, shape: _Shape) -> StreamHeader:
    there = {channel.name for channel in shape.channels}
    absent = (channel.name for channel in eye_channels() if channel.name not in there) if name == "eye" else ()
    return StreamHeader(
        num_steps=shape.sample[0],
        channels=tuple(ChannelHeader(name=channel.name, unit=channel.unit) for channel in shape.channels),
        absent=tuple(absent),
    )
