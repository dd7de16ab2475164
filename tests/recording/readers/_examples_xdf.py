"""A small writer of XDF 1.0, and tiny files of the Lab Streaming Layer made with it.

pyxdf reads only, so the writer is an independent statement of the format. No sample is copied from a real recording.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

BOUNDARY = bytes.fromhex("43A546DCCBF5410FB30ED5467383CBE4")
CODES = {"float32": "f", "double64": "d", "int32": "i"}

GAZE_CHANNELS = (
    ("left_gaze_x", "left", "ScreenX", "pixels"),
    ("left_gaze_y", "left", "ScreenY", "pixels"),
    ("right_gaze_x", "right", "ScreenX", "pixels"),
    ("right_gaze_y", "right", "ScreenY", "pixels"),
    ("left_pupil", "left", "Diameter", "mm"),
    ("right_pupil", "right", "Diameter", "mm"),
)
RATE_HZ, START_S, OFFSET_S = 50.0, 2000.0, -0.75
LOST = 3
"""The sample whose left eye is NaN."""


def chunk(tag: int, content: bytes) -> bytes:
    length = len(content) + 2
    width, code = (1, "<B") if length < 256 else (4, "<I")
    return bytes([width]) + struct.pack(code, length) + struct.pack("<H", tag) + content


def channels_xml(channels: Sequence[Sequence[str]]) -> str:
    names = ("label", "eye", "type", "unit", "coordinate_system")
    entries = (
        "".join(f"<{name}>{value}</{name}>" for name, value in zip(names, channel, strict=False))
        for channel in channels
    )
    return "<desc><channels>" + "".join(f"<channel>{entry}</channel>" for entry in entries) + "</channels></desc>"


@dataclass
class Stream:
    """One stream and how it is written; times and offsets are those of the sending computer."""

    name: str
    kind: str
    times_s: Sequence[float]
    rows: Sequence[Sequence[float | str]]
    channels: Sequence[Sequence[str]] = ()
    rate_hz: float = RATE_HZ
    number_format: str = "double64"
    source_id: str = "device-1"
    offsets_s: Sequence[float] = (OFFSET_S, OFFSET_S)
    has_footer: bool = True
    stated_count: int | None = None
    desc: str = field(default="")

    def header(self) -> str:
        entries = {
            "name": self.name,
            "type": self.kind,
            "channel_count": len(self.rows[0]),
            "nominal_srate": self.rate_hz,
            "channel_format": self.number_format,
            "source_id": self.source_id,
        }
        xml = "".join(f"<{name}>{value}</{name}>" for name, value in entries.items())
        desc = self.desc or (channels_xml(self.channels) if self.channels else "<desc/>")
        return f"<?xml version='1.0'?><info>{xml}{desc}</info>"

    def sample(self, time_s: float, row: Sequence[float | str]) -> bytes:
        stamp = b"\x08" + struct.pack("<d", time_s)
        if self.number_format == "string":
            texts = [str(value).encode() for value in row]
            return stamp + b"".join(b"\x01" + bytes([len(text)]) + text for text in texts)
        return stamp + struct.pack(f"<{len(row)}{CODES[self.number_format]}", *row)

    def chunks(self, stream_id: int, *, per_chunk: int = 4) -> tuple[bytes, list[bytes], list[bytes]]:
        """Header, then samples in chunks of four with a clock offset at both ends, then the footer."""
        number = struct.pack("<I", stream_id)
        body = []
        timed = list(zip(self.times_s, self.rows, strict=True))
        for start in range(0, len(timed), per_chunk):
            part = timed[start : start + per_chunk]
            samples = b"".join(self.sample(*one) for one in part)
            body.append(chunk(3, number + b"\x01" + bytes([len(part)]) + samples))
        for place, offset_s in enumerate(self.offsets_s):
            at_s = self.times_s[0] + 5 * place
            body.insert(0 if place == 0 else len(body), chunk(4, number + struct.pack("<dd", at_s, offset_s)))
        count = len(self.rows) if self.stated_count is None else self.stated_count
        footer = chunk(6, number + f"<info><sample_count>{count}</sample_count></info>".encode())
        return chunk(2, number + self.header().encode()), body, [footer] if self.has_footer else []


def file_bytes(*streams: Stream) -> bytes:
    parts = [stream.chunks(place + 1) for place, stream in enumerate(streams)]
    content = b"XDF:" + chunk(1, b"<?xml version='1.0'?><info><version>1.0</version></info>")
    content += b"".join(header for header, _, _ in parts) + chunk(5, BOUNDARY)
    content += b"".join(one for _, body, _ in parts for one in body)
    return content + b"".join(one for _, _, footer in parts for one in footer)


def point(sample: int, eye: int) -> tuple[float, float]:
    return 100.0 + 20 * sample + 3 * eye, 300.0 - 10 * sample - 2 * eye


def gaze_stream(num_samples: int = 11, **changes: object) -> Stream:
    rows = []
    for sample in range(num_samples):
        left, right = point(sample, 0), point(sample, 1)
        left = (float("nan"), float("nan")) if sample == LOST else left
        rows.append([*left, *right, 3.0 + sample / 100, 4.0 + sample / 100])
    times_s = [START_S + sample / RATE_HZ for sample in range(num_samples)]
    return Stream("tracker", "Gaze", times_s, rows, GAZE_CHANNELS, **changes)


def marker_stream(**changes: object) -> Stream:
    """Two markers of another computer, whose clock is 10 s behind."""
    settings = {"rate_hz": 0, "number_format": "string", "source_id": "stimuli", "offsets_s": (9.25, 9.25)}
    times_s = [START_S - 10 + 0.03, START_S - 10 + 0.11]
    return Stream("stimuli", "Markers", times_s, [["clip-1 on"], ["clip-1 off"]], **(settings | changes))


def write_examples(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "lab.xdf"
    path.write_bytes(file_bytes(gaze_stream(), marker_stream()))
    return [path]
